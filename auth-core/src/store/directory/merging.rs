//! Merging accounts, and undoing it.

mod hands;
mod moving;
pub(super) mod taken;
mod undo;
mod written;

use async_trait::async_trait;

use super::{Connection, accounts};
use crate::identity::AccountId;
use crate::store::encode::new_id_ms;
use crate::store::merging::{Merge, MergeOutcome, MergeRequest, Merging, Unmerged};
use crate::store::sql::{SqlStore, reading, writing};
use crate::store::{Account, AccountState, AddressProof, Result};

#[async_trait]
impl Merging for SqlStore {
    async fn merge(&self, request: MergeRequest, now_ms: i64) -> Result<MergeOutcome> {
        writing!(self, c => merge(c, request.clone(), now_ms))
    }

    async fn unmerge(
        &self,
        from: AccountId,
        into: AccountId,
        actor: &str,
        now_ms: i64,
    ) -> Result<Unmerged> {
        writing!(self, c => undo::unmerge(c, from, into, actor, now_ms))
    }

    async fn merges(&self, account: AccountId) -> Result<Vec<Merge>> {
        reading!(self, c => written::of_account(c, account))
    }
}

async fn merge(
    connection: &mut Connection,
    request: MergeRequest,
    now_ms: i64,
) -> Result<MergeOutcome> {
    let (from, into) = (request.from, request.into);
    let gone = accounts::by_id(connection, from).await?;
    let stays = accounts::by_id(connection, into).await?;
    let (Some(gone), Some(stays)) = (gone, stays) else {
        return Ok(MergeOutcome::Refused);
    };
    if gone.state == (AccountState::Merged { into }) {
        let earlier = written::in_force(connection, from, into).await?;
        return Ok(earlier.map_or(MergeOutcome::Refused, |m| MergeOutcome::Merged(Box::new(m))));
    }
    if from == into || !may(&gone) || !may(&stays) {
        return Ok(MergeOutcome::Refused);
    }
    if gone.generation != request.from_generation
        || gone.password_hash != request.from_password_hash
        || stays.generation != request.into_generation
    {
        return Ok(MergeOutcome::Changed);
    }
    let moved = moving::everything(connection, &gone, &request, now_ms).await?;
    close(connection, from, into).await?;
    accounts::raise_generation(connection, into).await?;
    let merge = Merge {
        id: new_id_ms(now_ms),
        at_ms: now_ms,
        from,
        into,
        actor: request.actor,
        moved,
        undone: None,
    };
    written::write_down(connection, &merge).await?;
    Ok(MergeOutcome::Merged(Box::new(merge)))
}

fn may(account: &Account) -> bool {
    account.state == AccountState::Active && account.proof != AddressProof::None
}

/// The account is a shell from here on. Its own address is one that nobody can hold, because accounts
/// have one each and this one's went to the other account.
async fn close(connection: &mut Connection, from: AccountId, into: AccountId) -> Result<()> {
    sqlx::query(
        "UPDATE accounts SET merged_into = $1, email = $2, generation = generation + 1,
                sessions_from = generation + 1
         WHERE id = $3",
    )
    .bind(into.to_string())
    .bind(shell_address(from))
    .bind(from.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Below the top-level domain that has no mail (RFC 2606, section 2).
fn shell_address(account: AccountId) -> String {
    format!("{account}@merged.invalid")
}
