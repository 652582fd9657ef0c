//! Accounts that have proved nothing: what they open, what is closed to them, and how they give way.

use bitrix_id_auth_core::hop::{SESSION_COOKIE, TOKEN_COOKIE};
use bitrix_id_auth_core::store::{Holder, NewSession};
use serde_json::Value;

use super::recovery::{NEW, link_for, set};
use super::sign_up::{code, mails};
use super::welcome::{ACME_PASSWORD, GLOBEX_PASSWORD, import, portals_of, prove, three_portals};
use super::*;

/// Signs in with Acme's old password and goes on to Acme without proving the address.
pub(super) async fn eve(scene: &Scene) -> Browser<'_> {
    let mut browser = scene.browser();
    let sign_in = browser.leave(ACME, "/x");
    let answer = browser.sign_in(&sign_in, ANNA, ACME_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("Go on to Acme Inc. only, prove later"), "{}", page.text);
    let answer = browser.fill("/welcome", "/welcome/later", &[("portal", "0")]).await;
    assert!(answer.sets(SESSION_COOKIE), "{answer:?}");
    let hop = browser.open(&answer.location()).await;
    assert_eq!(browser.open(&hop.location()).await.location(), url(ACME, "/x"));
    browser
}

pub(super) async fn unproved(scene: &Scene) -> Account {
    let holder = scene.hub.directory.holder(ANNA).await.unwrap();
    let Holder::Unproved(account) = holder else { panic!("{holder:?}") };
    scene.hub.directory.account(account).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_portal_s_password_opens_that_portal_and_nothing_else() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    let there = browser.verified(ACME).unwrap().identity.clone();
    assert_eq!((there.member, there.portal_user.as_deref()), (true, Some("17")));
    assert_eq!(there.email, "", "what nobody has proved is told to nobody");
    for host in [GLOBEX, INITECH] {
        browser.arrive(host).await;
        let identity = browser.verified(host).unwrap().identity.clone();
        assert!(!identity.member && identity.roles.is_empty() && identity.portal_user.is_none());
        assert_eq!(identity.email, "");
        let asked = [("x-bitrix-id-internal-purpose", "no-access")];
        let page = browser.send(Method::GET, host, "/.bitrix-id/no-access", &asked, "").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.text.contains("Prove your address"), "{}", page.text);
        for other in ["has a profile", "administrators added", "Ask for access"] {
            assert!(!page.text.contains(other), "{other}: {}", page.text);
        }
    }
    let answer = browser.get(ACME, "/.bitrix-id/portals").await;
    let rows: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    let home = browser.get(ID, "/").await;
    assert!(home.text.contains("Acme Inc.") && !home.text.contains("Initech"), "{}", home.text);
    assert!(home.text.contains("Prove your address"), "{}", home.text);
}

#[tokio::test]
async fn another_portal_leads_to_the_proof_and_back_to_the_page_that_was_asked_for() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    mails(&scene).await;
    scene.clock.advance(61);
    browser.arrive(GLOBEX).await;
    let asked = [
        ("x-bitrix-id-internal-purpose", "no-access"),
        ("x-bitrix-id-internal-target", "/crm/?week=7"),
    ];
    let page = browser.send(Method::GET, GLOBEX, "/.bitrix-id/no-access", &asked, "").await;
    let link = page.text.split("href=\"").find(|rest| rest.contains("/welcome?state=")).unwrap();
    let (host, prove_at) = split(link.split('"').next().unwrap());
    assert_eq!(host, ID);
    assert!(browser.get(ID, &prove_at).await.text.contains("Send a code"));
    browser.fill(&prove_at, "/welcome/prove", &[]).await;
    let answer = prove(&mut browser, &code(&mails(&scene).await[0])).await;
    let (_, join_at) = split(&answer.location());
    let answer = browser.fill(&join_at, "/welcome/join", &[("portal-globex", "4")]).await;
    let hop = browser.open(&answer.location()).await;
    assert_eq!(browser.open(&hop.location()).await.location(), url(GLOBEX, "/crm/?week=7"));
    assert!(browser.verified(GLOBEX).unwrap().identity.member);
}

