//! Accounts.

use sqlx::FromRow;

use super::Connection;
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::{corrupt, new_id, read_id, read_number};
use crate::store::{Account, AccountState, CreateAccount, NewAccount, Result, StoreError};

#[derive(FromRow)]
struct AccountRow {
    id: String,
    email: String,
    name: String,
    password_hash: Option<String>,
    state: String,
    generation: i64,
    language: Option<String>,
    created_at: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self> {
        let state = match row.state.as_str() {
            "active" => AccountState::Active,
            "disabled" => AccountState::Disabled,
            _ => return Err(corrupt("accounts.state")),
        };
        Ok(Self {
            id: AccountId(read_id("accounts.id", &row.id)?),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            state,
            generation: read_number("accounts.generation", row.generation)?,
            language: row.language,
            created_at: row.created_at,
        })
    }
}

pub(super) async fn create(
    connection: &mut Connection,
    new: NewAccount,
    now: UnixSeconds,
) -> Result<CreateAccount> {
    let account = Account {
        id: AccountId(new_id(now)),
        email: new.email,
        name: new.name,
        password_hash: new.password_hash,
        state: AccountState::Active,
        generation: FIRST_GENERATION,
        language: new.language,
        created_at: now,
    };
    let inserted = sqlx::query(
        "INSERT INTO accounts (id, email, name, password_hash, state, generation, language, created_at)
         VALUES ($1, $2, $3, $4, 'active', $5, $6, $7)
         ON CONFLICT (email) DO NOTHING",
    )
    .bind(account.id.to_string())
    .bind(&account.email)
    .bind(&account.name)
    .bind(&account.password_hash)
    .bind(i64::from(account.generation))
    .bind(&account.language)
    .bind(account.created_at)
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(CreateAccount::Created(account));
    }
    let owner = by_email(connection, &account.email).await?.ok_or_else(|| {
        StoreError::Unavailable("the address was taken and given up meanwhile".to_owned())
    })?;
    Ok(CreateAccount::EmailTaken(owner.id))
}

pub(super) async fn by_id(connection: &mut Connection, id: AccountId) -> Result<Option<Account>> {
    let row: Option<AccountRow> = sqlx::query_as(
        "SELECT id, email, name, password_hash, state, generation, language, created_at
         FROM accounts WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(connection)
    .await?;
    row.map(Account::try_from).transpose()
}

pub(super) async fn by_email(connection: &mut Connection, email: &str) -> Result<Option<Account>> {
    let row: Option<AccountRow> = sqlx::query_as(
        "SELECT id, email, name, password_hash, state, generation, language, created_at
         FROM accounts WHERE email = $1",
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
        "SELECT id, email, name, password_hash, state, generation, language, created_at
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

pub(super) async fn update(
    connection: &mut Connection,
    id: AccountId,
    name: &str,
    language: Option<&str>,
) -> Result<()> {
    let updated = sqlx::query("UPDATE accounts SET name = $1, language = $2 WHERE id = $3")
        .bind(name)
        .bind(language)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    must_exist(id, updated.rows_affected())
}

pub(super) async fn set_state(
    connection: &mut Connection,
    id: AccountId,
    state: AccountState,
) -> Result<()> {
    let (state, raised_by) = match state {
        AccountState::Active => ("active", 0_i64),
        AccountState::Disabled => ("disabled", 1),
    };
    let updated =
        sqlx::query("UPDATE accounts SET state = $1, generation = generation + $2 WHERE id = $3")
            .bind(state)
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

/// Profiles go with it, by their foreign key.
pub(super) async fn delete(connection: &mut Connection, id: AccountId) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM accounts WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

fn must_exist(id: AccountId, rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(no_such(id)) }
}

fn no_such(id: AccountId) -> StoreError {
    StoreError::Corrupt(format!("there is no account {id}"))
}

const FIRST_GENERATION: u32 = 1;
