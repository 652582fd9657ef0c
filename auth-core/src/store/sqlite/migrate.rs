//! Bringing a file's schema up to date, once, whichever process comes first.
//!
//! Migrations are numbered and go forward only. All that are missing are applied in one transaction that
//! holds the write lock from before the version is read, so a second process waits and then finds nothing
//! to do. An older process may still have the file open (an upgrade): a migration adds tables, columns
//! and indexes, and leaves what is there readable to the version before.

use sqlx::{SqliteConnection, SqlitePool};

use crate::store::encode::folded;

/// The schema is not ours, or could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateError {
    #[error("the database belongs to another program")]
    OtherProgram,
    #[error("the database has schema version {found}, known is {known}")]
    Newer { found: i64, known: i64 },
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
}

/// Applies what is missing.
pub(super) async fn migrate(writer: &SqlitePool) -> Result<(), MigrateError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let found = schema_version(&mut transaction).await?;
    let known = SCHEMA_VERSION;
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    for (version, sql) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        sqlx::raw_sql(sql).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO schema_versions (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
    }
    fill_in_names(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Folds the names of accounts that were made by a version without `accounts.name_key`.
async fn fill_in_names(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
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

/// The newest migration applied; 0 for an empty file, which gets its table of versions.
async fn schema_version(connection: &mut SqliteConnection) -> Result<i64, MigrateError> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut *connection)
            .await?;
    if tables.is_empty() {
        sqlx::query("CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)")
            .execute(connection)
            .await?;
        return Ok(0);
    }
    if !["schema_versions", "accounts"].iter().all(|ours| tables.iter().any(|name| name == ours)) {
        return Err(MigrateError::OtherProgram);
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM schema_versions")
        .fetch_one(connection)
        .await?;
    Ok(found.unwrap_or(0))
}

/// The schema that this program makes.
pub(super) const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// In order; the first one makes version 1. Never edited once released.
const MIGRATIONS: [&str; 9] = [
    include_str!("../../../migrations/0001_directory.sql"),
    include_str!("../../../migrations/0002_sessions.sql"),
    include_str!("../../../migrations/0003_joining.sql"),
    include_str!("../../../migrations/0004_recovery.sql"),
    include_str!("../../../migrations/0005_links.sql"),
    include_str!("../../../migrations/0006_access.sql"),
    include_str!("../../../migrations/0007_notices.sql"),
    include_str!("../../../migrations/0008_people.sql"),
    include_str!("../../../migrations/0009_merging.sql"),
];
