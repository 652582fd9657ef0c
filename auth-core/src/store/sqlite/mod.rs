//! One SQLite file that is both [`Directory`](super::Directory) and [`SessionStore`](super::SessionStore).
//!
//! The file is in WAL mode: readers never wait for a writer, and several processes may have it open at
//! once (an upgrade does). Within a process there is one writing connection, taken in turn, and a few
//! reading ones. A write begins with `BEGIN IMMEDIATE`, so that waiting for another process's lock happens
//! at the start, and is on the disk before it is answered ([`Durability`] names the exception).

mod migrate;
mod open;

use std::time::Duration;

use sqlx::Any;
use sqlx::AnyPool;
use sqlx::pool::PoolConnection;
use tokio::time::Instant;

pub use open::{OpenStoreError, open_sqlite};

#[cfg(test)]
pub(super) use open::open_as;

use super::Result;
use super::migrations::Schema;
use super::sql::{Access, Durability, IfLeft, Turn};
#[cfg(test)]
use super::{StoreError, sql::CALL_DEADLINE};

/// The connections to an open file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: AnyPool,
    readers: AnyPool,
    /// What this program knows.
    pub(super) schema: Schema,
}

impl SqliteStore {
    /// Waits for calls under way, then closes every connection; the last process out removes the `-wal` file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A connection for one run of a query function.
    pub(super) async fn begin(&self, access: Access) -> Result<Turn> {
        let Access::Write(durability) = access else {
            return Ok(Turn::new(self.reader().await?, IfLeft::Keep));
        };
        let mut turn = Turn::new(self.writer(durability).await?, IfLeft::Close);
        let asked_at = Instant::now();
        loop {
            match turn.begin("BEGIN IMMEDIATE").await {
                Ok(()) => return Ok(turn),
                Err(error) if ask_again(&error, asked_at) => {}
                Err(error) => {
                    turn.give_back().await;
                    return Err(error.into());
                }
            }
        }
    }

    async fn reader(&self) -> Result<PoolConnection<Any>> {
        Ok(self.readers.acquire().await?)
    }

    /// The writing connection, outside any transaction and set to `durability`.
    async fn writer(&self, durability: Durability) -> Result<PoolConnection<Any>> {
        let mut connection = self.writer.acquire().await?;
        let pragma = match durability {
            Durability::Machine => "PRAGMA synchronous = FULL",
            Durability::Process => "PRAGMA synchronous = NORMAL",
        };
        // Not `query`: this pragma acts when it is compiled, and `query` compiles a text only once.
        sqlx::raw_sql(pragma).execute(&mut *connection).await?;
        Ok(connection)
    }
}

/// Whether a transaction that could not begin should be tried once more.
fn ask_again(error: &sqlx::Error, asked_at: Instant) -> bool {
    open::is_locked(error) && asked_at.elapsed() < LOCK_PATIENCE
}

/// How long a write waits for another process's lock; below the deadline, so that the error that comes up
/// is SQLite's own.
const LOCK_PATIENCE: Duration = Duration::from_millis(1500);

/// Reading connections; each has a thread of its own.
const READERS: u32 = 4;

#[cfg(test)]
mod tests;