#[tokio::test]
async fn it_joins_nothing_however_it_asks() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    let account = unproved(&scene).await;
    let csrf = browser.get(ID, "/").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("portal-globex", "4"), ("portal-initech", "99")];
    let answer = browser.post(ID, "/welcome/join", &fields).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    for portal in ["0", "1", "2", "globex"] {
        let fields = [("csrf", csrf.as_str()), ("portal", portal)];
        browser.post(ID, "/welcome/later", &fields).await;
    }
    assert_eq!(scene.hub.directory.profiles(account.id).await.unwrap().len(), 1);
    // Nor by the store itself.
    let free = scene.hub.directory.free_profiles(&[ANNA.into()]).await.unwrap();
    let keys: Vec<_> = free.iter().map(|record| record.key()).collect();
    let proof = bitrix_id_auth_core::store::joining::JoinProof::Address;
    let joined = scene.hub.directory.join(account.id, &keys, proof, "self", 0).await.unwrap();
    assert!(joined.is_empty());
}

#[tokio::test]
async fn the_pages_that_change_a_credential_or_a_link_are_closed_to_it() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    let account = unproved(&scene).await;
    let csrf = browser.get(ID, "/").await.csrf();
    for path in [
        "/profile/security",
        "/profile/emails",
        "/profile/social",
        "/profile/portals/undo",
        "/portals/new",
        "/confirm",
        "/social/google/start",
    ] {
        let page = browser.get(ID, path).await;
        assert_eq!(page.location(), url(ID, "/welcome"), "{path}");
        let fields = [
            ("csrf", csrf.as_str()),
            ("current", ACME_PASSWORD),
            ("password", "eleven quiet badgers"),
            ("portal", "acme"),
        ];
        let answer = browser.post(ID, path, &fields).await;
        assert_eq!(answer.location(), url(ID, "/welcome"), "{path}");
    }
    let now = unproved(&scene).await;
    assert_eq!((now.id, now.password_hash), (account.id, account.password_hash));
    for path in ["/", "/profile", "/profile/sessions", "/profile/portals"] {
        assert_eq!(browser.get(ID, path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn signing_in_again_with_the_same_password_opens_the_same_portal() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    eve(&scene).await;
    let mut again = scene.browser();
    let answer = again.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert!(answer.sets(SESSION_COOKIE));
    assert_eq!(answer.location(), url(ID, "/"));
    assert!(!answer.sets("__Host-bitrix-id-device"), "the browser is not known for the address");
    // Another portal's password leads to the proof, and not into this account.
    let mut other = scene.browser();
    let answer = other.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!answer.sets(SESSION_COOKIE));
    let later = other.fill("/welcome", "/welcome/later", &[("portal", "0")]).await;
    assert_eq!(later.status, StatusCode::CONFLICT);
    assert!(!later.sets(SESSION_COOKIE));
}

/// Whatever was there before the proof is dead, and its profile is free for whoever proved the address.
pub(super) async fn assert_gone(scene: &Scene, eve: &mut Browser<'_>, before: &Account) {
    let revocations = scene.hub.sessions.revocations_after(0).await.unwrap();
    for revocation in &revocations {
        scene.hub.revocations.apply(revocation);
    }
    assert!(scene.hub.directory.account(before.id).await.unwrap().is_none());
    assert!(eve.verified(ACME).is_none(), "her token is refused");
    assert_eq!(eve.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    let callback = eve.leave(ACME, "/");
    assert!(!eve.get(ID, &callback).await.status.is_redirection(), "she is asked to sign in");
    let Holder::Proved(owner) = scene.hub.directory.holder(ANNA).await.unwrap() else {
        panic!("the address is proved")
    };
    assert_ne!(owner, before.id, "a new subject");
}

#[tokio::test]
async fn who_signs_up_with_the_address_takes_it_and_what_was_planted_is_dead() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut eve = eve(&scene).await;
    let before = unproved(&scene).await;
    // She has a proof of her own under way.
    eve.fill("/", "/welcome/prove", &[]).await;
    let for_eve = code(&mails(&scene).await[0]);

    let mut anna = scene.browser();
    anna.ip = "198.51.100.9".into();
    let form = [("name", "Anna"), ("email", ANNA), ("password", "twelve angry hedgehogs")];
    anna.fill("/sign-up", "/sign-up", &form).await;
    let sent = mails(&scene).await;
    let answer = anna
        .fill("/sign-up/confirm", "/sign-up/confirm", &[("code", code(&sent[0]).as_str())])
        .await;
    assert!(answer.sets(SESSION_COOKIE));
    assert_eq!(answer.location(), url(ID, "/welcome"), "Acme's record is free for her");
    assert_gone(&scene, &mut eve, &before).await;
    let all = [("portal-acme", "17"), ("portal-globex", "4"), ("portal-initech", "99")];
    anna.fill("/welcome", "/welcome/join", &all).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "globex", "initech"]);

    let answer = scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert!(!answer.sets(SESSION_COOKIE), "nor does the old password open anything");
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Her proof ends nowhere, unless somebody hands her the code of a mail that Anna got.
    let page = eve.get(ID, "/welcome").await;
    assert!(!page.text.contains("Globex"), "{}", page.text);
    if for_eve != "000000" {
        let answer = eve.fill("/welcome", "/welcome", &[("code", "000000")]).await;
        assert!(!answer.sets(SESSION_COOKIE));
    }
}

