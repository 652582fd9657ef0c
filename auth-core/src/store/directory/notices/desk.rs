//! What an operator sees and does.

use super::super::Connection;
use super::{NoticeRow, written};
use crate::store::Result;
use crate::store::encode::read_number;
use crate::store::notices::{NoticeDepth, NoticeState, QueuedNotice, WhichNotices};

pub(super) async fn in_state(
    connection: &mut Connection,
    state: NoticeState,
    limit: u32,
) -> Result<Vec<QueuedNotice>> {
    let rows: Vec<NoticeRow> = sqlx::query_as(
        "SELECT id, notices.portal, event, created_at_ms, since_ms, subject, portal_user, data,
                attempts, failures, state, notices.due_at_ms, last_error
         FROM notices JOIN notice_portals ON notice_portals.portal = notices.portal
         WHERE state = $1 ORDER BY position LIMIT $2",
    )
    .bind(written(state))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(QueuedNotice::try_from).collect()
}

/// It keeps its place in the queue and gets as much time as a new one; the portal's pause ends.
pub(super) async fn retry(
    connection: &mut Connection,
    which: &WhichNotices,
    now_ms: i64,
) -> Result<u64> {
    let (id, portal) = meant(which);
    sqlx::query(
        "UPDATE notice_portals SET due_at_ms = 0, failures = 0 WHERE portal IN (
             SELECT portal FROM notices WHERE id = $1 OR portal = $2 AND state = 'dead'
         )",
    )
    .bind(&id)
    .bind(&portal)
    .execute(&mut *connection)
    .await?;
    let done = sqlx::query(
        "UPDATE notices SET state = 'queued', attempts = 0, since_ms = $3, due_at_ms = $3
         WHERE id = $1 OR portal = $2 AND state = 'dead'",
    )
    .bind(id)
    .bind(portal)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn drop(connection: &mut Connection, which: &WhichNotices) -> Result<u64> {
    let (id, portal) = meant(which);
    let done = sqlx::query("DELETE FROM notices WHERE id = $1 OR portal = $2 AND state = 'dead'")
        .bind(id)
        .bind(portal)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// An id, or a portal.
fn meant(which: &WhichNotices) -> (Option<String>, Option<String>) {
    match which {
        WhichNotices::Id(id) => (Some(id.to_string()), None),
        WhichNotices::DeadOf(portal) => (None, Some(portal.clone())),
    }
}

pub(super) async fn depths(connection: &mut Connection) -> Result<Vec<NoticeDepth>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT portal,
                (SELECT count(*) FROM notices n WHERE n.portal = p.portal AND n.state = 'queued'),
                (SELECT count(*) FROM notices n WHERE n.portal = p.portal AND n.state = 'dead')
         FROM notice_portals p ORDER BY portal",
    )
    .fetch_all(connection)
    .await?;
    let read = |(portal, queued, dead)| {
        let (queued, dead) =
            (read_number("notices.queued", queued)?, read_number("notices.dead", dead)?);
        Ok(NoticeDepth { portal, queued, dead })
    };
    rows.into_iter().map(read).collect()
}
