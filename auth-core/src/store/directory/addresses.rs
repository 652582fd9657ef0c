//! The addresses that accounts hold.

use super::{Connection, accounts, deletion, notices};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::{corrupt, read_id};
use crate::store::notices::Notice;
use crate::store::{AccountState, AddAddress, Address, AddressProof, Holder, Result};

pub(super) async fn holder(connection: &mut Connection, address: &str) -> Result<Holder> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT account, proof FROM addresses WHERE address = $1")
            .bind(address)
            .fetch_optional(connection)
            .await?;
    let Some((account, proof)) = row else {
        return Ok(Holder::None);
    };
    let account = AccountId(read_id("addresses.account", &account)?);
    Ok(match read_proof(&proof)? {
        AddressProof::None => Holder::Unproved(account),
        AddressProof::Provider | AddressProof::Mail | AddressProof::Operator => {
            Holder::Proved(account)
        }
    })
}

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<Address>> {
    let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "SELECT address, proof, CAST(CASE WHEN address = accounts.email THEN 1 ELSE 0 END AS BIGINT),
                added_at
         FROM addresses JOIN accounts ON accounts.id = addresses.account
         WHERE addresses.account = $1
         ORDER BY 3 DESC, added_at, address",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    let address = |(address, proof, primary, added_at): (String, String, i64, i64)| {
        Ok(Address { address, proof: read_proof(&proof)?, primary: primary == 1, added_at })
    };
    rows.into_iter().map(address).collect()
}

/// As [`add`], if the account is active and its sessions of `generation` are not over.
pub(super) async fn add_to_active(
    connection: &mut Connection,
    account: AccountId,
    generation: u32,
    address: &str,
    proof: AddressProof,
    now: UnixSeconds,
) -> Result<AddAddress> {
    let owner = accounts::by_id(connection, account).await?;
    let may = owner.is_some_and(|owner| {
        owner.state == AccountState::Active && owner.sessions_from <= generation
    });
    if !may {
        return Ok(AddAddress::Outdated);
    }
    add(connection, account, address, proof, now).await
}

/// A proof is strengthened, never weakened. An account that has proved nothing does not outlive its last
/// address.
pub(super) async fn add(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
    proof: AddressProof,
    now: UnixSeconds,
) -> Result<AddAddress> {
    let displaced = match holder(connection, address).await? {
        Holder::Proved(owner) | Holder::Unproved(owner) if owner == account => {
            strengthen(connection, account, address, proof).await?;
            return Ok(AddAddress::Added);
        }
        Holder::Proved(owner) => return Ok(AddAddress::Taken(owner)),
        Holder::Unproved(owner) => {
            displace(connection, owner, address, now).await?;
            Some(owner)
        }
        Holder::None => None,
    };
    insert(connection, account, address, proof, now).await?;
    Ok(displaced.map_or(AddAddress::Added, AddAddress::InsteadOf))
}

async fn strengthen(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
    proof: AddressProof,
) -> Result<()> {
    let before: String = sqlx::query_scalar("SELECT proof FROM addresses WHERE address = $1")
        .bind(address)
        .fetch_one(&mut *connection)
        .await?;
    let before = read_proof(&before)?;
    if before >= proof {
        return Ok(());
    }
    sqlx::query("UPDATE addresses SET proof = $1 WHERE address = $2")
        .bind(proof.as_str())
        .bind(address)
        .execute(&mut *connection)
        .await?;
    if before == AddressProof::None {
        // Tokens made before say nothing of the address.
        accounts::raise_generation(connection, account).await?;
    }
    Ok(())
}

pub(super) async fn insert(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
    proof: AddressProof,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO addresses (address, account, proof, added_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(address)
    .bind(account.to_string())
    .bind(proof.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes an unproved address from its holder, which is deleted if it has proved no other.
pub(super) async fn displace(
    connection: &mut Connection,
    holder: AccountId,
    address: &str,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query("DELETE FROM addresses WHERE address = $1")
        .bind(address)
        .execute(&mut *connection)
        .await?;
    let proved: i64 =
        sqlx::query_scalar("SELECT count(*) FROM addresses WHERE account = $1 AND proof <> 'none'")
            .bind(holder.to_string())
            .fetch_one(&mut *connection)
            .await?;
    if proved == 0 {
        deletion::delete(connection, holder, now).await?;
    }
    Ok(())
}

/// As [`set_primary`]; portals are told.
pub(super) async fn choose_primary(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
    now: UnixSeconds,
) -> Result<bool> {
    let done = set_primary(connection, account, address).await?;
    if done {
        let notice = Notice::profile_updated(account);
        notices::tell_portals_of(connection, account, &notice, now * 1000).await?;
    }
    Ok(done)
}

pub(super) async fn set_primary(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE accounts SET email = $1
         WHERE id = $2 AND EXISTS (
             SELECT 1 FROM addresses WHERE address = $1 AND account = $2 AND proof <> 'none')",
    )
    .bind(address)
    .bind(account.to_string())
    .execute(&mut *connection)
    .await?;
    let done = updated.rows_affected() == 1;
    if done {
        accounts::raise_generation(connection, account).await?;
    }
    Ok(done)
}

pub(super) async fn remove(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
) -> Result<bool> {
    let deleted = sqlx::query(
        "DELETE FROM addresses WHERE address = $1 AND account = $2
         AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = $2 AND email = $1)",
    )
    .bind(address)
    .bind(account.to_string())
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected() == 1)
}

pub(super) fn read_proof(text: &str) -> Result<AddressProof> {
    Ok(match text {
        "none" => AddressProof::None,
        "provider" => AddressProof::Provider,
        "mail" => AddressProof::Mail,
        "operator" => AddressProof::Operator,
        _ => return Err(corrupt("addresses.proof")),
    })
}
