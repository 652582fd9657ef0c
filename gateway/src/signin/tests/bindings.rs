//! What is under way belongs to one session of one browser, and nothing that a form says besides changes
//! what it is about.

use bitrix_id_auth_core::hop::{SESSION_COOKIE, sha256};
use bitrix_id_auth_core::store::{Holder, NewSession};

use super::super::browser::Browser as Told;
use super::super::mailed_code::{MailedCode, Tried};
use super::addresses::{CONFIRM, EMAILS, add, ask, held};
use super::confirm_identity::{enter_as, without_password};
use super::sign_up::{code, mails};
use super::welcome::{ACME_PASSWORD, three_portals};
use super::*;

const SECOND: &str = "anna@firma.example";
const BORIS: &str = "boris@example.com";
const MERGE: &str = "/profile/merge";
const CODE: &str = "/profile/merge/code";
const REVIEW: &str = "/profile/merge/review";

/// The next session of the same account in this browser, where what told it apart before is planted again.
async fn next_session(scene: &Scene, browser: &mut Browser<'_>, account: &Account) {
    let planted = browser.jar(ID).clone();
    let cookie = "B".repeat(43);
    let new = NewSession {
        account: account.id,
        generation: account.generation,
        cookie_hash: sha256(&cookie),
        amr: vec!["pwd".into()],
        user_agent: String::new(),
        auth_time: scene.clock.now(),
        client_ip: None,
        device: None,
    };
    scene.hub.sessions.create_session(new, scene.clock.now()).await.unwrap();
    browser.jar(ID).insert(SESSION_COOKIE.into(), cookie);
    browser.replant(&planted);
}

#[tokio::test]
async fn an_address_asked_for_in_one_session_is_not_confirmed_in_the_next() {
    for with_password in [true, false] {
        let scene = Scene::new().await;
        let anna = match with_password {
            true => scene.account(ANNA, &[]).await,
            false => without_password(&scene, ANNA).await,
        };
        let mut browser = enter_as(&scene, &anna).await;
        assert_eq!(ask(&mut browser, SECOND).await.location(), url(ID, CONFIRM));
        let right = code(&mails(&scene).await[0]);
        let mut first = browser.clone();
        next_session(&scene, &mut browser, &anna).await;
        assert_eq!(browser.get(ID, CONFIRM).await.location(), url(ID, EMAILS));
        let answer = browser.fill(EMAILS, CONFIRM, &[("code", &right)]).await;
        assert_eq!(answer.location(), url(ID, EMAILS));
        assert_eq!(held(&scene, &anna).await, [ANNA], "with a password: {with_password}");
        first.fill(CONFIRM, CONFIRM, &[("code", &right)]).await;
        assert_eq!(held(&scene, &anna).await, [ANNA, SECOND], "in the session that asked");
    }
}

#[tokio::test]
async fn a_merge_code_asked_for_in_one_session_proves_nothing_in_the_next() {
    for with_password in [true, false] {
        let scene = Scene::new().await;
        let anna = match with_password {
            true => scene.account(ANNA, &[]).await,
            false => without_password(&scene, ANNA).await,
        };
        scene.account(BORIS, &[]).await;
        let mut browser = enter_as(&scene, &anna).await;
        let sent = browser.fill(MERGE, "/profile/merge/send", &[("email", BORIS)]).await;
        assert_eq!(sent.location(), url(ID, CODE));
        let right = code(&mails(&scene).await[0]);
        let mut first = browser.clone();
        next_session(&scene, &mut browser, &anna).await;
        assert_eq!(browser.get(ID, CODE).await.location(), url(ID, MERGE));
        let answer = browser.fill(MERGE, CODE, &[("code", &right)]).await;
        assert_eq!(answer.location(), url(ID, MERGE), "with a password: {with_password}");
        assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
        let answer = first.fill(CODE, CODE, &[("code", &right)]).await;
        assert_eq!(answer.location(), url(ID, REVIEW), "in the session that asked");
    }
}

