//! The mail queue.

use sqlx::FromRow;
use uuid::Uuid;

use super::Connection;
use crate::identity::UnixSeconds;
use crate::store::encode::{read_id, read_number};
use crate::store::{KeptMail, MailState, QueuedMail, Result, StoreError};

/// Mails that may wait at once; beyond it nothing more is queued. With the relay away, strangers who keep
/// asking for codes must not fill the disk.
pub const MAX_QUEUED_MAILS: u32 = 10_000;

#[derive(FromRow)]
struct MailRow {
    id: String,
    recipient: String,
    subject: String,
    body_text: String,
    body_html: String,
    attempts: i64,
}

impl TryFrom<MailRow> for QueuedMail {
    type Error = StoreError;

    fn try_from(row: MailRow) -> Result<Self> {
        Ok(Self {
            id: read_id("mails.id", &row.id)?,
            to: row.recipient,
            subject: row.subject,
            text: row.body_text,
            html: row.body_html,
            attempts: read_number("mails.attempts", row.attempts)?,
        })
    }
}

#[derive(FromRow)]
struct KeptRow {
    id: String,
    recipient: String,
    subject: String,
    attempts: i64,
    due_at: i64,
}

impl TryFrom<KeptRow> for KeptMail {
    type Error = StoreError;

    fn try_from(row: KeptRow) -> Result<Self> {
        Ok(Self {
            id: read_id("mails.id", &row.id)?,
            to: row.recipient,
            subject: row.subject,
            attempts: read_number("mails.attempts", row.attempts)?,
            due_at: row.due_at,
        })
    }
}

/// Refuses when the queue is full. Asked before the transaction that queues, and not in it: there every two
/// mails would be in each other's way, while a few too many at once do no harm.
pub(super) async fn require_room(connection: &mut Connection) -> Result<()> {
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM mails WHERE state = 'queued'")
        .fetch_one(connection)
        .await?;
    if waiting >= i64::from(MAX_QUEUED_MAILS) {
        return Err(StoreError::Unavailable("the mail queue is full".to_owned()));
    }
    Ok(())
}

/// Queues one; [`require_room`] has been asked.
pub(super) async fn queue(
    connection: &mut Connection,
    mail: QueuedMail,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO mails (id, recipient, subject, body_text, body_html, attempts, state, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7)",
    )
    .bind(mail.id.to_string())
    .bind(mail.to)
    .bind(mail.subject)
    .bind(mail.text)
    .bind(mail.html)
    .bind(i64::from(mail.attempts))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn any_due(connection: &mut Connection, now: UnixSeconds) -> Result<bool> {
    let due: Option<String> =
        sqlx::query_scalar("SELECT id FROM mails WHERE state = 'queued' AND due_at <= $1 LIMIT 1")
            .bind(now)
            .fetch_optional(connection)
            .await?;
    Ok(due.is_some())
}

/// An attempt counts when it begins: a mail whose sending ends the process is not tried for ever.
pub(super) async fn take(
    connection: &mut Connection,
    now: UnixSeconds,
    limit: u32,
) -> Result<Vec<QueuedMail>> {
    sqlx::query("DELETE FROM mails WHERE state = 'failed' AND due_at <= $1")
        .bind(now - KEEP_FAILED_SECONDS)
        .execute(&mut *connection)
        .await?;
    // The outer condition repeats the inner one: a taker that waited for another looks at it anew.
    let rows: Vec<MailRow> = sqlx::query_as(
        "UPDATE mails SET due_at = $1, attempts = attempts + 1
         WHERE state = 'queued' AND due_at <= $2 AND id IN (
             SELECT id FROM mails WHERE state = 'queued' AND due_at <= $2 ORDER BY due_at, id LIMIT $3
         )
         RETURNING id, recipient, subject, body_text, body_html, attempts - 1 AS attempts",
    )
    .bind(now + HIDDEN_SECONDS)
    .bind(now)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(QueuedMail::try_from).collect()
}

pub(super) async fn sent(connection: &mut Connection, id: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM mails WHERE id = $1").bind(id.to_string()).execute(connection).await?;
    Ok(())
}

pub(super) async fn retry(connection: &mut Connection, id: Uuid, at: UnixSeconds) -> Result<()> {
    sqlx::query("UPDATE mails SET due_at = $1 WHERE id = $2 AND state = 'queued'")
        .bind(at)
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Recipient and subject stay for the operator; the body goes, since it may hold a code.
pub(super) async fn give_up(connection: &mut Connection, id: Uuid) -> Result<()> {
    sqlx::query("UPDATE mails SET state = 'failed', body_text = '', body_html = '' WHERE id = $1")
        .bind(id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn in_state(
    connection: &mut Connection,
    state: MailState,
    limit: u32,
) -> Result<Vec<KeptMail>> {
    let rows: Vec<KeptRow> = sqlx::query_as(
        "SELECT id, recipient, subject, attempts, due_at FROM mails
         WHERE state = $1 ORDER BY id LIMIT $2",
    )
    .bind(written(state))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(KeptMail::try_from).collect()
}

pub(super) async fn retry_now(
    connection: &mut Connection,
    id: Option<Uuid>,
    now: UnixSeconds,
) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE mails SET due_at = $1 WHERE state = 'queued' AND ($2 IS NULL OR id = $2)",
    )
    .bind(now)
    .bind(id.map(|id| id.to_string()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn drop(connection: &mut Connection, id: Option<Uuid>) -> Result<u64> {
    let done = match id {
        Some(id) => sqlx::query("DELETE FROM mails WHERE id = $1").bind(id.to_string()),
        None => sqlx::query("DELETE FROM mails WHERE state = 'failed'"),
    };
    Ok(done.execute(connection).await?.rows_affected())
}

pub(super) async fn depths(connection: &mut Connection) -> Result<(u64, u64)> {
    let (queued, failed): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM mails WHERE state = 'queued'),
                (SELECT count(*) FROM mails WHERE state = 'failed')",
    )
    .fetch_one(connection)
    .await?;
    Ok((read_number("mails.queued", queued)?, read_number("mails.failed", failed)?))
}

const fn written(state: MailState) -> &'static str {
    match state {
        MailState::Queued => "queued",
        MailState::Failed => "failed",
    }
}

/// How long a taken mail is hidden from other takers.
const HIDDEN_SECONDS: i64 = 60;
/// How long a mail that was given up is remembered.
const KEEP_FAILED_SECONDS: i64 = 30 * 24 * 60 * 60;
