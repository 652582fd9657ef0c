//! Who is it: the request's cookie into an identity, without waiting for anything.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::headers::Prepared;
use crate::hop::TOKEN_COOKIE;
use crate::identity::{Identity, UnixSeconds};
use crate::jwt::{self, TOKEN_LIMIT};
use crate::keys::KeyRing;
use crate::memo::Memo;
use crate::revocation::{Revocations, RevokedBy};
use crate::scheme::cookie::{self, Found};
use crate::token::{self, RejectToken};

/// What the request's credentials say.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// No token cookie.
    NotPresented,
    /// A token of ours for this host, alive.
    Verified(Arc<Verified>),
    /// Likewise, but the account has changed since it was made. Treated as a rejected one, unless the
    /// stores still know its session and make a newer token.
    Outdated(Arc<Verified>),
    /// A token that does not count. Never treated as an identity; where a route needs one, as signed out.
    Rejected(RejectToken),
}

/// A token that was verified, as remembered.
pub struct Verified {
    /// What it says.
    pub identity: Identity,
    /// Its `aud`.
    pub host: String,
    /// Header values for the upstream, made once per token.
    pub prepared: ArcSwapOption<Prepared>,
    issuer: String,
    key_id: String,
}

impl Verified {
    // Whatever can change while a token is remembered is asked again: the host and issuer it is used
    // for, the clock, and whether its key is still accepted.
    fn recheck(
        &self,
        ring: &KeyRing,
        issuer: &str,
        host: &str,
        now: UnixSeconds,
    ) -> Result<(), RejectToken> {
        if ring.verifying_key(&self.key_id, now).is_none() {
            return Err(RejectToken::UnknownKey);
        }
        if self.issuer != issuer {
            return Err(RejectToken::WrongIssuer);
        }
        if self.host != host {
            return Err(RejectToken::WrongAudience);
        }
        jwt::check_times(self.identity.issued_at, self.identity.expires_at, now)
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified")
            .field("subject", &self.identity.subject)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Verifies token cookies and remembers those that verified.
#[derive(Debug)]
pub struct Authenticator {
    memo: Memo,
}

impl Authenticator {
    /// `capacity` is the number of tokens remembered.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { memo: Memo::new(capacity) }
    }

    /// Judges the token among a request's `Cookie` fields for `host` (canonical). `issuer` is
    /// `identity.url`. Every check is made for every request; only the signature is remembered.
    pub fn authenticate<'a>(
        &self,
        cookie_fields: impl Iterator<Item = &'a [u8]>,
        ring: &KeyRing,
        revocations: &Revocations,
        issuer: &str,
        host: &str,
        now: UnixSeconds,
    ) -> Authentication {
        let unverified_cookie = match cookie::find(cookie_fields, TOKEN_COOKIE) {
            Found::Absent => return Authentication::NotPresented,
            Found::Several => return Authentication::Rejected(RejectToken::Duplicate),
            Found::One(value) => value,
        };
        self.verify(unverified_cookie, ring, revocations, issuer, host, now)
            .unwrap_or_else(Authentication::Rejected)
    }

    fn verify(
        &self,
        unverified_cookie: &[u8],
        ring: &KeyRing,
        revocations: &Revocations,
        issuer: &str,
        host: &str,
        now: UnixSeconds,
    ) -> Result<Authentication, RejectToken> {
        if unverified_cookie.len() > TOKEN_LIMIT {
            return Err(RejectToken::TooLong);
        }
        let token = std::str::from_utf8(unverified_cookie).map_err(|_| RejectToken::Malformed)?;
        let (verified, remembered) = match self.memo.get(token) {
            Some(verified) => {
                let checked = verified.recheck(ring, issuer, host, now);
                checked.inspect_err(|reason| self.forget_dead(token, *reason))?;
                (verified, true)
            }
            None => (Arc::new(verify_afresh(token, ring, issuer, host, now)?), false),
        };
        let Identity { session, subject, generation, .. } = verified.identity;
        if let Some(revoked_by) = revocations.reason(session, subject, generation) {
            self.forget_dead(token, RejectToken::Revoked);
            return match revoked_by {
                RevokedBy::Session => Err(RejectToken::Revoked),
                RevokedBy::Generation => Ok(Authentication::Outdated(verified)),
            };
        }
        let verified = if remembered { verified } else { self.memo.insert(token, verified) };
        Ok(Authentication::Verified(verified))
    }

    // A token that will not verify again makes room; one shown to the wrong host stays for its own.
    fn forget_dead(&self, token: &str, reason: RejectToken) {
        if matches!(reason, RejectToken::Expired | RejectToken::UnknownKey | RejectToken::Revoked) {
            self.memo.remove(token);
        }
    }
}

/// Verifies a token that is not remembered.
pub(crate) fn verify_afresh(
    token: &str,
    ring: &KeyRing,
    issuer: &str,
    host: &str,
    now: UnixSeconds,
) -> Result<Verified, RejectToken> {
    let (identity, key_id) = token::verify_with_key_id(ring, issuer, host, token, now)?;
    Ok(Verified {
        identity,
        host: host.to_owned(),
        prepared: ArcSwapOption::empty(),
        issuer: issuer.to_owned(),
        key_id,
    })
}

#[cfg(test)]
mod tests;
