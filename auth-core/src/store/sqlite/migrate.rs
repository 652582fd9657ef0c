//! Bringing a file's schema up to date, once, whichever process comes first.
//!
//! Migrations are numbered and go forward only. All that are missing are applied in one transaction that
//! holds the write lock from before the version is read, so a second process waits and then finds nothing
//! to do. An older process may still have the file open (an upgrade): a migration adds tables, columns
//! and indexes, and leaves what is there readable to the version before.

use sqlx::Connection as _;

use crate::store::migrations::{self, SCHEMA_VERSION};
use crate::store::sql::Connection;

/// The schema is not ours, or could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateError {
    #[error("the path is not UTF-8")]
    Path,
    #[error("the database belongs to another program")]
    OtherProgram,
    #[error("the database has schema version {found}, known is {known}")]
    Newer { found: i64, known: i64 },
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
}

/// Applies what is missing.
pub(super) async fn migrate(connection: &mut Connection) -> Result<(), MigrateError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let found = schema_version(&mut transaction).await?;
    let known = SCHEMA_VERSION;
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    for migration in migrations::after(found) {
        sqlx::raw_sql(migration.sql).execute(&mut *transaction).await?;
        migrations::note(&mut transaction, &migration).await?;
    }
    migrations::fill_in_names(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// The newest migration applied; 0 for an empty file, which gets its table of versions.
async fn schema_version(connection: &mut Connection) -> Result<i64, MigrateError> {
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
