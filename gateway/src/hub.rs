//! What the parts of the process share: the configuration snapshot, keys, revocations, stores.
//!
//! The control service writes what requests read; the sign-in app adds the revocations it makes itself.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bitrix_id_auth_core::authenticate::Authenticator;
use bitrix_id_auth_core::clock::{Clock, whole_seconds};
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::issuer::Issuer;
use bitrix_id_auth_core::keys::KeyRing;
use bitrix_id_auth_core::password::PasswordPool;
use bitrix_id_auth_core::revocation::{Revocations, remembered_until};
use bitrix_id_auth_core::store::{
    Directory, Revocation, Revoked, SessionLimits, SessionStore, StoreError,
};
use tokio::sync::Notify;

use crate::hearing::Hearing;
use crate::kept::Kept;
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
    /// How far revocations were heard.
    pub(crate) hearing: Hearing,
    /// Keeps revocations for the next process; `None` where sessions are in the directory's own database,
    /// without which no process starts.
    pub(crate) kept: Option<Kept>,
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
}
