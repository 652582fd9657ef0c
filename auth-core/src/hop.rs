//! The hop: how a browser carries a sign-in from the Bitrix ID host to a portal host.
//!
//! 1. The portal host makes a nonce, keeps it in a cookie of its own ([`HOP_COOKIE_PREFIX`] and the
//!    attempt's id) and sends the browser to the Bitrix ID host with a *state*: the sealed [`HopState`],
//!    which says where the browser wanted to go.
//! 2. The Bitrix ID host signs a [`Ticket`] for that host, that session, that nonce and that state.
//! 3. The portal host's callback checks the ticket, the state and the nonce cookie against each other,
//!    spends the ticket and sets its token.
//!
//! Nothing is stored for a hop that has not ended, so any number of tabs can be on their way at once.

mod state;
mod ticket;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::identity::UnixSeconds;
use crate::path;

pub use state::{HopSealer, HopState, OpenHopError, STATE_LIFETIME, STATE_LIMIT};
pub use ticket::{RejectTicket, TICKET_LIFETIME, TICKET_TYPE, Ticket, sign_ticket, verify_ticket};

/// Cookie of a portal host that holds its token.
pub const TOKEN_COOKIE: &str = "__Host-bitrix-id";
/// Cookie of the Bitrix ID host that names the session.
pub const SESSION_COOKIE: &str = "__Host-bitrix-id-session";
/// A hop's nonce cookie on the portal host is this and the attempt's id.
pub const HOP_COOKIE_PREFIX: &str = "__Host-bitrix-id-hop-";

/// Hops a browser may have half done on one host; of more, the oldest are given up. Each is some 70 bytes
/// of every request to the host.
pub const MOST_HOPS: usize = 16;

/// Longest return target in bytes; a longer one leads to `/`.
pub const RETURN_TARGET_LIMIT: usize = 4096;

/// A fresh nonce for one hop.
///
/// Gives the attempt's id (11 base64url characters), the nonce cookie's value (43 base64url characters)
/// and the value's SHA-256.
#[must_use]
pub fn new_nonce() -> (String, String, [u8; 32]) {
    let attempt = URL_SAFE_NO_PAD.encode(random::<8>());
    let nonce = URL_SAFE_NO_PAD.encode(random::<32>());
    let hash = sha256(&nonce);
    (attempt, nonce, hash)
}

/// A hop that starts on a portal host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The sealed state: base64url and a dot, for the sign-in page's `state`.
    pub state: String,
    /// Name of the nonce cookie of this attempt.
    pub cookie_name: String,
    /// Its value. It is of use for [`STATE_LIFETIME`].
    pub cookie_value: String,
}

/// Starts a hop on `host` that comes back to `unchecked_return_to`, or to the path of it where the query
/// is no good, or to `/`. `restarts` counts the hops before this one that failed.
#[must_use]
pub fn depart(
    sealer: &HopSealer,
    host: &str,
    unchecked_return_to: &str,
    restarts: u8,
    now: UnixSeconds,
) -> Departure {
    let path = unchecked_return_to.split('?').next().unwrap_or_default();
    let return_to = return_target(unchecked_return_to).or_else(|| return_target(path));
    let (attempt, nonce, nonce_hash) = new_nonce();
    let cookie_name = format!("{HOP_COOKIE_PREFIX}{attempt}");
    let state = sealer.seal(&HopState {
        host: host.to_owned(),
        return_to: return_to.unwrap_or_else(|| "/".to_owned()),
        attempt,
        nonce_hash,
        restarts,
        issued_at: now,
    });
    Departure { state, cookie_name, cookie_value: nonce }
}

/// SHA-256 of a text: of a nonce cookie's value, a sealed state, a session cookie's value.
#[must_use]
pub fn sha256(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Takes a path with its query as the place to return to, on the host that was left; `None`: go to `/`.
///
/// Strict, because browsers repair what they are given: exactly one leading `/`, a path that
/// [`path::canonical_path`] accepts, printable ASCII without `#`, at most [`RETURN_TARGET_LIMIT`] bytes.
/// Characters beyond ASCII in the query come out percent-encoded, as a browser would send them. The
/// hop's own callback is no place to return to.
#[must_use]
pub fn return_target(unchecked_return_to: &str) -> Option<String> {
    if unchecked_return_to.len() > RETURN_TARGET_LIMIT {
        return None;
    }
    let (path, query) = match unchecked_return_to.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (unchecked_return_to, None),
    };
    let path = path::canonical_path(path.as_bytes(), true).ok()?;
    if path == CALLBACK_PATH {
        return None;
    }
    let mut target = path.to_owned();
    if let Some(query) = query {
        target.push('?');
        for character in query.chars() {
            match character {
                '#' => return None,
                '\u{21}'..='\u{7e}' => target.push(character),
                '\u{80}'.. => push_encoded(&mut target, character),
                _ => return None,
            }
        }
    }
    (target.len() <= RETURN_TARGET_LIMIT).then_some(target)
}

/// Where the Bitrix ID host sends the browser back to.
pub const CALLBACK_PATH: &str = "/.bitrix-id/callback";

fn push_encoded(target: &mut String, character: char) {
    let mut buffer = [0; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    target.extend(percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC));
}

// The attempt becomes part of a cookie's name, so nothing but base64url may be in it.
fn is_attempt(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[expect(clippy::expect_used, reason = "without randomness from the kernel there is no TLS either")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}

#[cfg(test)]
mod tests;
