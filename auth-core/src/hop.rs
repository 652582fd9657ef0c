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

mod random;
mod recent;
mod state;
mod ticket;

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::identity::UnixSeconds;
use crate::path;

use random::random;
use state::Fields;

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
    let random = random::<40>();
    let (attempt, nonce) = random.split_at(8);
    let (attempt, nonce) = (URL_SAFE_NO_PAD.encode(attempt), URL_SAFE_NO_PAD.encode(nonce));
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
    let return_to = return_target_or_front(unchecked_return_to);
    let (attempt, nonce, nonce_hash) = new_nonce();
    let state = sealer.seal_fields(&Fields {
        host,
        return_to: &return_to,
        attempt: &attempt,
        nonce_hash: &nonce_hash,
        restarts,
        issued_at: now,
    });
    let cookie_name = format!("{HOP_COOKIE_PREFIX}{attempt}");
    Departure { state, cookie_name, cookie_value: nonce }
}

/// A hop without a nonce cookie, for whoever is told an address and may never go there: only its state.
///
/// No browser can come back with it: no value has a hash of nothing but zeros. The callback goes on if the
/// browser is signed in there, and starts a hop with a cookie if not, as for any whose cookie was lost.
#[must_use]
pub fn depart_without_cookie(
    sealer: &HopSealer,
    host: &str,
    unchecked_return_to: &str,
    now: UnixSeconds,
) -> String {
    let asked = recent::Asked { sealer: sealer.number(), host, unchecked_return_to, now };
    recent::once(asked, || {
        sealer.seal_fields(&Fields {
            host,
            return_to: &return_target_or_front(unchecked_return_to),
            attempt: NO_ATTEMPT,
            nonce_hash: &[0; 32],
            restarts: 0,
            issued_at: now,
        })
    })
}

/// Stands where an attempt's id does, for a hop that has no cookie.
const NO_ATTEMPT: &str = "AAAAAAAAAAA";

fn return_target_or_front(unchecked_return_to: &str) -> Cow<'_, str> {
    let path = || unchecked_return_to.split('?').next().and_then(checked_target);
    checked_target(unchecked_return_to).or_else(path).unwrap_or(Cow::Borrowed("/"))
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
    checked_target(unchecked_return_to).map(Cow::into_owned)
}

fn checked_target(unchecked_return_to: &str) -> Option<Cow<'_, str>> {
    if unchecked_return_to.len() > RETURN_TARGET_LIMIT {
        return None;
    }
    let (path, query) = match unchecked_return_to.split_once('?') {
        Some((path, query)) => (path, query),
        None => (unchecked_return_to, ""),
    };
    path::canonical_path(path.as_bytes(), true).ok()?;
    if path == CALLBACK_PATH {
        return None;
    }
    if query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Some(Cow::Borrowed(unchecked_return_to));
    }
    let mut target = format!("{path}?");
    for character in query.chars() {
        match character {
            '#' => return None,
            '\u{21}'..='\u{7e}' => target.push(character),
            '\u{80}'.. => push_encoded(&mut target, character),
            _ => return None,
        }
    }
    (target.len() <= RETURN_TARGET_LIMIT).then_some(Cow::Owned(target))
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

#[cfg(test)]
mod tests;
