//! Running query functions: what [`SqlStore`] does around each of them, in either database.
//!
//! A *query function* takes a [`Connection`] and arguments and says what it found or did. It is written as
//! if it were alone: on SQLite it is, behind the one writing connection; on PostgreSQL its transaction is
//! SERIALIZABLE, and when the database says that it was not alone after all, it is run again from its
//! beginning ([`Attempts`]). So it keeps nothing between two runs, and its arguments are lent or copied.

mod attempts;
mod interruption;

use std::time::Duration;

use super::migrations::Schema;
use super::postgres::PostgresStore;
use super::sqlite::SqliteStore;
use super::{Result, StoreError};

pub(super) use attempts::{Attempts, IfLeft, Turn};
pub(super) use interruption::Cause;
pub use interruption::Interruption;

/// What the query functions run on.
pub(super) type Connection = sqlx::AnyConnection;

/// An open database that is both [`Directory`](super::Directory) and [`SessionStore`](super::SessionStore).
/// Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub enum SqlStore {
    /// A file.
    Sqlite(SqliteStore),
    /// A server's.
    Postgres(PostgresStore),
}

impl SqlStore {
    /// Waits for calls under way, then closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }

    /// What this program knows of the schema.
    pub(super) fn schema(&self) -> Schema {
        match self {
            Self::Sqlite(store) => store.schema,
            Self::Postgres(store) => store.schema,
        }
    }

    pub(super) fn attempts(&self, access: Access) -> Attempts<'_> {
        Attempts::new(self, access)
    }
}

/// What a call does to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reads with one statement.
    Read,
    /// Reads with several, which see one state.
    ReadSeveral,
    /// Reads for an operator's or a person's list, which may lag: a replica will do.
    List,
    /// Writes, and reads before that.
    Write(Durability),
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
    match tokio::time::timeout(CALL_DEADLINE, work).await {
        Ok(Err(StoreError::Interrupted(interruption))) => Err(interruption.settled()),
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

/// Runs one query function of one statement: `reading!(store, connection => accounts::by_id(connection, id))`.
macro_rules! reading {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sql::running!($store, Read, $connection => $call)
    };
}

/// Runs one query function of several statements, which see one state.
macro_rules! reading_several {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sql::running!($store, ReadSeveral, $connection => $call)
    };
}

/// Runs one query function of one statement that may see what was true some seconds ago: a list for somebody
/// to look at. Nothing that lets anybody in is decided by it.
macro_rules! listing {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sql::running!($store, List, $connection => $call)
    };
}

/// Runs one query function in a transaction that is committed if it succeeds.
macro_rules! writing {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sql::running!(
            $store, Write($crate::store::sql::Durability::Machine), $connection => $call)
    };
}

/// Likewise, with [`Durability::Process`].
macro_rules! marking {
    ($store:expr, $connection:ident => $call:expr) => {
        $crate::store::sql::running!(
            $store, Write($crate::store::sql::Durability::Process), $connection => $call)
    };
}

macro_rules! running {
    ($store:expr, $access:ident $(($durability:expr))?, $connection:ident => $call:expr) => {
        $crate::store::sql::within_deadline(async {
            let access = $crate::store::sql::Access::$access $(($durability))?;
            let mut attempts = $store.attempts(access);
            loop {
                let mut turn = attempts.begin().await?;
                let $connection = turn.connection();
                let outcome = $call.await;
                if let Some(outcome) = attempts.end(turn, outcome).await {
                    break outcome;
                }
            }
        })
        .await
    };
}

pub(super) use {listing, marking, reading, reading_several, running, writing};

/// Deadline of every call, waiting for a connection included.
pub const CALL_DEADLINE: Duration = Duration::from_secs(2);
