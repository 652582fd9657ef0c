//! Where things are kept.

use std::path::PathBuf;

use super::SessionsStore;
use crate::secret::Secret;

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
    /// `postgres://…`.
    Postgres(PostgresDirectory),
}

/// A directory in a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresDirectory {
    /// `postgres://role@host[:port]/database?sslmode=…`: no password, paths in its parameters resolved.
    pub url: String,
    /// From `directory_password_file`.
    pub password: Option<Secret>,
    /// Most connections at a time, to each server.
    pub connections: u32,
    /// Servers that follow the first one, as `url`.
    pub replicas: Vec<String>,
}
