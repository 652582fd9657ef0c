//! From the queue to the portal: taking what is due, and keeping what became of it.

use uuid::Uuid;

use super::super::Connection;
use super::NoticeRow;
use crate::store::Result;
use crate::store::notices::{NoticeFailure, QueuedNotice};

/// Ids of notices that are due: of each portal that is not busy or paused the first one that no earlier
/// one of the same account holds back.
pub(super) async fn due(
    connection: &mut Connection,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT id FROM (
             SELECT p.due_at_ms AS since, (
                 SELECT n.id FROM notices n
                 WHERE n.portal = p.portal AND n.state = 'queued' AND n.due_at_ms <= $1
                   AND NOT EXISTS (
                       SELECT 1 FROM notices earlier
                       WHERE earlier.portal = n.portal AND earlier.subject = n.subject
                         AND earlier.state = 'queued' AND earlier.position < n.position
                   )
                 ORDER BY n.position LIMIT 1
             ) AS id
             FROM notice_portals p WHERE p.due_at_ms <= $1
         ) AS firsts
         WHERE id IS NOT NULL ORDER BY since, id LIMIT $2",
    )
    .bind(now_ms)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?)
}

pub(super) async fn take(
    connection: &mut Connection,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<QueuedNotice>> {
    sqlx::query("DELETE FROM notices WHERE state = 'dead' AND due_at_ms <= $1")
        .bind(now_ms - KEEP_DEAD_MS)
        .execute(&mut *connection)
        .await?;
    let mut taken = Vec::new();
    for id in due(connection, now_ms, limit).await? {
        taken.extend(take_one(connection, &id, now_ms).await?);
    }
    Ok(taken)
}

/// An attempt counts when it begins: a notice whose delivery ends the process is not tried for ever. `None`:
/// another taker has it, or its portal is busy with one.
async fn take_one(
    connection: &mut Connection,
    id: &str,
    now_ms: i64,
) -> Result<Option<QueuedNotice>> {
    // The conditions repeat those that found it: a taker that waited for another looks at it anew.
    let free = sqlx::query(
        "UPDATE notice_portals SET due_at_ms = $1
         WHERE due_at_ms <= $2 AND portal = (
             SELECT portal FROM notices WHERE id = $3 AND state = 'queued' AND due_at_ms <= $2
         )",
    )
    .bind(now_ms + HIDDEN_MS)
    .bind(now_ms)
    .bind(id)
    .execute(&mut *connection)
    .await?;
    if free.rows_affected() == 0 {
        return Ok(None);
    }
    let row: NoticeRow = sqlx::query_as(
        "SELECT id, notices.portal, event, created_at_ms, since_ms, subject, portal_user, data,
                attempts, failures, state, notices.due_at_ms, last_error
         FROM notices JOIN notice_portals ON notice_portals.portal = notices.portal WHERE id = $1",
    )
    .bind(id)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("UPDATE notices SET attempts = attempts + 1, due_at_ms = $1 WHERE id = $2")
        .bind(now_ms + HIDDEN_MS)
        .bind(id)
        .execute(connection)
        .await?;
    QueuedNotice::try_from(row).map(Some)
}

pub(super) async fn delivered(connection: &mut Connection, id: Uuid) -> Result<()> {
    sqlx::query(
        "UPDATE notice_portals SET due_at_ms = 0, failures = 0
         WHERE portal = (SELECT portal FROM notices WHERE id = $1)",
    )
    .bind(id.to_string())
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM notices WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn failed(
    connection: &mut Connection,
    id: Uuid,
    failure: &NoticeFailure,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE notice_portals SET due_at_ms = $1, failures = failures + 1
         WHERE portal = (SELECT portal FROM notices WHERE id = $2)",
    )
    .bind(failure.pause_until_ms)
    .bind(id.to_string())
    .execute(&mut *connection)
    .await?;
    // One that died meanwhile, for want of room or by an operator's hand, stays dead.
    let error: String = failure.error.chars().take(LONGEST_ERROR).collect();
    let (state, at) = match failure.retry_at_ms {
        Some(at) => (super::QUEUED, at),
        None => (super::DEAD, now_ms),
    };
    sqlx::query(
        "UPDATE notices SET state = $1, due_at_ms = $2, last_error = $3
         WHERE id = $4 AND state = 'queued'",
    )
    .bind(state)
    .bind(at)
    .bind(error)
    .bind(id.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// How long a taken notice and its portal are kept from other takers.
const HIDDEN_MS: i64 = 60_000;
/// How long a dead letter is kept.
const KEEP_DEAD_MS: i64 = 30 * 24 * 60 * 60 * 1000;
const LONGEST_ERROR: usize = 200;
