//! Requests for a checkword, checkwords, and the passwords they set.

use async_trait::async_trait;
use sqlx::FromRow;

use super::{Connection, accounts, addresses, mail, notices};
use crate::identity::{AccountId, UnixSeconds};
use crate::name;
use crate::store::encode::{octets, read_id};
use crate::store::notices::Notice;
use crate::store::recovery::{
    Checkword, MAX_RECOVERY_REQUESTS, NewCheckword, Recipient, Recovery, RecoveryRequest, Reset,
    ResetPassword, UnfinishedReset,
};
use crate::store::sql::{SqlStore, reading, reading_several, writing};
use crate::store::{
    Account, AccountState, AddressProof, CreateAccount, Holder, NewAccount, QueuedMail, Result,
    StoreError,
};

#[async_trait]
impl Recovery for SqlStore {
    async fn queue_recovery(&self, request: RecoveryRequest) -> Result<()> {
        writing!(self, c => queue(c, request.clone()))
    }

    async fn recovery_requests(&self, limit: u32) -> Result<Vec<RecoveryRequest>> {
        reading!(self, c => oldest(c, limit))
    }

    async fn answer_recovery(
        &self,
        request: &RecoveryRequest,
        answer: Option<(NewCheckword, QueuedMail)>,
        now: UnixSeconds,
    ) -> Result<bool> {
        if answer.is_some() {
            reading!(self, c => mail::require_room(c))?;
        }
        writing!(self, c => settle(c, request, answer.clone(), now))
    }

    async fn peek_checkword(&self, hash: &[u8; 32], now: UnixSeconds) -> Result<Checkword> {
        reading_several!(self, c => peek(c, hash, now))
    }

    async fn reset_password(
        &self,
        hash: &[u8; 32],
        new_password_hash: &str,
        now: UnixSeconds,
    ) -> Result<ResetPassword> {
        writing!(self, c => reset(c, hash, new_password_hash, now))
    }

    async fn unfinished_resets(&self, until: UnixSeconds) -> Result<Vec<UnfinishedReset>> {
        reading!(self, c => unfinished(c, until))
    }

    async fn reset_finished(&self, account: AccountId) -> Result<()> {
        writing!(self, c => finished(c, account))
    }

    async fn change_password(
        &self,
        account: AccountId,
        expected: &str,
        new: &str,
        now: UnixSeconds,
    ) -> Result<Option<u32>> {
        writing!(self, c => change(c, account, expected, new, now))
    }
}

async fn queue(connection: &mut Connection, request: RecoveryRequest) -> Result<()> {
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM recovery_requests")
        .fetch_one(&mut *connection)
        .await?;
    if waiting >= i64::from(MAX_RECOVERY_REQUESTS) {
        return Err(StoreError::Unavailable("too many people wait for a checkword".to_owned()));
    }
    sqlx::query(
        "INSERT INTO recovery_requests (id, address, language, asked_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(request.id.to_string())
    .bind(request.address)
    .bind(request.language)
    .bind(request.asked_at)
    .execute(connection)
    .await?;
    Ok(())
}

async fn oldest(connection: &mut Connection, limit: u32) -> Result<Vec<RecoveryRequest>> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT id, address, language, asked_at FROM recovery_requests
         ORDER BY asked_at, id LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    let request = |(id, address, language, asked_at): (String, String, String, i64)| {
        let id = read_id("recovery_requests.id", &id)?;
        Ok(RecoveryRequest { id, address, language, asked_at })
    };
    rows.into_iter().map(request).collect()
}

async fn settle(
    connection: &mut Connection,
    request: &RecoveryRequest,
    answer: Option<(NewCheckword, QueuedMail)>,
    now: UnixSeconds,
) -> Result<bool> {
    let removed = sqlx::query("DELETE FROM recovery_requests WHERE id = $1")
        .bind(request.id.to_string())
        .execute(&mut *connection)
        .await?;
    if removed.rows_affected() == 0 {
        return Ok(false);
    }
    if let Some((checkword, mail)) = answer {
        issue(connection, request, &checkword, now).await?;
        mail::queue(connection, mail, now).await?;
    }
    Ok(true)
}

