//! The migrations, which both databases apply, each in its own way, and which programs may use what they make.
//!
//! A *program* is one build of this crate; its version is that of the newest migration it knows. While one is
//! replaced by the next, both work on the schema of the newer: each migration says which program is the oldest
//! that can, and the database keeps it. An older program applies and completes nothing there. What it writes lacks
//! what it does not know, and the newer one completes that, for as long as both run. Whoever writes a migration
//! reads docs/decisions/0020-two-versions-at-once.md first.

mod completion;

use std::fmt::Display;
use std::sync::OnceLock;

use crate::store::sql::Connection;
use crate::store::{Result, StoreError};
use completion::Completion;

pub(super) use completion::BATCH;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    /// The version it makes.
    pub version: i64,
    /// Version of the oldest program that can work on it.
    pub oldest_program: i64,
    /// Its statements.
    pub sql: &'static str,
    /// What completes the rows that older programs write.
    completion: Option<Completion>,
}

/// What a program knows of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema {
    /// Known to programs that tests play, and to no other.
    beyond: &'static [Migration],
}

/// The schema was raised too far for this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "schema version {found} is too new: this program knows versions up to {known}, and only one that knows \
     version {oldest_program} or later may use it; start the program that was here last, or go back to a backup \
     from before its upgrade"
)]
pub struct TooNew {
    /// In the database.
    pub found: i64,
    /// In this program.
    pub known: i64,
    /// The least that a program must know.
    pub oldest_program: i64,
}

impl Schema {
    /// What this program knows.
    pub(super) fn of_this_program() -> Self {
        Self { beyond: NEXT.get().map_or(&[], <[_; 1]>::as_slice) }
    }

    /// Version of the newest migration.
    pub(super) fn version(self) -> i64 {
        // A handful.
        (MIGRATIONS.len() + self.beyond.len()) as i64
    }

    /// What a database of version `found` lacks, in order.
    pub(super) fn after(self, found: i64) -> impl Iterator<Item = Migration> {
        self.migrations().filter(move |migration| migration.version > found)
    }

    fn migrations(self) -> impl Iterator<Item = Migration> {
        MIGRATIONS.into_iter().chain(self.beyond.iter().copied())
    }

    /// The version in the database, unless that is too new for this program.
    pub(super) async fn fit(
        self,
        connection: &mut Connection,
    ) -> sqlx::Result<std::result::Result<i64, TooNew>> {
        let (found, oldest_program): (i64, i64) = sqlx::query_as(
            "SELECT max(version), max(COALESCE(oldest_program, version)) FROM schema_versions",
        )
        .fetch_one(connection)
        .await?;
        let known = self.version();
        let fits = oldest_program <= known;
        Ok(if fits { Ok(found) } else { Err(TooNew { found, known, oldest_program }) })
    }

    /// As [`Schema::fit`], for a store that has been open for a while.
    pub(super) async fn still_fits(self, connection: &mut Connection) -> Result<i64> {
        let fits = self.fit(connection).await?;
        fits.map_err(|too_new| StoreError::Unavailable(too_new.to_string()))
    }

    /// Completes some rows of each kind, and says how many: fewer than [`BATCH`] if no more are left, or others
    /// are at them.
    pub(super) async fn complete_some(self, connection: &mut Connection) -> sqlx::Result<u64> {
        let mut completed = 0;
        for completion in self.migrations().filter_map(|migration| migration.completion) {
            completed += completion.some_rows(&mut *connection).await?;
        }
        Ok(completed)
    }

    /// Tells that the database has version `found`, if it is newer than this program.
    pub(super) fn warn_of_newer(self, found: i64, place: &dyn Display) {
        let known = self.version();
        if found > known {
            tracing::warn!(
                found,
                known,
                "{place} has schema version {found}, of a newer program; this one knows version {known} and may \
                 still use it, so that programs can be replaced one after another: do not leave it at that"
            );
        }
    }
}

/// Notes that `migration` has been applied.
pub(super) async fn note(connection: &mut Connection, migration: &Migration) -> sqlx::Result<()> {
    let Migration { version, oldest_program, .. } = *migration;
    let query = if version > STATED_AFTER {
        sqlx::query("INSERT INTO schema_versions (version, oldest_program) VALUES ($1, $2)")
            .bind(version)
            .bind(oldest_program)
    } else {
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)").bind(version)
    };
    query.execute(connection).await?;
    Ok(())
}

/// Makes this process a program of the next version, whose migration is `sql` and leaves this version's programs
/// working. `completion` is one statement that completes 50 of the rows they write, or what is left.
/// For tests of upgrades; to be called before a store is opened.
#[doc(hidden)]
pub fn pretend_next_version(sql: &'static str, completion: &'static str) {
    NEXT.get_or_init(|| [next(sql, completion)]);
}

const fn next(sql: &'static str, completion: &'static str) -> Migration {
    let this = MIGRATIONS.len() as i64;
    let completion = Some(Completion::Sql(completion));
    Migration { version: this + 1, oldest_program: this, sql, completion }
}

static NEXT: OnceLock<[Migration; 1]> = OnceLock::new();

/// The migration that makes room for [`Migration::oldest_program`]. It has none itself: not every database lets
/// a transaction write to a column that it adds.
const STATED_AFTER: i64 = 10;

/// In order. Never edited once released. Up to version 9 a program refuses whatever is newer than itself.
const MIGRATIONS: [Migration; 10] = [
    Migration::new(1, 1, include_str!("../../migrations/0001_directory.sql")),
    Migration::new(2, 2, include_str!("../../migrations/0002_sessions.sql")),
    Migration::new(3, 3, include_str!("../../migrations/0003_joining.sql")),
    Migration::new(4, 4, include_str!("../../migrations/0004_recovery.sql")),
    Migration::new(5, 5, include_str!("../../migrations/0005_links.sql")),
    Migration::new(6, 6, include_str!("../../migrations/0006_access.sql")),
    Migration::new(7, 7, include_str!("../../migrations/0007_notices.sql")),
    Migration::new(8, 8, include_str!("../../migrations/0008_people.sql"))
        .completed_by(Completion::NameKeys),
    Migration::new(9, 9, include_str!("../../migrations/0009_merging.sql")),
    Migration::new(10, 10, include_str!("../../migrations/0010_programs.sql")),
];

impl Migration {
    /// Makes `version`; programs from `oldest_program` on can work on it.
    const fn new(version: i64, oldest_program: i64, sql: &'static str) -> Self {
        Self { version, oldest_program, sql, completion: None }
    }

    /// What `oldest_program` and those after it leave undone in their rows is completed.
    const fn completed_by(self, completion: Completion) -> Self {
        Self { completion: Some(completion), ..self }
    }
}

#[cfg(test)]
pub(super) mod tests;
