//! Security events.

use sqlx::FromRow;
use uuid::Uuid;

use super::Connection;
use crate::audit::SIGN_IN_SUCCEEDED;
use crate::identity::{AccountId, SessionId};
use crate::store::encode::{read_id, read_ip};
use crate::store::{AuditEvent, Result, StoreError};

#[derive(FromRow)]
struct EventRow {
    at_ms: i64,
    action: String,
    account: Option<String>,
    session: Option<String>,
    actor: String,
    portal: Option<String>,
    client_ip: Option<String>,
    request_id: Option<String>,
    detail: String,
}

impl TryFrom<EventRow> for AuditEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self> {
        let id = |column, text: Option<String>| text.map(|text| read_id(column, &text)).transpose();
        Ok(Self {
            at_ms: row.at_ms,
            account: id("audit_events.account", row.account)?.map(AccountId),
            session: id("audit_events.session", row.session)?.map(SessionId),
            client_ip: read_ip("audit_events.client_ip", row.client_ip.as_deref())?,
            action: row.action,
            actor: row.actor,
            portal: row.portal,
            request_id: row.request_id,
            detail: row.detail,
        })
    }
}

pub(super) async fn record(connection: &mut Connection, event: AuditEvent) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_events
             (id, at_ms, action, account, session, actor, portal, client_ip, request_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    // Ids made in one process grow, so events of one millisecond keep their order.
    .bind(Uuid::now_v7().to_string())
    .bind(event.at_ms)
    .bind(event.action)
    .bind(event.account.map(|id| id.to_string()))
    .bind(event.session.map(|id| id.to_string()))
    .bind(event.actor)
    .bind(event.portal)
    .bind(event.client_ip.map(|ip| ip.to_string()))
    .bind(event.request_id)
    .bind(event.detail)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn newest(connection: &mut Connection, limit: u32) -> Result<Vec<AuditEvent>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT at_ms, action, account, session, actor, portal, client_ip, request_id, detail
         FROM audit_events ORDER BY at_ms DESC, id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(AuditEvent::try_from).collect()
}

pub(super) async fn newest_of(
    connection: &mut Connection,
    account: AccountId,
    limit: u32,
) -> Result<Vec<AuditEvent>> {
    let rows: Vec<EventRow> = sqlx::query_as(
        "SELECT at_ms, action, account, session, actor, portal, client_ip, request_id, detail
         FROM audit_events WHERE account = $1 ORDER BY at_ms DESC, id DESC LIMIT $2",
    )
    .bind(account.to_string())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(AuditEvent::try_from).collect()
}

pub(super) async fn signed_in_before(
    connection: &mut Connection,
    account: AccountId,
    session: SessionId,
) -> Result<bool> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT at_ms FROM audit_events
         WHERE account = $1 AND action = $2 AND (session IS NULL OR session <> $3) LIMIT 1",
    )
    .bind(account.to_string())
    .bind(SIGN_IN_SUCCEEDED)
    .bind(session.to_string())
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}
