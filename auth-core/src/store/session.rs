//! Sessions, and what else is short-lived: tickets, one-time values, attempts, revocations.

use std::net::IpAddr;

use async_trait::async_trait;
use bitrix_id_config::model::IdentitySettings;
use uuid::Uuid;

use super::Result;
use crate::clock::whole_seconds;
use crate::identity::{AccountId, SessionId, UnixSeconds};

/// A browser's sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `sid`.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// As [`NewSession::generation`], or as [`SessionStore::keep_session`] has set it since.
    pub generation: u32,
    /// Sign-in time.
    pub created_at: UnixSeconds,
    /// Last use seen by the store (token issue or a page of the Bitrix ID host).
    pub last_seen_at: UnixSeconds,
    /// When the credential was last checked.
    pub auth_time: UnixSeconds,
    /// RFC 8176 values.
    pub amr: Vec<String>,
    /// At sign-in, cut to 400 characters.
    pub user_agent: String,
    /// At sign-in.
    pub client_ip: Option<IpAddr>,
}

/// A portal that a session has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPortal {
    /// The session.
    pub session: SessionId,
    /// Portal id.
    pub portal: String,
    /// Last token issued there, Unix seconds.
    pub last_used_at: UnixSeconds,
}

/// What a new session consists of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub account: AccountId,
    /// [`super::Account::generation`] as it was read before the credential was checked.
    pub generation: u32,
    /// SHA-256 of the cookie's 43 base64url characters.
    pub cookie_hash: [u8; 32],
    /// When the credential was checked.
    pub auth_time: UnixSeconds,
    /// RFC 8176 values.
    pub amr: Vec<String>,
    /// Browser.
    pub user_agent: String,
    /// Address.
    pub client_ip: Option<IpAddr>,
    /// What all sessions of the account in the same browser have in common, as a hash; `None` where the
    /// browser is not known by anything.
    pub device: Option<String>,
}

impl NewSession {
    /// The session as it begins.
    pub(super) fn begin(&self, id: SessionId, now: UnixSeconds) -> Session {
        Session {
            id,
            account: self.account,
            generation: self.generation,
            created_at: now,
            last_seen_at: now,
            auth_time: self.auth_time,
            amr: self.amr.clone(),
            user_agent: self.user_agent.chars().take(USER_AGENT_LIMIT).collect(),
            client_ip: self.client_ip,
        }
    }
}

/// Idle and absolute limit, in seconds; both are checked by the store against `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Ends this long after `last_seen_at`.
    pub idle: i64,
    /// Ends this long after `created_at`.
    pub absolute: i64,
}

impl SessionLimits {
    /// Those of a configuration.
    #[must_use]
    pub fn of(identity: &IdentitySettings) -> Self {
        Self {
            idle: whole_seconds(identity.session_idle),
            absolute: whole_seconds(identity.session_lifetime),
        }
    }
}

/// Last use at or before this second is too long ago.
pub(super) fn last_seen_bound(limits: SessionLimits, now: UnixSeconds) -> UnixSeconds {
    now.saturating_sub(limits.idle)
}

/// Sign-in at or before this second is too long ago.
pub(super) fn created_bound(limits: SessionLimits, now: UnixSeconds) -> UnixSeconds {
    now.saturating_sub(limits.absolute)
}

/// Something that makes tokens invalid before their time, in the order it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Position in the log; grows.
    pub sequence: u64,
    /// What.
    pub what: Revoked,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The last token it covers is dead from here on, so the entry can be forgotten.
    pub until: UnixSeconds,
}

/// What a [`Revocation`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// A session.
    Session(SessionId),
    /// Every token of the account made before this generation. Open streams of it are closed too.
    Account {
        /// Whose.
        account: AccountId,
        /// Tokens with a smaller generation are refused.
        minimum_generation: u32,
    },
}

/// How far a reader has read the log of revocations; by default, not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogPosition {
    /// Which log: a store that was emptied begins another one.
    pub log: Uuid,
    /// The last entry read.
    pub sequence: u64,
    /// Tells that entry from another one of the same number, where a store can lose its newest ones.
    pub mark: u64,
}

/// What a reader of the log gets.
#[derive(Debug, Clone)]
pub struct LogRead {
    /// Where it stands now.
    pub position: LogPosition,
    /// Oldest first.
    pub entries: Vec<Revocation>,
    /// When the log was begun, where that can be later than the first token.
    pub begun_at: Option<UnixSeconds>,
    /// False: there is more to read.
    pub complete: bool,
}

/// A limit on attempts: at most `limit` in any `window` seconds (approximated by GCRA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Attempts.
    pub limit: u32,
    /// Seconds.
    pub window: u32,
}

impl Quota {
    /// Milliseconds that one attempt costs; rounded up, and never nothing.
    pub(super) fn step_ms(self) -> i64 {
        let window_ms = u64::from(self.window) * 1000;
        let step = window_ms.div_ceil(u64::from(self.limit.max(1))).max(1);
        i64::try_from(step).unwrap_or(i64::MAX)
    }
}

