//! Silent renewal: a new portal token for a session that lives, made while its request goes on.
//!
//! The proxy asks past half a token's life and puts the result on the answer if it is there in time. Many
//! requests ask at once: one of them is answered by the stores, the others share its result, and late ones
//! that still carry the old token get the same new one for a few seconds. When a store is down nobody is
//! refused for it; the next attempt, anybody's, is merely a while later.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::hop::TOKEN_COOKIE;
use bitrix_id_auth_core::identity::{Identity, SessionId, UnixSeconds};
use bitrix_id_auth_core::issuer::{IssueRequest, IssueTokenError, Issued};
use bitrix_id_auth_core::store::StoreError;
use http::HeaderValue;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::callback::token_cookie;
use crate::hub::Hub;

/// A new token.
pub(crate) struct Renewed {
    token: String,
    /// Its `Set-Cookie`.
    pub set_cookie: HeaderValue,
    /// What it says.
    pub identity: Identity,
}

impl Renewed {
    /// Name and value, as the browser will send them.
    pub(crate) fn cookie_pair(&self) -> String {
        format!("{TOKEN_COOKIE}={}", self.token)
    }
}

/// Makes new tokens on the sign-in app's runtime.
pub(crate) struct Renewer {
    hub: Arc<Hub>,
    runtime: Handle,
    flights: Mutex<Flights>,
    /// No store is asked before this, Unix milliseconds.
    quiet_until_ms: Arc<AtomicI64>,
}

/// The renewals under way or remembered.
#[derive(Default)]
struct Flights {
    by_key: HashMap<Key, Flight>,
    /// When the map was last looked through, Unix milliseconds.
    swept_ms: i64,
}

/// Whose token, and where: one session has one token per host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    session: SessionId,
    host: String,
}

/// `None`: no new token; the old one holds as long as it holds.
type Outcome = Option<Arc<Renewed>>;

/// A renewal under way or just done.
struct Flight {
    started_ms: i64,
    /// When the token was made that it is to replace.
    replaces: UnixSeconds,
    /// `None` while it is under way.
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Renewer {
    /// Asks the hub's stores, on `runtime`.
    pub(crate) fn new(hub: Arc<Hub>, runtime: Handle) -> Self {
        let quiet_until_ms = Arc::new(AtomicI64::new(i64::MIN));
        Self { hub, runtime, flights: Mutex::default(), quiet_until_ms }
    }

    /// A newer token than `current` for `host`, a canonical host of `portal`. `None` when the session has
    /// ended or a store failed. Dropping the handle stops nothing: the result is there for the next request.
    pub(crate) fn renew(
        &self,
        current: &Identity,
        host: &str,
        portal: &str,
    ) -> JoinHandle<Option<Arc<Renewed>>> {
        let key = Key { session: current.session, host: host.to_owned() };
        let Some(mut outcome) = self.join_or_start(key, current.issued_at, portal) else {
            return self.runtime.spawn(std::future::ready(None));
        };
        self.runtime.spawn(async move {
            // An error means that the renewal died; its panic is in the log.
            let done = outcome.wait_for(Option::is_some).await.ok()?;
            done.clone().flatten()
        })
    }

    /// `None` while the stores are left alone after a failure.
    fn join_or_start(
        &self,
        key: Key,
        issued_at: UnixSeconds,
        portal: &str,
    ) -> Option<watch::Receiver<Option<Outcome>>> {
        let now_ms = self.hub.clock.now_ms();
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let known = flights.by_key.get(&key);
        if let Some(flight) = known.filter(|flight| flight.serves(issued_at, now_ms)) {
            return Some(flight.outcome.clone());
        }
        if now_ms < self.quiet_until_ms.load(Ordering::Relaxed) || !flights.make_room(now_ms) {
            return None;
        }
        let outcome = self.start(&key, portal);
        let flight = Flight { started_ms: now_ms, replaces: issued_at, outcome: outcome.clone() };
        flights.by_key.insert(key, flight);
        Some(outcome)
    }

    fn start(&self, key: &Key, portal: &str) -> watch::Receiver<Option<Outcome>> {
        let (sender, receiver) = watch::channel(None);
        let (hub, key, portal) = (self.hub.clone(), key.clone(), portal.to_owned());
        let quiet_until_ms = self.quiet_until_ms.clone();
        self.runtime.spawn(async move {
            let outcome = issue(&hub, &key, &portal).await.unwrap_or_else(|error| {
                // What is wrong with one person's token keeps nobody else's waiting.
                if matches!(error, IssueTokenError::Store(StoreError::Unavailable(_))) {
                    let until = hub.clock.now_ms() + BACK_OFF_MS;
                    quiet_until_ms.store(until, Ordering::Relaxed);
                }
                tracing::warn!("a portal token was not renewed: {error}");
                None
            });
            sender.send_replace(Some(outcome));
        });
        receiver
    }
}

impl Flights {
    /// Whether another flight may start. Where there are too many, those no longer remembered are dropped;
    /// not at every call, since looking through all of them holds up the proxy's threads.
    fn make_room(&mut self, now_ms: i64) -> bool {
        if self.by_key.len() < MOST_FLIGHTS {
            return true;
        }
        if !(0..SWEEP_PAUSE_MS).contains(&now_ms.saturating_sub(self.swept_ms)) {
            self.swept_ms = now_ms;
            self.by_key.retain(|_, flight| flight.is_remembered(now_ms));
        }
        self.by_key.len() < MOST_FLIGHTS
    }
}

impl Flight {
    /// Whether a request whose token was made at `issued_at` takes part in this flight.
    fn serves(&self, issued_at: UnixSeconds, now_ms: i64) -> bool {
        // Who asks with a newer token than this flight replaces wants yet another one; once a second is
        // often enough for that.
        let wanted = issued_at <= self.replaces || self.age_is_below(A_SECOND_MS, now_ms);
        wanted && self.is_remembered(now_ms)
    }

