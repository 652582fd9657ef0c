//! Who is it: the request's cookie into an identity, without waiting for anything.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::headers::Prepared;
use crate::hop::TOKEN_COOKIE;
use crate::identity::{Identity, UnixSeconds};
use crate::jwt::{self, TOKEN_LIMIT};
use crate::keys::KeyRing;
use crate::memo::Memo;
use crate::revocation::Revocations;
use crate::scheme::cookie::{self, Found};
use crate::token::{self, RejectToken};

/// What the request's credentials say.
#[derive(Debug, Clone)]
pub enum Authentication {
    /// No token cookie.
    NotPresented,
    /// A token of ours for this host, alive.
    Verified(Arc<Verified>),
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
        match self.verify(unverified_cookie, ring, revocations, issuer, host, now) {
            Ok(verified) => Authentication::Verified(verified),
            Err(reason) => Authentication::Rejected(reason),
        }
    }

    fn verify(
        &self,
        unverified_cookie: &[u8],
        ring: &KeyRing,
        revocations: &Revocations,
        issuer: &str,
        host: &str,
        now: UnixSeconds,
    ) -> Result<Arc<Verified>, RejectToken> {
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
        if revocations.is_revoked(session, subject, generation) {
            self.forget_dead(token, RejectToken::Revoked);
            return Err(RejectToken::Revoked);
        }
        Ok(if remembered { verified } else { self.memo.insert(token, verified) })
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
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::{AccountId, SessionId};
    use crate::store::{KeyRecord, Revocation, Revoked};
    use crate::testing::{HOST, ISSUER, NOW, identity, key, ring};
    use crate::token::sign_token;

    /// A gateway with one token, which it has or has not met before.
    struct World {
        authenticator: Authenticator,
        ring: KeyRing,
        revocations: Revocations,
        cookie: String,
    }

    impl World {
        fn new() -> Self {
            let ring = ring();
            let token = sign_token(&ring, ISSUER, HOST, &identity()).unwrap();
            let cookie = format!("{TOKEN_COOKIE}={token}");
            let authenticator = Authenticator::new(100);
            Self { authenticator, ring, revocations: Revocations::new(), cookie }
        }

        fn ask(
            &self,
            fields: &[&str],
            host: &str,
            now: UnixSeconds,
        ) -> Result<Identity, Option<RejectToken>> {
            let fields = fields.iter().map(|field| field.as_bytes());
            let Self { authenticator, ring, revocations, .. } = self;
            match authenticator.authenticate(fields, ring, revocations, ISSUER, host, now) {
                Authentication::Verified(verified) => {
                    assert_eq!(verified.host, host);
                    Ok(verified.identity.clone())
                }
                Authentication::Rejected(reason) => Err(Some(reason)),
                Authentication::NotPresented => Err(None),
            }
        }

        fn at(&self, now: UnixSeconds) -> Result<Identity, Option<RejectToken>> {
            self.ask(&[&self.cookie], HOST, now)
        }
    }

    /// Runs a check on a token never met and on one that is remembered.
    fn fresh_and_remembered(check: impl Fn(World)) {
        check(World::new());
        let world = World::new();
        assert_eq!(world.at(NOW), Ok(identity()));
        assert_eq!(world.authenticator.memo.len(), 1);
        check(world);
    }

    #[test]
    fn a_good_token_is_verified_every_time() {
        fresh_and_remembered(|world| {
            for _ in 0..3 {
                assert_eq!(world.at(NOW), Ok(identity()));
                assert_eq!(world.ask(&["a=b", &world.cookie, "c=d"], HOST, NOW), Ok(identity()));
            }
            assert_eq!(world.authenticator.memo.len(), 1);
        });
    }

    #[test]
    fn what_is_prepared_for_a_token_is_there_at_its_next_request() {
        let world = World::new();
        let ask = || {
            let fields = std::iter::once(world.cookie.as_bytes());
            let World { authenticator, ring, revocations, .. } = &world;
            authenticator.authenticate(fields, ring, revocations, ISSUER, HOST, NOW)
        };
        let (Authentication::Verified(first), Authentication::Verified(second)) = (ask(), ask())
        else {
            panic!("the token is good");
        };
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn expiry_is_checked_every_time() {
        fresh_and_remembered(|world| {
            assert_eq!(world.at(NOW + 599), Ok(identity()));
            assert_eq!(world.at(NOW + 600), Err(Some(RejectToken::Expired)));
            assert!(world.authenticator.memo.is_empty(), "a dead token makes room");
            assert_eq!(world.at(NOW + 600), Err(Some(RejectToken::Expired)));
        });
    }

    #[test]
    fn a_clock_that_steps_back_makes_a_token_one_of_the_future() {
        fresh_and_remembered(|world| {
            assert_eq!(world.at(NOW - 31), Err(Some(RejectToken::NotYetValid)));
        });
    }

    #[test]
    fn the_host_is_checked_every_time() {
        fresh_and_remembered(|world| {
            let elsewhere = world.ask(&[&world.cookie], "globex.example", NOW);
            assert_eq!(elsewhere, Err(Some(RejectToken::WrongAudience)));
            assert_eq!(world.at(NOW), Ok(identity()));
        });
    }

    #[test]
    fn the_issuer_is_checked_every_time() {
        fresh_and_remembered(|world| {
            let fields = std::iter::once(world.cookie.as_bytes());
            let World { authenticator, ring, revocations, .. } = &world;
            let other = "https://id.example:8443";
            let answer = authenticator.authenticate(fields, ring, revocations, other, HOST, NOW);
            assert!(matches!(answer, Authentication::Rejected(RejectToken::WrongIssuer)));
        });
    }

    #[test]
    fn revocation_is_checked_every_time() {
        let Identity { session, subject: account, generation, .. } = identity();
        for (what, refused) in [
            (Revoked::Session(session), true),
            (Revoked::Session(SessionId(Uuid::nil())), false),
            (Revoked::Account { account, minimum_generation: generation + 1 }, true),
            (Revoked::Account { account, minimum_generation: generation }, false),
            (Revoked::Account { account: AccountId(Uuid::nil()), minimum_generation: 99 }, false),
        ] {
            fresh_and_remembered(|world| {
                let revocation = Revocation { sequence: 1, what, at_ms: 0, until: NOW + 600 };
                world.revocations.apply(&revocation);
                let expected =
                    if refused { Err(Some(RejectToken::Revoked)) } else { Ok(identity()) };
                assert_eq!(world.at(NOW), expected, "{what:?}");
                assert_eq!(world.authenticator.memo.is_empty(), refused);
            });
        }
    }

    #[test]
    fn a_key_that_is_removed_takes_its_tokens_with_it() {
        fresh_and_remembered(|mut world| {
            world.ring = KeyRing::new(&[key(NOW - 10)], NOW).unwrap();
            assert_eq!(world.at(NOW), Err(Some(RejectToken::UnknownKey)));
        });
    }

    #[test]
    fn a_key_that_expires_takes_its_tokens_with_it() {
        let record = KeyRecord { expires_at: Some(NOW + 100), ..key(NOW - 1000) };
        let ring = KeyRing::new(&[record], NOW).unwrap();
        let token = sign_token(&ring, ISSUER, HOST, &identity()).unwrap();
        let world = World { ring, cookie: format!("{TOKEN_COOKIE}={token}"), ..World::new() };
        assert_eq!(world.at(NOW + 99), Ok(identity()));
        assert_eq!(world.at(NOW + 100), Err(Some(RejectToken::UnknownKey)));
    }

    #[test]
    fn what_is_no_single_token_is_never_an_identity() {
        fresh_and_remembered(|world| {
            let good = world.cookie.clone();
            let padded = format!("{good}{}", "A".repeat(TOKEN_LIMIT));
            let quoted = good.replacen('=', "=\"", 1) + "\"";
            let double = format!("{good}; {good}");
            for (fields, expected) in [
                (&[][..], None),
                (&["a=b"], None),
                (&[double.as_str()], Some(RejectToken::Duplicate)),
                (&[good.as_str(), "x=y", good.as_str()], Some(RejectToken::Duplicate)),
                (&[good.as_str(), "__Host-bitrix-id="], Some(RejectToken::Duplicate)),
                (&[padded.as_str()], Some(RejectToken::TooLong)),
                (&[quoted.as_str()], Some(RejectToken::Malformed)),
                (&["__Host-bitrix-id="], Some(RejectToken::Malformed)),
                (&["__Host-bitrix-id=%00"], Some(RejectToken::Malformed)),
                (&["__Host-bitrix-id=x"], Some(RejectToken::Malformed)),
                (&["__Host-bitrix-id=..."], Some(RejectToken::Malformed)),
                (&["__Host-bitrix-id=\u{fc}"], Some(RejectToken::Malformed)),
            ] {
                assert_eq!(world.ask(fields, HOST, NOW), Err(expected), "{fields:?}");
            }
            let not_utf8 = std::iter::once(&b"__Host-bitrix-id=\xff"[..]);
            let World { authenticator, ring, revocations, .. } = &world;
            let answer = authenticator.authenticate(not_utf8, ring, revocations, ISSUER, HOST, NOW);
            assert!(matches!(answer, Authentication::Rejected(RejectToken::Malformed)));
        });
    }

    #[test]
    fn a_refused_token_is_not_remembered() {
        let world = World::new();
        let altered = world.cookie.replace('e', "f");
        assert!(world.ask(&[&altered], HOST, NOW).is_err());
        assert!(world.authenticator.memo.is_empty());
    }

    #[test]
    fn nothing_secret_shows_in_debug_forms() {
        let world = World::new();
        world.at(NOW).unwrap();
        let verified = crate::testing::verified();
        let shown = format!("{:?} {verified:?}", world.authenticator);
        assert!(!shown.contains("eyJ") && !shown.contains("anna@"), "{shown}");
    }
}
