//! Bringing a file's schema up to date, once, whichever process comes first.
//!
//! Migrations are numbered and go forward only. All that are missing are applied in one transaction that
//! holds the write lock from before the version is read, so a second process waits and then finds nothing
//! to do. An older process may still have the file open (an upgrade), or open it again (the way back): see
//! [`migrations`].

use sqlx::Connection as _;

use crate::store::migrations::{self, BATCH, Schema, TooNew};
use crate::store::sql::Connection;

/// The schema is not ours, or could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateError {
    #[error("the path is not UTF-8")]
    Path,
    #[error("the database belongs to another program")]
    OtherProgram,
    #[error(transparent)]
    TooNew(#[from] TooNew),
    #[error(transparent)]
    Sqlite(#[from] sqlx::Error),
}

/// Applies and completes what is missing, unless the file is newer than the program; says which version it has.
pub(super) async fn migrate(
    connection: &mut Connection,
    schema: Schema,
) -> Result<i64, MigrateError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let found = schema_version(&mut transaction).await?;
    if found > schema.version() {
        return Ok(schema.fit(&mut transaction).await??);
    }
    for migration in schema.after(found) {
        sqlx::raw_sql(migration.sql).execute(&mut *transaction).await?;
        migrations::note(&mut transaction, &migration).await?;
    }
    transaction.commit().await?;
    while complete_some(connection, schema).await? >= BATCH {}
    Ok(schema.version())
}

/// A transaction of its own, so that whoever writes meanwhile is let in between.
async fn complete_some(connection: &mut Connection, schema: Schema) -> Result<u64, MigrateError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let completed = schema.complete_some(&mut transaction).await?;
    transaction.commit().await?;
    Ok(completed)
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