    fn is_remembered(&self, now_ms: i64) -> bool {
        match &*self.outcome.borrow() {
            // Under way, unless its task died.
            None => self.outcome.has_changed().is_ok(),
            Some(Some(_)) => self.age_is_below(REMEMBER_MS, now_ms),
            Some(None) => self.age_is_below(BACK_OFF_MS, now_ms),
        }
    }

    /// A clock that was set back makes every flight old.
    fn age_is_below(&self, limit_ms: i64, now_ms: i64) -> bool {
        (0..limit_ms).contains(&(now_ms - self.started_ms))
    }
}

/// Asks the stores. `Ok(None)`: the session has ended, or the configuration has no such portal any more.
async fn issue(hub: &Hub, key: &Key, portal: &str) -> Result<Outcome, IssueTokenError> {
    let snapshot = hub.snapshot.load_full();
    let now = hub.clock.now();
    let request = IssueRequest {
        session: key.session,
        issuer: &snapshot.issuer,
        host: &key.host,
        portal,
        token_lifetime: whole_seconds(snapshot.config.identity.token_lifetime),
        limits: hub.session_limits(),
        now,
    };
    Ok(match hub.issuer.portal_token(request).await? {
        Issued::Token { token, identity } => {
            let set_cookie = token_cookie(&token, identity.expires_at, now);
            Some(Arc::new(Renewed { token, set_cookie, identity }))
        }
        Issued::SessionEnded => None,
    })
}

/// Long enough for every request that left the browser before the new cookie arrived.
const REMEMBER_MS: i64 = 5_000;
/// After a failure, and after a session turned out to have ended.
const BACK_OFF_MS: i64 = 2_000;
const A_SECOND_MS: i64 = 1_000;
/// Beyond this, renewals wait for the ones before.
const MOST_FLIGHTS: usize = 20_000;
/// In between, renewals beyond the limit are turned away unexamined.
const SWEEP_PAUSE_MS: i64 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_now_and_then_and_not_at_every_call() {
        let (_sender, outcome) = watch::channel(Some(None));
        let flight = |started_ms| Flight { started_ms, replaces: 0, outcome: outcome.clone() };
        let key = |n: usize| Key {
            session: SessionId(uuid::Uuid::from_u128(1)),
            host: format!("{n}.example"),
        };
        let mut flights = Flights::default();
        for n in 0..MOST_FLIGHTS {
            assert!(flights.make_room(10_000), "{n}");
            flights.by_key.insert(key(n), flight(if n < 10 { 8_100 } else { 10_000 }));
        }
        assert!(!flights.make_room(10_000), "everything is still remembered");
        assert!(!flights.make_room(10_499), "it was looked at a moment ago");
        assert!(flights.make_room(10_500));
        assert_eq!(flights.by_key.len(), MOST_FLIGHTS - 10);
    }
}
