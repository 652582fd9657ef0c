-- Links to accounts at identity providers. Same conventions as 0001.

-- issuer: names the space that the subject is unique in, see store/links.rs. provider: the id under which
-- the configuration knew it when the link was made. email and name: what the provider said last, for the
-- person to tell links apart; nothing is decided by them.
CREATE TABLE links (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    name TEXT,
    email TEXT,
    linked_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX links_by_account ON links (account);
