//! Links to accounts at identity providers.

use async_trait::async_trait;
use sqlx::FromRow;

use super::{Connection, accounts, addresses};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::read_id;
use crate::store::links::{CreateLinked, Link, LinkOutcome, Links, NewLink, Unlinked};
use crate::store::sql::{SqlStore, marking, reading, writing};
use crate::store::{
    AccountState, AddressProof, CreateAccount, Holder, NewAccount, Result, StoreError,
};

#[async_trait]
impl Links for SqlStore {
    async fn link(
        &self,
        account: AccountId,
        generation: u32,
        link: NewLink,
        now: UnixSeconds,
    ) -> Result<LinkOutcome> {
        writing!(self, c => add(c, account, generation, link.clone(), now))
    }

    async fn create_linked_account(
        &self,
        new: NewAccount,
        link: NewLink,
        now: UnixSeconds,
    ) -> Result<CreateLinked> {
        writing!(self, c => create_account(c, new.clone(), link.clone(), now))
    }

    async fn linked(&self, issuer: &str, subject: &str) -> Result<Option<Link>> {
        reading!(self, c => find(c, issuer, subject))
    }

    async fn links(&self, account: AccountId) -> Result<Vec<Link>> {
        reading!(self, c => of_account(c, account))
    }

    async fn unlink(
        &self,
        account: AccountId,
        issuer: &str,
        subject: &str,
        providers: &[String],
    ) -> Result<Unlinked> {
        writing!(self, c => remove(c, account, issuer, subject, providers))
    }

    async fn touch_link(&self, link: &NewLink, now: UnixSeconds) -> Result<()> {
        marking!(self, c => touch(c, link, now))
    }
}

#[derive(FromRow)]
struct LinkRow {
    issuer: String,
    subject: String,
    account: String,
    provider: String,
    name: Option<String>,
    email: Option<String>,
    linked_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<LinkRow> for Link {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self> {
        Ok(Self {
            issuer: row.issuer,
            subject: row.subject,
            account: AccountId(read_id("links.account", &row.account)?),
            provider: row.provider,
            name: row.name,
            email: row.email,
            linked_at: row.linked_at,
            last_used_at: row.last_used_at,
        })
    }
}

async fn add(
    connection: &mut Connection,
    account: AccountId,
    generation: u32,
    link: NewLink,
    now: UnixSeconds,
) -> Result<LinkOutcome> {
    let owner = find(connection, &link.issuer, &link.subject).await?.map(|link| link.account);
    if let Some(owner) = owner.filter(|owner| *owner != account) {
        return Ok(LinkOutcome::Elsewhere(owner));
    }
    let found = accounts::by_id(connection, account).await?;
    let may = found.filter(|account| {
        account.state == AccountState::Active && account.proof != AddressProof::None
    });
    let Some(found) = may else {
        return Ok(LinkOutcome::Refused);
    };
    if found.sessions_from > generation {
        return Ok(LinkOutcome::Outdated);
    }
    if owner.is_none() {
        insert(connection, account, &link, now).await?;
    }
    Ok(LinkOutcome::Linked)
}

async fn create_account(
    connection: &mut Connection,
    new: NewAccount,
    link: NewLink,
    now: UnixSeconds,
) -> Result<CreateLinked> {
    if let Some(link) = find(connection, &link.issuer, &link.subject).await? {
        return Ok(CreateLinked::Elsewhere(link.account));
    }
    let holder = addresses::holder(connection, &new.email).await?;
    // Not even an unproved holder gives way here: that takes a mailed proof.
    if holder != Holder::None || new.proof == AddressProof::None {
        return Ok(CreateLinked::Held(holder));
    }
    match accounts::create(connection, new, now).await? {
        CreateAccount::Created(account) | CreateAccount::InsteadOf { account, .. } => {
            insert(connection, account.id, &link, now).await?;
            Ok(CreateLinked::Created(account))
        }
        CreateAccount::EmailTaken(owner) => Ok(CreateLinked::Held(Holder::Proved(owner))),
    }
}

async fn insert(
    connection: &mut Connection,
    account: AccountId,
    link: &NewLink,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO links (issuer, subject, account, provider, name, email, linked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&link.issuer)
    .bind(&link.subject)
    .bind(account.to_string())
    .bind(&link.provider)
    .bind(&link.name)
    .bind(&link.email)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

async fn find(connection: &mut Connection, issuer: &str, subject: &str) -> Result<Option<Link>> {
    let row: Option<LinkRow> = sqlx::query_as(
        "SELECT issuer, subject, account, provider, name, email, linked_at, last_used_at
         FROM links WHERE issuer = $1 AND subject = $2",
    )
    .bind(issuer)
    .bind(subject)
    .fetch_optional(connection)
    .await?;
    row.map(Link::try_from).transpose()
}

async fn of_account(connection: &mut Connection, account: AccountId) -> Result<Vec<Link>> {
    let rows: Vec<LinkRow> = sqlx::query_as(
        "SELECT issuer, subject, account, provider, name, email, linked_at, last_used_at
         FROM links WHERE account = $1 ORDER BY linked_at, issuer, subject",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Link::try_from).collect()
}

/// What is left is looked at in the transaction: two that remove each other's last companion wait.
async fn remove(
    connection: &mut Connection,
    account: AccountId,
    issuer: &str,
    subject: &str,
    providers: &[String],
) -> Result<Unlinked> {
    let (wanted, others): (Vec<Link>, Vec<Link>) = of_account(connection, account)
        .await?
        .into_iter()
        .partition(|link| link.issuer == issuer && link.subject == subject);
    if wanted.is_empty() {
        return Ok(Unlinked::NotThere);
    }
    let found = accounts::by_id(connection, account).await?;
    let password = found.is_some_and(|account| account.password_hash.is_some());
    if !password && !others.iter().any(|link| providers.contains(&link.provider)) {
        return Ok(Unlinked::LastWayIn);
    }
    sqlx::query("DELETE FROM links WHERE issuer = $1 AND subject = $2 AND account = $3")
        .bind(issuer)
        .bind(subject)
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(Unlinked::Done)
}

async fn touch(connection: &mut Connection, link: &NewLink, now: UnixSeconds) -> Result<()> {
    sqlx::query(
        "UPDATE links SET last_used_at = $1, name = COALESCE($2, name), email = COALESCE($3, email)
         WHERE issuer = $4 AND subject = $5",
    )
    .bind(now)
    .bind(&link.name)
    .bind(&link.email)
    .bind(&link.issuer)
    .bind(&link.subject)
    .execute(connection)
    .await?;
    Ok(())
}