#[tokio::test]
async fn a_merge_code_proves_nothing_when_the_address_has_moved_since() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let (boris, carl) =
        (scene.account(BORIS, &[]).await, scene.account("carl@example.com", &[]).await);
    let (directory, now) = (&scene.hub.directory, scene.clock.now());
    directory.add_address(boris.id, 1, SECOND, AddressProof::Mail, now).await.unwrap();
    let mut browser = scene.signed_in(ANNA).await;
    browser.fill(MERGE, "/profile/merge/send", &[("email", SECOND)]).await;
    let right = code(&mails(&scene).await[0]);
    assert!(directory.remove_address(boris.id, SECOND).await.unwrap());
    directory.add_address(carl.id, 1, SECOND, AddressProof::Mail, now).await.unwrap();
    assert_eq!(directory.holder(SECOND).await.unwrap(), Holder::Proved(carl.id));
    let answer = browser.fill(CODE, CODE, &[("code", &right)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
}

#[tokio::test]
async fn a_field_beside_the_right_code_does_not_change_what_it_proves() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    let right = code(&mails(&scene).await[0]);
    let victim = "victim@example.com";
    let fields = [("code", right.as_str()), ("email", victim), ("address", victim)];
    assert!(browser.fill("/welcome", "/welcome", &fields).await.sets(SESSION_COOKIE));
    let directory = &scene.hub.directory;
    let Holder::Proved(anna) = directory.holder(ANNA).await.unwrap() else { panic!("proved") };
    assert_eq!(directory.holder(victim).await.unwrap(), Holder::None);

    let (anna, boris) =
        (directory.account(anna).await.unwrap().unwrap(), scene.account(BORIS, &[]).await);
    mails(&scene).await;
    let asked = [("email", SECOND), ("password", ACME_PASSWORD)];
    assert_eq!(browser.fill(EMAILS, EMAILS, &asked).await.location(), url(ID, CONFIRM));
    let right = code(&mails(&scene).await[0]);
    let other = boris.id.to_string();
    let fields = [("code", right.as_str()), ("account", &other), ("generation", "9")];
    browser.fill(CONFIRM, CONFIRM, &fields).await;
    assert_eq!(held(&scene, &boris).await, [BORIS]);
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
}

#[tokio::test]
async fn a_code_made_for_one_browser_is_wrong_in_another() {
    let scene = Scene::new().await;
    let visit = scene.browser().visit();
    let (one, other) = (Told::new().unwrap(), Told::new().unwrap());
    let (kept, digits) = MailedCode::new(&visit, &one).unwrap();
    let tried = kept.try_code(&visit, &other, None, &digits).await.unwrap();
    assert_eq!(tried, Tried::Wrong);
    assert_eq!(kept.try_code(&visit, &one, None, &digits).await.unwrap(), Tried::Right);
}

#[tokio::test]
async fn whoever_gives_way_to_an_added_address_loses_session_and_token() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let now = scene.clock.now();
    let new = NewAccount {
        email: SECOND.into(),
        proof: AddressProof::None,
        name: "Eve".into(),
        password_hash: Some(scene.hub.passwords.load_full().hash(PASSWORD).await.unwrap()),
        language: None,
    };
    let created = scene.hub.directory.create_account(new, now).await.unwrap();
    let CreateAccount::Created(eve) = created else { panic!("nobody held it") };
    scene
        .hub
        .directory
        .put_profile(Profile::new(eve.id, "acme", now), scene.clock.now())
        .await
        .unwrap();
    let mut eves = scene.signed_in(SECOND).await;
    eves.arrive(ACME).await;
    assert!(eves.verified(ACME).is_some());

    let mut browser = scene.signed_in(ANNA).await;
    mails(&scene).await;
    add(&scene, &mut browser, SECOND).await;
    assert!(eves.verified(ACME).is_none(), "her token is refused");
    let limits = scene.hub.session_limits();
    let left = scene.hub.sessions.sessions_of(eve.id, limits, now).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert!(eves.get(ID, "/profile").await.location().contains("/sign-in"));
}
