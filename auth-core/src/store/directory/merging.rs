//! Merging accounts, and undoing it.

pub(super) mod taken;
mod undo;

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::FromRow;

use super::{Connection, accounts, addresses, notices, profiles};
use crate::identity::AccountId;
use crate::store::encode::{corrupt, new_id_ms, read_id};
use crate::store::joining::ProfileKey;
use crate::store::merging::{
    Merge, MergeOutcome, MergeRequest, Merging, Moved, MovedProfile, ReleasedProfile, Unmerged,
};
use crate::store::notices::Notice;
use crate::store::sqlite::{SqliteStore, reading, writing};
use crate::store::{Account, AccountState, AddressProof, Profile, Result, StoreError};

#[async_trait]
impl Merging for SqliteStore {
    async fn merge(&self, request: MergeRequest, now_ms: i64) -> Result<MergeOutcome> {
        writing!(self, c => merge(c, request, now_ms))
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
        reading!(self, c => of_account(c, account))
    }
}

#[derive(FromRow)]
struct MergeRow {
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

async fn of_account(connection: &mut Connection, account: AccountId) -> Result<Vec<Merge>> {
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
async fn in_force(
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
        let earlier = in_force(connection, from, into).await?;
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
    let moved = move_everything(connection, &gone, &request, now_ms).await?;
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
    write_down(connection, &merge).await?;
    Ok(MergeOutcome::Merged(Box::new(merge)))
}

fn may(account: &Account) -> bool {
    account.state == AccountState::Active && account.proof != AddressProof::None
}

async fn move_everything(
    connection: &mut Connection,
    gone: &Account,
    request: &MergeRequest,
    now_ms: i64,
) -> Result<Moved> {
    let (from, into) = (request.from, request.into);
    let held = addresses::of_account(connection, from).await?;
    let mut moved = Moved {
        primary: gone.email.clone(),
        addresses: held.into_iter().map(|address| address.address).collect(),
        ..Moved::default()
    };
    let (own, others) = (
        profiles::of_account(connection, into).await?,
        profiles::of_account(connection, from).await?,
    );
    let own: BTreeSet<&str> = own.iter().map(|profile| profile.portal.as_str()).collect();
    for profile in others {
        let both = own.contains(profile.portal.as_str());
        let stays = !both || request.from_stays_on.contains(&profile.portal);
        if both {
            let loser = if stays { into } else { from };
            let released = release(connection, loser, &profile.portal, &request.actor, now_ms);
            moved.released.extend(released.await?);
        }
        if stays {
            move_profile(connection, &profile, into, now_ms).await?;
            moved.profiles.push(MovedProfile::of(&profile));
        }
    }
    let taken = Hands { from, into };
    // Also those that have no profile: out of use, or withdrawn.
    moved.records = records_of(connection, from).await?;
    for key in &moved.records {
        move_record(connection, key, taken, &request.actor, now_ms).await?;
    }
    taken.over(connection, "UPDATE addresses SET account = $1 WHERE account = $2").await?;
    moved.links = taken
        .pairs(
            connection,
            "UPDATE links SET account = $1 WHERE account = $2 RETURNING issuer, subject",
        )
        .await?;
    moved.portals = taken
        .ids(connection, "UPDATE portals SET created_by = $1 WHERE created_by = $2 RETURNING id")
        .await?;
    moved.invitations = taken
        .ids(
            connection,
            "UPDATE invitations SET invited_by = $1 WHERE invited_by = $2 RETURNING id",
        )
        .await?;
    // Not written down: who asks for access asks again, or is in by way of the other account.
    taken
        .over(
            connection,
            "UPDATE access_requests SET account = $1 WHERE account = $2 AND portal NOT IN (
                 SELECT portal FROM access_requests WHERE account = $1
                 UNION SELECT portal FROM profiles WHERE account = $1)",
        )
        .await?;
    for left in [
        "DELETE FROM access_requests WHERE account <> $1 AND account = $2",
        "DELETE FROM checkwords WHERE account <> $1 AND account = $2",
    ] {
        taken.over(connection, left).await?;
    }
    Ok(moved)
}

/// From whom to whom: what the statements below bind, in the order `$1` into, `$2` from.
#[derive(Clone, Copy)]
struct Hands {
    from: AccountId,
    into: AccountId,
}

impl Hands {
    async fn over(self, connection: &mut Connection, sql: &'static str) -> Result<()> {
        sqlx::query(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn ids(self, connection: &mut Connection, sql: &'static str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .fetch_all(connection)
            .await?)
    }

    async fn pairs(
        self,
        connection: &mut Connection,
        sql: &'static str,
    ) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .fetch_all(connection)
            .await?)
    }
}

