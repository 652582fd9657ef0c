//! Forgetting what is out of date, a bounded number of sessions at a time.

use super::Connection;
use super::sessions;
use crate::identity::UnixSeconds;
use crate::store::{Result, Revocation, SessionLimits, created_bound, last_seen_bound};

/// Whether [`sweep`] would find anything.
pub(super) async fn anything_due(
    connection: &mut Connection,
    limits: SessionLimits,
    now_ms: i64,
) -> Result<bool> {
    let now = now_ms.div_euclid(1000);
    let due: Option<i64> = sqlx::query_scalar(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM sessions WHERE last_seen_at <= $1)
             OR EXISTS (SELECT 1 FROM sessions WHERE created_at <= $2)
             OR EXISTS (SELECT 1 FROM revocations WHERE until <= $3)
             OR EXISTS (SELECT 1 FROM one_time_values WHERE expires_at <= $3)
             OR EXISTS (SELECT 1 FROM spent_tickets WHERE expires_at <= $4)
             OR EXISTS (SELECT 1 FROM attempts WHERE free_at_ms <= $5)",
    )
    .bind(last_seen_bound(limits, now))
    .bind(created_bound(limits, now))
    .bind(now)
    .bind(spent_ticket_bound(now))
    .bind(now_ms)
    .fetch_optional(connection)
    .await?;
    Ok(due.is_some())
}

/// Ends sessions past a limit and forgets the rest; returns the revocations of the sessions.
pub(super) async fn sweep(
    connection: &mut Connection,
    limits: SessionLimits,
    until: UnixSeconds,
    now_ms: i64,
) -> Result<Vec<Revocation>> {
    let now = now_ms.div_euclid(1000);
    sqlx::query("DELETE FROM revocations WHERE until <= $1")
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM one_time_values WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM spent_tickets WHERE expires_at <= $1")
        .bind(spent_ticket_bound(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM attempts WHERE free_at_ms <= $1")
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    sessions::end_past_limits(connection, limits, until, now_ms, SESSIONS_PER_SWEEP).await
}

/// A ticket's id is kept a little longer than the ticket is good for: nodes' clocks differ.
fn spent_ticket_bound(now: UnixSeconds) -> UnixSeconds {
    now - SPENT_TICKET_MARGIN_SECONDS
}

const SPENT_TICKET_MARGIN_SECONDS: i64 = 120;

/// Keeps a sweep far below the deadline; the rest follows a second later.
const SESSIONS_PER_SWEEP: u32 = 500;
