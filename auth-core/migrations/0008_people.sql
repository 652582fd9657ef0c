-- Photos, and what else a person says about themselves. Same conventions as 0001.

-- jpeg: of our own making, a few kilobytes. hash: SHA-256 of it.
CREATE TABLE photos (
    account TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    jpeg TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- The name in lower case, for searching and ordering: lower() of a database may know English letters only. NULL
-- for an account that an earlier version made; it is filled in when the file is opened.
ALTER TABLE accounts ADD COLUMN name_key TEXT;
CREATE INDEX accounts_by_deletion ON accounts (delete_at);

-- Which portals a session has opened. Belongs to the sessions of 0002.
CREATE TABLE session_portals (
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    portal TEXT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (session, portal)
);

-- What the sessions of an account in one browser have in common: a keyed hash, and another one for every
-- account. NULL where the browser is not known by anything. Belongs to the sessions of 0002.
ALTER TABLE sessions ADD COLUMN device TEXT;
