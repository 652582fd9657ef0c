//! What the parts of the process share: the configuration snapshot, keys, revocations, stores.
//!
//! The control service writes what requests read; the sign-in app adds the revocations it makes itself.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use bitrix_id_auth_core::authenticate::Authenticator;
use bitrix_id_auth_core::clock::{Clock, whole_seconds};
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::KeyRing;
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::{Revocations, remembered_until};
use bitrix_id_auth_core::store::{
    Directory, LogPosition, Revocation, Revoked, SessionLimits, SessionStore, StoreError,
};
use tokio::sync::Notify;

use crate::snapshot::SharedSnapshot;
use crate::streams::Streams;
use crate::telemetry::Telemetry;

/// Shared by the proxy, the sign-in app, the control service and the admin listener.
pub(crate) struct Hub {
    /// The configuration in force.
    pub snapshot: SharedSnapshot,
    /// Signing and verifying keys.
    pub keys: Arc<ArcSwap<KeyRing>>,
    /// Ended sessions and raised generations.
    pub revocations: Arc<Revocations>,
    /// Requests in flight by session, so that they can be cut when it ends.
    pub streams: Arc<Streams>,
    /// Verifies portal tokens, remembering those already seen.
    pub authenticator: Authenticator,
    /// Accounts, profiles, portals, keys, audit.
    pub directory: Arc<dyn Directory>,
    /// Sessions, tickets, one-time values.
    pub sessions: Arc<dyn SessionStore>,
    /// Makes portal tokens.
    pub issuer: Arc<Issuer>,
    /// Read once per request.
    pub clock: Arc<dyn Clock>,
    /// Seals the state that travels through a sign-in.
    pub hop: HopSealer,
    /// HMAC key of form tokens.
    pub csrf_secret: [u8; 32],
    /// HMAC key of the known-device cookie.
    pub device_secret: [u8; 32],
    /// Metrics and access log.
    pub telemetry: Arc<Telemetry>,
    /// How far the log of revocations was read. What this process revokes itself is applied at once and
    /// does not move it: another process may have written in between.
    pub(crate) followed: Mutex<LogPosition>,
    /// When the log of revocations was last read, Unix milliseconds.
    pub(crate) heard_at_ms: AtomicI64,
    /// Bounded password hashing.
    pub passwords: ArcSwap<PasswordPool>,
    /// Tells of portals that come while the process runs.
    pub portal_bells: PortalBells,
}

/// Rung so that nobody need wait for the next look at the clock.
#[derive(Default)]
pub(crate) struct PortalBells {
    /// This process has added a portal to the directory.
    pub added: Notify,
    /// Another snapshot is in force.
    pub taken: Notify,
}

impl Hub {
    /// Idle and absolute session limits of the configuration in force.
    pub(crate) fn session_limits(&self) -> SessionLimits {
        SessionLimits::of(&self.snapshot.load().config.identity)
    }

    /// Lifetime of a portal token in seconds.
    pub(crate) fn token_lifetime(&self) -> i64 {
        whole_seconds(self.snapshot.load().config.identity.token_lifetime)
    }

    /// Until when a revocation made now has to be remembered, Unix seconds.
    pub(crate) fn revocation_until(&self) -> i64 {
        remembered_until(self.clock.now())
    }

    /// Enforces a revocation in this process: no token it covers passes from here on, and what is open
    /// under it is cut. Applying one twice does no harm.
    pub(crate) fn apply_revocation(&self, revocation: &Revocation) {
        if !self.revocations.apply(revocation) {
            return;
        }
        match revocation.what {
            Revoked::Session(session) => self.streams.close_session(session),
            Revoked::Account { account, minimum_generation } => {
                self.streams.close_account(account, minimum_generation)
            }
        }
        let lag_ms = (self.clock.now_ms() - revocation.at_ms).max(0);
        self.telemetry.metrics.revocation_applied(lag_ms);
    }

    /// Learns at start what was revoked before: nothing is open yet, and nothing of it is news.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; better not to serve.
    pub(crate) async fn learn_revocations(&self) -> Result<(), StoreError> {
        self.follow_log(|revocation| {
            self.revocations.apply(revocation);
        })
        .await
    }

    /// Reads what the log has beyond where this process stands, applies it and moves there.
    async fn follow_log(&self, apply: impl Fn(&Revocation)) -> Result<(), StoreError> {
        let asked_at_ms = self.clock.now_ms();
        loop {
            let seen = *self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            let read = self.sessions.read_log(seen).await?;
            if let Some(begun_at) = read.begun_at.filter(|_| read.position.log != seen.log) {
                self.note_log_begun(seen, begun_at);
            }
            read.entries.iter().for_each(&apply);
            // Now that it is in force: another reader takes for granted what lies behind this.
            self.note_followed(seen, read.position);
            if read.complete {
                self.heard_at_ms.fetch_max(asked_at_ms, Ordering::AcqRel);
                return Ok(());
            }
        }
    }

    /// What knew which of the tokens before it were ended is not there, so none of them counts. Whoever began
    /// the log may have a clock that is fast: tokens that are made from now on count in any case.
    fn note_log_begun(&self, seen: LogPosition, begun_at: i64) {
        let begun_at = begun_at.min(self.clock.now());
        if self.revocations.refuse_before(begun_at) && seen != LogPosition::default() {
            tracing::error!("the session store has lost its data: everybody has to sign in again");
        }
    }

    /// Two may read at once: the one who has read less does not take the other back.
    fn note_followed(&self, seen: LogPosition, now: LogPosition) {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let farther = followed.log == now.log && followed.sequence < now.sequence;
        if *followed == seen || farther {
            *followed = now;
        }
    }

    /// Lets everybody who queues notices know which portals are told of what by the configuration in force.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; nothing has changed then.
    pub(crate) async fn follow_webhooks(&self) -> Result<(), StoreError> {
        let subscriptions = self.snapshot.load().subscriptions();
        for (portal, notices) in self.directory.subscribe(&subscriptions).await? {
            tracing::warn!(portal, notices, "no webhook any more: what waited is dropped");
        }
        Ok(())
    }

    /// Whether revocations were heard recently enough for tokens to count: an ended session that
    /// nobody told us about must not live on for longer than `identity.max_silence`.
    pub(crate) fn hears_revocations(&self, now: i64) -> bool {
        let heard_at = self.heard_at_ms.load(Ordering::Acquire).div_euclid(1000);
        let silence = whole_seconds(self.snapshot.load().config.identity.max_silence);
        now.saturating_sub(heard_at) <= silence
    }

    /// Reads revocations this process has not seen yet and enforces them.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; the set stays as it is.
    pub(crate) async fn catch_up_revocations(&self) -> Result<(), StoreError> {
        self.follow_log(|revocation| self.apply_revocation(revocation)).await
    }
}
