//! The flash cookie: what one answer leaves for the next page of the same browser.
//!
//! An address that says "saved" could be sent to anybody and would still say so a day later. What a page
//! tells about the request before it comes in a cookie instead: sealed, so that nobody makes one up, bound
//! to the session it is about, and dead after minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::identity::{SessionId, UnixSeconds};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::cookies;
use super::crypto::{self, Purpose};
use super::people::News;
use super::visit::Visit;
use crate::pages::{AddressNews, MergeNews, SocialNews};

/// What is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flash {
    /// Language and phone were saved.
    ProfileSaved,
    /// Another name was, with them.
    NameSaved,
    /// The time zone was.
    TimeZoneSaved,
    /// A photo was.
    PhotoSaved,
    /// The photo was removed.
    PhotoRemoved,
    /// Name and title on a portal were saved.
    PortalNameSaved,
    /// The password was replaced.
    PasswordChanged,
    /// Sessions were ended.
    SessionsEnded {
        /// How many.
        count: usize,
        /// `User-Agent` of the one, if it was one.
        user_agent: Option<String>,
        /// Ids of the portals they had opened.
        portals: Vec<String>,
    },
    /// A session was said to be somebody else's, and has ended.
    Disowned,
    /// The account will be deleted.
    Leaving {
        /// Unix seconds.
        delete_at: UnixSeconds,
        /// The account's time zone.
        time_zone: Option<String>,
    },
    /// The account stays.
    Kept,
    /// A new code went out.
    CodeSent,
    /// Records of portals were joined.
    Joined,
    /// An old password of a portal, typed for this sign-in, became that of a new account.
    PasswordTaken,
    /// The join on the portal of this id was undone.
    Unjoined(String),
    /// The person has shown again who they are.
    Confirmed,
    /// An address came, went or was made the primary one.
    Addresses(AddressNews),
    /// Two accounts became one, or two again.
    Merge(MergeNews),
    /// Something came of a way to a provider.
    Social(SocialNews),
    /// A password was set by recovery.
    PasswordReset,
    /// Signed out, to sign in as somebody else.
    Switched,
    /// What an owner's form did, or a new portal.
    People(News),
    /// The address that was typed into a sign-in that did not happen.
    Typed(String),
}

impl Flash {
    /// What the answer before left in this browser under `session`.
    pub(crate) fn read(visit: &Visit, session: Option<SessionId>) -> Option<Self> {
        let unverified_text = visit.cookies.one(FLASH_COOKIE)?;
        Self::open(unverified_text, &visit.hub().csrf_secret, session, visit.now())
    }

    /// `Set-Cookie` that leaves it for a page shown under `session`; `None` for what no cookie can hold.
    pub(crate) fn leave(&self, visit: &Visit, session: Option<SessionId>) -> Option<HeaderValue> {
        let until = visit.now() + self.lifetime_seconds();
        let text = self.seal(&visit.hub().csrf_secret, session, until)?;
        Some(cookies::set(FLASH_COOKIE, &text, self.lifetime_seconds()))
    }

    fn lifetime_seconds(&self) -> i64 {
        match self {
            Self::ProfileSaved
            | Self::NameSaved
            | Self::TimeZoneSaved
            | Self::PhotoSaved
            | Self::PhotoRemoved
            | Self::PortalNameSaved
            | Self::Disowned
            | Self::Leaving { .. }
            | Self::Kept
            | Self::PasswordChanged
            | Self::SessionsEnded { .. }
            | Self::Switched
            | Self::People(_)
            | Self::CodeSent
            | Self::Joined
            | Self::PasswordTaken
            | Self::Unjoined(_)
            | Self::Confirmed
            | Self::Addresses(_)
            | Self::Social(_)
            | Self::Merge(_) => 60,
            // Long enough to find the language links at the foot of the page.
            Self::Typed(_) | Self::PasswordReset => 300,
        }
    }