/// The new one comes in place of all that were sent to the account or the address and not used.
async fn issue(
    connection: &mut Connection,
    request: &RecoveryRequest,
    checkword: &NewCheckword,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query("DELETE FROM checkwords WHERE sent_at <= $1 AND finished = 1")
        .bind(now - KEEP_SECONDS)
        .execute(&mut *connection)
        .await?;
    let hash = octets(&checkword.hash);
    let account = checkword.account.map(|account| account.to_string());
    sqlx::query(
        "UPDATE checkwords SET replaced_by = $1
         WHERE used_at IS NULL AND (address = $2 OR account = $3)",
    )
    .bind(&hash)
    .bind(&request.address)
    .bind(&account)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO checkwords (hash, account, address, language, sent_at, expires_at, finished)
         VALUES ($1, $2, $3, $4, $5, $6, 1)",
    )
    .bind(&hash)
    .bind(&account)
    .bind(&request.address)
    .bind(&request.language)
    .bind(now)
    .bind(checkword.expires_at)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    account: Option<String>,
    address: String,
    language: String,
    sent_at: i64,
    expires_at: i64,
    replaced_by: Option<String>,
    used_at: Option<i64>,
}

async fn find(connection: &mut Connection, hash: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as(
        "SELECT account, address, language, sent_at, expires_at, replaced_by, used_at
         FROM checkwords WHERE hash = $1",
    )
    .bind(hash)
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

async fn peek(connection: &mut Connection, hash: &[u8; 32], now: UnixSeconds) -> Result<Checkword> {
    match find(connection, &octets(hash)).await? {
        Some(row) => judge(connection, &row, now).await,
        None => Ok(Checkword::Unknown),
    }
}

async fn judge(connection: &mut Connection, row: &Row, now: UnixSeconds) -> Result<Checkword> {
    let account = row.account.as_deref().map(|id| read_id("checkwords.account", id)).transpose()?;
    let to = Recipient { account: account.map(AccountId), address: row.address.clone() };
    if row.used_at.is_some() {
        return Ok(Checkword::Used(to));
    }
    let newest = match &row.replaced_by {
        Some(newer) => find(connection, newer).await?,
        None => None,
    };
    Ok(match newest {
        Some(newest) if newest.used_at.is_some() => Checkword::Used(to),
        Some(newest) if now < newest.expires_at => {
            Checkword::Outdated { to, newer_sent_at: newest.sent_at }
        }
        Some(_) => Checkword::Expired(to),
        None if row.replaced_by.is_some() => Checkword::Unknown,
        None if now >= row.expires_at => Checkword::Expired(to),
        None if may_use(connection, &to).await? => Checkword::Live(to),
        None => Checkword::Unknown,
    })
}

/// Whether what was true when the mail went out still is: the account is active and holds the address, or
/// still nobody has proved it.
async fn may_use(connection: &mut Connection, to: &Recipient) -> Result<bool> {
    let holder = addresses::holder(connection, &to.address).await?;
    Ok(match (to.account, holder) {
        (None, Holder::None | Holder::Unproved(_)) => true,
        (Some(account), Holder::Proved(holder)) if holder == account => {
            let account = accounts::by_id(connection, account).await?;
            account.is_some_and(|account| account.state == AccountState::Active)
        }
        (None | Some(_), _) => false,
    })
}

async fn reset(
    connection: &mut Connection,
    hash: &[u8; 32],
    new_password_hash: &str,
    now: UnixSeconds,
) -> Result<ResetPassword> {
    let hash = octets(hash);
    let Some(row) = find(connection, &hash).await? else {
        return Ok(ResetPassword::Refused(Checkword::Unknown));
    };
    let to = match judge(connection, &row, now).await? {
        Checkword::Live(to) => to,
        dead => return Ok(ResetPassword::Refused(dead)),
    };
    let (account, displaced) = match to.account {
        Some(account) => {
            set_password(connection, account, &to.address, new_password_hash, now).await?;
            (account, None)
        }
        None => create(connection, &row, new_password_hash, now).await?,
    };
    spend(connection, &hash, account, displaced, now).await?;
    let account = must_be_there(accounts::by_id(connection, account).await?)?;
    Ok(ResetPassword::Done(Reset { account, created: to.account.is_none(), displaced }))
}

async fn set_password(
    connection: &mut Connection,
    account: AccountId,
    address: &str,
    password_hash: &str,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query("UPDATE accounts SET password_hash = $1 WHERE id = $2")
        .bind(password_hash)
        .bind(account.to_string())
        .execute(&mut *connection)
        .await?;
    accounts::end_sessions(connection, account).await?;
    addresses::add(connection, account, address, AddressProof::Mail, now).await?;
    let notice = Notice::password_changed(account);
    notices::tell_portals_of(connection, account, &notice, now * 1000).await
}

/// The account of somebody who was only known to portals so far, and whom it displaces.
async fn create(
    connection: &mut Connection,
    row: &Row,
    password_hash: &str,
    now: UnixSeconds,
) -> Result<(AccountId, Option<AccountId>)> {
    let new = NewAccount {
        email: row.address.clone(),
        proof: AddressProof::Mail,
        name: name_for(connection, &row.address).await?,
        password_hash: Some(password_hash.to_owned()),
        language: Some(row.language.clone()),
    };
    match accounts::create(connection, new, now).await? {
        CreateAccount::Created(account) => Ok((account.id, None)),
        CreateAccount::InsteadOf { account, displaced } => Ok((account.id, Some(displaced))),
        CreateAccount::EmailTaken(_) => {
            Err(StoreError::Corrupt("an address was taken within a transaction".to_owned()))
        }
    }
}

/// As a portal has it registered; else the address up to the `@`.
async fn name_for(connection: &mut Connection, address: &str) -> Result<String> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM imported_profiles WHERE email = $1 AND active = 1
         ORDER BY portal, local_id LIMIT 20",
    )
    .bind(address)
    .fetch_all(connection)
    .await?;
    let registered = names.iter().find_map(|registered| name::check(registered).ok());
    Ok(registered.unwrap_or_else(|| {
        let local = crate::email::local_part(address);
        name::check(local).unwrap_or_else(|_| address.chars().take(100).collect())
    }))
}

