//! The known-device cookie: on which accounts this browser has signed in before.
//!
//! It is no credential. It lets the owner of an account keep trying at an own device while a stranger's
//! attempts are being refused (`auth-core`'s throttle), and is only ever set after a success.
//!
//! What puts an end to an account's sessions, such as a new password, makes the browsers of before
//! unknown: one of them may have been a thief's. The one that the owner says was a thief's is *disowned*:
//! unknown until somebody signs in with it again. That is kept in the session store, as the cookie is
//! where nobody can take it away.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::Account;
use bitrix_id_auth_core::throttle::attempt_key;
use http::HeaderValue;
use uuid::Uuid;

use super::cookies::{self, Cookies};
use super::crypto::{self, Purpose};
use super::failure::Failure;
use super::one_time::Key;
use super::visit::Visit;

/// The name of the cookie.
pub(crate) const DEVICE_COOKIE: &str = "__Host-bitrix-id-device";

/// Accounts known in this browser, latest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// The browser, so that no two have a mark in common; `None` before the first success in it.
    id: Option<[u8; MARK_BYTES]>,
    marks: Vec<[u8; MARK_BYTES]>,
}

impl Device {
    /// Opens the cookie; one that is absent, altered or not ours knows no account.
    pub(crate) fn read(cookies: &Cookies, key: &[u8; 32]) -> Self {
        let text = cookies.one(DEVICE_COOKIE).unwrap_or_default();
        Self::open(text, key).unwrap_or_default()
    }

    /// The name under which this browser is known for the account: by no other browser and for no other
    /// account. `None`: it has not signed in here, or not since its sessions were ended. The same work with
    /// and without an account.
    pub(crate) fn known_for(&self, account: Option<&Account>, key: &[u8; 32]) -> Option<String> {
        let nobody = (AccountId(Uuid::nil()), 0);
        let (id, since) = account.map_or(nobody, |account| (account.id, account.sessions_from));
        let mark = mark(&self.id.unwrap_or_default(), id, since, key);
        let known = self.marks.contains(&mark) && account.is_some();
        known.then(|| URL_SAFE_NO_PAD.encode(mark))
    }

    /// The same with one account more.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the system has no randomness to give.
    pub(crate) fn with(&self, account: &Account, key: &[u8; 32]) -> Result<Self, Failure> {
        self.with_mark(account.id, account.sessions_from, key)
    }

    /// As [`Device::with`], for an account whose sessions have just been ended up to generation `since`.
    ///
    /// # Errors
    /// As [`Device::with`].
    pub(crate) fn with_mark(
        &self,
        account: AccountId,
        since: u32,
        key: &[u8; 32],
    ) -> Result<Self, Failure> {
        let id = self.id_or_new()?;
        let new = mark(&id, account, since, key);
        let mut marks = vec![new];
        marks.extend(self.marks.iter().filter(|held| **held != new).take(MOST_ACCOUNTS - 1));
        Ok(Self { id: Some(id), marks })
    }

    /// The same with an id, whether or not there was one: what comes of it is one browser.
    ///
    /// # Errors
    /// As [`Device::with`].
    pub(crate) fn identified(self) -> Result<Self, Failure> {
        Ok(Self { id: Some(self.id_or_new()?), ..self })
    }

    fn id_or_new(&self) -> Result<[u8; MARK_BYTES], Failure> {
        self.id.map_or_else(crypto::random::<MARK_BYTES>, Ok)
    }

    /// What all sessions of the account in this browser have in common, for ever: unlike
    /// [`Device::known_for`] it says nothing of whether the browser is known. `None` without an id.
    pub(crate) fn of_sessions(&self, account: AccountId, key: &[u8; 32]) -> Option<String> {
        let id = self.id?;
        let mac = crypto::mac(key, Purpose::DeviceSessions, &[&id, account.0.as_bytes()]);
        Some(URL_SAFE_NO_PAD.encode(mac))
    }

    /// `Set-Cookie`.
    pub(crate) fn cookie(&self, key: &[u8; 32]) -> HeaderValue {
        cookies::set(DEVICE_COOKIE, &self.seal(key), LIFETIME_SECONDS)
    }

    fn seal(&self, key: &[u8; 32]) -> String {
        let id = self.id.unwrap_or_default();
        let marks = self.marks.as_flattened();
        let seal = crypto::mac(key, Purpose::DeviceSeal, &[&id, marks]);
        URL_SAFE_NO_PAD.encode([&id, marks, &seal].concat())
    }

    fn open(text: &str, key: &[u8; 32]) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (held, seal) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        let (id, marks) = held.split_first_chunk::<MARK_BYTES>()?;
        let (marks, rest) = marks.as_chunks::<MARK_BYTES>();
        let own = crypto::mac(key, Purpose::DeviceSeal, &[id, marks.as_flattened()]);
        let genuine = crypto::same(&own, seal) && rest.is_empty() && marks.len() <= MOST_ACCOUNTS;
        genuine.then(|| Self { id: Some(*id), marks: marks.to_vec() })
    }
}

/// The name under which the browser of this visit is known for the account, if its owner has not disowned
/// it. The same work with and without an account.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn known(
    visit: &Visit,
    account: Option<&Account>,
) -> Result<Option<String>, Failure> {
    let key = &visit.hub().device_secret;
    let name = Device::read(&visit.cookies, key).known_for(account, key);
    let disowned: Option<()> = disowned(name.as_deref().unwrap_or_default()).peek(visit).await?;
    Ok(name.filter(|_| disowned.is_none()))
}

