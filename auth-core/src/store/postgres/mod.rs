//! The directory and its sessions in a PostgreSQL database.
//!
//! Several gateways work on it at once. What keeps them apart is the server: every write is a SERIALIZABLE
//! transaction, and one that met another is run again ([`Trying`]). Nothing of a connection is relied on
//! from one call to the next but its settings, so that a server that was restarted or replaced is found
//! again without a restart of the gateway.

mod connect;
mod migrate;
mod open;
mod replicas;
mod trying;

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::Mutex;

#[cfg(test)]
pub(super) use open::open_as;
pub use open::{OpenPostgresError, PostgresOptions, open_postgres};

pub(super) use trying::Trying;

use crate::store::migrations::Schema;
use connect::Trust;
use replicas::Replicas;

/// The connections to a server.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    primary: AnyPool,
    replicas: Arc<Replicas>,
    shared: Arc<Shared>,
    /// What this program knows.
    pub(super) schema: Schema,
}

/// What the calls of one store have in common.
#[derive(Debug)]
struct Shared {
    trust: Arc<Trust>,
    /// Held by whoever tries again after a conflict: of those that met, one goes first.
    one_at_a_time: Mutex<()>,
    /// The statement that begins a transaction whose loss is bearable.
    begin_mark: &'static str,
}

impl PostgresStore {
    /// Waits for calls under way, then closes every connection.
    pub async fn close(&self) {
        self.replicas.close().await;
        self.primary.close().await;
    }
}

#[cfg(test)]
mod tests;
