//! Two Bitrix IDs of one person.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{AccountState, Holder};

use super::sign_up::{code, mails, refused_codes};
use super::*;

const MERGE: &str = "/profile/merge";
const REVIEW: &str = "/profile/merge/review";
const CODE: &str = "/profile/merge/code";
const BORIS: &str = "boris@example.com";
const OTHER_PASSWORD: &str = "eleven quiet badgers";

/// An account with a password of its own.
async fn other(scene: &Scene, email: &str, portals: &[&str]) -> Account {
    let account = scene.account(email, portals).await;
    let hash = scene.hub.passwords.load_full().hash(OTHER_PASSWORD).await.unwrap();
    let directory = &scene.hub.directory;
    let old = account.password_hash.as_deref();
    assert!(directory.replace_password_hash(account.id, old, &hash).await.unwrap());
    now(scene, &account).await
}

async fn now(scene: &Scene, account: &Account) -> Account {
    scene.hub.directory.account(account.id).await.unwrap().unwrap()
}

async fn prove(browser: &mut Browser<'_>, email: &str, password: &str) -> Answer {
    browser.fill(MERGE, MERGE, &[("email", email), ("password", password)]).await
}

/// Looks at what will happen, and agrees.
async fn agree(browser: &mut Browser<'_>, choices: &[(&str, &str)]) -> Answer {
    let page = browser.get(ID, REVIEW).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let (csrf, seen) = (page.csrf(), page.hidden("seen").unwrap());
    let mut fields = vec![("csrf", csrf.as_str()), ("seen", seen.as_str())];
    fields.extend_from_slice(choices);
    browser.post(ID, REVIEW, &fields).await
}

async fn portals(scene: &Scene, account: &Account) -> Vec<String> {
    let profiles = scene.hub.directory.profiles(account.id).await.unwrap();
    profiles.into_iter().map(|profile| profile.portal).collect()
}

