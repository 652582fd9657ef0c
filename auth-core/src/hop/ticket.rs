//! The ticket: one sign-in, carried to one host by one browser, once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CALLBACK_PATH, HopState, is_attempt, sha256};
use crate::identity::{SessionId, UnixSeconds};
use crate::jwt::{self, SignError};
use crate::keys::KeyRing;
use crate::token::RejectToken;

/// `typ` of a ticket.
pub const TICKET_TYPE: &str = "bitrix-id-ticket+jwt";
/// Longest life of a ticket in seconds.
pub const TICKET_LIFETIME: i64 = 30;

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
