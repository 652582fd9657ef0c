//! Undoing a merge: what moved, and is still where it moved to, goes back.

use super::hands::{Hands, begin_join, move_profile, move_record};
use super::written::in_force;
use crate::identity::AccountId;
use crate::store::directory::{Connection, accounts, addresses, notices, profiles};
use crate::store::encode::list;
use crate::store::joining::ProfileKey;
use crate::store::merging::{Merge, ReleasedProfile, Unmerged};
use crate::store::notices::Notice;
use crate::store::{AccountState, AddressProof, Result};

pub(super) async fn unmerge(
    connection: &mut Connection,
    from: AccountId,
    into: AccountId,
    actor: &str,
    now_ms: i64,
) -> Result<Unmerged> {
    let shell = accounts::by_id(connection, from).await?;
    let merge = in_force(connection, from, into).await?;
    let merged = shell.is_some_and(|shell| shell.state == (AccountState::Merged { into }));
    let Some(merge) = merge.filter(|_| merged) else {
        return Ok(Unmerged::NotMerged);
    };
    let owner = accounts::by_id(connection, into).await?;
    let elsewhere = |state| matches!(state, AccountState::Merged { .. });
    if owner.is_none_or(|owner| elsewhere(owner.state)) {
        return Ok(Unmerged::Impossible);
    }
    let Some(primary) = give_addresses_back(connection, &merge).await? else {
        return Ok(Unmerged::Impossible);
    };
    // Before its profiles: portals are told who is back.
    reopen(connection, from, &primary).await?;
    give_profiles_back(connection, &merge, actor, now_ms).await?;
    give_rest_back(connection, &merge).await?;
    for released in &merge.moved.released {
        restore(connection, released, actor, now_ms).await?;
    }
    accounts::raise_generation(connection, into).await?;
    sqlx::query("UPDATE merges SET undone_at_ms = $1, undone_by = $2 WHERE id = $3")
        .bind(now_ms)
        .bind(actor)
        .bind(merge.id.to_string())
        .execute(connection)
        .await?;
    Ok(Unmerged::Done)
}

