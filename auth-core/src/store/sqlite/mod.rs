//! One SQLite file that is both [`Directory`](super::Directory) and [`SessionStore`](super::SessionStore).
//!
//! The file is in WAL mode: readers never wait for a writer, and several processes may have it open at
//! once (an upgrade does). Within a process there is one writing connection, taken in turn, and a few
//! reading ones. A write begins with `BEGIN IMMEDIATE`, so that waiting for another process's lock happens
//! at the start, and is on the disk before it is answered ([`Durability`] names the exception).

mod migrate;
mod open;

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};
use tokio::time::Instant;

pub use open::{OpenStoreError, open_sqlite};

use super::{Result, StoreError};

/// An open file. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Waits for calls under way, then closes every connection; the last process out removes the `-wal` file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.readers.acquire().await?)
    }

    /// The writing connection, outside any transaction and set to `durability`.
    pub(super) async fn writer(&self, durability: Durability) -> Result<PoolConnection<Sqlite>> {
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

/// What an acknowledged write outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Loss of power: the log is flushed to the disk before the answer.
    Machine,
    /// The end of the process. For marks that many requests leave and nobody's safety hangs on: times of
    /// last use, counts of attempts. They reach the disk with the next write of the other kind.
    Process,
}

/// Ends `work` at the deadline that every store call has. An abandoned transaction is rolled back.
pub(super) async fn within_deadline<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(CALL_DEADLINE, work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())))
}

/// Whether a transaction that could not begin should be tried once more.
pub(super) fn ask_again(error: &sqlx::Error, asked_at: Instant) -> bool {
    open::is_locked(error) && asked_at.elapsed() < LOCK_PATIENCE
}

/// Runs one query function on a reading connection: `reading!(store, connection => accounts::by_id(connection, id))`.
macro_rules! reading {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sqlite::within_deadline(async {
            let mut acquired = $store.reader().await?;
            let $connection = &mut *acquired;
            $call.await
        })
        .await
    };
}

/// Runs one query function in a transaction that is committed if it succeeds.
macro_rules! writing {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sqlite::in_transaction!($store, Machine, $connection => $call)
    };
}

/// Likewise, with [`Durability::Process`].
macro_rules! marking {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sqlite::in_transaction!($store, Process, $connection => $call)
    };
}

macro_rules! in_transaction {
    ($store:expr, $durability:ident, $connection:ident => $call:expr) => {
        $crate::store::sqlite::within_deadline(async {
            use sqlx::Connection as _;
            let durability = $crate::store::sqlite::Durability::$durability;
            let mut acquired = $store.writer(durability).await?;
            let asked_at = tokio::time::Instant::now();
            let mut transaction = loop {
                match acquired.begin_with("BEGIN IMMEDIATE").await {
                    Ok(transaction) => break transaction,
                    Err(error) if $crate::store::sqlite::ask_again(&error, asked_at) => {}
                    Err(error) => return Err(error.into()),
                }
            };
            let $connection = &mut *transaction;
            let outcome = $call.await?;
            transaction.commit().await?;
            Ok(outcome)
        })
        .await
    };
}

pub(super) use {in_transaction, marking, reading, writing};

/// Deadline of every call, waiting for a connection included.
pub const CALL_DEADLINE: Duration = Duration::from_secs(2);

/// How long a write waits for another process's lock; below the deadline, so that the error that comes up
/// is SQLite's own.
const LOCK_PATIENCE: Duration = Duration::from_millis(1500);

/// How long SQLite by itself waits for a lock when it reads, which with WAL happens only while a file is
/// being recovered or closed for good.
const READ_BUSY_TIMEOUT: Duration = Duration::from_millis(1500);

/// Likewise when it writes. SQLite looks again after 1, 2, 5, 10 ms and then ever more seldom, so that a
/// busy neighbour could keep it waiting for good: it is asked anew, from 1 ms on, until
/// [`LOCK_PATIENCE`] ends.
const WRITE_BUSY_TIMEOUT: Duration = Duration::from_millis(25);

/// Reading connections; each has a thread of its own.
const READERS: u32 = 4;

#[cfg(test)]
mod tests;
