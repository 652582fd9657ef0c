//! Adding addresses, choosing the primary one, giving one up.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::Holder;

use super::confirm_identity::{enter_as, stale, without_password};
use super::sign_up::{another, code, mails, refused_codes};
use super::*;

pub(super) const EMAILS: &str = "/profile/emails";
pub(super) const CONFIRM: &str = "/profile/emails/confirm";
const SECOND: &str = "anna@firma.example";

/// Asks for an address with the current password.
pub(super) async fn ask(browser: &mut Browser<'_>, address: &str) -> Answer {
    browser.fill(EMAILS, EMAILS, &[("email", address), ("password", PASSWORD)]).await
}

async fn enter_code(browser: &mut Browser<'_>, code: &str) -> Answer {
    browser.fill(CONFIRM, CONFIRM, &[("code", code)]).await
}

/// Adds an address; the mails about it are gone.
pub(super) async fn add(scene: &Scene, browser: &mut Browser<'_>, address: &str) {
    assert_eq!(ask(browser, address).await.location(), url(ID, CONFIRM));
    let sent = mails(scene).await;
    let answer = enter_code(browser, &code(&sent[0])).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    mails(scene).await;
}

pub(super) async fn held(scene: &Scene, account: &Account) -> Vec<String> {
    let held = scene.hub.directory.addresses(account.id).await.unwrap();
    held.into_iter().map(|address| address.address).collect()
}

#[tokio::test]
async fn a_new_address_takes_the_password_and_a_code_and_is_told_to_the_old_one() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    for (email, password, status) in [
        (SECOND, "wrong", StatusCode::UNPROCESSABLE_ENTITY),
        (SECOND, "", StatusCode::UNPROCESSABLE_ENTITY),
        ("anna@", PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
        ("a@b@c.example", PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
        ("\u{212a}ai@firma.example", PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
        (ANNA, PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer =
            browser.fill(EMAILS, EMAILS, &[("email", email), ("password", password)]).await;
        assert_eq!(answer.status, status, "{email} {password}");
    }
    assert!(mails(&scene).await.is_empty());
    // Typed in capitals, mailed and kept in the canonical form.
    let answer = ask(&mut browser, " Anna@FIRMA.example ").await;
    assert_eq!(answer.location(), url(ID, CONFIRM));
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, SECOND));
    assert_eq!(held(&scene, &anna).await, [ANNA], "not before the proof");
    let right = code(&sent[0]);
    let wrong = enter_code(&mut browser, &another(&right)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = enter_code(&mut browser, &right).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains(SECOND) && page.text.contains("role=\"status\""), "{}", page.text);
    let notice = mails(&scene).await;
    assert_eq!((notice.len(), notice[0].to.as_str()), (1, ANNA));
    assert!(notice[0].text.contains(SECOND) && notice[0].text.contains("/forgot-password"));
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
    // It opens the same Bitrix ID.
    scene.signed_in(SECOND).await;
    let events = scene.hub.directory.audit(Some(anna.id), 20).await.unwrap();
    assert!(events.iter().any(|event| event.action == audit::EMAIL_ADDED));
    assert_eq!(browser.get(ID, CONFIRM).await.location(), url(ID, EMAILS), "the code is spent");
}

#[tokio::test]
async fn without_a_password_a_new_address_takes_a_fresh_sign_in() {
    let scene = Scene::new().await;
    let nadja = without_password(&scene, "nadja@example.com").await;
    let mut browser = enter_as(&scene, &nadja).await;
    scene.clock.advance(3600);
    let answer = browser.fill(EMAILS, EMAILS, &[("email", SECOND)]).await;
    assert!(answer.location().starts_with(&url(ID, "/confirm?state=")));
    assert!(mails(&scene).await.is_empty());
}

#[tokio::test]
async fn an_address_of_another_account_is_answered_like_any_other() {
    let scene = Scene::new().await;
    let boris = scene.account("boris@example.com", &[]).await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let known = ask(&mut browser, "boris@example.com").await;
    let page = browser.open(&known.location()).await;
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, "boris@example.com"));
    assert!(sent[0].text.contains("/profile/merge"), "{}", sent[0].text);
    let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() == 6);
    assert!(!digits(&sent[0].text), "a code in {}", sent[0].text);
    scene.clock.advance(61);
    let unknown = ask(&mut browser, "nobody@example.com").await;
    assert_eq!(known.location(), unknown.location());
    let other = browser.open(&unknown.location()).await;
    let blank = |text: &str, address: &str| text.replace(address, "ADDRESS");
    let (page, other) =
        (blank(&page.text, "boris@example.com"), blank(&other.text, "nobody@example.com"));
    assert_eq!(page, other, "the page tells them apart");
    let same = scene.hub.directory.holder("boris@example.com").await.unwrap();
    assert_eq!(same, Holder::Proved(boris.id));
}

