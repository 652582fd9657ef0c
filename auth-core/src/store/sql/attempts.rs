//! One call's runs of its query function, each with a connection for a while: a [`Turn`].

use sqlx::Any;
use sqlx::pool::PoolConnection;

use super::{Access, Connection, SqlStore};
use crate::store::Result;
use crate::store::postgres::Trying;

/// The runs of one call, as many as it takes until its deadline.
pub(in crate::store) struct Attempts<'s> {
    store: &'s SqlStore,
    access: Access,
    trying: Trying<'s>,
}

impl<'s> Attempts<'s> {
    pub(super) fn new(store: &'s SqlStore, access: Access) -> Self {
        Self { store, access, trying: Trying::default() }
    }

    /// A connection for the next run, in a transaction if the access asks for one.
    pub(in crate::store) async fn begin(&mut self) -> Result<Turn> {
        match self.store {
            SqlStore::Sqlite(store) => store.begin(self.access).await,
            SqlStore::Postgres(store) => self.trying.begin(store, self.access).await,
        }
    }

    /// Ends a run: its result is the call's, or `None`: there is to be another one.
    pub(in crate::store) async fn end<T>(
        &mut self,
        turn: Turn,
        outcome: Result<T>,
    ) -> Option<Result<T>> {
        match self.store {
            SqlStore::Sqlite(_) => Some(end_alone(turn, outcome).await),
            SqlStore::Postgres(store) => self.trying.end(store, self.access, turn, outcome).await,
        }
    }
}

async fn end_alone<T>(mut turn: Turn, outcome: Result<T>) -> Result<T> {
    if outcome.is_ok() {
        turn.commit().await?;
    }
    turn.give_back().await;
    outcome
}

/// A connection that a query function has for the time of one run.
///
/// Transactions are begun and ended here, in words: whoever drops a turn in the middle of one drops the
/// connection, and no other call meets what it left.
pub(in crate::store) struct Turn {
    connection: PoolConnection<Any>,
    in_transaction: bool,
    if_left: IfLeft,
}

/// What becomes of a connection whose call ends in the middle of something: past its deadline, or because
/// nobody waits for the answer any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum IfLeft {
    /// It is as good as before: a file is read to the end of the statement.
    Keep,
    /// It is closed. A transaction ends with it; a server may be busy with the statement for long, or gone.
    Close,
}

impl Turn {
    pub(in crate::store) fn new(connection: PoolConnection<Any>, if_left: IfLeft) -> Self {
        Self { connection, in_transaction: false, if_left }
    }

    pub(in crate::store) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(in crate::store) async fn begin(&mut self, statement: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(statement).execute(&mut *self.connection).await?;
        self.in_transaction = true;
        Ok(())
    }

    /// Commits the transaction, if there is one.
    pub(in crate::store) async fn commit(&mut self) -> sqlx::Result<()> {
        if self.in_transaction {
            sqlx::raw_sql("COMMIT").execute(&mut *self.connection).await?;
            self.in_transaction = false;
        }
        Ok(())
    }

    /// The server has ended the transaction by itself, as PostgreSQL does with one whose COMMIT it refuses.
    pub(in crate::store) fn was_ended(&mut self) {
        self.in_transaction = false;
    }

    /// Others may use the connection, for every answer has been read. A transaction that was not committed is
    /// rolled back before that.
    pub(in crate::store) async fn give_back(mut self) {
        // A full disk makes SQLite end a transaction by itself (sqlite.org/lang_transaction.html, "Response
        // To Errors"): then this fails, and the connection is closed and made anew.
        let ended = !self.in_transaction
            || sqlx::raw_sql("ROLLBACK").execute(&mut *self.connection).await.is_ok();
        if ended {
            self.if_left = IfLeft::Keep;
        }
    }

    /// Nobody is to use the connection any more.
    pub(in crate::store) fn discard(mut self) {
        self.if_left = IfLeft::Close;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.if_left == IfLeft::Close {
            self.connection.close_on_drop();
        }
    }
}
