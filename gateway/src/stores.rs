//! Opens the stores that a configuration names.

use std::sync::Arc;

use bitrix_id_auth_core::store::sqlite::{SqliteStore, open_sqlite};
use bitrix_id_auth_core::store::{Directory, SessionStore};
use bitrix_id_config::model::{Config, DirectoryStore, SessionsStore};

/// Open stores.
pub(crate) struct Stores {
    /// Accounts, profiles, portals, keys, audit.
    pub directory: Arc<dyn Directory>,
    /// Sessions, tickets, one-time values.
    pub sessions: Arc<dyn SessionStore>,
    file: Arc<SqliteStore>,
}

/// The directory and the session store of a configuration.
///
/// # Errors
/// A store that does not open, with what to do about it.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Stores> {
    let DirectoryStore::Sqlite(path) = &config.store.directory;
    let SessionsStore::Embedded = &config.store.sessions;
    let file = Arc::new(open_sqlite(path).await?);
    Ok(Stores { directory: file.clone(), sessions: file.clone(), file })
}

impl Stores {
    /// Waits for what is being written and closes the files: for a command that ends now.
    pub(crate) async fn close(self) {
        self.file.close().await;
    }
}
