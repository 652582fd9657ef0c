//! Where things are kept.

use std::path::PathBuf;

/// `[store]`.
#[derive(Debug, Clone)]
pub struct Store {
    /// Accounts, profiles, portals, keys, audit.
    pub directory: DirectoryStore,
    /// Sessions, tickets, attempt counters, one-time codes.
    pub sessions: SessionsStore,
}

/// `store.directory`.
#[derive(Debug, Clone)]
pub enum DirectoryStore {
    /// `sqlite:PATH`, path resolved against the configuration file.
    Sqlite(PathBuf),
    // PostgreSQL joins here with its driver; until then `check` refuses `postgres://`.
}

/// `store.sessions`.
#[derive(Debug, Clone)]
pub enum SessionsStore {
    /// In the directory's own SQLite file.
    Embedded,
    // Redis joins here with its driver; until then `check` refuses `redis://`.
}