    /// Base64url of the second it dies, the seal and itself as JSON.
    fn seal(
        &self,
        key: &[u8; 32],
        session: Option<SessionId>,
        until: UnixSeconds,
    ) -> Option<String> {
        let until = until.to_be_bytes();
        let mut json = serde_json::to_vec(self).ok()?;
        // With blanks, which JSON passes over: the length of the cookie is not that of an address.
        json.resize(json.len().next_multiple_of(BLOCK_BYTES), b' ');
        let text =
            URL_SAFE_NO_PAD.encode([&until, &mac(key, session, &until, &json)[..], &json].concat());
        (text.len() <= LONGEST).then_some(text)
    }

    fn open(
        text: &str,
        key: &[u8; 32],
        session: Option<SessionId>,
        now: UnixSeconds,
    ) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (until, rest) = bytes.split_first_chunk::<8>()?;
        let (seal, json) = rest.split_first_chunk::<32>()?;
        let alive = now < UnixSeconds::from_be_bytes(*until);
        let genuine = crypto::same(&mac(key, session, until, json), seal);
        if alive && genuine { serde_json::from_slice(json).ok() } else { None }
    }
}

/// `Set-Cookie` that takes it away: what was told once is not told again.
pub(crate) fn clear() -> HeaderValue {
    cookies::delete(FLASH_COOKIE)
}

fn mac(key: &[u8; 32], session: Option<SessionId>, until: &[u8; 8], json: &[u8]) -> [u8; 32] {
    let session = session.map(|session| session.0.into_bytes());
    let session = session.as_ref().map_or(&[][..], |bytes| &bytes[..]);
    crypto::mac(key, Purpose::Flash, &[session, until, json])
}

/// The name of the cookie.
const FLASH_COOKIE: &str = "__Host-bitrix-id-flash";
/// Most addresses fit into one.
const BLOCK_BYTES: usize = 64;
/// Browsers drop a cookie of more than 4096 bytes; no address that is one comes near.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: [u8; 32] = [9; 32];
    const ENDED: Flash = Flash::SessionsEnded { count: 2, user_agent: None, portals: Vec::new() };

    fn session(n: u128) -> Option<SessionId> {
        Some(SessionId(Uuid::from_u128(n)))
    }

    #[test]
    fn it_is_read_by_its_own_session_while_it_lives() {
        let text = ENDED.seal(&KEY, session(1), 100).unwrap();
        assert_eq!(Flash::open(&text, &KEY, session(1), 99), Some(ENDED));
        assert_eq!(Flash::open(&text, &KEY, session(1), 100), None);
        assert_eq!(Flash::open(&text, &KEY, session(2), 99), None);
        assert_eq!(Flash::open(&text, &KEY, None, 99), None);
        assert_eq!(Flash::open(&text, &[8; 32], session(1), 99), None);
    }

    #[test]
    fn an_altered_one_says_nothing() {
        let sealed = ENDED.seal(&KEY, None, 100).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(altered == sealed || Flash::open(&altered, &KEY, None, 99).is_none(), "{at}");
        }
        for garbage in ["", "A", "====", &"A".repeat(LONGEST), &"A".repeat(LONGEST + 1)] {
            assert_eq!(Flash::open(garbage, &KEY, None, 0), None);
        }
    }

    #[test]
    fn its_length_tells_no_address_from_another() {
        let length = |address: &str| {
            let flash = Flash::Typed(address.into());
            flash.seal(&KEY, None, 100).unwrap().len()
        };
        assert_eq!(length("a@b.example"), length("somebody.else@portal.example.com"));
        let padded = Flash::Typed("a@b.example".into());
        let text = padded.seal(&KEY, None, 100).unwrap();
        assert_eq!(Flash::open(&text, &KEY, None, 99), Some(padded));
    }

    #[test]
    fn what_a_browser_would_drop_is_not_sent() {
        assert!(Flash::Typed("ü".repeat(320)).seal(&KEY, None, 100).is_some());
        assert!(Flash::Typed("x".repeat(LONGEST)).seal(&KEY, None, 100).is_none());
    }
}
