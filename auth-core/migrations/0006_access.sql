-- Requests for access, invitations, and who made a portal. Same conventions as 0001.

-- created_by: the account of the person who made the portal; NULL for an operator's. No reference: the
-- portal outlives the account. name_key: the name with look-alike characters as one, so that no two portals
-- that people made can be mistaken for one another; NULL for an operator's.
ALTER TABLE portals ADD COLUMN created_by TEXT;
ALTER TABLE portals ADD COLUMN name_key TEXT;
CREATE INDEX portals_by_creator ON portals (created_by);
CREATE UNIQUE INDEX portals_by_name_key ON portals (name_key);
-- Who belongs to a portal.
CREATE INDEX profiles_by_portal ON profiles (portal);

-- A person's wish to be let into a portal, open until it is answered, the person has a profile there, or
-- expires_at has come. Portals of files have rows here too, hence no reference to portals.
CREATE TABLE access_requests (
    id TEXT NOT NULL PRIMARY KEY,
    portal TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (portal, account)
);
CREATE INDEX access_requests_by_account ON access_requests (account);

-- email: where the invitation was mailed; NULL for a link that its maker passes on. It holds while the
-- account that made it runs the portal.
CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    portal TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    email TEXT,
    roles TEXT NOT NULL,
    invited_by TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    most_uses BIGINT NOT NULL,
    uses BIGINT NOT NULL
);
CREATE INDEX invitations_by_portal ON invitations (portal, created_at);
CREATE INDEX invitations_by_maker ON invitations (invited_by);

-- Who was let in by which invitation: nobody is by the same one twice.
CREATE TABLE invitation_uses (
    invitation TEXT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (invitation, account)
);
CREATE INDEX invitation_uses_by_account ON invitation_uses (account);