#[tokio::test]
async fn what_was_proved_elsewhere_meanwhile_stays_there() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let right = code(&mails(&scene).await[0]);
    let other = scene.account(SECOND, &[]).await;
    let answer = enter_code(&mut browser, &right).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    let page = browser.open(&answer.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("another Bitrix ID"), "{}", page.text);
    assert_eq!(held(&scene, &anna).await, [ANNA]);
    assert_eq!(scene.hub.directory.holder(SECOND).await.unwrap(), Holder::Proved(other.id));
    assert!(mails(&scene).await.is_empty(), "nothing happened, so nobody is told");
}

#[tokio::test]
async fn a_holder_without_proof_gives_way() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let new = NewAccount {
        email: SECOND.into(),
        proof: AddressProof::None,
        name: "Eve".into(),
        password_hash: None,
        language: None,
    };
    let created = scene.hub.directory.create_account(new, scene.clock.now()).await.unwrap();
    let CreateAccount::Created(eve) = created else { panic!("nobody held it") };
    let mut browser = scene.signed_in(ANNA).await;
    add(&scene, &mut browser, SECOND).await;
    assert_eq!(scene.hub.directory.account(eve.id).await.unwrap(), None);
    assert_eq!(scene.hub.directory.holder(SECOND).await.unwrap(), Holder::Proved(anna.id));
}

#[tokio::test]
async fn a_new_password_drops_what_was_asked_with_the_old_one() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let right = code(&mails(&scene).await[0]);
    let page = browser.get(ID, CONFIRM).await;
    let kept = scene.hub.directory.account(anna.id).await.unwrap().unwrap().password_hash;
    let new = scene.hub.passwords.load_full().hash("eleven quiet badgers").await.unwrap();
    let directory = &scene.hub.directory;
    assert!(directory.replace_password_hash(anna.id, kept.as_deref(), &new).await.unwrap());
    let fields = [("csrf", &*page.csrf()), ("code", &*right)].map(|(k, v)| (k, v.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(browser.post(ID, CONFIRM, &fields).await.location(), url(ID, EMAILS));
    assert_eq!(held(&scene, &anna).await, [ANNA]);
}

#[tokio::test]
async fn a_store_that_fails_half_way_costs_a_second_press() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let right = code(&mails(&scene).await[0]);
    // The address is there; telling the tokens is not.
    scene.store.failing.lock().unwrap().push("revoke_account");
    let answer = enter_code(&mut browser, &right).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = enter_code(&mut browser, &right).await;
    assert_eq!(answer.location(), url(ID, EMAILS), "pressed again, it is done");
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
}

#[tokio::test]
async fn an_hour_is_all_a_code_has() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let right = code(&mails(&scene).await[0]);
    let csrf = browser.get(ID, CONFIRM).await.csrf();
    scene.clock.advance(3600);
    let fields = [("csrf", csrf.as_str()), ("code", right.as_str())];
    assert_eq!(browser.post(ID, CONFIRM, &fields).await.location(), url(ID, EMAILS));
    assert_eq!(held(&scene, &anna).await, [ANNA]);
}

#[tokio::test]
async fn a_code_is_of_its_browser_and_its_account() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let boris = scene.account("boris@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let page = browser.get(ID, CONFIRM).await;
    assert!(page.text.contains("Enter the code from it, or, if it holds none"), "{}", page.text);
    assert!(!page.text.contains("six-digit"), "which a held address gets not: {}", page.text);
    let right = code(&mails(&scene).await[0]);
    // Another browser of Anna's, and Boris with a code of his own under way: the code, and a field that
    // names the address, are worth nothing.
    let mut elsewhere = scene.signed_in(ANNA).await;
    let mut other = scene.signed_in("boris@example.com").await;
    ask(&mut other, "b@firma.example").await;
    mails(&scene).await;
    for (browser, form_at) in [(&mut elsewhere, EMAILS), (&mut other, CONFIRM)] {
        let csrf = browser.get(ID, form_at).await.csrf();
        let fields = [
            ("csrf", csrf.as_str()),
            ("code", right.as_str()),
            ("email", SECOND),
            ("address", SECOND),
        ];
        browser.post(ID, CONFIRM, &fields).await;
    }
    assert_eq!(held(&scene, &anna).await, [ANNA]);
    assert_eq!(held(&scene, &boris).await, ["boris@example.com"]);
    assert_eq!(refused_codes(&scene, Some(&anna)).await, []);
    assert_eq!(refused_codes(&scene, Some(&boris)).await.len(), 1);
    // Nor does a field change what the right code proves.
    let csrf = browser.get(ID, CONFIRM).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("code", right.as_str()),
        ("email", "victim@example.com"),
        ("address", "victim@example.com"),
    ];
    browser.post(ID, CONFIRM, &fields).await;
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
    assert_eq!(scene.hub.directory.holder("victim@example.com").await.unwrap(), Holder::None);
}

