//! Sessions in Redis: one server, a primary that sentinels watch, or a cluster.
//!
//! # Layout
//!
//! Every key begins with `bitrix-id:1:`, the version of this layout, and has a lifetime. What one script
//! touches lies together: the part in braces decides where a cluster keeps a key.
//!
//! | key | holds |
//! |---|---|
//! | `{pNN}:session:ID` | a session, as a hash |
//! | `{pNN}:portals:ID` | portal to the last time the session opened it |
//! | `{pNN}:account:ID` | the ids of an account's sessions |
//! | `{pNN}:used`, `{pNN}:begun` | ids by last use and by sign-in, for the sweep |
//! | `{pNN}:ending` | ids whose end has begun, by when whoever began it may be presumed gone |
//! | `cookie:HASH` | a cookie's session id |
//! | `{log}:head`, `:order`, `:entries`, `:ends` | the log of revocations |
//! | `ticket:ID`, `once:KIND:HASH`, `attempt:HASH` | each for itself |
//!
//! An account's sessions share one of [`keys::PARTITIONS`] partitions, so that "all sessions of the account"
//! is one step. The partition is the account id's last bits and is repeated as the session id's last bits:
//! whoever has the id knows where to look.
//!
//! # What a crash leaves behind
//!
//! Each script happens wholly or not at all. Two things need more than one:
//!
//! *Beginning a session* writes `cookie` and then the session with its indexes. Between the two there is a
//! cookie of a session that does not exist, which is no session.
//!
//! *Ending sessions* marks them, appends to the log, and then forgets them. A marked session is no session
//! to any reader, so no token is made for it; whoever finds it marked does the rest, and the sweep of any
//! gateway does so once [`ending::PATIENCE_SECONDS`] have passed. Appending the same session twice leaves one
//! entry, and of several that forget it one is told so. So whoever is answered knows that the log has the
//! entry, and a session that is gone is never one whose tokens live on. Cookies go last: one that is left
//! leads nowhere.
//!
//! Every script may run twice without giving anything away: a ticket or a one-time value whose answer was
//! lost is spent.

mod attempts;
mod ending;
mod failure;
mod keys;
mod link;
mod log;
mod one_time;
mod open;
mod push;
mod scripts;
mod sessions;
mod source;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::clock::Clock;
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::sql::within_deadline;
use crate::store::{
    Attempt, LogPosition, LogRead, NewSession, Quota, Result, Revocation, Revoked, Session,
    SessionLimits, SessionPortal, SessionStore,
};
use ending::Meant;
use keys::Keys;
use link::Link;
use push::Listener;

pub use open::{OpenRedisError, open_redis};

/// Sessions in Redis. Calls share one connection, or one to each node of a cluster.
pub struct RedisStore {
    link: Link,
    keys: Keys,
    listener: Listener,
    /// For the lifetimes of keys alone: what is still good is decided by the time that a call is given.
    clock: Arc<dyn Clock>,
    /// Their addresses, for messages.
    servers: String,
    /// The checks of opening have passed.
    opened: OnceCell<()>,
}

impl RedisStore {
    /// Does what a call is for, by its deadline, and not before the checks of opening have passed once: what
    /// was not looked at is not trusted.
    async fn call<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        within_deadline(async {
            self.opened.get_or_try_init(|| open::look_over(self)).await?;
            work.await
        })
        .await
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn create_session(&self, new: NewSession, now: UnixSeconds) -> Result<Session> {
        self.call(sessions::create(self, new, now)).await
    }

    async fn session_by_cookie(
        &self,
        cookie_hash: &[u8; 32],
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>> {
        self.call(sessions::by_cookie(self, cookie_hash, limits, now)).await
    }

    async fn session(
        &self,
        id: SessionId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>> {
        self.call(sessions::by_id(self, id, limits, now)).await
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Vec<Session>> {
        self.call(sessions::of_account(self, account, limits, now)).await
    }

    async fn touch_session(&self, id: SessionId, now: UnixSeconds) -> Result<()> {
        self.call(sessions::raise(self, id, "last_seen_at", now, "")).await.map(|_| ())
    }

    async fn note_portal(&self, id: SessionId, portal: &str, now: UnixSeconds) -> Result<()> {
        self.call(sessions::raise(self, id, "last_seen_at", now, portal)).await.map(|_| ())
    }

    async fn portals_of_sessions(&self, account: AccountId) -> Result<Vec<SessionPortal>> {
        self.call(sessions::portals(self, account)).await
    }

    async fn confirm_session(&self, id: SessionId, now: UnixSeconds) -> Result<bool> {
        self.call(sessions::raise(self, id, "auth_time", now, "")).await
    }

    async fn keep_session(&self, id: SessionId, generation: u32) -> Result<bool> {
        self.call(sessions::raise(self, id, "generation", generation.into(), "")).await
    }

    async fn end_session(
        &self,
        id: SessionId,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Option<Revocation>> {
        let ids = [id];
        let ended = ending::end(self, &ids, Meant::All, until, now_ms);
        Ok(self.call(ended).await?.pop())
    }

    async fn end_sessions_of(
        &self,
        account: AccountId,
        except: Option<SessionId>,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        self.call(async {
            let mut ids = sessions::ids_of(self, account).await?;
            ids.retain(|id| Some(*id) != except);
            ending::end(self, &ids, Meant::All, until, now_ms).await
        })
        .await
    }

    async fn end_sessions_on(
        &self,
        account: AccountId,
        device: &str,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        self.call(async {
            let ids = sessions::ids_of(self, account).await?;
            ending::end(self, &ids, Meant::OnDevice(device), until, now_ms).await
        })
        .await
    }

    async fn revoke_account(
        &self,
        account: AccountId,
        minimum_generation: u32,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Revocation> {
        let what = Revoked::Account { account, minimum_generation };
        self.call(log::append_one(self, what, until, now_ms)).await
    }

    async fn sweep(
        &self,
        limits: SessionLimits,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        self.call(ending::sweep(self, limits, until, now_ms)).await
    }

    async fn read_log(&self, seen: LogPosition) -> Result<LogRead> {
        self.call(log::read(self, seen)).await
    }

    fn tells_of_revocations(&self) -> bool {
        true
    }

    async fn revocations_grew(&self) {
        self.listener.heard(&self.link, &self.keys).await;
    }

    async fn count_sessions(&self) -> Result<u64> {
        self.call(sessions::count(self)).await
    }

    async fn spend_ticket(&self, id: Uuid, expires_at: UnixSeconds) -> Result<bool> {
        self.call(one_time::spend_ticket(self, id, expires_at)).await
    }

    async fn put_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        payload: &str,
        expires_at: UnixSeconds,
    ) -> Result<()> {
        self.call(one_time::put(self, kind, key_hash, payload, expires_at)).await
    }

    async fn peek_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>> {
        self.call(one_time::peek(self, kind, key_hash, now)).await
    }

    async fn take_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>> {
        self.call(one_time::take(self, kind, key_hash, now)).await
    }

    async fn count_attempt(&self, key: &[u8; 32], quota: Quota, now_ms: i64) -> Result<Attempt> {
        self.call(attempts::count(self, key, quota, now_ms)).await
    }

    async fn forgive_attempt(&self, key: &[u8; 32], quota: Quota) -> Result<()> {
        self.call(attempts::forgive(self, key, quota)).await
    }

    async fn clear_attempts(&self, key: &[u8; 32]) -> Result<()> {
        self.call(attempts::clear(self, key)).await
    }
}

/// What a key is kept longer than needed, for clocks that differ.
const MARGIN: Duration = Duration::from_secs(120);
