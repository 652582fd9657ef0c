//! Completing rows that a program wrote which did not know a column.

use crate::store::encode::folded;
use crate::store::sql::Connection;

/// What completes the rows of one migration.
#[derive(Debug, Clone, Copy)]
pub(super) enum Completion {
    /// The names of accounts, folded ([`folded`] is not SQL's `lower`).
    NameKeys,
    /// One statement.
    Sql(&'static str),
}

impl Completion {
    /// Completes at most [`BATCH`] rows, and says how many.
    pub(super) async fn some_rows(self, connection: &mut Connection) -> sqlx::Result<u64> {
        match self {
            Self::NameKeys => name_keys(connection).await,
            Self::Sql(sql) => Ok(sqlx::query(sql).execute(connection).await?.rows_affected()),
        }
    }
}

async fn name_keys(connection: &mut Connection) -> sqlx::Result<u64> {
    let missing: Vec<(String, String)> =
        sqlx::query_as("SELECT id, name FROM accounts WHERE name_key IS NULL LIMIT $1")
            .bind(BATCH as i64)
            .fetch_all(&mut *connection)
            .await?;
    let mut completed = 0;
    for (id, name) in &missing {
        // Somebody may have changed the name since.
        let done = sqlx::query("UPDATE accounts SET name_key = $1 WHERE id = $2 AND name = $3")
            .bind(folded(name))
            .bind(id)
            .bind(name)
            .execute(&mut *connection)
            .await?;
        completed += done.rows_affected();
    }
    Ok(completed)
}

/// Rows in one transaction: far within the deadline of a call, each with a question and answer of its own to a
/// server some milliseconds away.
pub(in crate::store) const BATCH: u64 = 50;