#[tokio::test]
async fn the_primary_address_changes_after_a_fresh_sign_in_and_tokens_follow() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    add(&scene, &mut browser, SECOND).await;
    browser.arrive(ACME).await;
    let old = browser.clone();
    scene.clock.advance(601);
    let press = [("address", SECOND)];
    let answer = browser.fill(EMAILS, "/profile/emails/primary", &press).await;
    assert!(answer.location().starts_with(&url(ID, "/confirm?state=")));
    let (_, path) = split(&answer.location());
    let back = browser.fill(&path, "/confirm", &[("password", PASSWORD)]).await;
    assert_eq!(back.location(), url(ID, EMAILS));
    let answer = browser.fill(EMAILS, "/profile/emails/primary", &press).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    assert_eq!(scene.hub.directory.account(anna.id).await.unwrap().unwrap().email, SECOND);
    let notice = mails(&scene).await;
    assert_eq!((notice.len(), notice[0].to.as_str()), (1, ANNA), "the old one is told");
    assert!(notice[0].text.contains(SECOND));
    assert!(old.verified(ACME).is_none(), "a token names the old address");
    browser.arrive(ACME).await;
    assert_eq!(browser.verified(ACME).unwrap().identity.email, SECOND);
}

#[tokio::test]
async fn an_address_is_given_up_but_never_the_primary_one() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    scene.account("boris@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    add(&scene, &mut browser, SECOND).await;
    for foreign in [ANNA, "boris@example.com", "nobody@example.com", "", "x"] {
        let press = [("address", foreign)];
        let answer = browser.fill(EMAILS, "/profile/emails/remove", &press).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{foreign}");
        if foreign != ANNA {
            let answer = browser.fill(EMAILS, "/profile/emails/primary", &press).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{foreign}");
        }
    }
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
    assert!(mails(&scene).await.is_empty());
    let answer = browser.fill(EMAILS, "/profile/emails/remove", &[("address", SECOND)]).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    let mut told: Vec<String> = mails(&scene).await.into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, [ANNA, SECOND], "both are told");
    assert_eq!(held(&scene, &anna).await, [ANNA]);
    let mut other = scene.browser();
    let answer = other.sign_in("/sign-in", SECOND, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn addresses_are_not_changed_from_elsewhere() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    add(&scene, &mut browser, SECOND).await;
    let csrf = browser.get(ID, EMAILS).await.csrf();
    let body = encode(&[
        ("csrf", csrf.as_str()),
        ("address", SECOND),
        ("email", "x@evil.example"),
        ("password", PASSWORD),
    ]);
    let cross = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    let mut other = scene.signed_in(ANNA).await;
    let foreign = other.get(ID, EMAILS).await.csrf();
    mails(&scene).await;
    for path in [EMAILS, CONFIRM, "/profile/emails/primary", "/profile/emails/remove"] {
        let answer = browser.send(Method::POST, ID, path, &cross, body.as_str()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let fields = [("csrf", foreign.as_str()), ("address", SECOND), ("password", PASSWORD)];
        browser.post(ID, path, &fields).await;
    }
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
    assert_eq!(scene.hub.directory.account(anna.id).await.unwrap().unwrap().email, ANNA);
    assert!(mails(&scene).await.is_empty());
}

#[tokio::test]
async fn codes_for_addresses_are_limited() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for _ in 0..5 {
        assert_eq!(ask(&mut browser, SECOND).await.location(), url(ID, CONFIRM));
    }
    let answer = ask(&mut browser, SECOND).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let early = browser.fill(CONFIRM, "/profile/emails/resend", &[]).await;
    assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(mails(&scene).await.len(), 5);
}

#[tokio::test]
async fn a_new_code_takes_the_place_of_the_old_one() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    ask(&mut browser, SECOND).await;
    let old = code(&mails(&scene).await[0]);
    scene.clock.advance(60);
    let answer = browser.fill(CONFIRM, "/profile/emails/resend", &[]).await;
    assert_eq!(answer.location(), url(ID, CONFIRM));
    let new = code(&mails(&scene).await[0]);
    if old != new {
        let answer = enter_code(&mut browser, &old).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    enter_code(&mut browser, &new).await;
    assert_eq!(held(&scene, &anna).await, [ANNA, SECOND]);
}
