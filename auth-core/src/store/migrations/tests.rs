//! What migrations say about programs, and the next version that tests play.

use super::*;

impl Schema {
    /// What a program of the next version knows.
    pub(in crate::store) const fn of_the_next_program() -> Self {
        Self { beyond: NEXT_TWO.split_at(1).0 }
    }

    /// What the one after that knows, which has contracted what the next one replaced.
    pub(in crate::store) const fn of_the_program_after() -> Self {
        Self { beyond: &NEXT_TWO }
    }
}

#[test]
fn versions_are_counted_and_programs_only_become_newer() {
    let all: Vec<Migration> = Schema::of_this_program().migrations().collect();
    assert_eq!(all.last().unwrap().version, Schema::of_this_program().version());
    for (position, migration) in all.iter().enumerate() {
        assert_eq!(migration.version, position as i64 + 1);
        assert!(migration.oldest_program <= migration.version, "{migration:?}");
    }
    assert!(all.is_sorted_by_key(|migration| migration.oldest_program));
    let silent = all.iter().filter(|migration| migration.version <= STATED_AFTER);
    for migration in silent {
        assert_eq!(migration.oldest_program, migration.version, "nothing else can be kept");
    }
}

/// What a first version does: it adds.
const EXPANDING: &str = "
    CREATE TABLE hobbies (
        account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        hobby TEXT NOT NULL,
        PRIMARY KEY (account, hobby)
    );
    ALTER TABLE accounts ADD COLUMN initial TEXT;
    ALTER TABLE accounts ADD COLUMN visits BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN place TEXT;
    CREATE INDEX accounts_by_initial ON accounts (initial);
    CREATE INDEX accounts_without_initial ON accounts (id) WHERE initial IS NULL;
";

const INITIALS: &str = "UPDATE accounts SET initial = substr(name, 1, 1) WHERE id IN
    (SELECT id FROM accounts WHERE initial IS NULL LIMIT 50)";

/// What the version after it may do: take away what nobody needs any more.
const CONTRACTING: &str = "DROP TABLE photos;";

const NEXT_TWO: [Migration; 2] = {
    let first = next(EXPANDING, INITIALS);
    let second = Migration::new(first.version + 1, first.version, CONTRACTING);
    [first, second]
};
