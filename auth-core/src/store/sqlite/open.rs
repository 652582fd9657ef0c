//! Opening the file: what may be there, who may read it, and how its connections are set up.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::future::ready;
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use tokio::time::{Instant, sleep};

use super::migrate::{MigrateError, migrate};
use super::{CALL_DEADLINE, READ_BUSY_TIMEOUT, READERS, SqliteStore, WRITE_BUSY_TIMEOUT};

/// The file cannot be used. Each is the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// Directory or file cannot be made or read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else than a database.
    #[error("{path} is not a SQLite database")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database with tables, none of them ours.
    #[error("{path} is a database of another program")]
    OtherProgram {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer version of this program.
    #[error(
        "{path} has schema version {found}, this program knows versions up to {known}: \
         it was used by a newer version"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// In the file.
        found: i64,
        /// In this program.
        known: i64,
    },
    /// Another process kept its lock for the whole of the opening deadline.
    #[error("{path} is locked by another process")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// SQLite's own word.
    #[error("{path}: {source}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
}

/// Opens the file at `path`, made with mode 0600 if it is not there (a missing parent directory with
/// 0700), and brings its schema up to date. Any number of processes may do so at once.
///
/// # Errors
///
/// [`OpenStoreError`]; a file that is refused has not been changed.
pub async fn open_sqlite(path: &Path) -> Result<SqliteStore, OpenStoreError> {
    prepare_file(path)?;
    let options = connect_options(path);
    let deadline = Instant::now() + OPEN_DEADLINE;
    loop {
        match connect(&options).await {
            Ok(store) => return Ok(store),
            // The switch to WAL needs the file alone for a moment and does not wait for it: two processes
            // that open a new file together meet here.
            Err(MigrateError::Sqlite(error)) if is_locked(&error) => {
                if Instant::now() >= deadline {
                    return Err(OpenStoreError::Locked { path: path.to_owned() });
                }
                sleep(OPEN_RETRY).await;
            }
            Err(error) => return Err(refusal(path, error)),
        }
    }
}

async fn connect(options: &SqliteConnectOptions) -> Result<SqliteStore, MigrateError> {
    let writer = pool_options(1).connect_with(options.clone()).await?;
    match prepare_schema(&writer, options).await {
        Ok(readers) => Ok(SqliteStore { writer, readers }),
        Err(error) => {
            writer.close().await;
            Err(error)
        }
    }
}

async fn prepare_schema(
    writer: &SqlitePool,
    options: &SqliteConnectOptions,
) -> Result<SqlitePool, MigrateError> {
    migrate(writer).await?;
    let options = options.clone().busy_timeout(READ_BUSY_TIMEOUT).pragma("query_only", "ON");
    Ok(pool_options(READERS).connect_with(options).await?)
}

fn pool_options(connections: u32) -> SqlitePoolOptions {
    // Connections to a local file do not go stale: they stay open.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CALL_DEADLINE)
        .idle_timeout(None)
        .max_lifetime(None)
        // A full disk makes SQLite end a transaction by itself (sqlite.org/lang_transaction.html, "Response
        // To Errors"). sqlx's own ROLLBACK then fails, and it would believe for ever that the connection
        // is inside a transaction: such a connection is closed and made anew.
        .before_acquire(|connection, _| Box::pin(ready(Ok(!connection.is_in_transaction()))))
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WRITE_BUSY_TIMEOUT)
        .disable_statement_logging()
}

fn prepare_file(path: &Path) -> Result<(), OpenStoreError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenStoreError::File { path, source }
    };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(at(parent))?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(at(path))?;
    // Hashes and keys are in there. SQLite gives its -wal and -shm files the mode of the main one.
    let mode = file.metadata().map_err(at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(at(path))?;
    }
    let mut header = Vec::new();
    file.by_ref().take(SQLITE_MAGIC.len() as u64).read_to_end(&mut header).map_err(at(path))?;
    if header.is_empty() || header == SQLITE_MAGIC {
        Ok(())
    } else {
        Err(OpenStoreError::NotADatabase { path: path.to_owned() })
    }
}

fn refusal(path: &Path, error: MigrateError) -> OpenStoreError {
    let path = path.to_owned();
    match error {
        MigrateError::OtherProgram => OpenStoreError::OtherProgram { path },
        MigrateError::Newer { found, known } => OpenStoreError::Newer { path, found, known },
        MigrateError::Sqlite(source) if primary_code(&source) == Some(SQLITE_NOTADB) => {
            OpenStoreError::NotADatabase { path }
        }
        MigrateError::Sqlite(source) => OpenStoreError::Sqlite { path, source },
    }
}

pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    matches!(primary_code(error), Some(SQLITE_BUSY | SQLITE_LOCKED))
        || matches!(error, sqlx::Error::PoolTimedOut)
}

fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code: i64 = error.as_database_error()?.code()?.parse().ok()?;
    // The upper bits only say more about the same error (sqlite.org/rescode.html).
    Some(code & 0xff)
}

const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
const SQLITE_BUSY: i64 = 5;
const SQLITE_LOCKED: i64 = 6;
const SQLITE_NOTADB: i64 = 26;

/// How long opening waits for other processes.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
const OPEN_RETRY: Duration = Duration::from_millis(50);
