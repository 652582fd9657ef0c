//! The sealed state of a hop: where the browser wanted to go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::{is_attempt, return_target};
use crate::identity::UnixSeconds;
use crate::jwt::CLOCK_SKEW;

/// How long a sealed state is good, in seconds: people leave a sign-in form open.
pub const STATE_LIFETIME: i64 = 3600;
/// Longest sealed state in bytes: a return target of full length and the rest, in base64.
pub const STATE_LIMIT: usize = 6144;

/// What a hop remembers while the browser is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopState {
    /// Canonical host that the browser left and comes back to.
    pub host: String,
    /// Path and query on that host, as [`return_target`] gives them.
    pub return_to: String,
    /// Names the nonce cookie: 11 base64url characters (8 random bytes).
    pub attempt: String,
    /// SHA-256 of the nonce cookie's 43 characters.
    pub nonce_hash: [u8; 32],
    /// How often this hop has started over because its cookie was missing.
    pub restarts: u8,
    /// When it was sealed.
    pub issued_at: UnixSeconds,
}

/// Seals and opens [`HopState`]s: base64url of the bytes, a dot, base64url of their HMAC-SHA256.
pub struct HopSealer {
    key: hmac::Key,
}

impl HopSealer {
    /// `secret` is 32 random bytes, the same on every node. The key is derived from it for this purpose.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let derived = hmac::sign(&secret, b"bitrix-id hop state 1");
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()) }
    }

    /// The state as text of base64url characters and one dot, fit for a query. A return target that
    /// [`return_target`] would refuse is sealed as `/`.
    #[must_use]
    pub fn seal(&self, state: &HopState) -> String {
        let payload = encode_state(state);
        let mac = hmac::sign(&self.key, &payload);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(mac))
    }

    /// Opens what [`Self::seal`] made, at most [`STATE_LIFETIME`] ago.
    ///
    /// # Errors
    /// See [`OpenHopError`].
    pub fn open(&self, unverified_text: &str, now: UnixSeconds) -> Result<HopState, OpenHopError> {
        if unverified_text.len() > STATE_LIMIT {
            return Err(OpenHopError::Malformed);
        }
        let (payload, mac) = unverified_text.split_once('.').ok_or(OpenHopError::Malformed)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| OpenHopError::Malformed)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| OpenHopError::Malformed)?;
        hmac::verify(&self.key, &payload, &mac).map_err(|_| OpenHopError::BadSeal)?;
        let state = decode_state(&payload).ok_or(OpenHopError::Malformed)?;
        let ahead = state.issued_at > now.saturating_add(CLOCK_SKEW);
        if ahead || state.issued_at.saturating_add(STATE_LIFETIME) <= now {
            return Err(OpenHopError::Expired(Box::new(state)));
        }
        Ok(state)
    }
}

impl std::fmt::Debug for HopSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HopSealer([redacted])")
    }
}

/// Why a state does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenHopError {
    /// Not of the form that [`HopSealer::seal`] writes.
    #[error("the state is malformed")]
    Malformed,
    /// Altered, or sealed with another secret.
    #[error("the state's seal is wrong")]
    BadSeal,
    /// Genuine, but too old (or made by a clock far ahead): start over with what it says.
    #[error("the state has expired")]
    Expired(Box<HopState>),
}

// Version, restarts, time, nonce hash, attempt, `@`, host, return target.
pub(super) fn encode_state(state: &HopState) -> Vec<u8> {
    let return_to = return_target(&state.return_to).unwrap_or_else(|| "/".to_owned());
    let mut bytes = Vec::with_capacity(64 + state.host.len() + return_to.len());
    bytes.extend_from_slice(&[STATE_VERSION, state.restarts]);
    bytes.extend_from_slice(&state.issued_at.to_be_bytes());
    bytes.extend_from_slice(&state.nonce_hash);
    bytes.extend_from_slice(state.attempt.as_bytes());
    bytes.push(b'@');
    bytes.extend_from_slice(state.host.as_bytes());
    bytes.extend_from_slice(return_to.as_bytes());
    bytes
}

pub(super) fn decode_state(bytes: &[u8]) -> Option<HopState> {
    let ([version, restarts], bytes) = bytes.split_first_chunk::<2>()?;
    let (issued_at, bytes) = bytes.split_first_chunk::<8>()?;
    let (nonce_hash, bytes) = bytes.split_first_chunk::<32>()?;
    let (attempt, address) = std::str::from_utf8(bytes).ok()?.split_once('@')?;
    // A canonical host has no slash, and a return target begins with one.
    let (host, return_to) = address.split_at(address.find('/')?);
    let return_to = return_target(return_to)?;
    if *version != STATE_VERSION || !is_attempt(attempt) || host.is_empty() {
        return None;
    }
    Some(HopState {
        host: host.to_owned(),
        return_to,
        attempt: attempt.to_owned(),
        nonce_hash: *nonce_hash,
        restarts: *restarts,
        issued_at: i64::from_be_bytes(*issued_at),
    })
}

const STATE_VERSION: u8 = 1;