#[tokio::test]
async fn who_proves_the_address_at_the_first_sign_in_takes_it_likewise() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut eve = eve(&scene).await;
    let before = unproved(&scene).await;
    mails(&scene).await;
    let mut anna = scene.browser();
    anna.ip = "198.51.100.9".into();
    anna.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await;
    let code = code(&mails(&scene).await[0]);
    assert!(prove(&mut anna, &code).await.sets(SESSION_COOKIE));
    assert_gone(&scene, &mut eve, &before).await;
    anna.fill("/welcome", "/welcome/join", &[("portal-acme", "17")]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme"]);
    assert!(!scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn its_own_proof_makes_a_new_account_with_the_same_password() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    let before = unproved(&scene).await;
    mails(&scene).await;
    scene.clock.advance(61);
    let offered = browser.get(ID, "/welcome").await;
    assert!(offered.text.contains("Send a code") && !offered.text.contains("Globex"));
    let answer = browser.fill("/welcome", "/welcome/prove", &[]).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let mut old = browser.clone();
    let code = code(&mails(&scene).await[0]);
    let answer = prove(&mut browser, &code).await;
    assert!(answer.sets(SESSION_COOKIE));
    assert_gone(&scene, &mut old, &before).await;
    let page = browser.get(ID, "/welcome").await;
    assert_eq!(page.text.matches(" checked").count(), 3, "Acme's is free again: {}", page.text);
    let mut elsewhere = scene.browser();
    assert!(elsewhere.sign_in("/sign-in", ANNA, ACME_PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn a_session_without_that_portal_s_password_gets_no_further_than_the_proof() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = eve(&scene).await;
    let account = unproved(&scene).await;
    let cookie = "A".repeat(43);
    let session = NewSession {
        account: account.id,
        generation: 1,
        cookie_hash: bitrix_id_auth_core::hop::sha256(&cookie),
        amr: vec!["fed".into()],
        user_agent: String::new(),
        auth_time: scene.clock.now(),
        client_ip: None,
        device: None,
    };
    scene.hub.sessions.create_session(session, scene.clock.now()).await.unwrap();
    browser.jar(ID).insert(SESSION_COOKIE.into(), cookie);
    browser.jar(ACME).remove(TOKEN_COOKIE);
    for host in [ACME, GLOBEX] {
        for page in ["/sign-in", "/sign-up", "/sign-up/confirm"] {
            let target = browser.leave(host, "/").replace("/sign-in", page);
            let answer = browser.get(ID, &target).await;
            assert!(answer.location().starts_with(&url(ID, "/welcome")), "{target}: {answer:?}");
        }
    }
    for path in ["/", "/profile", "/profile/portals"] {
        assert_eq!(browser.get(ID, path).await.location(), url(ID, "/welcome"), "{path}");
    }
}

#[tokio::test]
async fn without_mail_the_one_portal_is_still_there() {
    let scene = Scene::new().await;
    import(
        &scene,
        "acme",
        "17",
        Some(bitrix_id_auth_core::password::samples::sample_md5(ACME_PASSWORD, "")),
    )
    .await;
    let snapshot = scene.hub.snapshot.load_full();
    let config = bitrix_id_config::Config { mail: None, ..(*snapshot.config).clone() };
    let pools = Pools::default();
    let telemetry = &scene.hub.telemetry;
    let silent = Snapshot::build(2, 0, Arc::new(config), Vec::new(), &pools, telemetry).unwrap();
    scene.hub.snapshot.store(Arc::new(silent));
    let mut browser = eve(&scene).await;
    assert!(browser.verified(ACME).unwrap().identity.member);
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("sends no mail") && !page.text.contains("/welcome/prove\""));
}

#[tokio::test]
async fn a_mail_that_cannot_be_queued_keeps_nobody_out() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    scene.store.failing.lock().unwrap().push("queue_mail");
    let browser = eve(&scene).await;
    assert!(browser.verified(ACME).unwrap().identity.member);
}

#[tokio::test]
async fn going_on_without_the_proof_leaves_nothing_behind_when_it_fails() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    scene.store.failing.lock().unwrap().push("create_joined_account");
    let answer = browser.fill("/welcome", "/welcome/later", &[("portal", "0")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(scene.hub.directory.holder(ANNA).await.unwrap(), Holder::None);
}

#[tokio::test]
async fn its_own_password_buys_no_guesses_at_those_of_other_portals() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    eve(&scene).await;
    let mut guesses = 0;
    loop {
        let wrong = scene.browser().sign_in("/sign-in", ANNA, "wrong").await;
        if wrong.status == StatusCode::TOO_MANY_REQUESTS || guesses > 12 {
            break;
        }
        guesses += 1;
        let own = scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
        assert!(own.sets(SESSION_COOKIE) || guesses == 10, "{guesses}");
    }
    assert_eq!(guesses, 10);
}

#[tokio::test]
async fn who_recovers_the_address_takes_it_likewise() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut eve = eve(&scene).await;
    let before = unproved(&scene).await;
    mails(&scene).await;
    let mut anna = scene.browser();
    anna.ip = "198.51.100.9".into();
    let link = link_for(&scene, &mut anna, ANNA).await;
    assert!(set(&mut anna, &link, NEW).await.sets(SESSION_COOKIE));
    assert_gone(&scene, &mut eve, &before).await;
    anna.fill("/welcome", "/welcome/join", &[("portal-acme", "17")]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme"], "Acme's record is free for her");
    assert!(!scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn before_the_proof_a_form_names_only_records_whose_password_was_typed() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut eve = scene.browser();
    eve.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await;
    for portal in ["1", "2", "acme", "acme:17"] {
        let answer = eve.fill("/welcome", "/welcome/later", &[("portal", portal)]).await;
        assert!(!answer.sets(SESSION_COOKIE), "{portal}");
        assert_eq!(scene.hub.directory.holder(ANNA).await.unwrap(), Holder::None, "{portal}");
    }
    let answer = eve.fill("/welcome", "/welcome/later", &[("portal", "0")]).await;
    assert!(answer.sets(SESSION_COOKIE), "{answer:?}");
    let account = unproved(&scene).await;
    let profiles = scene.hub.directory.profiles(account.id).await.unwrap();
    let portals: Vec<&str> = profiles.iter().map(|profile| profile.portal.as_str()).collect();
    assert_eq!(portals, ["globex"]);
}
