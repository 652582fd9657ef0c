use tempfile::TempDir;

use super::*;
use crate::authenticate::{Authentication, Authenticator, Criteria};
use crate::hop::TOKEN_COOKIE;
use crate::identity::AccountId;
use crate::keys::KeyRing;
use crate::revocation::Revocations;
use crate::store::{
    AccountState, AddressProof, CreateAccount, KeyRecord, NewAccount, NewSession, People as _,
};
use crate::store::{SqlStore, open_sqlite};
use crate::testing::{HOST, ISSUER, NOW, key, ring};
use crate::token::verify_token;

const LIMITS: SessionLimits = SessionLimits { idle: 1000, absolute: 5000 };

/// A store with one account that is signed in and has a profile on `acme`.
struct World {
    store: Arc<SqlStore>,
    keys: Arc<ArcSwap<KeyRing>>,
    issuer: Issuer,
    account: AccountId,
    session: SessionId,
    _directory: TempDir,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(open_sqlite(&directory.path().join("test.db")).await.unwrap());
        let keys = Arc::new(ArcSwap::from_pointee(ring()));
        let issuer = Issuer::new(store.clone(), store.clone(), Arc::clone(&keys));
        let new = NewAccount {
            email: "anna@example.com".to_owned(),
            proof: AddressProof::Mail,
            name: "Anna".to_owned(),
            password_hash: None,
            language: None,
        };
        let CreateAccount::Created(account) = store.create_account(new, NOW).await.unwrap() else {
            panic!("the store is empty");
        };
        let account = account.id;
        let session = NewSession {
            account,
            generation: 1,
            cookie_hash: [1; 32],
            amr: vec!["pwd".to_owned()],
            user_agent: String::new(),
            auth_time: NOW,
            client_ip: None,
            device: None,
        };
        let session = store.create_session(session, NOW).await.unwrap().id;
        let world = Self { store, keys, issuer, account, session, _directory: directory };
        world.put_profile(&["sales"]).await;
        world
    }

    async fn put_profile(&self, roles: &[&str]) {
        let profile = Profile {
            local_id: Some("17".to_owned()),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Profile::new(self.account, "acme", NOW)
        };
        self.store.put_profile(profile, NOW).await.unwrap();
    }

    fn request<'a>(&self, portal: &'a str, now: UnixSeconds) -> IssueRequest<'a> {
        IssueRequest {
            session: self.session,
            issuer: ISSUER,
            host: HOST,
            portal,
            token_lifetime: 600,
            limits: LIMITS,
            now,
        }
    }

    async fn issue(&self, portal: &str, now: UnixSeconds) -> Option<(String, Identity)> {
        match self.issuer.portal_token(self.request(portal, now)).await.unwrap() {
            Issued::Token { token, identity } => Some((token, identity)),
            Issued::SessionEnded => None,
        }
    }
}

#[tokio::test]
async fn a_live_session_gets_a_token_that_says_who_and_where() {
    let world = World::new().await;
    let (token, identity) = world.issue("acme", NOW + 10).await.unwrap();
    let account = world.store.account(world.account).await.unwrap().unwrap();
    let expected = Identity {
        subject: world.account,
        session: world.session,
        email: "anna@example.com".to_owned(),
        name: "Anna".to_owned(),
        title: None,
        portal: "acme".to_owned(),
        portal_user: Some("17".to_owned()),
        roles: vec!["sales".to_owned()],
        member: true,
        generation: account.generation,
        issued_at: NOW + 10,
        expires_at: NOW + 610,
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
    };
    assert_eq!(identity, expected);
    let ring = world.keys.load();
    assert_eq!(verify_token(&ring, ISSUER, HOST, &token, NOW + 10), Ok(expected));
}

#[tokio::test]
async fn someone_without_a_profile_gets_a_token_that_says_so() {
    let world = World::new().await;
    let (_, identity) = world.issue("globex", NOW).await.unwrap();
    assert!(!identity.member && identity.portal_user.is_none() && identity.roles.is_empty());
    assert_eq!(identity.portal, "globex");
}

#[tokio::test]
async fn name_and_title_of_the_portal_go_before_those_of_the_account() {
    let world = World::new().await;
    let (name, title) = (Some("Ann"), Some("Head of Sales"));
    world.store.set_profile_name(world.account, "acme", name, title, NOW).await.unwrap();
    let (_, identity) = world.issue("acme", NOW).await.unwrap();
    assert_eq!((identity.name.as_str(), identity.title.as_deref()), ("Ann", title));
    let (_, elsewhere) = world.issue("globex", NOW).await.unwrap();
    assert_eq!((elsewhere.name.as_str(), elsewhere.title), ("Anna", None));
}

#[tokio::test]
async fn issuing_counts_as_a_use_of_session_and_profile() {
    let world = World::new().await;
    world.issue("acme", NOW + 900).await.unwrap();
    let session = world.store.session(world.session, LIMITS, NOW + 1800).await.unwrap().unwrap();
    assert_eq!(session.last_seen_at, NOW + 900);
    let opened = world.store.portals_of_sessions(world.account).await.unwrap();
    assert_eq!(opened.iter().map(|o| o.portal.as_str()).collect::<Vec<_>>(), ["acme"]);
    let profile = world.store.profile(world.account, "acme").await.unwrap().unwrap();
    assert_eq!(profile.last_used_at, Some(NOW + 900));
}

#[tokio::test]
async fn the_use_of_a_profile_is_noted_every_quarter_of_an_hour() {
    let world = World::new().await;
    for (at, noted) in [(0, 0), (300, 0), (899, 0), (900, 900), (1000, 900)] {
        world.issue("acme", NOW + at).await.unwrap();
        let profile = world.store.profile(world.account, "acme").await.unwrap().unwrap();
        assert_eq!(profile.last_used_at, Some(NOW + noted), "{at}");
    }
}