async fn spend(
    connection: &mut Connection,
    hash: &str,
    account: AccountId,
    displaced: Option<AccountId>,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "UPDATE checkwords SET used_at = $1, account = $2, displaced = $3, finished = 0
         WHERE hash = $4",
    )
    .bind(now)
    .bind(account.to_string())
    .bind(displaced.map(|account| account.to_string()))
    .bind(hash)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn unfinished(
    connection: &mut Connection,
    until: UnixSeconds,
) -> Result<Vec<UnfinishedReset>> {
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT account, displaced FROM checkwords
         WHERE finished = 0 AND used_at <= $1 AND account IS NOT NULL ORDER BY used_at LIMIT 100",
    )
    .bind(until)
    .fetch_all(connection)
    .await?;
    let reset = |(account, displaced): (String, Option<String>)| {
        let id = |text: &str| read_id("checkwords.account", text).map(AccountId);
        let displaced = displaced.as_deref().map(id).transpose()?;
        Ok(UnfinishedReset { account: id(&account)?, displaced })
    };
    rows.into_iter().map(reset).collect()
}

async fn finished(connection: &mut Connection, account: AccountId) -> Result<()> {
    sqlx::query("UPDATE checkwords SET finished = 1 WHERE account = $1 AND finished = 0")
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

async fn change(
    connection: &mut Connection,
    account: AccountId,
    expected: &str,
    new: &str,
    now: UnixSeconds,
) -> Result<Option<u32>> {
    if !accounts::replace_password_hash(connection, account, Some(expected), new).await? {
        return Ok(None);
    }
    let generation = accounts::end_sessions(connection, account).await?;
    sqlx::query("UPDATE checkwords SET used_at = $1 WHERE account = $2 AND used_at IS NULL")
        .bind(now)
        .bind(account.to_string())
        .execute(&mut *connection)
        .await?;
    let notice = Notice::password_changed(account);
    notices::tell_portals_of(connection, account, &notice, now * 1000).await?;
    Ok(Some(generation))
}

fn must_be_there(account: Option<Account>) -> Result<Account> {
    account.ok_or_else(|| StoreError::Corrupt("an account is gone within a transaction".to_owned()))
}

/// How long an old checkword is told from one that never was.
const KEEP_SECONDS: i64 = 7 * 24 * 60 * 60;
