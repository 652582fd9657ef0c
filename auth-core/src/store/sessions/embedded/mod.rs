//! Sessions in the directory's own database: each method runs query functions with deadline and transaction.

mod attempts;
mod one_time;
mod portals;
mod revocations;
mod sessions;
mod sweep;

use async_trait::async_trait;
use uuid::Uuid;

use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::sql::{Connection, SqlStore, marking, reading, writing};
use crate::store::{
    Attempt, LogPosition, LogRead, NewSession, Quota, Result, Revocation, Revoked, Session,
    SessionLimits, SessionPortal, SessionStore,
};

#[async_trait]
impl SessionStore for SqlStore {
    async fn create_session(&self, new: NewSession, now: UnixSeconds) -> Result<Session> {
        writing!(self, c => sessions::create(c, new.clone(), now))
    }

    async fn session_by_cookie(
        &self,
        cookie_hash: &[u8; 32],
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>> {
        reading!(self, c => sessions::by_cookie(c, cookie_hash, limits, now))
    }

    async fn session(
        &self,
        id: SessionId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>> {
        reading!(self, c => sessions::by_id(c, id, limits, now))
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Vec<Session>> {
        reading!(self, c => sessions::of_account(c, account, limits, now))
    }

    async fn touch_session(&self, id: SessionId, now: UnixSeconds) -> Result<()> {
        marking!(self, c => sessions::touch(c, id, now))
    }

    async fn note_portal(&self, id: SessionId, portal: &str, now: UnixSeconds) -> Result<()> {
        marking!(self, c => portals::note(c, id, portal, now))
    }

    async fn portals_of_sessions(&self, account: AccountId) -> Result<Vec<SessionPortal>> {
        reading!(self, c => portals::of_account(c, account))
    }

    async fn confirm_session(&self, id: SessionId, now: UnixSeconds) -> Result<bool> {
        writing!(self, c => sessions::confirm(c, id, now))
    }

    async fn keep_session(&self, id: SessionId, generation: u32) -> Result<bool> {
        writing!(self, c => sessions::keep(c, id, generation))
    }

    async fn end_session(
        &self,
        id: SessionId,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Option<Revocation>> {
        writing!(self, c => sessions::end(c, id, until, now_ms))
    }

    async fn end_sessions_of(
        &self,
        account: AccountId,
        except: Option<SessionId>,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        writing!(self, c => sessions::end_of_account(c, account, except, until, now_ms))
    }

    async fn end_sessions_on(
        &self,
        account: AccountId,
        device: &str,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        writing!(self, c => sessions::end_on_device(c, account, device, until, now_ms))
    }

    async fn revoke_account(
        &self,
        account: AccountId,
        minimum_generation: u32,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Revocation> {
        let what = Revoked::Account { account, minimum_generation };
        writing!(self, c => revocations::append(c, what, until, now_ms))
    }

    async fn sweep(
        &self,
        limits: SessionLimits,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>> {
        // Called every second and mostly in vain: the write lock is taken only when something is due.
        if !reading!(self, c => sweep::anything_due(c, limits, now_ms))? {
            return Ok(Vec::new());
        }
        writing!(self, c => sweep::sweep(c, limits, until, now_ms))
    }

    async fn read_log(&self, seen: LogPosition) -> Result<LogRead> {
        // In pieces: a start with millions of entries would miss the deadline of a call.
        let entries = reading!(self, c => revocations::after(c, seen.sequence, ENTRIES_PER_READ))?;
        let complete = (entries.len() as i64) < ENTRIES_PER_READ;
        let sequence = entries.last().map_or(seen.sequence, |last| last.sequence);
        // A log that is kept as durably as the directory is the only one there ever was.
        let position = LogPosition { sequence, ..seen };
        Ok(LogRead { position, entries, begun_at: None, complete })
    }

    async fn count_sessions(&self) -> Result<u64> {
        reading!(self, c => sessions::count(c))
    }

    async fn spend_ticket(&self, id: Uuid, expires_at: UnixSeconds) -> Result<bool> {
        writing!(self, c => one_time::spend_ticket(c, id, expires_at))
    }

    async fn put_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        payload: &str,
        expires_at: UnixSeconds,
    ) -> Result<()> {
        writing!(self, c => one_time::put(c, kind, key_hash, payload, expires_at))
    }

    async fn peek_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>> {
        reading!(self, c => one_time::peek(c, kind, key_hash, now))
    }

    async fn take_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>> {
        writing!(self, c => one_time::take(c, kind, key_hash, now))
    }

    async fn count_attempt(&self, key: &[u8; 32], quota: Quota, now_ms: i64) -> Result<Attempt> {
        marking!(self, c => attempts::count(c, key, quota, now_ms))
    }

    async fn forgive_attempt(&self, key: &[u8; 32], quota: Quota) -> Result<()> {
        marking!(self, c => attempts::forgive(c, key, quota))
    }

    async fn clear_attempts(&self, key: &[u8; 32]) -> Result<()> {
        marking!(self, c => attempts::clear(c, key))
    }
}

/// Far below what a slow disk gives within the deadline.
pub(in crate::store) const ENTRIES_PER_READ: i64 = 20_000;
