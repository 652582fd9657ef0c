//! A trip: what is kept of a browser's way to a provider and back.
//!
//! Not a `Transaction`, of which a browser has one: ten tabs may be on their way at once. A trip is stored
//! under the hash of its state, names the browser that began it, and is spent by whoever comes back with
//! that state, once, before the provider is asked anything.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::identity::{AccountId, SessionId};
use bitrix_id_auth_core::oauth::{Attempt, Returned};
use bitrix_id_auth_core::store::{self, Quota, StoreError};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};
use serde::{Deserialize, Serialize};

use crate::signin::browser::{self, Browser, is_base64url};
use crate::signin::failure::Failure;
use crate::signin::one_time::Key;
use crate::signin::visit::Visit;

/// What the store keeps, as JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Trip {
    /// Id of the provider.
    pub provider: String,
    /// SHA-256 of the browser cookie's value.
    browser: String,
    /// The secrets.
    pub attempt: Attempt,
    /// As the provider was told.
    pub redirect_uri: String,
    /// What for.
    pub purpose: Purpose,
}

/// What a trip is for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// To sign in.
    SignIn {
        /// The hop's state.
        state: Option<String>,
    },
    /// To link the provider's account to the one that is signed in.
    Link {
        /// In this session alone.
        session: SessionId,
        /// Its account.
        account: AccountId,
    },
}

impl Purpose {
    /// The hop's state.
    pub(super) fn state(&self) -> Option<&str> {
        match self {
            Self::SignIn { state } => state.as_deref(),
            Self::Link { .. } => None,
        }
    }
}

impl Trip {
    /// A new one, not stored yet.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(super) fn new(
        visit: &Visit,
        browser: &Browser,
        provider: &str,
        purpose: Purpose,
    ) -> Result<Self, Failure> {
        let attempt = Attempt::new()
            .map_err(|_| Failure::Internal("the system gives no random bytes".into()))?;
        Ok(Self {
            provider: provider.to_owned(),
            browser: URL_SAFE_NO_PAD.encode(sha256(browser.key())),
            attempt,
            redirect_uri: visit.identity_url(&format!("/social/{provider}/callback")),
            purpose,
        })
    }

    /// Stores it.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn store(&self, visit: &Visit) -> Result<(), Failure> {
        key(KIND, &self.attempt.state).put(visit, self, LIFETIME_SECONDS).await
    }

    /// Whether this visit's browser began it.
    pub(super) fn is_of(&self, visit: &Visit) -> bool {
        let hash = |browser: &Browser| URL_SAFE_NO_PAD.encode(sha256(browser.key()));
        browser::known(&visit.cookies).iter().any(|browser| hash(browser) == self.browser)
    }
}

/// The trip of this state, not spent.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn peek(visit: &Visit, unverified_state: &str) -> Result<Option<Trip>, Failure> {
    if !is_base64url(unverified_state, 43) {
        return Ok(None);
    }
    key(KIND, unverified_state).peek(visit).await
}

/// Spends it: `Some` exactly once.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn take(visit: &Visit, state: &str) -> Result<Option<Trip>, Failure> {
    key(KIND, state).take(visit).await
}

/// What a provider has a browser post, kept until the browser comes with its cookies.
#[derive(Serialize, Deserialize)]
pub(super) struct Posted {
    /// Code and what comes along.
    pub returned: Returned,
    /// The provider's `error`.
    pub error: Option<String>,
}

impl Posted {
    /// Stores it for the trip of this state.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn store(&self, visit: &Visit, state: &str) -> Result<(), Failure> {
        key(POSTED, state).put(visit, self, LIFETIME_SECONDS).await
    }

    /// Reads and spends it.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn take(visit: &Visit, state: &str) -> Result<Option<Self>, Failure> {
        key(POSTED, state).take(visit).await
    }
}

/// Counts a trip that begins: a store full of them would be a stranger's doing.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn count(visit: &Visit, browser: &Browser) -> Result<store::Attempt, StoreError> {
    let network = client_network(visit.client_ip).to_string();
    let buckets = [
        (attempt_key("social/browser", &[browser.key()]), PER_BROWSER),
        (attempt_key("social/network", &[&network]), PER_NETWORK),
    ];
    for (key, quota) in buckets {
        let attempt = visit.hub().sessions.count_attempt(&key, quota, visit.now_ms).await?;
        if attempt != store::Attempt::Allowed {
            return Ok(attempt);
        }
    }
    Ok(store::Attempt::Allowed)
}

fn key(kind: &'static str, state: &str) -> Key {
    Key { kind, hash: attempt_key(kind, &[state]) }
}

const KIND: &str = "social-trip";
const POSTED: &str = "social-posted";
/// Time to find a password manager and a phone at the provider's.
const LIFETIME_SECONDS: i64 = 600;
/// Tabs and second thoughts of one browser.
const PER_BROWSER: Quota = Quota { limit: 40, window: 600 };
/// An office in the morning.
const PER_NETWORK: Quota = Quota { limit: 400, window: 600 };
