//! The browser cookie and the anti-forgery values bound to it.
//!
//! The first page a browser meets gives it a random value in a cookie. Every form carries a keyed hash of
//! that value and of the session it was shown under, so a form works in the browser and the session it was
//! made for and nowhere else; signing in replaces both, and whatever was planted before is dead.
//!
//! The cookie's name carries an id of its own. Tabs that open at once on a fresh browser each get a value;
//! under one name the last answer would win and the other tabs' forms would be dead before anyone typed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::identity::SessionId;
use http::HeaderValue;

use super::cookies::{self, Cookies};
use super::crypto::{self, Purpose};
use super::failure::Failure;
use super::visit::Visit;

/// A browser, as far as its cookie tells.
pub(crate) struct Browser {
    /// 8 base64url characters: part of the cookie's name, first part of each form value.
    id: String,
    /// 43 base64url characters. Never shown.
    secret: String,
    fresh: bool,
}

impl Browser {
    /// The browser of this visit, known or new. A new one needs [`Browser::cookie`] on the answer.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(crate) fn of(visit: &Visit) -> Result<Self, Failure> {
        match known(&visit.cookies).into_iter().next() {
            Some(browser) => Ok(browser),
            None => Self::new(),
        }
    }

    /// A browser never seen before.
    ///
    /// # Errors
    /// As [`Browser::of`].
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {
            id: crypto::random_text::<6>()?,
            secret: crypto::random_text::<32>()?,
            fresh: true,
        })
    }

    /// The browser whose form carries this value, if the value is genuine and was made under `session`.
    pub(crate) fn of_form(
        visit: &Visit,
        session: Option<SessionId>,
        unverified_value: &str,
    ) -> Option<Self> {
        let (id, unverified_mac) = unverified_value.split_once('.')?;
        let unverified_mac = URL_SAFE_NO_PAD.decode(unverified_mac).ok()?;
        let browser = known(&visit.cookies).into_iter().find(|browser| browser.id == id)?;
        let mac = browser.mac(&visit.hub().csrf_secret, session);
        crypto::same(&mac, &unverified_mac).then_some(browser)
    }

    /// The value for a form shown under `session`.
    pub(crate) fn form_value(&self, visit: &Visit, session: Option<SessionId>) -> String {
        let mac = self.mac(&visit.hub().csrf_secret, session);
        format!("{}.{}", self.id, URL_SAFE_NO_PAD.encode(mac))
    }

    /// `Set-Cookie` of a browser that does not have the cookie yet.
    pub(crate) fn cookie(&self) -> Option<HeaderValue> {
        let name = format!("{PREFIX}{}", self.id);
        self.fresh.then(|| cookies::set(&name, &self.secret, LIFETIME_SECONDS))
    }

    /// What is bound to the browser is kept under this, not under the value itself.
    pub(crate) fn key(&self) -> &str {
        &self.secret
    }

    fn mac(&self, key: &[u8; 32], session: Option<SessionId>) -> [u8; 32] {
        let session = session.map(|session| session.0.into_bytes());
        let session = session.as_ref().map_or(&[][..], |bytes| &bytes[..]);
        crypto::mac(key, Purpose::Form, &[self.secret.as_bytes(), session])
    }
}

/// `Set-Cookie` values that take every browser value away.
pub(crate) fn forget(cookies: &Cookies) -> Vec<HeaderValue> {
    let names = cookies.names_with(PREFIX).into_iter().filter(|name| is_name(name));
    names.map(cookies::delete).collect()
}

/// Every browser value of the request, in the order it came; more than one after tabs that raced.
pub(crate) fn known(cookies: &Cookies) -> Vec<Browser> {
    let names = cookies.names_with(PREFIX).into_iter().filter(|name| is_name(name));
    let browsers = names.filter_map(|name| {
        let secret = cookies.one(name).filter(|secret| is_base64url(secret, 43))?;
        Some(Browser {
            id: name[PREFIX.len()..].to_owned(),
            secret: secret.to_owned(),
            fresh: false,
        })
    });
    browsers.collect()
}

fn is_name(name: &str) -> bool {
    is_base64url(&name[PREFIX.len()..], 8)
}

/// Whether a text consists of `length` base64url characters.
pub(crate) fn is_base64url(text: &str, length: usize) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == length && text.bytes().all(legal)
}

const PREFIX: &str = "__Host-bitrix-id-browser-";
/// Forms are not left open for longer; the cookie is made anew when the next one is shown.
const LIFETIME_SECONDS: i64 = 24 * 3600;
