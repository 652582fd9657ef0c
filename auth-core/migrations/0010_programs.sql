-- For programs of two versions that work side by side. Same conventions as 0001.

-- Version of the oldest program that may use the schema from this migration on; NULL: one that knows the migration.
ALTER TABLE schema_versions ADD COLUMN oldest_program BIGINT;
-- Rows to complete are looked for while programs run, and mostly there are none.
CREATE INDEX accounts_without_name_key ON accounts (id) WHERE name_key IS NULL;
