//! Opening the file: what may be there, who may read it, and how its connections are set up.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection};
use tokio::time::{Instant, sleep};

use super::migrate::{MigrateError, migrate};
use super::{READERS, SqliteStore};
use crate::store::migrations::{Schema, TooNew};
use crate::store::sql::{CALL_DEADLINE, SqlStore};

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
    /// Raised too far by newer versions of this program.
    #[error("{path}: {too_new}")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// How far.
        too_new: TooNew,
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
/// 0700), and brings its schema up to date. Any number of processes may do so at once. A newer schema is left as
/// it is, and used if programs of this version may.
///
/// # Errors
///
/// [`OpenStoreError`]; a file that is refused has not been changed.
pub async fn open_sqlite(path: &Path) -> Result<SqlStore, OpenStoreError> {
    open_as(path, Schema::of_this_program()).await
}

/// As [`open_sqlite`], for a program that knows `schema`.
pub(in crate::store) async fn open_as(
    path: &Path,
    schema: Schema,
) -> Result<SqlStore, OpenStoreError> {
    prepare_file(path)?;
    let options = connect_options(path).map_err(|error| refusal(path, error))?;
    let deadline = Instant::now() + OPEN_DEADLINE;
    loop {
        match connect(&options, schema).await {
            Ok((store, version)) => {
                schema.warn_of_newer(version, &path.display());
                return Ok(SqlStore::Sqlite(store));
            }
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

/// One connection prepares the file, and only then do the pools open theirs: a pool would try a connection
/// that cannot be set up again and again instead of saying why.
async fn connect(
    options: &AnyConnectOptions,
    schema: Schema,
) -> Result<(SqliteStore, i64), MigrateError> {
    let mut first = options.connect().await?;
    let opened = prepare_and_open(&mut first, options, schema).await;
    first.close().await?;
    opened
}

async fn prepare_and_open(
    first: &mut AnyConnection,
    options: &AnyConnectOptions,
    schema: Schema,
) -> Result<(SqliteStore, i64), MigrateError> {
    sqlx::raw_sql(WRITER_SETTINGS).execute(&mut *first).await?;
    // Kept in the file: the other connections find it so.
    sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *first).await?;
    let version = migrate(first, schema).await?;
    let writer = open_pool(1, WRITER_SETTINGS, options).await?;
    let readers = open_pool(READERS, READER_SETTINGS, options).await?;
    Ok((SqliteStore { writer, readers, schema }, version))
}

async fn open_pool(
    connections: u32,
    settings: &'static str,
    options: &AnyConnectOptions,
) -> Result<AnyPool, MigrateError> {
    // Connections to a local file do not go stale: they stay open.
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CALL_DEADLINE)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move { sqlx::raw_sql(settings).execute(connection).await.map(drop) })
        })
        .connect_with(options.clone())
        .await?;
    Ok(pool)
}

fn connect_options(path: &Path) -> Result<AnyConnectOptions, MigrateError> {
    install_default_drivers();
    let path = path.to_str().ok_or(MigrateError::Path)?;
    let url = format!("sqlite:{}?mode=rw", utf8_percent_encode(path, NON_ALPHANUMERIC));
    let options: AnyConnectOptions = url.parse()?;
    Ok(options.disable_statement_logging())
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
        MigrateError::Path => {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8");
            OpenStoreError::File { path, source }
        }
        MigrateError::OtherProgram => OpenStoreError::OtherProgram { path },
        MigrateError::TooNew(too_new) => OpenStoreError::TooNew { path, too_new },
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

/// SQLite by itself waits for a lock for 25 ms when it writes. It looks again after 1, 2, 5, 10 ms and then
/// ever more seldom, so that a busy neighbour could keep it waiting for good: it is asked anew, from 1 ms on,
/// until `LOCK_PATIENCE` ends. The timeout comes first and holds for what follows it.
const WRITER_SETTINGS: &str =
    "PRAGMA busy_timeout = 25; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL";

/// Likewise for 1500 ms when it reads, which with WAL happens only while a file is being recovered or closed
/// for good.
const READER_SETTINGS: &str = "PRAGMA busy_timeout = 1500; PRAGMA foreign_keys = ON; \
    PRAGMA synchronous = FULL; PRAGMA query_only = ON";

const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
const SQLITE_BUSY: i64 = 5;
const SQLITE_LOCKED: i64 = 6;
const SQLITE_NOTADB: i64 = 26;

/// How long opening waits for other processes.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
const OPEN_RETRY: Duration = Duration::from_millis(50);
