//! Deleting accounts: what goes with one, and what of it stays without a name.

use super::{Connection, notices, profiles};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::merging::Moved;
use crate::store::notices::Notice;
use crate::store::{Result, StoreError};

/// Profiles and addresses go with it, and what it had joined is free again, by their foreign keys. So do
/// the shells of accounts that were merged into it. Of a merge with nobody left only that it happened is
/// kept.
pub(super) async fn delete(
    connection: &mut Connection,
    id: AccountId,
    now: UnixSeconds,
) -> Result<bool> {
    for profile in profiles::of_account(connection, id).await? {
        let notice = Notice::unjoined(id, profile.local_id);
        notices::tell_portal(connection, &profile.portal, &notice, now * 1000).await?;
    }
    let deleted: Vec<String> = sqlx::query_scalar(
        "WITH RECURSIVE gone (id) AS (
             SELECT id FROM accounts WHERE id = $1
             UNION SELECT accounts.id FROM accounts JOIN gone ON accounts.merged_into = gone.id)
         DELETE FROM accounts WHERE id IN (SELECT id FROM gone) RETURNING id",
    )
    .bind(id.to_string())
    .fetch_all(&mut *connection)
    .await?;
    for account in &deleted {
        forget_what_moved(connection, account).await?;
    }
    Ok(!deleted.is_empty())
}

/// Addresses, links and names of the two accounts stand in what a merge wrote down for its undo. With one of
/// them still there they are that person's own history.
async fn forget_what_moved(connection: &mut Connection, deleted: &str) -> Result<()> {
    let nothing = serde_json::to_string(&Moved::default())
        .map_err(|error| StoreError::Corrupt(format!("a merge was not written: {error}")))?;
    sqlx::query(
        "UPDATE merges SET moved = $1
         WHERE (from_account = $2 OR into_account = $2)
           AND NOT EXISTS (SELECT 1 FROM accounts
                           WHERE accounts.id = from_account OR accounts.id = into_account)",
    )
    .bind(nothing)
    .bind(deleted)
    .execute(connection)
    .await?;
    Ok(())
}
