use bitrix_id_config::HeaderPreset;
use uuid::Uuid;

use super::*;
use crate::headers;
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
        match self.authenticate(fields, host, now) {
            Authentication::Verified(verified) => {
                assert_eq!(verified.host, host);
                Ok(verified.identity.clone())
            }
            Authentication::Rejected(reason) => Err(Some(reason)),
            Authentication::Outdated(stale) => {
                assert_eq!(stale.identity, identity());
                Err(None)
            }
            Authentication::NotPresented => Err(None),
        }
    }

    fn authenticate(&self, fields: &[&str], host: &str, now: UnixSeconds) -> Authentication {
        let fields = fields.iter().map(|field| field.as_bytes());
        let Self { authenticator, ring, revocations, .. } = self;
        let criteria = Criteria { ring, revocations, issuer: ISSUER, host, now };
        authenticator.authenticate(fields, None, criteria)
    }

    fn verified(&self) -> Arc<Verified> {
        match self.authenticate(&[&self.cookie], HOST, NOW) {
            Authentication::Verified(verified) => verified,
            other => panic!("the token is good: {other:?}"),
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
    assert!(Arc::ptr_eq(&world.verified(), &world.verified()));
}

#[test]
fn what_is_out_of_date_is_let_go() {
    let world = World::new();
    let verified = world.verified();
    let prepare = || {
        let preset = HeaderPreset::BitrixId;
        let made = headers::prepare(&world.ring, ISSUER, &preset, &identity(), [], 7, NOW).unwrap();
        verified.prepared.store(Some(Arc::new(made)));
    };
    let is_prepared = |generation, now| {
        world.authenticator.let_go(generation, now);
        verified.prepared.load().is_some()
    };
    prepare();
    assert!(is_prepared(7, NOW + 149));
    assert!(!is_prepared(7, NOW + 150), "its assertion has got old");
    prepare();
    assert!(!is_prepared(8, NOW), "another configuration");
    assert_eq!(world.authenticator.memo.len(), 1, "the token lives");
    world.authenticator.let_go(8, NOW + 600);
    assert_eq!(world.authenticator.memo.len(), 0);
}

#[test]
fn expiry_is_checked_every_time() {
    fresh_and_remembered(|world| {
        assert_eq!(world.at(NOW + 599), Ok(identity()));
        assert_eq!(world.at(NOW + 600), Err(Some(RejectToken::Expired)));
        assert_eq!(world.authenticator.memo.len(), 0, "a dead token makes room");
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
        let answer = authenticator.authenticate(
            fields,
            None,
            Criteria { ring, revocations, issuer: other, host: HOST, now: NOW },
        );
        assert!(matches!(answer, Authentication::Rejected(RejectToken::WrongIssuer)));
    });
}

#[test]
fn revocation_is_checked_every_time() {
    let Identity { session, subject: account, generation, .. } = identity();
    let (ended, outdated) = (Err(Some(RejectToken::Revoked)), Err(None));
    for (what, expected) in [
        (Revoked::Session(session), ended),
        (Revoked::Session(SessionId(Uuid::nil())), Ok(identity())),
        (Revoked::Account { account, minimum_generation: generation + 1 }, outdated),
        (Revoked::Account { account, minimum_generation: generation }, Ok(identity())),
        (
            Revoked::Account { account: AccountId(Uuid::nil()), minimum_generation: 99 },
            Ok(identity()),
        ),
    ] {
        fresh_and_remembered(|world| {
            let revocation = Revocation { sequence: 1, what, at_ms: 0, until: NOW + 600 };
            world.revocations.apply(&revocation);
            assert_eq!(world.at(NOW), expected, "{what:?}");
            assert_eq!(world.authenticator.memo.len() == 0, expected.is_err());
        });
    }
}

#[test]
fn a_token_of_which_nobody_knows_whether_it_was_ended_is_refused() {
    fresh_and_remembered(|world| {
        let issued_at = identity().issued_at;
        world.revocations.refuse_before(issued_at);
        assert!(world.at(NOW).is_ok());
        world.revocations.refuse_before(issued_at + 1);
        assert_eq!(world.at(NOW), Err(Some(RejectToken::Revoked)));
    });
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
        let answer = authenticator.authenticate(
            not_utf8,
            None,
            Criteria { ring, revocations, issuer: ISSUER, host: HOST, now: NOW },
        );
        assert!(matches!(answer, Authentication::Rejected(RejectToken::Malformed)));
    });
}

#[test]
fn a_refused_token_is_not_remembered() {
    let world = World::new();
    let altered = world.cookie.replace('e', "f");
    assert!(world.ask(&[&altered], HOST, NOW).is_err());
    assert_eq!(world.authenticator.memo.len(), 0);
}

#[test]
fn nothing_secret_shows_in_debug_forms() {
    let world = World::new();
    world.at(NOW).unwrap();
    let verified = crate::testing::verified();
    let shown = format!("{:?} {verified:?}", world.authenticator);
    assert!(!shown.contains("eyJ") && !shown.contains("anna@"), "{shown}");
}

#[test]
fn what_the_connection_showed_last_is_compared_in_full_and_checked_like_any_other() {
    let world = World::new();
    let judge = |cookie: &str, last: Option<&Arc<Verified>>, host: &str, now| {
        let fields = std::iter::once(cookie.as_bytes());
        let World { authenticator, ring, revocations, .. } = &world;
        authenticator.authenticate(
            fields,
            last.cloned(),
            Criteria { ring, revocations, issuer: ISSUER, host, now },
        )
    };
    let Authentication::Verified(last) = judge(&world.cookie, None, HOST, NOW) else {
        panic!("a good token")
    };
    // Nobody else remembers it: what follows rests on the connection alone.
    world.authenticator.memo.remove(last.token.as_bytes());
    let again = judge(&world.cookie, Some(&last), HOST, NOW);
    assert!(matches!(again, Authentication::Verified(same) if Arc::ptr_eq(&same, &last)));
    let rejected = |cookie: &str, host, now| match judge(cookie, Some(&last), host, now) {
        Authentication::Rejected(reason) => reason,
        other => panic!("{cookie}: {other:?}"),
    };
    let (cookie, late) = (&world.cookie, last.identity.expires_at + 3600);
    assert_eq!(rejected(cookie, HOST, late), RejectToken::Expired);
    assert_eq!(rejected(cookie, "other.example", NOW), RejectToken::WrongAudience);
    rejected(&cookie[..cookie.len() - 1], HOST, NOW);
    let session = last.identity.session;
    let ended =
        Revocation { sequence: 1, what: Revoked::Session(session), at_ms: 0, until: i64::MAX };
    world.revocations.apply(&ended);
    assert_eq!(rejected(cookie, HOST, NOW), RejectToken::Revoked);
}
