//! Random values and keyed hashes of the sign-in app, one purpose label each.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::failure::Failure;

/// What a keyed hash is for. A value made for one purpose never verifies for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Anti-forgery value of a form.
    Form,
    /// An account in the known-device cookie.
    DeviceAccount,
    /// The known-device cookie as a whole.
    DeviceSeal,
    /// A browser, as the sessions of an account name it.
    DeviceSessions,
    /// A mailed code.
    Code,
    /// What one answer leaves for the next page.
    Flash,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Form => b"bitrix-id form v1\0",
            Self::DeviceAccount => b"bitrix-id device account v1\0",
            Self::DeviceSessions => b"bitrix-id device sessions v1\0",
            Self::DeviceSeal => b"bitrix-id device seal v1\0",
            Self::Code => b"bitrix-id code v1\0",
            Self::Flash => b"bitrix-id flash v1\0",
        }
    }
}

/// HMAC-SHA256 over the purpose and the parts, each with its length in front.
pub(crate) fn mac(key: &[u8; 32], purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(purpose.label());
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Whether two hashes are equal, in constant time.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    // ring deprecated the public name of its comparison; an HMAC of both under a throw-away key says the same.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"bitrix-id compare");
    hmac::verify(&key, left, hmac::sign(&key, right).as_ref()).is_ok()
}

/// SHA-256 of something that is no secret, as base64url without padding.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}

/// `N` random bytes as base64url without padding.
///
/// # Errors
/// [`Failure::Internal`] when the system has no randomness to give.
pub(crate) fn random_text<const N: usize>() -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(random::<N>()?))
}

/// A code of six digits, each of the million equally likely.
///
/// # Errors
/// As [`random_text`].
pub(crate) fn random_code() -> Result<String, Failure> {
    const CODES: u32 = 1_000_000;
    // The largest multiple of a million below 2^32: what lies above would favour the low codes.
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let drawn = u32::from_be_bytes(random()?);
        if drawn < FAIR {
            return Ok(format!("{:06}", drawn % CODES));
        }
    }
}

/// `N` random bytes.
///
/// # Errors
/// As [`random_text`].
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Failure::Internal("the system gives no random bytes".into()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_made_for_one_purpose_fails_for_another() {
        let all = [
            Purpose::Form,
            Purpose::DeviceAccount,
            Purpose::DeviceSeal,
            Purpose::DeviceSessions,
            Purpose::Code,
            Purpose::Flash,
        ];
        for (i, left) in all.iter().enumerate() {
            for right in &all[i + 1..] {
                assert_ne!(mac(&[7; 32], *left, &[b"a"]), mac(&[7; 32], *right, &[b"a"]));
            }
        }
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        assert_ne!(
            mac(&[7; 32], Purpose::Form, &[b"ab", b"c"]),
            mac(&[7; 32], Purpose::Form, &[b"a", b"bc"])
        );
    }

    #[test]
    fn comparison_sees_every_byte() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"ab"));
    }

    #[test]
    fn codes_are_six_digits_and_differ() {
        let codes: std::collections::HashSet<String> =
            (0..64).map(|_| random_code().unwrap()).collect();
        assert!(codes.len() > 60);
        assert!(
            codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
        );
    }
}
