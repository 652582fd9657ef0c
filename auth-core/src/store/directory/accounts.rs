//! Accounts.

use sqlx::FromRow;

use super::{Connection, addresses};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::{corrupt, folded, new_id, read_id, read_number};
use crate::store::{
    Account, AccountState, AddressProof, CreateAccount, Holder, NewAccount, Result, StoreError,
};

#[derive(FromRow)]
struct AccountRow {
    id: String,
    email: String,
    proof: Option<String>,
    name: String,
    password_hash: Option<String>,
    state: String,
    delete_at: Option<i64>,
    merged_into: Option<String>,
    generation: i64,
    sessions_from: i64,
    language: Option<String>,
    time_zone: Option<String>,
    phone: Option<String>,
    created_at: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self> {
        let state = match (row.state.as_str(), row.delete_at, row.merged_into) {
            (_, _, Some(into)) => {
                AccountState::Merged { into: AccountId(read_id("accounts.merged_into", &into)?) }
            }
            ("disabled", ..) => AccountState::Disabled,
            ("active", Some(delete_at), None) => AccountState::Leaving { delete_at },
            ("active", None, None) => AccountState::Active,
            _ => return Err(corrupt("accounts.state")),
        };
        // One whose address went to another account has proved nothing.
        let proof = row.proof.as_deref().map_or(Ok(AddressProof::None), addresses::read_proof)?;
        Ok(Self {
            id: AccountId(read_id("accounts.id", &row.id)?),
            email: row.email,
            proof,
            name: row.name,
            password_hash: row.password_hash,
            state,
            generation: read_number("accounts.generation", row.generation)?,
            sessions_from: read_number("accounts.sessions_from", row.sessions_from)?,
            language: row.language,
            time_zone: row.time_zone,
            phone: row.phone,
            created_at: row.created_at,
        })
    }
}

pub(super) async fn create(
    connection: &mut Connection,
    new: NewAccount,
    now: UnixSeconds,
) -> Result<CreateAccount> {
    let displaced = match addresses::holder(connection, &new.email).await? {
        Holder::None => None,
        Holder::Unproved(holder) if new.proof != AddressProof::None => {
            addresses::displace(connection, holder, &new.email, now).await?;
            Some(holder)
        }
        Holder::Proved(holder) | Holder::Unproved(holder) => {
            return Ok(CreateAccount::EmailTaken(holder));
        }
    };
    let account = insert(connection, new, now).await?;
    Ok(match displaced {
        None => CreateAccount::Created(account),
        Some(displaced) => CreateAccount::InsteadOf { account, displaced },
    })
}

async fn insert(connection: &mut Connection, new: NewAccount, now: UnixSeconds) -> Result<Account> {
    let account = Account {
        id: AccountId(new_id(now)),
        email: new.email,
        proof: new.proof,
        name: new.name,
        password_hash: new.password_hash,
        state: AccountState::Active,
        generation: FIRST_GENERATION,
        sessions_from: 0,
        language: new.language,
        time_zone: None,
        phone: None,
        created_at: now,
    };
    sqlx::query(
        "INSERT INTO accounts (id, email, name, name_key, password_hash, state, generation, language,
                               created_at)
         VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8)",
    )
    .bind(account.id.to_string())
    .bind(&account.email)
    .bind(&account.name)
    .bind(folded(&account.name))
    .bind(&account.password_hash)
    .bind(i64::from(account.generation))
    .bind(&account.language)
    .bind(account.created_at)
    .execute(&mut *connection)
    .await?;
    addresses::insert(connection, account.id, &account.email, account.proof, now).await?;
    Ok(account)
}

pub(super) async fn by_id(connection: &mut Connection, id: AccountId) -> Result<Option<Account>> {
    let row: Option<AccountRow> = sqlx::query_as(
        "SELECT id, email, proof, name, password_hash, state, delete_at, merged_into, generation,
                sessions_from, language, time_zone, phone, created_at
         FROM accounts LEFT JOIN addresses ON address = email AND account = id
         WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(Account::try_from).transpose()
}

pub(super) async fn by_email(connection: &mut Connection, email: &str) -> Result<Option<Account>> {
    let row: Option<AccountRow> = sqlx::query_as(
        "SELECT id, email, primary_one.proof AS proof, name, password_hash, state, delete_at,
                merged_into, generation, sessions_from, language, time_zone, phone, created_at
         FROM addresses AS held JOIN accounts ON id = held.account
         LEFT JOIN addresses AS primary_one
                ON primary_one.address = email AND primary_one.account = id
         WHERE held.address = $1 AND held.proof <> 'none'",
    )
    .bind(email)
    .fetch_optional(connection)
    .await?;
    row.map(Account::try_from).transpose()
}

pub(super) async fn page(
    connection: &mut Connection,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>> {
    let rows: Vec<AccountRow> = sqlx::query_as(
        // Not joined: PostgreSQL does not know how short a page is, and would go through all addresses for each.
        "SELECT id, email,
                (SELECT proof FROM addresses WHERE address = email AND account = id) AS proof,
                name, password_hash, state, delete_at, merged_into, generation,
                sessions_from, language, time_zone, phone, created_at
         FROM accounts WHERE id > $1 ORDER BY id LIMIT $2",
    )
    // Every id is greater than the empty text.
    .bind(after.map(|id| id.to_string()).unwrap_or_default())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(super) async fn replace_password_hash(
    connection: &mut Connection,
    id: AccountId,
    expected: Option<&str>,
    new: &str,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE accounts SET password_hash = $1
         WHERE id = $2 AND password_hash IS NOT DISTINCT FROM $3",
    )
    .bind(new)
    .bind(id.to_string())
    .bind(expected)
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn set_state(
    connection: &mut Connection,
    id: AccountId,
    state: AccountState,
) -> Result<()> {
    let (state, delete_at, raised_by) = match state {
        AccountState::Active => ("active", None, 0_i64),
        AccountState::Disabled => ("disabled", None, 1),
        AccountState::Leaving { delete_at } => ("active", Some(delete_at), 1),
        // Only a merge does that, with everything it moves.
        AccountState::Merged { .. } => return Err(corrupt("accounts.merged_into")),
    };
    let updated = sqlx::query(
        "UPDATE accounts SET state = $1, delete_at = $2, generation = generation + $3,
                sessions_from = CASE WHEN $3 = 1 THEN generation + 1 ELSE sessions_from END
         WHERE id = $4 AND merged_into IS NULL",
    )
    .bind(state)
    .bind(delete_at)
    .bind(raised_by)
    .bind(id.to_string())
    .execute(connection)
    .await?;
    must_exist(id, updated.rows_affected())
}

pub(super) async fn raise_generation(connection: &mut Connection, id: AccountId) -> Result<u32> {
    let generation: Option<i64> = sqlx::query_scalar(
        "UPDATE accounts SET generation = generation + 1 WHERE id = $1 RETURNING generation",
    )
    .bind(id.to_string())
    .fetch_optional(connection)
    .await?;
    let generation = generation.ok_or_else(|| no_such(id))?;
    read_number("accounts.generation", generation)
}

/// As [`raise_generation`]; sessions from before are over.
pub(super) async fn end_sessions(connection: &mut Connection, id: AccountId) -> Result<u32> {
    let generation = raise_generation(&mut *connection, id).await?;
    sqlx::query("UPDATE accounts SET sessions_from = generation WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(generation)
}

pub(super) fn must_exist(id: AccountId, rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(no_such(id)) }
}

pub(super) fn no_such(id: AccountId) -> StoreError {
    StoreError::Corrupt(format!("there is no account {id}"))
}

const FIRST_GENERATION: u32 = 1;
