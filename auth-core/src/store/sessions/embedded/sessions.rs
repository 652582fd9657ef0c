//! Sessions. A session is live while `now` is before both of its ends: last use plus the idle limit, and
//! sign-in plus the absolute limit.

use sqlx::FromRow;

use super::{Connection, revocations};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::encode::{list, new_id, octets, read_id, read_ip, read_list, read_number};
use crate::store::{
    NewSession, Result, Revocation, Revoked, Session, SessionLimits, StoreError, created_bound,
    last_seen_bound,
};

#[derive(FromRow)]
struct SessionRow {
    id: String,
    account: String,
    generation: i64,
    created_at: i64,
    last_seen_at: i64,
    auth_time: i64,
    amr: String,
    user_agent: String,
    client_ip: Option<String>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self> {
        Ok(Self {
            id: SessionId(read_id("sessions.id", &row.id)?),
            account: AccountId(read_id("sessions.account", &row.account)?),
            generation: read_number("sessions.generation", row.generation)?,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            auth_time: row.auth_time,
            amr: read_list("sessions.amr", &row.amr)?,
            user_agent: row.user_agent,
            client_ip: read_ip("sessions.client_ip", row.client_ip.as_deref())?,
        })
    }
}

pub(super) async fn create(
    connection: &mut Connection,
    new: NewSession,
    now: UnixSeconds,
) -> Result<Session> {
    let session = new.begin(SessionId(new_id(now)), now);
    sqlx::query(
        "INSERT INTO sessions
             (id, cookie_hash, account, generation, created_at, last_seen_at, auth_time, amr,
              user_agent, client_ip, device)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(session.id.to_string())
    .bind(octets(&new.cookie_hash))
    .bind(session.account.to_string())
    .bind(i64::from(session.generation))
    .bind(session.created_at)
    .bind(session.last_seen_at)
    .bind(session.auth_time)
    .bind(list(&session.amr))
    .bind(&session.user_agent)
    .bind(session.client_ip.map(|ip| ip.to_string()))
    .bind(new.device)
    .execute(connection)
    .await?;
    Ok(session)
}

pub(super) async fn by_cookie(
    connection: &mut Connection,
    cookie_hash: &[u8; 32],
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Option<Session>> {
    let row: Option<SessionRow> = sqlx::query_as(
        "SELECT id, account, generation, created_at, last_seen_at, auth_time, amr, user_agent,
                client_ip
         FROM sessions WHERE cookie_hash = $1 AND last_seen_at > $2 AND created_at > $3",
    )
    .bind(octets(cookie_hash))
    .bind(last_seen_bound(limits, now))
    .bind(created_bound(limits, now))
    .fetch_optional(connection)
    .await?;
    row.map(Session::try_from).transpose()
}

pub(super) async fn by_id(
    connection: &mut Connection,
    id: SessionId,
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Option<Session>> {
    let row: Option<SessionRow> = sqlx::query_as(
        "SELECT id, account, generation, created_at, last_seen_at, auth_time, amr, user_agent,
                client_ip
         FROM sessions WHERE id = $1 AND last_seen_at > $2 AND created_at > $3",
    )
    .bind(id.to_string())
    .bind(last_seen_bound(limits, now))
    .bind(created_bound(limits, now))
    .fetch_optional(connection)
    .await?;
    row.map(Session::try_from).transpose()
}

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
    limits: SessionLimits,
    now: UnixSeconds,
) -> Result<Vec<Session>> {
    let rows: Vec<SessionRow> = sqlx::query_as(
        "SELECT id, account, generation, created_at, last_seen_at, auth_time, amr, user_agent,
                client_ip
         FROM sessions WHERE account = $1 AND last_seen_at > $2 AND created_at > $3
         ORDER BY created_at DESC, id DESC",
    )
    .bind(account.to_string())
    .bind(last_seen_bound(limits, now))
    .bind(created_bound(limits, now))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Session::try_from).collect()
}

pub(super) async fn touch(
    connection: &mut Connection,
    id: SessionId,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1")
        .bind(now)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn confirm(
    connection: &mut Connection,
    id: SessionId,
    now: UnixSeconds,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE sessions SET auth_time = CASE WHEN auth_time < $1 THEN $1 ELSE auth_time END
         WHERE id = $2",
    )
    .bind(now)
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn keep(
    connection: &mut Connection,
    id: SessionId,
    generation: u32,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE sessions SET generation = CASE WHEN generation < $1 THEN $1 ELSE generation END
         WHERE id = $2",
    )
    .bind(i64::from(generation))
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn end(
    connection: &mut Connection,
    id: SessionId,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Option<Revocation>> {
    let deleted = sqlx::query("DELETE FROM sessions WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    if deleted.rows_affected() == 0 {
        return Ok(None);
    }
    revocations::append(connection, Revoked::Session(id), until, now_ms).await.map(Some)
}

pub(super) async fn end_of_account(
    connection: &mut Connection,
    account: AccountId,
    except: Option<SessionId>,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Revocation>> {
    let ended: Vec<String> =
        sqlx::query_scalar("DELETE FROM sessions WHERE account = $1 AND id <> $2 RETURNING id")
            .bind(account.to_string())
            // No id is the empty text.
            .bind(except.map(|id| id.to_string()).unwrap_or_default())
            .fetch_all(&mut *connection)
            .await?;
    revocations::append_sessions(connection, &ended, until, now_ms).await
}

pub(super) async fn end_on_device(
    connection: &mut Connection,
    account: AccountId,
    device: &str,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Revocation>> {
    let ended: Vec<String> =
        sqlx::query_scalar("DELETE FROM sessions WHERE account = $1 AND device = $2 RETURNING id")
            .bind(account.to_string())
            .bind(device)
            .fetch_all(&mut *connection)
            .await?;
    revocations::append_sessions(connection, &ended, until, now_ms).await
}

/// Ends sessions past a limit, at most `most` of them.
pub(super) async fn end_past_limits(
    connection: &mut Connection,
    limits: SessionLimits,
    until: UnixSeconds,
    now_ms: i64,
    most: u32,
) -> Result<Vec<Revocation>> {
    let now = now_ms.div_euclid(1000);
    let ended: Vec<String> = sqlx::query_scalar(
        "DELETE FROM sessions WHERE id IN (
             SELECT id FROM sessions WHERE last_seen_at <= $1 OR created_at <= $2 LIMIT $3
         ) RETURNING id",
    )
    .bind(last_seen_bound(limits, now))
    .bind(created_bound(limits, now))
    .bind(i64::from(most))
    .fetch_all(&mut *connection)
    .await?;
    revocations::append_sessions(connection, &ended, until, now_ms).await
}

pub(super) async fn count(connection: &mut Connection) -> Result<u64> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(connection).await?;
    read_number("sessions", count)
}