/// Outcome of counting an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Go on.
    Allowed,
    /// Too many; try again in this many seconds.
    Refused {
        /// Seconds.
        retry_after: u32,
    },
}

/// Sessions, tickets, one-time values, attempt counters, revocations.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Creates a session; `id` is made by the store.
    async fn create_session(&self, new: NewSession, now: UnixSeconds) -> Result<Session>;
    /// By cookie. `None`: unknown, ended, or past a limit.
    async fn session_by_cookie(
        &self,
        cookie_hash: &[u8; 32],
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>>;
    /// By id, likewise.
    async fn session(
        &self,
        id: SessionId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>>;
    /// Live sessions of an account, newest first.
    async fn sessions_of(
        &self,
        account: AccountId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Vec<Session>>;
    /// Moves `last_seen_at` forward, never back. For a session just found live: it knows no limits.
    async fn touch_session(&self, id: SessionId, now: UnixSeconds) -> Result<()>;
    /// As [`SessionStore::touch_session`], and remembers that the session has opened a portal.
    async fn note_portal(&self, id: SessionId, portal: &str, now: UnixSeconds) -> Result<()>;
    /// The portals that the sessions of an account have opened, each with the last time, in order of the
    /// session's id, then of the portal's.
    async fn portals_of_sessions(&self, account: AccountId) -> Result<Vec<SessionPortal>>;
    /// The session's person has shown again who they are: moves `auth_time` forward, never back. False: the
    /// session has ended. Like [`SessionStore::touch_session`] it knows no limits.
    async fn confirm_session(&self, id: SessionId, now: UnixSeconds) -> Result<bool>;
    /// The session outlives what has put an end to those before `generation`: it belongs to that one from
    /// here on, or to a later one if it did before. False: the session has ended.
    async fn keep_session(&self, id: SessionId, generation: u32) -> Result<bool>;
    /// Ends a session and appends the revocation, in one transaction. `None`: it had ended before.
    async fn end_session(
        &self,
        id: SessionId,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Option<Revocation>>;
    /// Ends all sessions of an account but `except`.
    async fn end_sessions_of(
        &self,
        account: AccountId,
        except: Option<SessionId>,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>>;
    /// Ends the sessions of an account that have this [`NewSession::device`].
    async fn end_sessions_on(
        &self,
        account: AccountId,
        device: &str,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>>;
    /// Appends an account-wide revocation.
    async fn revoke_account(
        &self,
        account: AccountId,
        minimum_generation: u32,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Revocation>;
    /// Ends sessions past a limit, appends their revocations and forgets what is out of date (sessions,
    /// spent tickets, one-time values, counters, revocations past `until`). Called every second.
    async fn sweep(
        &self,
        limits: SessionLimits,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>>;
    /// Revocations that came after `seen`, oldest first, as many as fit a call; all that still matter for a
    /// reader who has read nothing, or another log, or entries that this one has lost.
    async fn read_log(&self, seen: LogPosition) -> Result<LogRead>;
    /// Revocations after `sequence`, oldest first, in as many calls as it takes; from 0: all that still matter.
    async fn revocations_after(&self, sequence: u64) -> Result<Vec<Revocation>> {
        let (mut position, mut entries) = (LogPosition::default(), Vec::new());
        loop {
            let read = self.read_log(position).await?;
            entries.extend(read.entries.into_iter().filter(|entry| entry.sequence > sequence));
            if read.complete {
                return Ok(entries);
            }
            position = read.position;
        }
    }
    /// Whether [`SessionStore::revocations_grew`] ever returns.
    fn tells_of_revocations(&self) -> bool {
        false
    }
    /// Returns when the log may have grown since the last call. A hint for one reader: the log says what
    /// there is, and must be read now and then without one.
    async fn revocations_grew(&self) {
        std::future::pending().await
    }
    /// Live sessions, for the gauge.
    async fn count_sessions(&self) -> Result<u64>;

    /// Spends a ticket id. True exactly once per id, however many ask at once.
    async fn spend_ticket(&self, id: Uuid, expires_at: UnixSeconds) -> Result<bool>;

    /// Keeps a one-time value: `kind` and `key_hash` name it, `payload` is JSON. Replaces one of the same name.
    async fn put_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        payload: &str,
        expires_at: UnixSeconds,
    ) -> Result<()>;
    /// Reads without spending. `None`: unknown or expired.
    async fn peek_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>>;
    /// Reads and spends: `Some` exactly once.
    async fn take_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>>;

    /// Counts an attempt under `key` (already a hash: no address or name in clear).
    async fn count_attempt(&self, key: &[u8; 32], quota: Quota, now_ms: i64) -> Result<Attempt>;
    /// Takes one attempt under `key` back, if any are counted.
    async fn forgive_attempt(&self, key: &[u8; 32], quota: Quota) -> Result<()>;
    /// Forgets the attempts under `key`, after a success.
    async fn clear_attempts(&self, key: &[u8; 32]) -> Result<()>;
}

/// Characters of the browser's name that are kept.
const USER_AGENT_LIMIT: usize = 400;
