//! Opens the stores that a configuration names.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use bitrix_id_auth_core::clock::SystemClock;
use bitrix_id_auth_core::store::{
    Directory, OpenRedisError, PostgresOptions, RedisStore, SessionStore, SqlStore, open_postgres,
    open_sqlite,
};
use bitrix_id_config::model::{Config, DirectoryStore, PostgresDirectory, SessionsStore};

/// Open stores.
pub(crate) struct Stores {
    /// Accounts, profiles, portals, keys, audit.
    pub directory: Arc<dyn Directory>,
    /// Sessions, tickets, one-time values.
    pub sessions: Arc<dyn SessionStore>,
    database: Arc<SqlStore>,
}

/// The directory and the session store of a configuration.
///
/// # Errors
/// A store that does not open, with what to do about it.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Stores> {
    match open_to_serve(config).await? {
        (stores, None) => Ok(stores),
        (stores, Some(away)) => {
            stores.close().await;
            Err(away.into())
        }
    }
}

/// As [`open`], but a session store that is away may come later: with it is told why it is not there.
///
/// # Errors
/// A directory that does not open; a session store for which waiting does not help.
pub(crate) async fn open_to_serve(
    config: &Config,
) -> anyhow::Result<(Stores, Option<OpenRedisError>)> {
    let database = Arc::new(open_directory(config).await?);
    if database.is_unfinished_copy().await? {
        database.close().await;
        bail!("store.directory holds an unfinished copy: give `bitrix-id directory copy` again");
    }
    let mut away = None;
    let sessions: Arc<dyn SessionStore> = match &config.store.sessions {
        SessionsStore::Embedded => database.clone(),
        SessionsStore::Redis(redis) => {
            // Redis' client takes the provider of the process; another may be in place, which is ours too.
            let _has_one = rustls::crypto::ring::default_provider().install_default();
            let store = RedisStore::unopened(redis, NAMESPACE, Arc::new(SystemClock))?;
            match store.open().await {
                Err(error) if error.away => away = Some(error),
                opened => opened?,
            }
            Arc::new(store)
        }
    };
    Ok((Stores { directory: database.clone(), sessions, database }, away))
}

/// The database of a configuration's directory, whole or not.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_directory(config: &Config) -> anyhow::Result<SqlStore> {
    Ok(match &config.store.directory {
        DirectoryStore::Sqlite(path) => open_sqlite(path).await?,
        DirectoryStore::Postgres(directory) => open_postgres(options(directory)?).await?,
    })
}

fn options(directory: &PostgresDirectory) -> anyhow::Result<PostgresOptions> {
    // `check` has refused what is no URL; the text is not repeated all the same.
    let parse = |url: &String| url.parse().context("a PostgreSQL URL cannot be read");
    Ok(PostgresOptions {
        url: parse(&directory.url)?,
        password: directory.password.clone(),
        connections: directory.connections,
        replicas: directory.replicas.iter().map(parse).collect::<Result<_, _>>()?,
    })
}

impl Stores {
    /// Waits for what is being written and closes the files: for a command that ends now.
    pub(crate) async fn close(self) {
        self.database.close().await;
    }
}

/// How the names of our keys in Redis begin.
const NAMESPACE: &str = "bitrix-id";
