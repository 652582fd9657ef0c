//! Notices: what portals are told about their people, and the queue in which it waits.
//!
//! A portal that *subscribes* to an event gets a *notice* of it: a row of the queue, written in the same
//! transaction as the change where the change is made here. A notice is delivered at least once. One is
//! under way per portal at a time, and a later notice of an account never overtakes an earlier one that
//! still waits; other accounts' do. A notice that nobody takes for long ends up among the *dead letters*,
//! where an operator finds it.

use async_trait::async_trait;
use bitrix_id_config::NoticeEvent;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Result;
use crate::identity::{AccountId, SessionId};

/// Something that portals may want to know. Never holds a password, code, token or hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub event: NoticeEvent,
    /// To whom.
    pub subject: Option<AccountId>,
    /// The portal's own user id, where the subject's profile there does not tell (any more).
    pub portal_user: Option<String>,
    /// A JSON object with what the event alone has to say. [`NoticeEvent::AccountJoined`] and
    /// [`NoticeEvent::ProfileUpdated`] get the person's details on the portal when they are queued.
    pub data: Value,
}

impl Notice {
    /// The account has a profile on the portal.
    #[must_use]
    pub fn joined(account: AccountId) -> Self {
        Self::about(NoticeEvent::AccountJoined, account)
    }

    /// The account's profile, which had this local id, is gone.
    #[must_use]
    pub fn unjoined(account: AccountId, portal_user: Option<String>) -> Self {
        Self { portal_user, ..Self::about(NoticeEvent::AccountUnjoined, account) }
    }

    /// The password is another one.
    #[must_use]
    pub fn password_changed(account: AccountId) -> Self {
        Self::about(NoticeEvent::PasswordChanged, account)
    }

    /// What portals are shown of the person is something else.
    #[must_use]
    pub fn profile_updated(account: AccountId) -> Self {
        Self::about(NoticeEvent::ProfileUpdated, account)
    }

    /// These sessions have ended; at most [`MOST_SESSIONS_TOLD`] of them are named. `all`: no session of
    /// the account is left, whether it is named or not.
    #[must_use]
    pub fn sessions_ended(account: AccountId, sessions: &[SessionId], all: bool) -> Self {
        let told: Vec<String> =
            sessions.iter().take(MOST_SESSIONS_TOLD).map(ToString::to_string).collect();
        let data = json!({ "sessions": told, "all": all });
        Self { data, ..Self::about(NoticeEvent::SessionsEnded, account) }
    }

    /// The portal is there, and `owner` opened it.
    #[must_use]
    pub fn portal_created(owner: AccountId, title: &str, host: &str) -> Self {
        let data = json!({ "title": title, "host": host });
        Self { data, ..Self::about(NoticeEvent::PortalCreated, owner) }
    }

    fn about(event: NoticeEvent, account: AccountId) -> Self {
        Self { event, subject: Some(account), portal_user: None, data: json!({}) }
    }
}

/// What a portal wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Portal id.
    pub portal: String,
    /// Of what.
    pub events: Vec<NoticeEvent>,
}

/// A notice to one portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedNotice {
    /// UUIDv7, the same at every attempt.
    pub id: Uuid,
    /// Portal id.
    pub portal: String,
    /// What happened.
    pub event: NoticeEvent,
    /// When it happened, Unix milliseconds.
    pub created_at_ms: i64,
    /// Since when its delivery is tried: since then, or since an operator had it tried anew.
    pub since_ms: i64,
    /// To whom.
    pub subject: Option<AccountId>,
    /// The portal's own user id of the subject.
    pub portal_user: Option<String>,
    /// A JSON object.
    pub data: Value,
    /// Attempts before this one.
    pub attempts: u32,
    /// Failures of its portal in a row, up to now.
    pub portal_failures: u32,
    /// Whether it still waits.
    pub state: NoticeState,
    /// Next attempt at the earliest, or when it died; Unix milliseconds.
    pub due_at_ms: i64,
    /// What went wrong last; short, without secrets. Empty: nothing yet.
    pub last_error: String,
}

/// What is to become of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// It waits for delivery.
    Queued,
    /// It is not tried again by itself.
    Dead,
}

/// What is to become of a notice that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeFailure {
    /// Next attempt, Unix milliseconds; `None`: it is dead.
    pub retry_at_ms: Option<i64>,
    /// Nothing goes to its portal before then, Unix milliseconds.
    pub pause_until_ms: i64,
    /// What went wrong, cut to 200 characters; no secrets.
    pub error: String,
}

/// Notices an operator means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichNotices {
    /// One.
    Id(Uuid),
    /// All dead ones of a portal.
    DeadOf(String),
}

/// How much waits for a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDepth {
    /// Portal id.
    pub portal: String,
    /// Notices that wait.
    pub queued: u64,
    /// Dead letters.
    pub dead: u64,
}

/// Subscriptions and the queue.
#[async_trait]
pub trait Notices: Send + Sync {
    /// Replaces all subscriptions. What waits for a portal that subscribes no more is forgotten; gives
    /// those portals with the number of notices. Writes nothing if nothing changes.
    async fn subscribe(&self, subscriptions: &[Subscription]) -> Result<Vec<(String, u64)>>;
    /// Queues a notice for each portal on which the account has a profile and that subscribes to its
    /// event. At most [`MOST_QUEUED_NOTICES`] wait per portal: the oldest dies for a new one.
    async fn notify(&self, account: AccountId, notice: Notice, now_ms: i64) -> Result<()>;
    /// Likewise for one portal, whoever has a profile there.
    async fn notify_portal(&self, portal: &str, notice: Notice, now_ms: i64) -> Result<()>;
    /// Takes what is due, at most one notice per portal and `limit` in all, and counts an attempt.
    /// Nothing else of these portals is given to anybody for 60 s, or until the outcome is told.
    async fn take_notices(&self, now_ms: i64, limit: u32) -> Result<Vec<QueuedNotice>>;
    /// The portal has it: forget it.
    async fn notice_delivered(&self, id: Uuid) -> Result<()>;
    /// The portal has it not.
    async fn notice_failed(&self, id: Uuid, failure: NoticeFailure, now_ms: i64) -> Result<()>;
    /// Those in a state in the order they were queued, at most `limit`.
    async fn notices(&self, state: NoticeState, limit: u32) -> Result<Vec<QueuedNotice>>;
    /// Queues anew what is dead, and has what waits tried at once. Gives their number.
    async fn retry_notices(&self, which: &WhichNotices, now_ms: i64) -> Result<u64>;
    /// Forgets notices, delivered or not. Gives their number.
    async fn drop_notices(&self, which: &WhichNotices) -> Result<u64>;
    /// Of every portal that subscribes, in order of id.
    async fn notice_depths(&self) -> Result<Vec<NoticeDepth>>;
}

/// Notices that may wait for one portal, and dead letters that are kept of one: a portal that is gone for
/// good must not fill the disk.
pub const MOST_QUEUED_NOTICES: u32 = 10_000;
/// Sessions that one notice names.
pub const MOST_SESSIONS_TOLD: usize = 1000;
