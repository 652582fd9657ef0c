-- Accounts, profiles, portals, keys, audit, mail. Written for SQLite and PostgreSQL alike: every column is
-- TEXT or BIGINT. Ids are lower-case hyphenated UUIDs; lists are JSON arrays; octets are base64url without
-- padding; times are Unix seconds, in milliseconds where the name ends in _ms.

-- A number per kind of change, raised in the transaction that makes the change, so that the numbers become
-- visible in their own order.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('directory', 0), ('check', 0);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    generation BIGINT NOT NULL,
    language TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE profiles (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    portal TEXT NOT NULL,
    local_id TEXT,
    roles TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (account, portal)
);

CREATE TABLE portals (
    id TEXT NOT NULL PRIMARY KEY,
    toml TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- position: order in which keys were added; the greatest is the newest.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL UNIQUE,
    pkcs8 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- No reference to accounts: the record of a deletion outlives the account.
CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    action TEXT NOT NULL,
    account TEXT,
    session TEXT,
    actor TEXT NOT NULL,
    portal TEXT,
    client_ip TEXT,
    request_id TEXT,
    detail TEXT NOT NULL
);
CREATE INDEX audit_events_by_time ON audit_events (at_ms, id);
CREATE INDEX audit_events_by_account ON audit_events (account, at_ms, id);

CREATE TABLE mails (
    id TEXT NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'failed')),
    due_at BIGINT NOT NULL
);
CREATE INDEX mails_by_due_time ON mails (state, due_at);
