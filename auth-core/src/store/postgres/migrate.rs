//! Bringing a database's schema up to date, once, whichever gateway comes first.
//!
//! Each migration is a transaction that first takes what only one can have: the name of the table of versions
//! in an empty database, the row of the newest version in another. Whoever comes second waits for the first,
//! looks again and finds the work done. So the lock goes with its transaction, and needs nothing that only
//! PostgreSQL has.
//!
//! Gateways of the version before may be at work. A change of a table waits for those who use it, and whoever
//! wants to use it then waits behind the change: so it waits for a short while only, and tries again. It is not
//! SERIALIZABLE: where others write without a pause, such a transaction over whole tables would never be let
//! through.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _};
use tokio::time::{Instant, sleep};

use crate::store::migrations::{self, BATCH, Migration, Schema, TooNew};
use crate::store::sql::Connection;

/// The schema is not ours, or could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateError {
    #[error("the database belongs to another program")]
    OtherProgram,
    #[error(transparent)]
    TooNew(#[from] TooNew),
    #[error("the schema may not be changed: {0}")]
    Forbidden(sqlx::Error),
    #[error("the search path of the role names no schema that exists")]
    NoSchema,
    #[error(transparent)]
    Postgres(sqlx::Error),
}

/// Applies and completes what is missing, unless the database is newer than the program; says which version it
/// has.
pub(super) async fn migrate(
    connection: &mut Connection,
    schema: Schema,
) -> Result<i64, MigrateError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let error = match step(connection, schema).await {
            Ok(Step::Done(version)) => return Ok(version),
            // Each does something that need not be done again.
            Ok(Step::More) => continue,
            Err(error) => error,
        };
        match error {
            MigrateError::Postgres(met) if is_somebody_elses_doing(&met) => {
                if Instant::now() >= deadline {
                    return Err(MigrateError::Postgres(met));
                }
                sleep(PAUSE).await;
            }
            other => return Err(other),
        }
    }
}

enum Step {
    /// Nothing is missing any more in the database, which has this version.
    Done(i64),
    /// Something was applied or completed, by this gateway or another; there may be more.
    More,
}

/// One transaction: looks what is there, and applies the next migration, or completes some rows.
async fn step(connection: &mut Connection, schema: Schema) -> Result<Step, MigrateError> {
    let octets = text_is_octets(connection).await?;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    sqlx::raw_sql("SET LOCAL lock_timeout = 500").execute(&mut *transaction).await?;
    let found = schema_version(&mut transaction).await?;
    if found > schema.version() {
        return Ok(Step::Done(schema.fit(&mut transaction).await??));
    }
    let step = match schema.after(found).next() {
        Some(migration) => {
            if lock(&mut transaction, found).await? {
                apply(&mut transaction, &migration, octets).await?;
            }
            Step::More
        }
        None if schema.complete_some(&mut transaction).await? >= BATCH => Step::More,
        None => Step::Done(found),
    };
    transaction.commit().await?;
    Ok(step)
}

/// Keeps everybody else from applying what comes after version `found`, to the end of the transaction. False:
/// somebody has done so.
async fn lock(connection: &mut Connection, found: i64) -> Result<bool, MigrateError> {
    if found == 0 {
        // "IF NOT EXISTS" would go on beside the one that made it.
        sqlx::raw_sql("CREATE TABLE schema_versions (version BIGINT NOT NULL PRIMARY KEY)")
            .execute(connection)
            .await?;
        return Ok(true);
    }
    sqlx::query("UPDATE schema_versions SET version = version WHERE version = $1")
        .bind(found)
        .execute(&mut *connection)
        .await?;
    Ok(schema_version(connection).await? == found)
}

async fn apply(
    connection: &mut Connection,
    migration: &Migration,
    octets: bool,
) -> Result<(), MigrateError> {
    let sql = if octets { migration.sql.to_owned() } else { compared_as_octets(migration.sql) };
    // Our own text, read at build time.
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    migrations::note(connection, migration).await?;
    Ok(())
}

/// The newest migration applied; 0 for an empty schema.
async fn schema_version(connection: &mut Connection) -> Result<i64, MigrateError> {
    let schema: Option<String> = sqlx::query_scalar("SELECT CAST(current_schema() AS TEXT)")
        .fetch_one(&mut *connection)
        .await?;
    let schema = schema.ok_or(MigrateError::NoSchema)?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(relname AS TEXT) FROM pg_catalog.pg_class
         JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
         WHERE CAST(nspname AS TEXT) = $1 AND CAST(relkind AS TEXT) IN ('r', 'p')",
    )
    .bind(schema)
    .fetch_all(&mut *connection)
    .await?;
    if tables.is_empty() {
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

/// Whether the database compares text as octets whatever it is told. `CockroachDB` does, and takes a column with
/// a collation for one of another type.
async fn text_is_octets(connection: &mut Connection) -> Result<bool, MigrateError> {
    let version: String = sqlx::query_scalar("SELECT version()").fetch_one(connection).await?;
    Ok(version.contains("CockroachDB"))
}

/// The migration for a database that may order text by the rules of a language: ours is ordered by its octets,
/// as SQLite does, so that ids and keys come in one order everywhere.
fn compared_as_octets(sql: &str) -> String {
    sql.replace(" TEXT", " TEXT COLLATE \"C\"")
}

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        match sqlstate(&error).as_deref() {
            // insufficient_privilege
            Some("42501") => Self::Forbidden(error),
            _ => Self::Postgres(error),
        }
    }
}

/// Whether another gateway was faster, or is at work: what is there already, or what this one waited for, is its
/// doing.
fn is_somebody_elses_doing(error: &sqlx::Error) -> bool {
    let Some(code) = sqlstate(error) else { return false };
    // serialization_failure, deadlock_detected, lock_not_available, unique_violation, duplicate_table,
    // duplicate_column, duplicate_object
    ["40001", "40P01", "55P03", "23505", "42P07", "42701", "42710"].contains(&code.as_str())
}

fn sqlstate(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// How long another gateway may take to bring the schema up to date.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_column_is_compared_as_octets() {
        for migration in Schema::of_this_program().after(0) {
            let sql = compared_as_octets(migration.sql);
            let columns = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
            for line in columns.filter(|line| line.contains("TEXT")) {
                assert!(line.contains("TEXT COLLATE \"C\""), "{line}");
                assert_eq!(line.matches("TEXT").count(), 1, "{line}");
            }
        }
    }
}
