//! Opening a database: reaching the server, bringing the schema up to date, and the pools.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_config::Secret;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::connect::{Leads, Trust, connect_options, pool};
use super::migrate::{MigrateError, migrate};
use super::replicas::Replicas;
use super::trying::{BEGIN, BEGIN_MARK};
use super::{PostgresStore, Shared};
use crate::store::migrations::{Schema, TooNew};
use crate::store::sql::SqlStore;

/// Where the database is.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// `postgres://role@host:port/database?parameters`, without a password.
    pub url: Url,
    /// The role's password, there and on the replicas.
    pub password: Option<Secret>,
    /// Most connections at a time, to each server.
    pub connections: u32,
    /// Servers that follow the first, for lists.
    pub replicas: Vec<Url>,
}

/// The database cannot be used. Each is the operator's to mend. None of them tells a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenPostgresError {
    /// No server, no such database, a wrong password: the server's own word, or the system's.
    #[error("{place}: {source}")]
    Unreachable {
        /// Server and database.
        place: String,
        /// Why.
        source: sqlx::Error,
    },
    /// It did not answer while the program was willing to wait.
    #[error("{place} does not answer")]
    Silent {
        /// Server and database.
        place: String,
    },
    /// A database with tables, none of them ours.
    #[error("{place} is a database of another program")]
    OtherProgram {
        /// Server and database.
        place: String,
    },
    /// Raised too far by newer versions of this program.
    #[error("{place}: {too_new}")]
    TooNew {
        /// Server and database.
        place: String,
        /// How far.
        too_new: TooNew,
    },
    /// The role may not make or change tables.
    #[error(
        "{place}: the role may not bring the tables up to date ({source}); let it own the tables and \
         create more: as the database's owner, GRANT USAGE, CREATE ON SCHEMA public TO its name"
    )]
    Forbidden {
        /// Server and database.
        place: String,
        /// What was refused.
        source: sqlx::Error,
    },
    /// The role finds no schema to work in.
    #[error(
        "{place}: the role finds no schema to work in; set its search_path to one that exists and that it \
         may use"
    )]
    NoSchema {
        /// Server and database.
        place: String,
    },
}

/// Opens the database and brings its schema up to date. Any number of gateways may do so at once. A server that
/// refuses connections, as one that starts does, is waited for a little. A newer schema is left as it is, and used
/// if programs of this version may.
///
/// # Errors
///
/// [`OpenPostgresError`]; a database that is refused has not been changed.
pub async fn open_postgres(options: PostgresOptions) -> Result<SqlStore, OpenPostgresError> {
    open_as(options, Schema::of_this_program()).await
}

/// As [`open_postgres`], for a program that knows `schema`.
pub(in crate::store) async fn open_as(
    options: PostgresOptions,
    schema: Schema,
) -> Result<SqlStore, OpenPostgresError> {
    let place = place(&options.url);
    let password = options.password.as_ref().map(Secret::expose);
    let unreachable = |source| OpenPostgresError::Unreachable { place: place.clone(), source };
    let server = connect_options(&options.url, password).map_err(unreachable)?;
    let replicas: Result<Vec<_>, _> =
        options.replicas.iter().map(|url| connect_options(url, password)).collect();
    let replicas = replicas.map_err(unreachable)?;

    let begin_mark = prepare(&server, &place, schema).await?;
    let trust = Arc::new(Trust::new());
    Ok(SqlStore::Postgres(PostgresStore {
        primary: pool(server, options.connections, Leads::ToPrimary, trust.clone()),
        replicas: Arc::new(Replicas::new(replicas, options.connections)),
        shared: Arc::new(Shared { trust, one_at_a_time: Mutex::new(()), begin_mark }),
        schema,
    }))
}

/// Brings the schema up to date, and says how a transaction begins whose loss is bearable.
async fn prepare(
    server: &AnyConnectOptions,
    place: &str,
    schema: Schema,
) -> Result<&'static str, OpenPostgresError> {
    let mut connection = connect(server, place).await?;
    let version = migrate(&mut connection, schema).await;
    let version = version.map_err(|error| refusal(place, error))?;
    schema.warn_of_newer(version, &place);
    // Not every database that speaks PostgreSQL's language knows it.
    let known = sqlx::raw_sql("SHOW synchronous_commit").execute(&mut connection).await;
    // What is still open has been answered; the server notices the end by itself.
    let _ = connection.close().await;
    Ok(if known.is_ok() { BEGIN_MARK } else { BEGIN })
}

async fn connect(
    server: &AnyConnectOptions,
    place: &str,
) -> Result<AnyConnection, OpenPostgresError> {
    let deadline = Instant::now() + OPEN_DEADLINE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match timeout(left, server.connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(source)) if is_starting(&source) && Instant::now() < deadline => {
                sleep(OPEN_RETRY).await;
            }
            Ok(Err(source)) => {
                return Err(OpenPostgresError::Unreachable { place: place.to_owned(), source });
            }
            Err(_) => return Err(OpenPostgresError::Silent { place: place.to_owned() }),
        }
    }
}

/// Whether the server may be about to start.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        // cannot_connect_now
        sqlx::Error::Database(refused) => refused.code().is_some_and(|code| code == "57P03"),
        _ => false,
    }
}

fn refusal(place: &str, error: MigrateError) -> OpenPostgresError {
    let place = place.to_owned();
    match error {
        MigrateError::OtherProgram => OpenPostgresError::OtherProgram { place },
        MigrateError::TooNew(too_new) => OpenPostgresError::TooNew { place, too_new },
        MigrateError::Forbidden(source) => OpenPostgresError::Forbidden { place, source },
        MigrateError::NoSchema => OpenPostgresError::NoSchema { place },
        MigrateError::Postgres(source) => OpenPostgresError::Unreachable { place, source },
    }
}

/// The database as messages name it: no parameters, and never a password.
fn place(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    let _ = url.set_password(None);
    url.to_string()
}

/// How long opening waits for a server that starts.
const OPEN_DEADLINE: Duration = Duration::from_secs(10);
const OPEN_RETRY: Duration = Duration::from_millis(100);