impl MovedProfile {
    fn of(profile: &Profile) -> Self {
        Self { portal: profile.portal.clone(), local_id: profile.local_id.clone() }
    }
}

/// Gives a profile to another account, which has none on that portal.
async fn move_profile(
    connection: &mut Connection,
    profile: &Profile,
    to: AccountId,
    now_ms: i64,
) -> Result<()> {
    let from = profile.account;
    sqlx::query("UPDATE profiles SET account = $1 WHERE account = $2 AND portal = $3")
        .bind(to.to_string())
        .bind(from.to_string())
        .bind(&profile.portal)
        .execute(&mut *connection)
        .await?;
    let gone = Notice::unjoined(from, profile.local_id.clone());
    notices::tell_portal(connection, &profile.portal, &gone, now_ms).await?;
    notices::tell_portal(connection, &profile.portal, &Notice::joined(to), now_ms).await
}

async fn records_of(connection: &mut Connection, account: AccountId) -> Result<Vec<ProfileKey>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT portal, local_id FROM imported_profiles WHERE account = $1
         ORDER BY portal, local_id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(portal, local_id)| ProfileKey { portal, local_id }).collect())
}

/// Gives a joined record to another account, and says so in the journal. Nothing, if it is not
/// [`Hands::from`]'s any more.
async fn move_record(
    connection: &mut Connection,
    key: &ProfileKey,
    hands: Hands,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    let moved = sqlx::query(
        "UPDATE imported_profiles SET account = $1
         WHERE account = $2 AND portal = $3 AND local_id = $4",
    )
    .bind(hands.into.to_string())
    .bind(hands.from.to_string())
    .bind(&key.portal)
    .bind(&key.local_id)
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    let proofs: Vec<String> = sqlx::query_scalar(
        "UPDATE joins SET undone_at_ms = $1, undone_by = $2
         WHERE account = $3 AND portal = $4 AND local_id = $5 AND undone_at_ms IS NULL
         RETURNING proof",
    )
    .bind(now_ms)
    .bind(actor)
    .bind(hands.from.to_string())
    .bind(&key.portal)
    .bind(&key.local_id)
    .fetch_all(&mut *connection)
    .await?;
    for proof in proofs {
        let (portal, local_id) = (&key.portal, &key.local_id);
        begin_join(connection, hands.into, portal, local_id, &proof, actor, now_ms).await?;
    }
    Ok(())
}

/// Takes a profile from its account; the record it came from is free again.
async fn release(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    actor: &str,
    now_ms: i64,
) -> Result<Option<ReleasedProfile>> {
    let Some(profile) = profiles::on_portal(connection, account, portal).await? else {
        return Ok(None);
    };
    sqlx::query("DELETE FROM profiles WHERE account = $1 AND portal = $2")
        .bind(account.to_string())
        .bind(portal)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE imported_profiles SET account = NULL, joined_at = NULL
         WHERE account = $1 AND portal = $2",
    )
    .bind(account.to_string())
    .bind(portal)
    .execute(&mut *connection)
    .await?;
    let joins = end_joins(connection, account, portal, actor, now_ms).await?;
    let notice = Notice::unjoined(account, profile.local_id.clone());
    notices::tell_portal(connection, portal, &notice, now_ms).await?;
    Ok(Some(ReleasedProfile {
        account,
        portal: profile.portal,
        local_id: profile.local_id,
        roles: profile.roles,
        display_name: profile.display_name,
        title: profile.title,
        joined_at: profile.joined_at,
        last_used_at: profile.last_used_at,
        join_proof: joins.into_iter().next().map(|(_, proof)| proof),
    }))
}

/// Writes into the journal that the account's joins on a portal are over; gives local id and proof of each.
async fn end_joins(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    actor: &str,
    now_ms: i64,
) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(
        "UPDATE joins SET undone_at_ms = $1, undone_by = $2
         WHERE account = $3 AND portal = $4 AND undone_at_ms IS NULL RETURNING local_id, proof",
    )
    .bind(now_ms)
    .bind(actor)
    .bind(account.to_string())
    .bind(portal)
    .fetch_all(connection)
    .await?)
}

async fn begin_join(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    local_id: &str,
    proof: &str,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new_id_ms(now_ms).to_string())
    .bind(now_ms)
    .bind(account.to_string())
    .bind(portal)
    .bind(local_id)
    .bind(proof)
    .bind(actor)
    .execute(connection)
    .await?;
    Ok(())
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

fn as_text(moved: &Moved) -> Result<String> {
    serde_json::to_string(moved)
        .map_err(|error| StoreError::Corrupt(format!("a merge was not written: {error}")))
}

async fn write_down(connection: &mut Connection, merge: &Merge) -> Result<()> {
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
