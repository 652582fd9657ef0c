//! What moves when one account becomes part of another, and what has to give way.

use std::collections::BTreeSet;

use super::hands::{Hands, move_profile, move_record};
use crate::identity::AccountId;
use crate::store::directory::{Connection, addresses, notices, profiles};
use crate::store::joining::ProfileKey;
use crate::store::merging::{MergeRequest, Moved, MovedProfile, ReleasedProfile};
use crate::store::notices::Notice;
use crate::store::{Account, Profile, Result};

pub(super) async fn everything(
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

impl MovedProfile {
    fn of(profile: &Profile) -> Self {
        Self { portal: profile.portal.clone(), local_id: profile.local_id.clone() }
    }
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