/// The browser known by this name counts as any stranger's from here on.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn disown(visit: &Visit, name: &str) -> Result<(), Failure> {
    disowned(name).put(visit, &(), LIFETIME_SECONDS).await
}

/// A sign-in in the browser known by this name: what was said about it before is past.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn own(visit: &Visit, name: &str) -> Result<(), Failure> {
    disowned(name).take::<()>(visit).await.map(drop)
}

fn disowned(name: &str) -> Key {
    let kind = "disowned-device";
    Key { kind, hash: attempt_key("device", &[kind, name]) }
}

/// An account as the cookie of one browser names it: nobody without the key can tell whose it is. `since`
/// is its [`Account::sessions_from`].
fn mark(
    browser: &[u8; MARK_BYTES],
    account: AccountId,
    since: u32,
    key: &[u8; 32],
) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    let parts: [&[u8]; 3] = [browser, account.0.as_bytes(), &since.to_be_bytes()];
    mark.copy_from_slice(&crypto::mac(key, Purpose::DeviceAccount, &parts)[..MARK_BYTES]);
    mark
}

const MARK_BYTES: usize = 16;
const MOST_ACCOUNTS: usize = 10;
/// Base64url of a browser, ten marks and the seal, with room.
const LONGEST: usize = 320;
const LIFETIME_SECONDS: i64 = 365 * 24 * 3600;

#[cfg(test)]
mod tests {
    use bitrix_id_auth_core::store::{AccountState, AddressProof};
    use http::HeaderMap;
    use http::header::COOKIE;

    use super::*;

    const KEY: [u8; 32] = [9; 32];

    fn account(number: u128, sessions_from: u32) -> Account {
        Account {
            id: AccountId(Uuid::from_u128(number)),
            email: "anna@example.com".into(),
            proof: AddressProof::Mail,
            name: "Anna".into(),
            password_hash: None,
            state: AccountState::Active,
            generation: 9,
            sessions_from,
            language: None,
            time_zone: None,
            phone: None,
            created_at: 0,
        }
    }

    /// What the browser sends back after a success.
    fn after(device: &Device, account: &Account) -> Device {
        let set_cookie = device.with(account, &KEY).unwrap().cookie(&KEY);
        let text = set_cookie.to_str().unwrap().split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(text).unwrap());
        Device::read(&Cookies::read(&headers), &KEY)
    }

    fn knows(device: &Device, account: &Account) -> bool {
        device.known_for(Some(account), &KEY).is_some()
    }

    #[test]
    fn a_device_knows_the_accounts_that_signed_in_on_it() {
        let (anna, boris) = (account(1, 0), account(2, 0));
        let both = after(&after(&Device::default(), &anna), &boris);
        assert!(knows(&both, &anna));
        assert!(knows(&both, &boris));
        assert!(!knows(&both, &account(3, 0)));
        assert_eq!(both.known_for(None, &KEY), None);
    }

    #[test]
    fn ended_sessions_make_it_unknown_until_the_next_success() {
        let device = after(&Device::default(), &account(1, 0));
        let since = account(1, 4);
        assert!(!knows(&device, &since));
        assert!(knows(&after(&device, &since), &since));
    }

    #[test]
    fn no_two_devices_are_known_by_the_same_name() {
        let anna = account(1, 0);
        let name = || after(&Device::default(), &anna).known_for(Some(&anna), &KEY).unwrap();
        assert_ne!(name(), name());
        let one = after(&Device::default(), &anna);
        let both = after(&one, &account(2, 0));
        assert_eq!(both.known_for(Some(&anna), &KEY), one.known_for(Some(&anna), &KEY));
    }

    #[test]
    fn sessions_of_an_account_in_one_browser_have_a_name_in_common_that_outlives_their_end() {
        let of = |device: &Device, number| device.of_sessions(account(number, 0).id, &KEY);
        let first = Device::default().identified().unwrap();
        let told = after(&first, &account(1, 0));
        let later = after(&after(&told, &account(2, 0)), &account(1, 4)).identified().unwrap();
        assert_eq!(of(&first, 1), of(&told, 1), "the first one has it before the cookie");
        assert_eq!(of(&first, 1), of(&later, 1));
        assert_ne!(of(&first, 1), of(&first, 2));
        assert_ne!(of(&first, 1), of(&Device::default().identified().unwrap(), 1));
        assert_eq!(of(&Device::default(), 1), None);
    }

    #[test]
    fn the_oldest_of_more_than_ten_is_forgotten() {
        let mut device = Device::default();
        for n in 0..11 {
            device = after(&device, &account(n, 0));
        }
        assert!(!knows(&device, &account(0, 0)));
        assert!(knows(&device, &account(1, 0)));
        assert!(knows(&device, &account(10, 0)));
    }

    #[test]
    fn signing_in_again_takes_no_second_place() {
        let once = after(&Device::default(), &account(1, 0));
        assert_eq!(once, after(&once, &account(1, 0)));
    }

    #[test]
    fn an_altered_cookie_knows_nobody() {
        let sealed = after(&Device::default(), &account(1, 0)).seal(&KEY);
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
