//! Requests for access. One is open while it has not expired and the person has no profile there, however
//! that came about.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, profiles};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::access::{AccessRequest, AskForAccess};
use crate::store::encode::{new_id, read_id};
use crate::store::{Profile, Result, StoreError};

#[derive(FromRow)]
struct RequestRow {
    id: String,
    portal: String,
    account: String,
    name: String,
    email: String,
    asked_at: i64,
    expires_at: i64,
}

impl TryFrom<RequestRow> for AccessRequest {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self> {
        Ok(Self {
            id: read_id("access_requests.id", &row.id)?,
            account: AccountId(read_id("access_requests.account", &row.account)?),
            portal: row.portal,
            name: row.name,
            email: row.email,
            asked_at: row.asked_at,
            expires_at: row.expires_at,
        })
    }
}

/// Open requests for the portal $1 at the second $2.
macro_rules! select_open {
    ($($more:literal)+) => {
        concat!(
            "SELECT access_requests.id, portal, account, name, email, asked_at, expires_at
             FROM access_requests JOIN accounts ON accounts.id = account
             WHERE portal = $1 AND expires_at > $2
               AND NOT EXISTS (SELECT 1 FROM profiles
                               WHERE profiles.portal = access_requests.portal
                                 AND profiles.account = access_requests.account) ",
            $($more),+
        )
    };
}

/// Of those, the ones that somebody on the portal sees and answers.
macro_rules! select_answerable {
    ($more:literal) => {
        select_open!(
            "AND accounts.state = 'active' AND accounts.merged_into IS NULL
             AND accounts.delete_at IS NULL "
            $more
        )
    };
}

pub(super) async fn open(
    connection: &mut Connection,
    portal: &str,
    account: AccountId,
    now: UnixSeconds,
    expires_at: UnixSeconds,
) -> Result<AskForAccess> {
    if profiles::on_portal(connection, account, portal).await?.is_some() {
        return Ok(AskForAccess::Member);
    }
    // Nobody sweeps them: each new one takes along what is out of date.
    sqlx::query("DELETE FROM access_requests WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut *connection)
        .await?;
    let inserted = sqlx::query(
        "INSERT INTO access_requests (id, portal, account, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (portal, account) DO NOTHING",
    )
    .bind(new_id(now).to_string())
    .bind(portal)
    .bind(account.to_string())
    .bind(now)
    .bind(expires_at)
    .execute(connection)
    .await?;
    Ok(if inserted.rows_affected() == 1 { AskForAccess::Asked } else { AskForAccess::AskedBefore })
}

pub(super) async fn of_account(
    connection: &mut Connection,
    portal: &str,
    account: AccountId,
    now: UnixSeconds,
) -> Result<Option<AccessRequest>> {
    let row: Option<RequestRow> = sqlx::query_as(select_open!("AND account = $3"))
        .bind(portal)
        .bind(now)
        .bind(account.to_string())
        .fetch_optional(connection)
        .await?;
    row.map(AccessRequest::try_from).transpose()
}

pub(super) async fn of_portal(
    connection: &mut Connection,
    portal: &str,
    now: UnixSeconds,
    limit: u32,
) -> Result<Vec<AccessRequest>> {
    let rows: Vec<RequestRow> =
        sqlx::query_as(select_answerable!("ORDER BY asked_at, access_requests.id LIMIT $3"))
            .bind(portal)
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(AccessRequest::try_from).collect()
}

pub(super) async fn answer(
    connection: &mut Connection,
    portal: &str,
    id: Uuid,
    roles: Option<&[String]>,
    now: UnixSeconds,
) -> Result<Option<AccessRequest>> {
    let row: Option<RequestRow> = sqlx::query_as(select_answerable!("AND access_requests.id = $3"))
        .bind(portal)
        .bind(now)
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(request) = row.map(AccessRequest::try_from).transpose()? else {
        return Ok(None);
    };
    sqlx::query("DELETE FROM access_requests WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    if let Some(roles) = roles {
        let new = Profile::new(request.account, portal, now);
        profiles::put(connection, Profile { roles: roles.to_vec(), ..new }, now).await?;
    }
    Ok(Some(request))
}
