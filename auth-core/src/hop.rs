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

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::identity::{SessionId, UnixSeconds};
use crate::jwt::{self, CLOCK_SKEW, SignError};
use crate::keys::KeyRing;
use crate::path;
use crate::token::RejectToken;

/// Cookie of a portal host that holds its token.
pub const TOKEN_COOKIE: &str = "__Host-bitrix-id";
/// Cookie of the Bitrix ID host that names the session.
pub const SESSION_COOKIE: &str = "__Host-bitrix-id-session";
/// A hop's nonce cookie on the portal host is this and the attempt's id.
pub const HOP_COOKIE_PREFIX: &str = "__Host-bitrix-id-hop-";

/// `typ` of a ticket.
pub const TICKET_TYPE: &str = "bitrix-id-ticket+jwt";
/// Longest life of a ticket in seconds.
pub const TICKET_LIFETIME: i64 = 30;
/// How long a sealed state is good, in seconds: people leave a sign-in form open.
pub const STATE_LIFETIME: i64 = 3600;
/// Longest return target in bytes; a longer one leads to `/`.
pub const RETURN_TARGET_LIMIT: usize = 4096;
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

/// Leave to be signed in on one host: used once, by one browser, within [`TICKET_LIFETIME`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Spent once.
    pub id: Uuid,
    /// Which sign-in is carried over.
    pub session: SessionId,
    /// Canonical host it is for.
    pub host: String,
    /// Names the nonce cookie.
    pub attempt: String,
    /// SHA-256 of the nonce cookie's value.
    pub nonce_hash: [u8; 32],
    /// SHA-256 of the sealed state's text, see [`sha256`].
    pub state_hash: [u8; 32],
    /// When it was made.
    pub issued_at: UnixSeconds,
    /// At most [`TICKET_LIFETIME`] later.
    pub expires_at: UnixSeconds,
}

impl Ticket {
    /// A ticket for the hop `state`, whose sealed text is `sealed_state`, good for [`TICKET_LIFETIME`].
    #[must_use]
    pub fn new(session: SessionId, state: &HopState, sealed_state: &str, now: UnixSeconds) -> Self {
        Self {
            id: Uuid::now_v7(),
            session,
            host: state.host.clone(),
            attempt: state.attempt.clone(),
            nonce_hash: state.nonce_hash,
            state_hash: sha256(sealed_state),
            issued_at: now,
            expires_at: now.saturating_add(TICKET_LIFETIME),
        }
    }
}

/// Signs a ticket.
///
/// # Errors
/// See [`SignError`].
pub fn sign_ticket(ring: &KeyRing, issuer: &str, ticket: &Ticket) -> Result<String, SignError> {
    let claims = TicketClaims {
        iss: issuer.to_owned(),
        aud: ticket_audience(&ticket.host),
        jti: ticket.id,
        sid: ticket.session,
        att: ticket.attempt.clone(),
        nonce: URL_SAFE_NO_PAD.encode(ticket.nonce_hash),
        state: URL_SAFE_NO_PAD.encode(ticket.state_hash),
        iat: ticket.issued_at,
        exp: ticket.expires_at,
    };
    jwt::sign(ring, TICKET_TYPE, &claims, jwt::TOKEN_LIMIT, ticket.issued_at)
}

/// Verifies what a ticket says of itself, for the callback of `host`. The caller compares state and
/// nonce and spends the id.
///
/// # Errors
/// See [`RejectTicket`].
pub fn verify_ticket(
    ring: &KeyRing,
    issuer: &str,
    host: &str,
    unverified_ticket: &str,
    now: UnixSeconds,
) -> Result<Ticket, RejectTicket> {
    let (claims, _) = jwt::verify::<TicketClaims>(ring, TICKET_TYPE, unverified_ticket, now)?;
    if claims.iss != issuer {
        return Err(RejectToken::WrongIssuer.into());
    }
    if claims.aud != ticket_audience(host) {
        return Err(RejectToken::WrongAudience.into());
    }
    if claims.exp.saturating_sub(claims.iat) > TICKET_LIFETIME {
        return Err(RejectToken::Malformed.into());
    }
    let (issued_at, expires_at) = (claims.iat, claims.exp);
    let ticket = claims.into_ticket(host).ok_or(RejectToken::Malformed)?;
    match jwt::check_times(issued_at, expires_at, now) {
        Ok(()) => Ok(ticket),
        Err(RejectToken::Expired) => Err(RejectTicket::Expired(Box::new(ticket))),
        Err(reason) => Err(reason.into()),
    }
}

/// Why a ticket does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RejectTicket {
    /// Not one of ours for this host.
    #[error("the ticket is refused: {0}")]
    Refused(#[from] RejectToken),
    /// One of ours for this host, too late.
    #[error("the ticket has expired")]
    Expired(Box<Ticket>),
}

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

// A ticket's audience is not a token's: were the types ever mixed up, the audiences would differ still.
fn ticket_audience(host: &str) -> String {
    format!("{host}{CALLBACK_PATH}")
}

#[derive(Serialize, Deserialize)]
struct TicketClaims {
    iss: String,
    aud: String,
    jti: Uuid,
    sid: SessionId,
    att: String,
    nonce: String,
    state: String,
    iat: UnixSeconds,
    exp: UnixSeconds,
}

impl TicketClaims {
    fn into_ticket(self, host: &str) -> Option<Ticket> {
        Some(Ticket {
            id: self.jti,
            session: self.sid,
            host: host.to_owned(),
            attempt: is_attempt(&self.att).then_some(self.att)?,
            nonce_hash: decode_hash(&self.nonce)?,
            state_hash: decode_hash(&self.state)?,
            issued_at: self.iat,
            expires_at: self.exp,
        })
    }
}

fn decode_hash(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

// The attempt becomes part of a cookie's name, so nothing but base64url may be in it.
fn is_attempt(text: &str) -> bool {
    text.len() == 11
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

// Version, restarts, time, nonce hash, attempt, `@`, host, return target.
fn encode_state(state: &HopState) -> Vec<u8> {
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

fn decode_state(bytes: &[u8]) -> Option<HopState> {
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

#[expect(clippy::expect_used, reason = "without randomness from the kernel there is no TLS either")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}

#[cfg(test)]
mod tests;