/// Gives the primary address of the account that comes back; `None`, and nothing written, when no address
/// is left for it. An account never loses its last one by this: what it has made its primary address stays
/// with it if it has no other.
async fn give_addresses_back(connection: &mut Connection, merge: &Merge) -> Result<Option<String>> {
    let held = addresses::of_account(connection, merge.into).await?;
    let moved = |address: &str| merge.moved.addresses.iter().any(|moved| moved == address);
    let own = held.iter().find(|held| !moved(&held.address) && held.proof != AddressProof::None);
    let mut back: Vec<&str> = Vec::new();
    for address in held.iter().filter(|held| moved(&held.address)) {
        match own {
            None if address.primary => {}
            Some(_) | None => back.push(&address.address),
        }
    }
    let wanted = back.iter().find(|address| **address == merge.moved.primary);
    let Some(primary) = wanted.or(back.first()).map(|&address| address.to_owned()) else {
        return Ok(None);
    };
    let loses_primary = held.iter().any(|held| held.primary && back.contains(&&*held.address));
    if let (true, Some(own)) = (loses_primary, own) {
        addresses::set_primary(connection, merge.into, &own.address).await?;
    }
    for address in back {
        sqlx::query("UPDATE addresses SET account = $1 WHERE address = $2 AND account = $3")
            .bind(merge.from.to_string())
            .bind(address)
            .bind(merge.into.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(Some(primary))
}

/// A profile with another local id than the one that moved is a later one, and not the other account's. One
/// that a moved record has given since is.
async fn give_profiles_back(
    connection: &mut Connection,
    merge: &Merge,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    for moved in &merge.moved.profiles {
        give_profile_back(connection, merge, &moved.portal, moved.local_id.as_ref(), now_ms)
            .await?;
    }
    let hands = Hands { from: merge.into, into: merge.from };
    for key in &merge.moved.records {
        if belongs_to(connection, key, merge.into).await?
            && give_profile_back(connection, merge, &key.portal, Some(&key.local_id), now_ms)
                .await?
        {
            move_record(connection, key, hands, actor, now_ms).await?;
        }
    }
    Ok(())
}

/// False: it stays where it is, because the account that comes back has got one there meanwhile.
async fn give_profile_back(
    connection: &mut Connection,
    merge: &Merge,
    portal: &str,
    local_id: Option<&String>,
    now_ms: i64,
) -> Result<bool> {
    let found = profiles::on_portal(connection, merge.into, portal).await?;
    let Some(profile) = found.filter(|profile| profile.local_id.as_ref() == local_id) else {
        return Ok(true);
    };
    if profiles::on_portal(connection, merge.from, portal).await?.is_some() {
        return Ok(false);
    }
    move_profile(connection, &profile, merge.from, now_ms).await?;
    Ok(true)
}

async fn belongs_to(
    connection: &mut Connection,
    key: &ProfileKey,
    account: AccountId,
) -> Result<bool> {
    let found: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM imported_profiles
         WHERE account = $1 AND portal = $2 AND local_id = $3",
    )
    .bind(account.to_string())
    .bind(&key.portal)
    .bind(&key.local_id)
    .fetch_one(connection)
    .await?;
    Ok(found == 1)
}

async fn give_rest_back(connection: &mut Connection, merge: &Merge) -> Result<()> {
    let (from, into) = (merge.from.to_string(), merge.into.to_string());
    for (issuer, subject) in &merge.moved.links {
        sqlx::query(
            "UPDATE links SET account = $1 WHERE account = $2 AND issuer = $3 AND subject = $4",
        )
        .bind(&from)
        .bind(&into)
        .bind(issuer)
        .bind(subject)
        .execute(&mut *connection)
        .await?;
    }
    for (ids, sql) in [
        (
            &merge.moved.portals,
            "UPDATE portals SET created_by = $1 WHERE created_by = $2 AND id = $3",
        ),
        (
            &merge.moved.invitations,
            "UPDATE invitations SET invited_by = $1 WHERE invited_by = $2 AND id = $3",
        ),
    ] {
        for id in ids {
            sqlx::query(sql).bind(&from).bind(&into).bind(id).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// Puts a released profile back, if its place is empty and nobody has joined its record since. One whose portal
/// has put the person out in the meantime is no longer written down ([`super::taken`]).
async fn restore(
    connection: &mut Connection,
    released: &ReleasedProfile,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    let (account, portal) = (released.account, released.portal.as_str());
    if profiles::on_portal(connection, account, portal).await?.is_some() {
        return Ok(());
    }
    if let (Some(proof), Some(local_id)) = (&released.join_proof, &released.local_id) {
        let joined = sqlx::query(
            "UPDATE imported_profiles SET account = $1, joined_at = $4
             WHERE portal = $2 AND local_id = $3 AND account IS NULL AND active = 1
               AND withdrawn_at IS NULL",
        )
        .bind(account.to_string())
        .bind(portal)
        .bind(local_id)
        .bind(now_ms.div_euclid(1000))
        .execute(&mut *connection)
        .await?;
        if joined.rows_affected() == 0 {
            return Ok(());
        }
        begin_join(connection, account, portal, local_id, proof, actor, now_ms).await?;
    }
    sqlx::query(
        "INSERT INTO profiles
             (account, portal, local_id, roles, display_name, title, joined_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(account.to_string())
    .bind(portal)
    .bind(&released.local_id)
    .bind(list(&released.roles))
    .bind(&released.display_name)
    .bind(&released.title)
    .bind(released.joined_at)
    .bind(released.last_used_at)
    .execute(&mut *connection)
    .await?;
    notices::tell_portal(connection, portal, &Notice::joined(account), now_ms).await
}

async fn reopen(connection: &mut Connection, account: AccountId, primary: &str) -> Result<()> {
    sqlx::query(
        "UPDATE accounts SET merged_into = NULL, email = $1, generation = generation + 1
         WHERE id = $2",
    )
    .bind(primary)
    .bind(account.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
