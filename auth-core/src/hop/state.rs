//! The sealed state of a hop: where the browser wanted to go.

use std::sync::atomic::{AtomicU64, Ordering};

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
    number: u64,
}

impl HopSealer {
    /// `secret` is 32 random bytes, the same on every node. The key is derived from it for this purpose.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let derived = hmac::sign(&secret, b"bitrix-id hop state 1");
        let key = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
        Self { key, number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed) }
    }

    /// Tells it from every other sealer of this process.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The state as text of base64url characters and one dot, fit for a query. A return target that
    /// [`return_target`] would refuse is sealed as `/`.
    #[must_use]
    pub fn seal(&self, state: &HopState) -> String {
        let return_to = return_target(&state.return_to);
        self.seal_fields(&Fields::of(state, return_to.as_deref().unwrap_or("/")))
    }

    /// The same for fields whose return target is one.
    pub(super) fn seal_fields(&self, fields: &Fields<'_>) -> String {
        let payload = fields.encode();
        let mac = hmac::sign(&self.key, &payload);
        let mut text = Vec::with_capacity(sealed_length(payload.len()));
        push_base64(&mut text, &payload);
        text.push(b'.');
        push_base64(&mut text, mac.as_ref());
        // Base64url and a dot are ASCII.
        String::from_utf8(text).unwrap_or_default()
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

/// A [`HopState`] by reference; its return target has been checked.
pub(super) struct Fields<'a> {
    pub(super) host: &'a str,
    pub(super) return_to: &'a str,
    pub(super) attempt: &'a str,
    pub(super) nonce_hash: &'a [u8; 32],
    pub(super) restarts: u8,
    pub(super) issued_at: UnixSeconds,
}

impl<'a> Fields<'a> {
    pub(super) fn of(state: &'a HopState, return_to: &'a str) -> Self {
        let HopState { host, attempt, nonce_hash, restarts, issued_at, .. } = state;
        let (restarts, issued_at) = (*restarts, *issued_at);
        Self { host, return_to, attempt, nonce_hash, restarts, issued_at }
    }

    // Version, restarts, time, nonce hash, attempt, `@`, host, return target.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.host.len() + self.return_to.len());
        bytes.extend_from_slice(&[STATE_VERSION, self.restarts]);
        bytes.extend_from_slice(&self.issued_at.to_be_bytes());
        bytes.extend_from_slice(self.nonce_hash);
        bytes.extend_from_slice(self.attempt.as_bytes());
        bytes.push(b'@');
        bytes.extend_from_slice(self.host.as_bytes());
        bytes.extend_from_slice(self.return_to.as_bytes());
        bytes
    }
}

/// Characters of a seal over so many bytes: four for three, the same for the HMAC's 32, and the dot.
fn sealed_length(payload: usize) -> usize {
    (payload * 4).div_ceil(3) + 44
}

fn push_base64(text: &mut Vec<u8>, bytes: &[u8]) {
    let from = text.len();
    text.resize(from + (bytes.len() * 4).div_ceil(3), 0);
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text[from..]);
    debug_assert_eq!(written, Ok(text.len() - from), "the room is what the text takes");
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
/// Of the next sealer.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);
