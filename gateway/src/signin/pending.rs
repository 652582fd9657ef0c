//! A sign-up under way: what was typed, and the code that is in the mail.
//!
//! Kept in the session store under the browser's cookie, so only the browser that asked can confirm, and
//! a restart of the gateway loses nothing. The password is kept as its hash. Of the code there is a keyed
//! hash that takes the cookie's value to compute, which the store does not hold: who reads the store
//! cannot try the million codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::{Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::browser::{self, Browser};
use super::crypto::{self, Purpose};
use super::failure::Failure;
use super::visit::Visit;

/// What the store keeps, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// Names the code: a new one with every mail, so that tries are counted per code.
    pub code_id: Uuid,
    code_mac: String,
    /// When the newest mail was queued.
    pub sent_at: UnixSeconds,
    /// The hop's state.
    pub state: Option<String>,
    /// Display name.
    pub name: String,
    /// Canonical address.
    pub email: String,
    /// PHC string of the chosen password.
    pub password_hash: String,
    /// Tag of the language the form was in.
    pub language: String,
}

/// What was typed, checked.
pub(crate) struct Wanted {
    /// Display name.
    pub name: String,
    /// Canonical address.
    pub email: String,
    /// PHC string of the chosen password.
    pub password_hash: String,
    /// The hop's state.
    pub state: Option<String>,
}

impl Pending {
    /// A sign-up with its first code. The code goes into the mail and nowhere else.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(crate) fn new(
        visit: &Visit,
        browser: &Browser,
        wanted: Wanted,
    ) -> Result<(Self, String), Failure> {
        let mut pending = Self {
            code_id: Uuid::nil(),
            code_mac: String::new(),
            sent_at: 0,
            state: wanted.state,
            name: wanted.name,
            email: wanted.email,
            password_hash: wanted.password_hash,
            language: visit.lang.tag().to_owned(),
        };
        let code = pending.renew_code(visit, browser)?;
        Ok((pending, code))
    }

    /// Makes a new code; the one before is dead once this is stored.
    ///
    /// # Errors
    /// As [`Pending::new`].
    pub(crate) fn renew_code(
        &mut self,
        visit: &Visit,
        browser: &Browser,
    ) -> Result<String, Failure> {
        let code = crypto::random_code()?;
        self.code_id = Uuid::now_v7();
        self.sent_at = visit.now();
        self.code_mac = URL_SAFE_NO_PAD.encode(self.mac(visit, browser, &code));
        Ok(code)
    }

    /// Whether the code of the newest mail is too old.
    pub(crate) fn is_code_expired(&self, visit: &Visit) -> bool {
        visit.now() >= self.sent_at + lifetime(visit)
    }

    /// Whether `code` is the one in the newest mail.
    pub(crate) fn is_code(&self, visit: &Visit, browser: &Browser, code: &str) -> bool {
        let stored = URL_SAFE_NO_PAD.decode(&self.code_mac).unwrap_or_default();
        crypto::same(&stored, &self.mac(visit, browser, code))
    }

    /// Counts a try of the current code.
    ///
    /// # Errors
    /// [`StoreError`]: do not look at the code.
    pub(crate) async fn count_try(&self, visit: &Visit) -> Result<Attempt, StoreError> {
        // The counter leaks one try per `window / limit`: later than the code can live.
        let window = (lifetime(visit) + 60).saturating_mul(i64::from(MOST_TRIES));
        let quota = Quota { limit: MOST_TRIES, window: u32::try_from(window).unwrap_or(u32::MAX) };
        let key = attempt_key("sign-up/code", &[&self.code_id.to_string()]);
        visit.hub().sessions.count_attempt(&key, quota, visit.now_ms).await
    }

    /// Seconds until another mail may be asked for.
    pub(crate) fn resend_in(&self, now: UnixSeconds) -> u32 {
        let left = (self.sent_at + RESEND_AFTER_SECONDS - now).clamp(0, RESEND_AFTER_SECONDS);
        u32::try_from(left).unwrap_or_default()
    }

    /// Stores it, in place of whatever this browser had before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn store(&self, visit: &Visit, browser: &Browser) -> Result<(), Failure> {
        let payload = serde_json::to_string(self)
            .map_err(|error| Failure::Internal(format!("a sign-up was not written: {error}")))?;
        let until = visit.now() + lifetime(visit) + GRACE_SECONDS;
        let key = key(browser);
        Ok(visit.hub().sessions.put_one_time(KIND, &key, &payload, until).await?)
    }

    fn mac(&self, visit: &Visit, browser: &Browser, code: &str) -> [u8; 32] {
        let id = self.code_id.into_bytes();
        let parts = [browser.key().as_bytes(), &id, code.as_bytes()];
        crypto::mac(&visit.hub().csrf_secret, Purpose::Code, &parts)
    }
}

/// The sign-up under way in this browser.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn peek(visit: &Visit, browser: &Browser) -> Result<Option<Pending>, Failure> {
    let sessions = &visit.hub().sessions;
    read(sessions.peek_one_time(KIND, &key(browser), visit.now()).await?)
}

/// The same, whichever of the browser's values it is kept under.
///
/// # Errors
/// [`Failure::Store`].
pub(crate) async fn find(visit: &Visit) -> Result<Option<(Browser, Pending)>, Failure> {
    for browser in browser::known(&visit.cookies).into_iter().take(MOST_VALUES) {
        if let Some(pending) = peek(visit, &browser).await? {
            return Ok(Some((browser, pending)));
        }
    }
    Ok(None)
}

/// Forgets it.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn spend(visit: &Visit, browser: &Browser) -> Result<(), StoreError> {
    visit.hub().sessions.take_one_time(KIND, &key(browser), visit.now()).await?;
    Ok(())
}

/// How long a code holds, in seconds.
pub(crate) fn lifetime(visit: &Visit) -> i64 {
    whole_seconds(visit.snapshot.config.identity.checkword_lifetime)
}

fn read(payload: Option<String>) -> Result<Option<Pending>, Failure> {
    let Some(payload) = payload else {
        return Ok(None);
    };
    // The error of serde_json would quote what it stumbled on.
    let pending = serde_json::from_str(&payload)
        .map_err(|_| StoreError::Corrupt("a sign-up under way".into()))?;
    Ok(Some(pending))
}

fn key(browser: &Browser) -> [u8; 32] {
    attempt_key("sign-up/browser", &[browser.key()])
}

const KIND: &str = "sign-up";
/// A sign-up outlives its code by this, so that who comes late needs a new code and not a new form.
const GRACE_SECONDS: i64 = 3600;
/// Five guesses at a million.
const MOST_TRIES: u32 = 5;
/// Browser values looked through; more than a few mean a client that makes them up.
const MOST_VALUES: usize = 16;
/// Between two mails.
pub(crate) const RESEND_AFTER_SECONDS: i64 = 60;
