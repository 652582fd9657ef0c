-- Several addresses per account, what portals say about their people, and the journal of joins.
-- Same conventions as 0001.

ALTER TABLE accounts ADD COLUMN time_zone TEXT;
ALTER TABLE accounts ADD COLUMN phone TEXT;
-- Set while the person's wish to delete the account is cooling off.
ALTER TABLE accounts ADD COLUMN delete_at BIGINT;
-- Set when the account was merged into another one, which has its addresses and profiles since.
ALTER TABLE accounts ADD COLUMN merged_into TEXT;

-- What the person wants to be called on this portal alone.
ALTER TABLE profiles ADD COLUMN display_name TEXT;
ALTER TABLE profiles ADD COLUMN title TEXT;

-- Every address that an account holds, accounts.email among them. An address has one holder.
-- proof: how the holder showed that it is theirs; 'none' for an account that has still to show it.
CREATE TABLE addresses (
    address TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    proof TEXT NOT NULL CHECK (proof IN ('none', 'provider', 'mail', 'operator')),
    added_at BIGINT NOT NULL
);
CREATE INDEX addresses_by_account ON addresses (account);
INSERT INTO addresses (address, account, proof, added_at)
SELECT email, id, 'mail', created_at FROM accounts;

-- A portal's own record of a person, as imported. account: who joined it, at joined_at; free while NULL. A
-- joined one has a row in profiles while it is active. password_kept: 1 once it was joined or its password
-- used; from then on an import leaves password_hash alone. withdrawn_at: when the portal's owner or an operator
-- put the person out; until one of them lets the person in again, nobody joins the record and it gives no
-- profile, whoever it belongs to by then.
CREATE TABLE imported_profiles (
    portal TEXT NOT NULL,
    local_id TEXT NOT NULL,
    login TEXT NOT NULL,
    email TEXT,
    password_hash TEXT,
    name TEXT NOT NULL,
    active BIGINT NOT NULL,
    roles TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    account TEXT REFERENCES accounts (id) ON DELETE SET NULL,
    joined_at BIGINT,
    password_kept BIGINT NOT NULL DEFAULT 0,
    withdrawn_at BIGINT,
    PRIMARY KEY (portal, local_id)
);
CREATE INDEX imported_profiles_by_email ON imported_profiles (email);
CREATE INDEX imported_profiles_by_account ON imported_profiles (account) WHERE account IS NOT NULL;
-- Each sign-in asks whether there is any.
CREATE INDEX imported_profiles_with_password ON imported_profiles (portal)
    WHERE account IS NULL AND active = 1 AND password_hash IS NOT NULL AND withdrawn_at IS NULL;

-- No reference to accounts: the journal outlives them. undone_at_ms and undone_by are set by an undo.
CREATE TABLE joins (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    account TEXT NOT NULL,
    portal TEXT NOT NULL,
    local_id TEXT NOT NULL,
    proof TEXT NOT NULL,
    actor TEXT NOT NULL,
    undone_at_ms BIGINT,
    undone_by TEXT
);
CREATE INDEX joins_by_account ON joins (account, at_ms);
