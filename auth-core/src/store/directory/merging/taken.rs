//! What a portal takes from an account, it takes from every account that is part of it: undoing a merge brings
//! none of that back.

use crate::identity::AccountId;
use crate::store::merging::{Merge, Moved};
use crate::store::{Result, directory::Connection};

use super::written::{MergeRow, as_text};

/// The account was put out of the portal, and whoever is part of it with it.
pub(in crate::store::directory) async fn portal(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
) -> Result<()> {
    amend(connection, account, |moved| {
        moved.profiles.retain(|profile| profile.portal != portal);
        moved.released.retain(|profile| profile.portal != portal);
    })
    .await
}

/// The account's roles on the portal are others now. A profile that gave way loses those which were taken;
/// one that would have none left gets the account's.
pub(in crate::store::directory) async fn roles(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    before: &[String],
    now: &[String],
) -> Result<()> {
    let taken = |role: &String| before.contains(role) && !now.contains(role);
    if !before.iter().any(taken) {
        return Ok(());
    }
    amend(connection, account, |moved| {
        for profile in moved.released.iter_mut().filter(|profile| profile.portal == portal) {
            let had = profile.roles.len();
            profile.roles.retain(|role| !taken(role));
            if profile.roles.is_empty() && had > 0 {
                profile.roles = now.to_vec();
            }
        }
    })
    .await
}

/// Writes the merges in force anew by which others became part of the account, directly or by way of one
/// another.
async fn amend(
    connection: &mut Connection,
    account: AccountId,
    change: impl Fn(&mut Moved),
) -> Result<()> {
    let rows: Vec<MergeRow> = sqlx::query_as(
        "WITH RECURSIVE part (id) AS (
             SELECT id FROM accounts WHERE id = $1
             UNION SELECT accounts.id FROM accounts JOIN part ON accounts.merged_into = part.id)
         SELECT merges.id, at_ms, from_account, into_account, actor, moved, undone_at_ms, undone_by
         FROM merges JOIN part ON merges.into_account = part.id WHERE undone_at_ms IS NULL",
    )
    .bind(account.to_string())
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let merge = Merge::try_from(row)?;
        let mut moved = merge.moved.clone();
        change(&mut moved);
        if moved != merge.moved {
            sqlx::query("UPDATE merges SET moved = $1 WHERE id = $2")
                .bind(as_text(&moved)?)
                .bind(merge.id.to_string())
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}
