//! The known-device cookie: on which accounts this browser has signed in before.
//!
//! It is no credential. It lets the owner of an account keep trying at an own device while a stranger's
//! attempts are being refused (`auth-core`'s throttle), and is only ever set after a success.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;

use super::cookies::{self, Cookies};
use super::crypto::{self, Purpose};

/// The name of the cookie.
pub(crate) const DEVICE_COOKIE: &str = "__Host-bitrix-id-device";

/// Accounts known in this browser, latest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Device(Vec<[u8; MARK_BYTES]>);

impl Device {
    /// Opens the cookie; one that is absent, altered or not ours knows no account.
    pub(crate) fn read(cookies: &Cookies, key: &[u8; 32]) -> Self {
        let text = cookies.one(DEVICE_COOKIE).unwrap_or_default();
        Self::open(text, key).unwrap_or_default()
    }

    /// Whether the account of this canonical address has signed in here.
    pub(crate) fn knows(&self, email: &str, key: &[u8; 32]) -> bool {
        self.0.contains(&mark(email, key))
    }

    /// The same with one account more, as `Set-Cookie`.
    pub(crate) fn with(&self, email: &str, key: &[u8; 32]) -> HeaderValue {
        let new = mark(email, key);
        let mut marks = vec![new];
        marks.extend(self.0.iter().filter(|held| **held != new).take(MOST_ACCOUNTS - 1));
        cookies::set(DEVICE_COOKIE, &Self(marks).seal(key), LIFETIME_SECONDS)
    }

    fn seal(&self, key: &[u8; 32]) -> String {
        let mut bytes = self.0.concat();
        bytes.extend_from_slice(&crypto::mac(key, Purpose::DeviceSeal, &[&bytes]));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(text: &str, key: &[u8; 32]) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (marks, seal) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        let (marks, rest) = marks.as_chunks::<MARK_BYTES>();
        let genuine =
            crypto::same(&crypto::mac(key, Purpose::DeviceSeal, &[marks.as_flattened()]), seal);
        (genuine && rest.is_empty() && marks.len() <= MOST_ACCOUNTS).then(|| Self(marks.to_vec()))
    }
}

/// An account as the cookie names it: nobody without the key can tell whose it is.
fn mark(email: &str, key: &[u8; 32]) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    let mac = crypto::mac(key, Purpose::DeviceAccount, &[email.as_bytes()]);
    mark.copy_from_slice(&mac[..MARK_BYTES]);
    mark
}

const MARK_BYTES: usize = 16;
const MOST_ACCOUNTS: usize = 10;
/// Base64url of ten marks and the seal, with room.
const LONGEST: usize = 300;
const LIFETIME_SECONDS: i64 = 365 * 24 * 3600;

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::*;

    const KEY: [u8; 32] = [9; 32];

    /// What the browser sends back after `Set-Cookie`.
    fn returned(set_cookie: &HeaderValue, key: &[u8; 32]) -> Device {
        let text = set_cookie.to_str().unwrap().split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(text).unwrap());
        Device::read(&Cookies::read(&headers), key)
    }

    #[test]
    fn a_device_knows_the_accounts_that_signed_in_on_it() {
        let first = returned(&Device::default().with("anna@example.com", &KEY), &KEY);
        let both = returned(&first.with("boris@example.com", &KEY), &KEY);
        assert!(both.knows("anna@example.com", &KEY));
        assert!(both.knows("boris@example.com", &KEY));
        assert!(!both.knows("eve@example.com", &KEY));
    }

    #[test]
    fn the_oldest_of_more_than_ten_is_forgotten() {
        let mut device = Device::default();
        for n in 0..11 {
            device = returned(&device.with(&format!("{n}@example.com"), &KEY), &KEY);
        }
        assert!(!device.knows("0@example.com", &KEY));
        assert!(device.knows("1@example.com", &KEY));
        assert!(device.knows("10@example.com", &KEY));
    }

    #[test]
    fn signing_in_again_takes_no_second_place() {
        let once = returned(&Device::default().with("a@example.com", &KEY), &KEY);
        let twice = returned(&once.with("a@example.com", &KEY), &KEY);
        assert_eq!(once, twice);
    }

    #[test]
    fn an_altered_cookie_knows_nobody() {
        let sealed = Device(vec![mark("a@example.com", &KEY)]).seal(&KEY);
        assert!(Device::open(&sealed, &KEY).is_some());
        assert!(Device::open(&sealed, &[8; 32]).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            let opened = Device::open(&altered, &KEY);
            assert!(opened.is_none() || altered == sealed, "byte {at}");
        }
        for garbage in ["", "A", "====", &"A".repeat(400)] {
            assert!(Device::open(garbage, &KEY).is_none());
        }
    }
}
