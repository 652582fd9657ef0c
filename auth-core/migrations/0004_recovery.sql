-- Recovery by mail. Same conventions as 0001.

-- Asked for and not answered yet: of an address that may be anybody's or nobody's.
CREATE TABLE recovery_requests (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_at BIGINT NOT NULL
);
CREATE INDEX recovery_requests_by_time ON recovery_requests (asked_at, id);

-- hash: SHA-256 of the checkword. account: whose password it sets; NULL while nobody has proved the address,
-- and then it makes an account. replaced_by: hash of the newest one that was sent since. displaced: the
-- account that lost the address by it. finished: 0 while sessions from before its use may be alive.
CREATE TABLE checkwords (
    hash TEXT NOT NULL PRIMARY KEY,
    account TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    replaced_by TEXT,
    used_at BIGINT,
    displaced TEXT,
    finished BIGINT NOT NULL
);
CREATE INDEX checkwords_by_account ON checkwords (account);
CREATE INDEX checkwords_by_address ON checkwords (address);
CREATE INDEX checkwords_by_time ON checkwords (sent_at);
CREATE INDEX checkwords_by_end ON checkwords (finished, used_at);

-- Sessions are over if their generation is smaller than sessions_from: whoever dies between a reset and the
-- end of the sessions from before leaves nothing alive.
ALTER TABLE accounts ADD COLUMN sessions_from BIGINT NOT NULL DEFAULT 0;
-- The account's generation when the session began. Belongs to the sessions of 0002.
ALTER TABLE sessions ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
