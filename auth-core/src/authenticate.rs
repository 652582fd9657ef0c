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

/// What a token is held against, here and now.
#[derive(Debug, Clone, Copy)]
pub struct Criteria<'a> {
    /// Keys that may have signed it.
    pub ring: &'a KeyRing,
    /// What has ended before its time.
    pub revocations: &'a Revocations,
    /// `identity.url`.
    pub issuer: &'a str,
    /// The host it is shown to, canonical.
    pub host: &'a str,
    /// Unix seconds.
    pub now: UnixSeconds,
}

/// A token that was verified, as remembered.
pub struct Verified {
    /// What it says.
    pub identity: Identity,
    /// Its `aud`.
    pub host: String,
    /// Header values for the upstream, made once per token.
    pub prepared: ArcSwapOption<Prepared>,
    /// The token itself.
    pub(crate) token: Box<str>,
    issuer: String,
    key_id: Arc<str>,
}

impl Verified {
    // Whatever can change while a token is remembered is asked again: the host and issuer it is used
    // for, the clock, and whether its key is still accepted.
    fn recheck(&self, criteria: Criteria<'_>) -> Result<(), RejectToken> {
        let Criteria { ring, issuer, host, now, .. } = criteria;
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

    /// Judges the token among a request's `Cookie` fields. Every check is made for every request; only the
    /// signature is remembered. `last` is what the last request of the same connection showed, if anything:
    /// most likely it is this one again.
    pub fn authenticate<'a>(
        &self,
        cookie_fields: impl Iterator<Item = &'a [u8]>,
        last: Option<Arc<Verified>>,
        criteria: Criteria<'_>,
    ) -> Authentication {
        let unverified_cookie = match cookie::find(cookie_fields, TOKEN_COOKIE) {
            Found::Absent => return Authentication::NotPresented,
            Found::Several => return Authentication::Rejected(RejectToken::Duplicate),
            Found::One(value) => value,
        };
        self.verify(unverified_cookie, last, criteria).unwrap_or_else(Authentication::Rejected)
    }

    fn verify(
        &self,
        unverified_cookie: &[u8],
        last: Option<Arc<Verified>>,
        criteria: Criteria<'_>,
    ) -> Result<Authentication, RejectToken> {
        if unverified_cookie.len() > TOKEN_LIMIT {
            return Err(RejectToken::TooLong);
        }
        let token = unverified_cookie;
        let known = last.filter(|last| last.token.as_bytes() == token);
        let (verified, remembered) = match known.or_else(|| self.memo.get(token)) {
            Some(verified) => {
                let checked = verified.recheck(criteria);
                checked.inspect_err(|reason| self.forget_dead(token, *reason))?;
                (verified, true)
            }
            None => {
                let token = std::str::from_utf8(token).map_err(|_| RejectToken::Malformed)?;
                (Arc::new(verify_afresh(token, criteria)?), false)
            }
        };
        let Identity { session, subject, generation, issued_at, .. } = verified.identity;
        let Criteria { revocations, .. } = criteria;
        let revoked_by = match revocations.is_before_all(issued_at) {
            true => Some(RevokedBy::Session),
            false => revocations.reason(session, subject, generation),
        };
        if let Some(revoked_by) = revoked_by {
            self.forget_dead(token, RejectToken::Revoked);
            return match revoked_by {
                RevokedBy::Session => Err(RejectToken::Revoked),
                RevokedBy::Generation => Ok(Authentication::Outdated(verified)),
            };
        }
        let verified = if remembered { verified } else { self.memo.insert(verified) };
        Ok(Authentication::Verified(verified))
    }

    /// Gives back the memory of what is out of date: dead tokens, and what was prepared for a live one and would
    /// be made anew at its next use. `generation` is that of the configuration.
    pub fn let_go(&self, generation: u64, now: UnixSeconds) {
        self.memo.retain(|verified| {
            let prepared = verified.prepared.load();
            if prepared.as_ref().is_some_and(|prepared| !prepared.is_fresh(generation, now)) {
                verified.prepared.store(None);
            }
            now < verified.identity.expires_at
        });
    }

    // A token that will not verify again makes room; one shown to the wrong host stays for its own.
    fn forget_dead(&self, token: &[u8], reason: RejectToken) {
        if matches!(reason, RejectToken::Expired | RejectToken::UnknownKey | RejectToken::Revoked) {
            self.memo.remove(token);
        }
    }
}

/// Verifies a token that is not remembered.
pub(crate) fn verify_afresh(token: &str, criteria: Criteria<'_>) -> Result<Verified, RejectToken> {
    let Criteria { ring, issuer, host, now, .. } = criteria;
    let (identity, key_id) = token::verify_with_key_id(ring, issuer, host, token, now)?;
    Ok(Verified {
        identity,
        host: host.to_owned(),
        prepared: ArcSwapOption::empty(),
        token: token.into(),
        issuer: issuer.to_owned(),
        key_id,
    })
}

#[cfg(test)]
mod tests;
