//! The directory's own record of its merges.

use sqlx::FromRow;

use crate::identity::AccountId;
use crate::store::directory::Connection;
use crate::store::encode::{corrupt, read_id};
use crate::store::merging::{Merge, Moved};
use crate::store::{Result, StoreError};

#[derive(FromRow)]
pub(super) struct MergeRow {
    id: String,
    at_ms: i64,
    from_account: String,
    into_account: String,
    actor: String,
    moved: String,
    undone_at_ms: Option<i64>,
    undone_by: Option<String>,
}

impl TryFrom<MergeRow> for Merge {
    type Error = StoreError;

    fn try_from(row: MergeRow) -> Result<Self> {
        Ok(Self {
            id: read_id("merges.id", &row.id)?,
            at_ms: row.at_ms,
            from: AccountId(read_id("merges.from_account", &row.from_account)?),
            into: AccountId(read_id("merges.into_account", &row.into_account)?),
            actor: row.actor,
            moved: serde_json::from_str(&row.moved).map_err(|_| corrupt("merges.moved"))?,
            undone: row.undone_at_ms.map(|at| (at, row.undone_by.unwrap_or_default())),
        })
    }
}

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<Merge>> {
    let rows: Vec<MergeRow> = sqlx::query_as(
        "SELECT id, at_ms, from_account, into_account, actor, moved, undone_at_ms, undone_by
         FROM merges WHERE from_account = $1 OR into_account = $1 ORDER BY at_ms DESC, id DESC",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Merge::try_from).collect()
}

/// The merge in force between the two.
pub(super) async fn in_force(
    connection: &mut Connection,
    from: AccountId,
    into: AccountId,
) -> Result<Option<Merge>> {
    let row: Option<MergeRow> = sqlx::query_as(
        "SELECT id, at_ms, from_account, into_account, actor, moved, undone_at_ms, undone_by
         FROM merges WHERE from_account = $1 AND into_account = $2 AND undone_at_ms IS NULL
         ORDER BY at_ms DESC, id DESC LIMIT 1",
    )
    .bind(from.to_string())
    .bind(into.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(Merge::try_from).transpose()
}

pub(super) fn as_text(moved: &Moved) -> Result<String> {
    serde_json::to_string(moved)
        .map_err(|error| StoreError::Corrupt(format!("a merge was not written: {error}")))
}

pub(super) async fn write_down(connection: &mut Connection, merge: &Merge) -> Result<()> {
    let moved = as_text(&merge.moved)?;
    sqlx::query(
        "INSERT INTO merges (id, at_ms, from_account, into_account, actor, moved)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(merge.id.to_string())
    .bind(merge.at_ms)
    .bind(merge.from.to_string())
    .bind(merge.into.to_string())
    .bind(&merge.actor)
    .bind(moved)
    .execute(connection)
    .await?;
    Ok(())
}
