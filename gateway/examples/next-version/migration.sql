-- Of each kind of change that a migration may make, one: docs/decisions/0020-two-versions-at-once.md.

CREATE TABLE hobbies (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hobby TEXT NOT NULL,
    PRIMARY KEY (account, hobby)
);
INSERT INTO counters (name, value) VALUES ('hobbies', 0);

-- initial: the first letter of the name; NULL for an account that the version before made, until it is completed.
ALTER TABLE accounts ADD COLUMN initial TEXT;
ALTER TABLE accounts ADD COLUMN visits BIGINT NOT NULL DEFAULT 0;
CREATE INDEX accounts_by_initial ON accounts (initial);
CREATE INDEX accounts_without_initial ON accounts (id) WHERE initial IS NULL;

ALTER TABLE addresses ADD COLUMN label TEXT;
ALTER TABLE profiles ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';
ALTER TABLE sessions ADD COLUMN place TEXT;
ALTER TABLE audit_events ADD COLUMN place TEXT;
CREATE INDEX audit_events_by_place ON audit_events (place);
