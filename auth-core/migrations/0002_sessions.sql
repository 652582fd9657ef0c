-- Sessions kept in the directory's own file. Same conventions as 0001.

INSERT INTO counters (name, value) VALUES ('revocation', 0);

-- No reference to accounts: with another directory or another session store the two are apart.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    cookie_hash TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    client_ip TEXT
);
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_creation ON sessions (created_at);
CREATE INDEX sessions_by_last_use ON sessions (last_seen_at);

-- Exactly one of session and account is set; minimum_generation comes with account.
CREATE TABLE revocations (
    sequence BIGINT NOT NULL PRIMARY KEY,
    session TEXT,
    account TEXT,
    minimum_generation BIGINT,
    at_ms BIGINT NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX revocations_by_end ON revocations (until);

CREATE TABLE spent_tickets (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_tickets_by_end ON spent_tickets (expires_at);

CREATE TABLE one_time_values (
    kind TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    payload TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key_hash)
);
CREATE INDEX one_time_values_by_end ON one_time_values (expires_at);

-- free_at_ms: GCRA's theoretical arrival time; from then on the bucket is as good as new.
CREATE TABLE attempts (
    key_hash TEXT NOT NULL PRIMARY KEY,
    free_at_ms BIGINT NOT NULL
);
CREATE INDEX attempts_by_end ON attempts (free_at_ms);
