//! The portal token: who someone is, for one portal host. Contract section 4.
//!
//! A JWT of `typ` [`TOKEN_TYPE`], EdDSA, in the cookie [`crate::hop::TOKEN_COOKIE`]. Beside the
//! contract's claims it carries `member` (whether the person has a profile on the portal) and `gen`
//! (the account's generation), so that the request path decides without a store.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hop::TOKEN_COOKIE;
use crate::identity::{AccountId, Identity, SessionId, UnixSeconds};
use crate::jwt::{self, SignError};
use crate::keys::KeyRing;

/// `typ` of a portal token.
pub const TOKEN_TYPE: &str = "bitrix-id+jwt";

/// Longest token that is issued, in bytes: browsers keep name and value of a cookie up to 4096 bytes
/// together (RFC 6265bis section 5.6).
pub const ISSUE_LIMIT: usize = jwt::TOKEN_LIMIT - TOKEN_COOKIE.len();

/// Why a presented token does not count. The text is a metric label and a log reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RejectToken {
    /// More than one cookie of the name.
    Duplicate,
    /// Longer than [`jwt::TOKEN_LIMIT`].
    TooLong,
    /// No JWT, or without a claim that ours have.
    Malformed,
    /// A JWT of another purpose.
    WrongType,
    /// No `kid`, or of no key that is accepted now.
    UnknownKey,
    /// Altered, or of another algorithm than the key's.
    BadSignature,
    /// `iss` is not ours.
    WrongIssuer,
    /// `aud` is not this host.
    WrongAudience,
    /// `iat` is ahead of our clock by more than [`jwt::CLOCK_SKEW`].
    NotYetValid,
    /// `exp` has come.
    Expired,
    /// The session ended, or something about the account changed.
    Revoked,
    /// Made for another portal, which had this host before.
    WrongPortal,
}

impl RejectToken {
    /// Every reason, for metrics that show a zero before the first.
    pub const ALL: [Self; 12] = [
        Self::Duplicate,
        Self::TooLong,
        Self::Malformed,
        Self::WrongType,
        Self::UnknownKey,
        Self::BadSignature,
        Self::WrongIssuer,
        Self::WrongAudience,
        Self::NotYetValid,
        Self::Expired,
        Self::Revoked,
        Self::WrongPortal,
    ];

    /// Stable name for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::WrongPortal => "wrong_portal",
        }
    }
}

impl std::fmt::Display for RejectToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for RejectToken {}

/// Signs the token that says `identity` on `host` (canonical, without port). `issuer` is `identity.url`.
///
/// # Errors
/// See [`SignError`]; `TooLong` beyond [`ISSUE_LIMIT`].
pub fn sign_token(
    ring: &KeyRing,
    issuer: &str,
    host: &str,
    identity: &Identity,
) -> Result<String, SignError> {
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: host.to_owned(),
        sub: identity.subject,
        sid: identity.session,
        iat: identity.issued_at,
        exp: identity.expires_at,
        auth_time: identity.auth_time,
        amr: identity.amr.clone(),
        email: identity.email.clone(),
        name: identity.name.clone(),
        title: identity.title.clone(),
        portal: identity.portal.clone(),
        portal_user: identity.portal_user.clone(),
        roles: identity.roles.clone(),
        member: identity.member,
        r#gen: identity.generation,
    };
    jwt::sign(ring, TOKEN_TYPE, &claims, ISSUE_LIMIT, identity.issued_at)
}

/// Verifies everything a token says of itself; revocation is the caller's
/// ([`crate::authenticate::Authenticator`]).
///
/// # Errors
/// The first reason found, in the order length, form, type, key, signature, issuer, audience, times.
pub fn verify_token(
    ring: &KeyRing,
    issuer: &str,
    host: &str,
    unverified_token: &str,
    now: UnixSeconds,
) -> Result<Identity, RejectToken> {
    verify_with_key_id(ring, issuer, host, unverified_token, now).map(|(identity, _)| identity)
}

/// As [`verify_token`], and names the key.
pub(crate) fn verify_with_key_id(
    ring: &KeyRing,
    issuer: &str,
    host: &str,
    unverified_token: &str,
    now: UnixSeconds,
) -> Result<(Identity, Arc<str>), RejectToken> {
    let (claims, kid) = jwt::verify::<Claims>(ring, TOKEN_TYPE, unverified_token, now)?;
    if claims.iss != issuer {
        return Err(RejectToken::WrongIssuer);
    }
    if claims.aud != host {
        return Err(RejectToken::WrongAudience);
    }
    jwt::check_times(claims.iat, claims.exp, now)?;
    Ok((claims.into_identity(), kid))
}

/// Every claim is required but `title` and `portal_user`; each has one value of one type.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: UnixSeconds,
    exp: UnixSeconds,
    auth_time: UnixSeconds,
    amr: Vec<String>,
    email: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    portal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    portal_user: Option<String>,
    roles: Vec<String>,
    member: bool,
    r#gen: u32,
}

impl Claims {
    fn into_identity(mut self) -> Identity {
        // Remembered by the hundred thousand: without the room that reading a list leaves at its end.
        self.roles.shrink_to_fit();
        self.amr.shrink_to_fit();
        Identity {
            subject: self.sub,
            session: self.sid,
            email: self.email,
            name: self.name,
            title: self.title,
            portal: self.portal,
            portal_user: self.portal_user,
            roles: self.roles,
            member: self.member,
            generation: self.r#gen,
            issued_at: self.iat,
            expires_at: self.exp,
            auth_time: self.auth_time,
            amr: self.amr,
        }
    }
}

#[cfg(test)]
mod tests;
