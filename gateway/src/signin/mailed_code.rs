//! A code of six digits in a mail, which proves an address to the browser that asked for it.
//!
//! It lives inside a transaction ([`super::transaction`]) and names all it proves by that: the browser,
//! the purpose and whatever else the transaction holds. Of the code there is a keyed hash that takes the
//! browser cookie's value to compute, which the store does not hold: who reads the store cannot try the
//! million codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::identity::{AccountId, UnixSeconds};
use bitrix_id_auth_core::store::{Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::browser::Browser;
use super::crypto::{self, Purpose};
use super::failure::Failure;
use super::person::{event, record_seldom};
use super::visit::Visit;

/// What is kept of a code.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MailedCode {
    /// A new one with every mail, so that tries are counted per code.
    id: Uuid,
    mac: String,
    /// When the newest mail was queued, Unix seconds.
    pub sent_at: UnixSeconds,
}

/// Outcome of typing a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It is the one in the newest mail.
    Right,
    /// It is not.
    Wrong,
    /// It is too old, right or not.
    Expired,
    /// It was tried too often, right or not.
    TooOften,
}

impl MailedCode {
    /// A code and what is kept of it. The code goes into the mail and nowhere else.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(crate) fn new(visit: &Visit, browser: &Browser) -> Result<(Self, String), Failure> {
        let code = crypto::random_code()?;
        let id = Uuid::now_v7();
        let mac = URL_SAFE_NO_PAD.encode(mac(visit, browser, id, &code));
        Ok((Self { id, mac, sent_at: visit.now() }, code))
    }

    /// Looks at what was typed, and counts the try. A code that is not taken is kept as an event, about
    /// `account` if there is any yet.
    ///
    /// # Errors
    /// [`StoreError`]: the code was not looked at.
    pub(crate) async fn try_code(
        &self,
        visit: &Visit,
        browser: &Browser,
        account: Option<AccountId>,
        typed: &str,
    ) -> Result<Tried, StoreError> {
        let tried = self.look_at(visit, browser, typed).await?;
        let detail = match tried {
            Tried::Wrong => "no match",
            Tried::TooOften => "tried too often",
            // A slow mail, or a slow reader.
            Tried::Expired | Tried::Right => return Ok(tried),
        };
        let mut event = event(visit, audit::CODE_REFUSED).with_detail(detail);
        event.account = account;
        record_seldom(visit, event).await;
        Ok(tried)
    }

    async fn look_at(
        &self,
        visit: &Visit,
        browser: &Browser,
        typed: &str,
    ) -> Result<Tried, StoreError> {
        let Some(code) = six_digits(typed) else {
            return Ok(Tried::Wrong);
        };
        if visit.now() >= self.sent_at + lifetime(visit) {
            return Ok(Tried::Expired);
        }
        if self.count_try(visit).await? != Attempt::Allowed {
            return Ok(Tried::TooOften);
        }
        let stored = URL_SAFE_NO_PAD.decode(&self.mac).unwrap_or_default();
        let right = crypto::same(&stored, &mac(visit, browser, self.id, &code));
        Ok(if right { Tried::Right } else { Tried::Wrong })
    }

    async fn count_try(&self, visit: &Visit) -> Result<Attempt, StoreError> {
        // The counter leaks one try per `window / limit`: later than the code can live.
        let window = (lifetime(visit) + 60).saturating_mul(i64::from(MOST_TRIES));
        let quota = Quota { limit: MOST_TRIES, window: u32::try_from(window).unwrap_or(u32::MAX) };
        let key = attempt_key("mailed-code", &[&self.id.to_string()]);
        visit.hub().sessions.count_attempt(&key, quota, visit.now_ms).await
    }

    /// Seconds until another mail may be asked for.
    pub(crate) fn resend_in(&self, now: UnixSeconds) -> u32 {
        let left = (self.sent_at + RESEND_AFTER_SECONDS - now).clamp(0, RESEND_AFTER_SECONDS);
        u32::try_from(left).unwrap_or_default()
    }
}

/// How long a code holds, in seconds.
pub(crate) fn lifetime(visit: &Visit) -> i64 {
    whole_seconds(visit.snapshot.config.identity.checkword_lifetime)
}

/// The same in minutes, as mails say it.
pub(crate) fn lifetime_minutes(visit: &Visit) -> u32 {
    u32::try_from(lifetime(visit) / 60).unwrap_or(u32::MAX).max(1)
}

fn mac(visit: &Visit, browser: &Browser, id: Uuid, code: &str) -> [u8; 32] {
    let id = id.into_bytes();
    let parts = [browser.key().as_bytes(), &id, code.as_bytes()];
    crypto::mac(&visit.hub().csrf_secret, Purpose::Code, &parts)
}

/// Six digits, however they were grouped: people type `123 456` and paste `123-456`.
fn six_digits(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// Five guesses at a million.
const MOST_TRIES: u32 = 5;
/// Between two mails.
pub(crate) const RESEND_AFTER_SECONDS: i64 = 60;

#[cfg(test)]
mod tests {
    use super::six_digits;

    #[test]
    fn codes_are_taken_as_people_type_them() {
        for typed in ["123456", " 123 456 ", "123-456", "1 2 3 4 5 6"] {
            assert_eq!(six_digits(typed).as_deref(), Some("123456"), "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(six_digits(typed), None, "{typed}");
        }
    }
}