#[tokio::test]
async fn two_become_one_by_the_password_of_the_other() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let boris = other(&scene, BORIS, &["initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut his = scene.browser();
    his.sign_in("/sign-in", BORIS, OTHER_PASSWORD).await;
    his.arrive(INITECH).await;
    let answer = prove(&mut browser, "BORIS@example.com", OTHER_PASSWORD).await;
    assert_eq!(answer.location(), url(ID, REVIEW));
    let page = browser.get(ID, REVIEW).await;
    for expected in [BORIS, ANNA, "Initech"] {
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
    }
    assert_eq!(now(&scene, &boris).await.state, AccountState::Active, "looking merges nothing");
    let answer = agree(&mut browser, &[]).await;
    assert_eq!(answer.location(), url(ID, MERGE));
    assert!(browser.open(&answer.location()).await.text.contains("Acme Inc. and Initech"));
    assert_eq!(now(&scene, &boris).await.state, AccountState::Merged { into: anna.id });
    assert_eq!(portals(&scene, &anna).await, ["acme", "initech"]);
    assert_eq!(now(&scene, &anna).await.email, ANNA);
    // His browser is signed out everywhere, her session lives on, her old token does not.
    assert!(his.verified(INITECH).is_none());
    assert!(his.get(ID, "/profile").await.location().contains("/sign-in"));
    browser.arrive(INITECH).await;
    // Both addresses open the one, with her password; his opens nothing.
    let mut again = scene.browser();
    assert_eq!(again.sign_in("/sign-in", BORIS, PASSWORD).await.location(), url(ID, "/"));
    let answer = scene.browser().sign_in("/sign-in", BORIS, OTHER_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut told: Vec<String> = mails(&scene).await.into_iter().map(|mail| mail.to).collect();
    told.sort();
    told.dedup();
    assert_eq!(told, [ANNA, BORIS]);
    for account in [&anna, &boris] {
        let events = scene.hub.directory.audit(Some(account.id), 20).await.unwrap();
        assert!(events.iter().any(|event| event.action == audit::ACCOUNT_MERGED));
    }
}

#[tokio::test]
async fn tokens_from_before_are_refused_on_both_sides() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    other(&scene, BORIS, &["initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let mut his = scene.browser();
    his.sign_in("/sign-in", BORIS, OTHER_PASSWORD).await;
    his.arrive(INITECH).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    agree(&mut browser, &[]).await;
    assert!(browser.verified(ACME).is_none(), "made before the merge");
    assert!(his.verified(INITECH).is_none());
    browser.arrive(ACME).await;
}

#[tokio::test]
async fn two_become_one_by_a_code_to_the_other() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    other(&scene, BORIS, &["initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = browser.fill(MERGE, "/profile/merge/send", &[("email", BORIS)]).await;
    assert_eq!(answer.location(), url(ID, CODE));
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, BORIS));
    let right = code(&sent[0]);
    let wrong = super::sign_up::another(&right);
    let answer = browser.fill(CODE, CODE, &[("code", &wrong)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused_codes(&scene, Some(&anna)).await.len(), 1);
    assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
    let answer = browser.fill(CODE, CODE, &[("code", &right)]).await;
    assert_eq!(answer.location(), url(ID, REVIEW));
    agree(&mut browser, &[]).await;
    assert_eq!(portals(&scene, &anna).await, ["initech"]);
}

#[tokio::test]
async fn nobody_learns_here_who_has_a_bitrix_id() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    other(&scene, BORIS, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut pages = Vec::new();
    for address in [BORIS, "nobody@example.com"] {
        let wrong = prove(&mut browser, address, "wrong").await;
        let sent = browser.fill(MERGE, "/profile/merge/send", &[("email", address)]).await;
        let page = browser.open(&sent.location()).await;
        let text = format!("{}{}{}", wrong.status, wrong.text, page.text);
        pages.push(text.replace(address, "ADDRESS"));
        let mail = mails(&scene).await;
        assert_eq!((mail.len(), mail[0].to.as_str()), (1, address));
    }
    assert_eq!(pages[0], pages[1]);
    // A code nobody was sent opens nothing, right or wrong.
    let csrf = browser.get(ID, CODE).await.csrf();
    let answer = browser.post(ID, CODE, &[("csrf", &csrf), ("code", "123456")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_choice_decides_who_stays_on_a_portal_that_knows_both() {
    for (choice, expected) in [("own", "1"), ("other", "2")] {
        let scene = Scene::new().await;
        let anna = scene.account(ANNA, &[]).await;
        let boris = other(&scene, BORIS, &[]).await;
        for (account, id) in [(&anna, "1"), (&boris, "2")] {
            let profile = Profile {
                local_id: Some(id.into()),
                ..Profile::new(account.id, "acme", scene.clock.now())
            };
            scene.hub.directory.put_profile(profile, scene.clock.now()).await.unwrap();
        }
        let mut browser = scene.signed_in(ANNA).await;
        prove(&mut browser, BORIS, OTHER_PASSWORD).await;
        agree(&mut browser, &[("stays-acme", choice), ("stays-initech", "other")]).await;
        let profile = scene.hub.directory.profile(anna.id, "acme").await.unwrap().unwrap();
        assert_eq!(profile.local_id.as_deref(), Some(expected), "{choice}");
    }
}

#[tokio::test]
async fn what_was_not_seen_is_not_done() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &["initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let page = browser.get(ID, REVIEW).await;
    let (csrf, seen) = (page.csrf(), page.hidden("seen").unwrap());
    let profile = Profile::new(boris.id, "acme", scene.clock.now());
    scene.hub.directory.put_profile(profile, scene.clock.now()).await.unwrap();
    let fields = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    let answer = browser.post(ID, REVIEW, &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("Acme Inc."), "{}", answer.text);
    assert_eq!(now(&scene, &boris).await.state, AccountState::Active);
    agree(&mut browser, &[]).await;
    assert!(matches!(now(&scene, &boris).await.state, AccountState::Merged { .. }));
}

#[tokio::test]
async fn a_new_password_of_the_other_takes_the_proof_back() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let page = browser.get(ID, REVIEW).await;
    let (csrf, seen) = (page.csrf(), page.hidden("seen").unwrap());
    let directory = &scene.hub.directory;
    let old = boris.password_hash.as_deref();
    assert!(directory.replace_password_hash(boris.id, old, "taken back").await.unwrap());
    let fields = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    assert_eq!(browser.post(ID, REVIEW, &fields).await.location(), url(ID, MERGE));
    assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
    assert_eq!(now(&scene, &boris).await.state, AccountState::Active);
}

#[tokio::test]
async fn a_proof_is_of_its_session_and_its_browser() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &[]).await;
    let carl = other(&scene, "carl@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let page = browser.get(ID, REVIEW).await;
    let seen = page.hidden("seen").unwrap();
    // Another browser of hers; and, in this one, the next session.
    let mut elsewhere = scene.signed_in(ANNA).await;
    let csrf = elsewhere.get(ID, MERGE).await.csrf();
    let fields = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    assert_eq!(elsewhere.post(ID, REVIEW, &fields).await.location(), url(ID, MERGE));
    let jar = browser.jars.clone();
    browser.fill("/sign-out", "/sign-out", &[]).await;
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    for (name, value) in &jar[ID] {
        browser.jar(ID).entry(name.clone()).or_insert_with(|| value.clone());
    }
    assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
    // A field that names another account names nothing.
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let id = carl.id.to_string();
    agree(&mut browser, &[("from", &id), ("into", &id), ("email", "carl@example.com")]).await;
    assert_eq!(now(&scene, &boris).await.state, AccountState::Merged { into: anna.id });
    assert_eq!(now(&scene, &carl).await.state, AccountState::Active);
}

#[tokio::test]
async fn it_takes_a_fresh_sign_in_and_a_form_of_ours() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let page = browser.get(ID, REVIEW).await;
    let (csrf, seen) = (page.csrf(), page.hidden("seen").unwrap());
    let fields = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    let cross = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    for path in [MERGE, "/profile/merge/send", CODE, REVIEW, "/profile/merge/undo"] {
        let body = encode(&fields);
        let answer = browser.send(Method::POST, ID, path, &cross, body.as_str()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let forged = [("csrf", "x.y"), ("seen", seen.as_str())];
        assert_eq!(browser.post(ID, path, &forged).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    scene.clock.advance(601);
    for path in [MERGE, REVIEW, "/profile/merge/undo"] {
        let answer = browser.post(ID, path, &fields).await;
        assert!(answer.location().starts_with(&url(ID, "/confirm?state=")), "{path}");
    }
    assert_eq!(now(&scene, &boris).await.state, AccountState::Active);
}

#[tokio::test]
async fn guesses_at_the_other_are_counted_with_its_sign_ins() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    other(&scene, BORIS, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for _ in 0..10 {
        let answer = prove(&mut browser, BORIS, "wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    let answer = scene.browser().sign_in("/sign-in", BORIS, OTHER_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn only_an_account_that_may_sign_in_is_merged() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let own = prove(&mut browser, ANNA, PASSWORD).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let directory = &scene.hub.directory;
    directory.set_account_state(boris.id, AccountState::Disabled).await.unwrap();
    assert_eq!(browser.get(ID, REVIEW).await.location(), url(ID, MERGE));
    let answer = prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_merge_is_undone_by_the_person_who_has_it() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let boris = other(&scene, BORIS, &["initech"]).await;
    scene.account("carl@example.com", &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    agree(&mut browser, &[]).await;
    mails(&scene).await;
    let page = browser.get(ID, MERGE).await;
    let rest = page.text.split_once("name=\"merge\" value=\"").unwrap().1;
    let merge = rest.split_once('"').unwrap().0.to_owned();
    // Whoever else knows the number undoes nothing.
    let mut carl = scene.signed_in("carl@example.com").await;
    carl.fill(MERGE, "/profile/merge/undo", &[("merge", &merge)]).await;
    assert_eq!(now(&scene, &boris).await.state, AccountState::Merged { into: anna.id });
    let answer = browser.fill(MERGE, "/profile/merge/undo", &[("merge", &merge)]).await;
    assert_eq!(answer.location(), url(ID, MERGE));
    assert_eq!(now(&scene, &boris).await.state, AccountState::Active);
    assert_eq!(portals(&scene, &anna).await, ["acme"]);
    assert_eq!(portals(&scene, &boris).await, ["initech"]);
    assert_eq!(scene.hub.directory.holder(BORIS).await.unwrap(), Holder::Proved(boris.id));
    let mut his = scene.browser();
    assert_eq!(his.sign_in("/sign-in", BORIS, OTHER_PASSWORD).await.location(), url(ID, "/"));
    let mut told: Vec<String> = mails(&scene).await.into_iter().map(|mail| mail.to).collect();
    told.sort();
    told.dedup();
    assert_eq!(told, [ANNA, BORIS]);
    let again = browser.fill(MERGE, "/profile/merge/undo", &[("merge", &merge)]).await;
    assert_eq!(again.location(), url(ID, MERGE), "nothing is left to undo, calmly");
}

#[tokio::test]
async fn a_store_that_fails_half_way_costs_a_second_press() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let boris = other(&scene, BORIS, &["initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let mut his = scene.browser();
    his.sign_in("/sign-in", BORIS, OTHER_PASSWORD).await;
    his.arrive(INITECH).await;
    prove(&mut browser, BORIS, OTHER_PASSWORD).await;
    let page = browser.get(ID, REVIEW).await;
    let (csrf, seen) = (page.csrf(), page.hidden("seen").unwrap());
    let fields = [("csrf", csrf.as_str()), ("seen", seen.as_str())];
    scene.store.failing.lock().unwrap().push("end_sessions_of");
    let answer = browser.post(ID, REVIEW, &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(now(&scene, &boris).await.state, AccountState::Merged { into: anna.id });
    let answer = browser.post(ID, REVIEW, &fields).await;
    assert_eq!(answer.location(), url(ID, MERGE));
    assert!(his.verified(INITECH).is_none());
    assert!(his.get(ID, "/profile").await.location().contains("/sign-in"));
}