#[tokio::test]
async fn a_token_never_outlives_its_session() {
    let world = World::new().await;
    let long = IssueRequest { token_lifetime: 9999, ..world.request("acme", NOW + 10) };
    let Issued::Token { identity, .. } = world.issuer.portal_token(long).await.unwrap() else {
        panic!("the session is live");
    };
    assert_eq!(identity.expires_at, NOW + 10 + LIMITS.idle);
    for now in (900..=4500).step_by(900) {
        world.issue("acme", NOW + now).await.unwrap();
    }
    let (_, identity) = world.issue("acme", NOW + 4999).await.unwrap();
    assert_eq!(identity.expires_at, NOW + LIMITS.absolute);
    assert!(world.issue("acme", NOW + 5000).await.is_none());
}

#[tokio::test]
async fn an_idle_ended_or_unknown_session_gets_no_token() {
    let world = World::new().await;
    assert!(world.issue("acme", NOW + LIMITS.idle).await.is_none());
    world.store.end_session(world.session, NOW + 9999, NOW * 1000).await.unwrap().unwrap();
    assert!(world.issue("acme", NOW + 1).await.is_none());
    let unknown =
        IssueRequest { session: SessionId(uuid::Uuid::nil()), ..world.request("acme", NOW) };
    assert!(matches!(world.issuer.portal_token(unknown).await.unwrap(), Issued::SessionEnded));
}

#[tokio::test]
async fn a_disabled_or_deleted_account_gets_no_token() {
    let world = World::new().await;
    world.store.set_account_state(world.account, AccountState::Disabled).await.unwrap();
    assert!(world.issue("acme", NOW).await.is_none());
    world.store.set_account_state(world.account, AccountState::Active).await.unwrap();
    let generation = world.store.account(world.account).await.unwrap().unwrap().generation;
    assert!(world.issue("acme", NOW).await.is_none(), "what was stopped does not come back");
    assert!(world.store.keep_session(world.session, generation).await.unwrap());
    assert!(world.issue("acme", NOW).await.is_some());
    world.store.delete_account(world.account, NOW).await.unwrap();
    assert!(world.issue("acme", NOW).await.is_none());
}

#[tokio::test]
async fn a_session_from_before_its_account_was_taken_back_gets_no_token() {
    let world = World::new().await;
    let began = world.store.session(world.session, LIMITS, NOW).await.unwrap().unwrap();
    // Nobody gets to ending the session, and no second passes.
    let generation = world.store.raise_generation(world.account).await.unwrap();
    assert!(world.issue("acme", NOW).await.is_none());
    let new = NewSession {
        account: world.account,
        generation,
        cookie_hash: [2; 32],
        amr: began.amr,
        user_agent: String::new(),
        auth_time: NOW,
        client_ip: None,
        device: None,
    };
    let session = world.store.create_session(new, NOW).await.unwrap().id;
    let request = IssueRequest { session, ..world.request("acme", NOW) };
    assert!(matches!(world.issuer.portal_token(request).await.unwrap(), Issued::Token { .. }));
}

#[tokio::test]
async fn a_change_of_roles_makes_the_older_token_refused_and_a_new_one_good() {
    let world = World::new().await;
    let authenticator = Authenticator::new(10);
    let revocations = Revocations::new();
    let ring = world.keys.load_full();
    let is_good = |token: &str| {
        let cookie = format!("{TOKEN_COOKIE}={token}");
        let fields = std::iter::once(cookie.as_bytes());
        let answer = authenticator.authenticate(
            fields,
            None,
            Criteria {
                ring: &ring,
                revocations: &revocations,
                issuer: ISSUER,
                host: HOST,
                now: NOW,
            },
        );
        matches!(answer, Authentication::Verified(_))
    };
    let (old, _) = world.issue("acme", NOW).await.unwrap();
    assert!(is_good(&old));
    world.put_profile(&["admin"]).await;
    let minimum = world.store.account(world.account).await.unwrap().unwrap().generation;
    let revoked = world.store.revoke_account(world.account, minimum, NOW + 600, NOW * 1000).await;
    revocations.apply(&revoked.unwrap());
    assert!(!is_good(&old));
    let (new, identity) = world.issue("acme", NOW).await.unwrap();
    assert!(is_good(&new));
    assert_eq!(identity.roles, ["admin"]);
}

#[tokio::test]
async fn roles_that_fit_in_no_token_are_an_outage_and_not_an_identity_without_roles() {
    let world = World::new().await;
    let roles: Vec<_> = (0..300).map(|n| format!("a-rather-long-role-{n}")).collect();
    world.put_profile(&roles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let error = world.issuer.portal_token(world.request("acme", NOW)).await.unwrap_err();
    assert!(matches!(error, IssueTokenError::Sign(SignError::TooLong { .. })), "{error}");
}

#[tokio::test]
async fn without_a_valid_key_no_token_is_made() {
    let world = World::new().await;
    let expiring = KeyRecord { expires_at: Some(NOW + 10), ..key(NOW - 100) };
    world.keys.store(Arc::new(KeyRing::new(&[expiring], NOW).unwrap()));
    assert!(world.issue("acme", NOW + 9).await.is_some());
    let error = world.issuer.portal_token(world.request("acme", NOW + 10)).await.unwrap_err();
    assert!(matches!(error, IssueTokenError::Sign(SignError::NoSigningKey)), "{error}");
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_not_a_sign_out() {
    let world = World::new().await;
    world.store.close().await;
    assert!(world.issuer.portal_token(world.request("acme", NOW)).await.is_err());
}
