//! The migrations, which both databases apply, each in its own way.

use crate::store::encode::folded;
use crate::store::sql::Connection;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    /// The version it makes.
    pub version: i64,
    /// Its statements.
    pub sql: &'static str,
}

/// What a database of version `found` lacks, in order.
pub(super) fn after(found: i64) -> impl Iterator<Item = Migration> {
    let all = (1..).zip(MIGRATIONS).map(|(version, sql)| Migration { version, sql });
    all.filter(move |migration| migration.version > found)
}

/// Notes that `migration` has been applied.
pub(super) async fn note(connection: &mut Connection, migration: &Migration) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
        .bind(migration.version)
        .execute(connection)
        .await?;
    Ok(())
}

/// Folds the names of accounts that were made by a version without `accounts.name_key`.
pub(super) async fn fill_in_names(connection: &mut Connection) -> sqlx::Result<()> {
    let missing: Vec<(String, String)> =
        sqlx::query_as("SELECT id, name FROM accounts WHERE name_key IS NULL")
            .fetch_all(&mut *connection)
            .await?;
    for (id, name) in missing {
        sqlx::query("UPDATE accounts SET name_key = $1 WHERE id = $2")
            .bind(folded(&name))
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The schema that this program makes.
pub(super) const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// In order; the first one makes version 1. Never edited once released.
const MIGRATIONS: [&str; 9] = [
    include_str!("../../migrations/0001_directory.sql"),
    include_str!("../../migrations/0002_sessions.sql"),
    include_str!("../../migrations/0003_joining.sql"),
    include_str!("../../migrations/0004_recovery.sql"),
    include_str!("../../migrations/0005_links.sql"),
    include_str!("../../migrations/0006_access.sql"),
    include_str!("../../migrations/0007_notices.sql"),
    include_str!("../../migrations/0008_people.sql"),
    include_str!("../../migrations/0009_merging.sql"),
];
