//! Opens the stores that a configuration names.

use std::sync::Arc;

use bitrix_id_auth_core::store::sqlite::open_sqlite;
use bitrix_id_auth_core::store::{Directory, SessionStore};
use bitrix_id_config::model::{Config, DirectoryStore, SessionsStore};

/// The directory and the session store of a configuration.
///
/// # Errors
/// A store that does not open, with what to do about it.
pub(crate) async fn open(
    config: &Config,
) -> anyhow::Result<(Arc<dyn Directory>, Arc<dyn SessionStore>)> {
    let DirectoryStore::Sqlite(path) = &config.store.directory;
    let SessionsStore::Embedded = &config.store.sessions;
    let store = Arc::new(open_sqlite(path).await?);
    Ok((store.clone(), store))
}
