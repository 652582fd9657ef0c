-- Merges of two accounts of one person. Same conventions as 0001.

-- No reference to accounts: the record outlives them. moved: what changed hands, as store/merging.rs writes
-- it; an undo reads it. undone_at_ms and undone_by are set by an undo.
CREATE TABLE merges (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    from_account TEXT NOT NULL,
    into_account TEXT NOT NULL,
    actor TEXT NOT NULL,
    moved TEXT NOT NULL,
    undone_at_ms BIGINT,
    undone_by TEXT
);
CREATE INDEX merges_by_from ON merges (from_account, at_ms);
CREATE INDEX merges_by_into ON merges (into_account, at_ms);
CREATE INDEX accounts_by_merge ON accounts (merged_into);
