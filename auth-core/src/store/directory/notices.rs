//! Notices to portals: subscriptions, the queue, its dead letters.

mod desk;
mod telling;
mod way_out;

use async_trait::async_trait;
use bitrix_id_config::NoticeEvent;
use sqlx::FromRow;
use uuid::Uuid;

use crate::identity::AccountId;
use crate::store::encode::{corrupt, read_id, read_number};
use crate::store::notices::{
    Notice, NoticeDepth, NoticeFailure, NoticeState, Notices, QueuedNotice, Subscription,
    WhichNotices,
};
use crate::store::sql::{SqlStore, reading, writing};
use crate::store::{Result, StoreError};

pub(super) use telling::{add_subscription, tell_portal, tell_portals_of};

#[async_trait]
impl Notices for SqlStore {
    async fn subscribe(&self, subscriptions: &[Subscription]) -> Result<Vec<(String, u64)>> {
        // Asked at every reload and mostly in vain.
        if reading!(self, c => telling::is_subscribed(c, subscriptions))? {
            return Ok(Vec::new());
        }
        writing!(self, c => telling::subscribe(c, subscriptions))
    }

    async fn notify(&self, account: AccountId, notice: Notice, now_ms: i64) -> Result<()> {
        // Most gateways tell nobody anything: they are spared the write.
        if !reading!(self, c => telling::anybody_listens(c, notice.event))? {
            return Ok(());
        }
        writing!(self, c => tell_portals_of(c, account, &notice, now_ms))
    }

    async fn notify_portal(&self, portal: &str, notice: Notice, now_ms: i64) -> Result<()> {
        if !reading!(self, c => telling::anybody_listens(c, notice.event))? {
            return Ok(());
        }
        writing!(self, c => tell_portal(c, portal, &notice, now_ms))
    }

    async fn take_notices(&self, now_ms: i64, limit: u32) -> Result<Vec<QueuedNotice>> {
        // Asked often and mostly in vain: the write lock is taken only when something is due.
        if reading!(self, c => way_out::due(c, now_ms, 1))?.is_empty() {
            return Ok(Vec::new());
        }
        writing!(self, c => way_out::take(c, now_ms, limit))
    }

    async fn notice_delivered(&self, id: Uuid) -> Result<()> {
        writing!(self, c => way_out::delivered(c, id))
    }

    async fn notice_failed(&self, id: Uuid, failure: NoticeFailure, now_ms: i64) -> Result<()> {
        writing!(self, c => way_out::failed(c, id, &failure, now_ms))
    }

    async fn notices(&self, state: NoticeState, limit: u32) -> Result<Vec<QueuedNotice>> {
        reading!(self, c => desk::in_state(c, state, limit))
    }

    async fn retry_notices(&self, which: &WhichNotices, now_ms: i64) -> Result<u64> {
        writing!(self, c => desk::retry(c, which, now_ms))
    }

    async fn drop_notices(&self, which: &WhichNotices) -> Result<u64> {
        writing!(self, c => desk::drop(c, which))
    }

    async fn notice_depths(&self) -> Result<Vec<NoticeDepth>> {
        reading!(self, c => desk::depths(c))
    }
}

/// Columns of `notices` with `failures` of `notice_portals`.
#[derive(FromRow)]
struct NoticeRow {
    id: String,
    portal: String,
    event: String,
    created_at_ms: i64,
    since_ms: i64,
    subject: Option<String>,
    portal_user: Option<String>,
    data: String,
    attempts: i64,
    failures: i64,
    state: String,
    due_at_ms: i64,
    last_error: String,
}

impl TryFrom<NoticeRow> for QueuedNotice {
    type Error = StoreError;

    fn try_from(row: NoticeRow) -> Result<Self> {
        let subject = row.subject.as_deref().map(|text| read_id("notices.subject", text));
        let state = match row.state.as_str() {
            QUEUED => NoticeState::Queued,
            DEAD => NoticeState::Dead,
            _ => return Err(corrupt("notices.state")),
        };
        Ok(Self {
            id: read_id("notices.id", &row.id)?,
            portal: row.portal,
            event: NoticeEvent::from_name(&row.event).ok_or_else(|| corrupt("notices.event"))?,
            created_at_ms: row.created_at_ms,
            since_ms: row.since_ms,
            subject: subject.transpose()?.map(AccountId),
            portal_user: row.portal_user,
            data: serde_json::from_str(&row.data).map_err(|_| corrupt("notices.data"))?,
            attempts: read_number("notices.attempts", row.attempts)?,
            portal_failures: read_number("notice_portals.failures", row.failures)?,
            state,
            due_at_ms: row.due_at_ms,
            last_error: row.last_error,
        })
    }
}

const fn written(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Queued => QUEUED,
        NoticeState::Dead => DEAD,
    }
}

const QUEUED: &str = "queued";
const DEAD: &str = "dead";
