//! The person's data as a file, and an account that is deleted after a while.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::store::AccountState;
use serde_json::Value;

use super::device_mail::link;
use super::sign_up::mails;
use super::*;
use crate::leavers::delete_due;

const A_DAY: i64 = 24 * 3600;
const DELETE: &str = "/profile/delete";
const KEEP: &str = "/profile/keep";

/// Signed out everywhere and leaving, with the mail's link.
async fn leave(scene: &Scene, browser: &mut Browser<'_>) -> String {
    let answer = browser.fill(DELETE, DELETE, &[]).await;
    assert_eq!(answer.location(), url(ID, "/signed-out"));
    link(mails(scene).await.last().unwrap())
}

async fn state(scene: &Scene, account: &Account) -> Option<AccountState> {
    let account = scene.hub.directory.account(account.id).await.unwrap();
    account.map(|account| account.state)
}

#[tokio::test]
async fn the_file_holds_what_is_known_and_nothing_that_opens_anything() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    assert_eq!(browser.get(ID, "/profile/data").await.status, StatusCode::OK);
    let file = browser.get(ID, "/profile/data/download").await;
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"bitrix-id.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let data: Value = serde_json::from_str(&file.text).unwrap();
    assert_eq!(data["account"]["email"], ANNA);
    assert_eq!(data["account"]["has_password"], true);
    assert_eq!(data["addresses"][0]["proof"], "mail");
    assert_eq!(data["profiles"][0]["portal"], "acme");
    assert_eq!(data["sessions"][0]["portals"][0], "acme");
    assert_eq!(data["sessions"][0]["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(data["events"][0]["action"], audit::SIGN_IN_SUCCEEDED);
    let cookie = browser.jar(ID)[SESSION_COOKIE].clone();
    for secret in ["$argon2", "hash", &cookie, account.password_hash.as_deref().unwrap()] {
        assert!(!file.text.contains(secret), "{secret}");
    }
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    assert!(events.iter().any(|event| event.action == audit::DATA_EXPORTED));
}

#[tokio::test]
async fn data_and_deletion_want_a_fresh_sign_in() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, DELETE).await.csrf();
    scene.clock.advance(601);
    for path in ["/profile/data", "/profile/data/download", DELETE] {
        let answer = browser.get(ID, path).await;
        assert!(answer.location().starts_with(&url(ID, "/confirm?state=")), "{path}");
    }
    let answer = browser.post(ID, DELETE, &[("csrf", csrf.as_str())]).await;
    assert!(answer.location().starts_with(&url(ID, "/confirm?state=")));
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
}

#[tokio::test]
async fn a_deleted_account_goes_after_two_weeks_and_not_before() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let page = browser.get(ID, DELETE).await;
    for part in ["29 January 2027", "Acme Inc.", "Initech"] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active), "asking does nothing");
    leave(&scene, &mut browser).await;
    let done = browser.get(ID, "/signed-out").await;
    assert!(done.text.contains("29 January 2027"), "{}", done.text);
    assert!(browser.verified(ACME).is_none(), "its tokens are refused at once");
    assert!(!browser.jar(ID).contains_key(SESSION_COOKIE));

    scene.clock.advance(14 * A_DAY - 1);
    delete_due(&scene.hub).await.unwrap();
    assert!(state(&scene, &account).await.is_some());
    scene.clock.advance(1);
    delete_due(&scene.hub).await.unwrap();
    assert_eq!(state(&scene, &account).await, None);
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    assert_eq!(events[0].action, audit::ACCOUNT_DELETED, "the record of it stays");
    assert_eq!(events[0].actor, "system");
    delete_due(&scene.hub).await.unwrap();
}

#[tokio::test]
async fn the_right_password_opens_nothing_but_the_way_back() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    leave(&scene, &mut browser).await;
    let wrong = browser.sign_in("/sign-in", ANNA, "another").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "as for everybody");
    for (choice, expected) in [("go", url(ID, "/signed-out")), ("keep", url(ID, KEEP))] {
        assert!(matches!(state(&scene, &account).await, Some(AccountState::Leaving { .. })));
        let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
        assert_eq!(answer.location(), url(ID, KEEP));
        assert!(!answer.sets(SESSION_COOKIE));
        let page = browser.open(&answer.location()).await;
        assert!(page.text.contains("29 January 2027"), "{}", page.text);
        let answer = browser.fill(KEEP, KEEP, &[("choice", choice)]).await;
        assert_eq!(answer.location(), expected);
    }
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
    let page = browser.get(ID, KEEP).await;
    assert!(page.text.contains("Nothing was deleted"), "{}", page.text);
    scene.clock.advance(15 * A_DAY);
    delete_due(&scene.hub).await.unwrap();
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
}

#[tokio::test]
async fn the_link_of_the_mail_keeps_the_account_once_it_is_pressed() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let link = leave(&scene, &mut browser).await;
    let mut elsewhere = scene.browser();
    let page = elsewhere.get(ID, &link).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(matches!(state(&scene, &account).await, Some(AccountState::Leaving { .. })));
    let key = page.hidden("key").unwrap();
    let fields = [("key", key.as_str()), ("choice", "keep")];
    let answer = elsewhere.fill(&link, KEEP, &fields).await;
    assert_eq!(answer.location(), url(ID, KEEP));
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
    assert_eq!(scene.browser().get(ID, &link).await.status, StatusCode::GONE);
    let page = elsewhere.open(&answer.location()).await;
    assert!(page.text.contains("Sign in, and everything"), "{}", page.text);
    assert!(!elsewhere.jar(ID).contains_key(SESSION_COOKIE), "a mail of weeks ago signs nobody in");
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    assert!(events.iter().any(|event| event.action == audit::ACCOUNT_KEPT));
}

#[tokio::test]
async fn nobody_keeps_an_account_without_its_password_or_its_mail() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let link = leave(&scene, &mut browser).await;
    let mut eve = scene.browser();
    let csrf = eve.get(ID, "/sign-in").await.csrf();
    for key in ["", "AAAA", &"A".repeat(43), &link] {
        let fields = [("csrf", csrf.as_str()), ("key", key), ("choice", "keep")];
        let answer = eve.post(ID, KEEP, &fields).await;
        assert_eq!(answer.status, StatusCode::GONE, "{key}");
    }
    assert!(matches!(state(&scene, &account).await, Some(AccountState::Leaving { .. })));
}

#[tokio::test]
async fn without_the_mail_with_the_way_back_nothing_is_deleted() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, DELETE).await.csrf();
    scene.store.failing.lock().unwrap().push("queue_mail");
    let answer = browser.post(ID, DELETE, &[("csrf", csrf.as_str())]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
}

#[tokio::test]
async fn who_signed_in_to_keep_the_account_is_signed_in_once_it_is_kept() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    leave(&scene, &mut browser).await;
    let mut browser = scene.browser();
    let wanted = browser.leave(ACME, "/crm/");
    assert_eq!(browser.sign_in(&wanted, ANNA, PASSWORD).await.location(), url(ID, KEEP));
    assert!(!browser.jar(ID).contains_key(SESSION_COOKIE), "not before the answer");
    let answer = browser.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("You&#39;re signed in"), "{}", page.text);
    assert_eq!(browser.get(ID, "/profile").await.status, StatusCode::OK);
    let onward = page.text.split("class=\"button\" href=\"").nth(1).unwrap();
    let onward = onward.split('"').next().unwrap().replace("&#38;", "&");
    let ticket = browser.get(ID, &onward).await.location();
    assert!(ticket.starts_with(&url(ACME, "/.bitrix-id/callback?ticket=")), "on the way: {ticket}");
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    let actions: Vec<&str> = events.iter().take(2).map(|event| event.action.as_str()).collect();
    assert_eq!(actions, [audit::SIGN_IN_SUCCEEDED, audit::ACCOUNT_KEPT]);
}

#[tokio::test]
async fn a_sign_in_that_is_out_of_date_by_the_answer_signs_nobody_in() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    leave(&scene, &mut browser).await;
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    let csrf = browser.get(ID, KEEP).await.csrf();
    // Whose password it was has another one by now.
    let old = account.password_hash.unwrap();
    scene.hub.directory.change_password(account.id, &old, "new", 0).await.unwrap().unwrap();
    let fields = [("csrf", csrf.as_str()), ("choice", "keep")];
    let answer = browser.post(ID, KEEP, &fields).await;
    assert_eq!(answer.location(), url(ID, KEEP));
    assert!(!browser.jar(ID).contains_key(SESSION_COOKIE));
    let again = browser.post(ID, KEEP, &fields).await;
    assert_eq!(again.status, StatusCode::GONE, "once");
}

#[tokio::test]
async fn a_sign_in_that_has_not_kept_the_account_itself_signs_nobody_in() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut anna = scene.signed_in(ANNA).await;
    leave(&scene, &mut anna).await;
    let mut thief = scene.browser();
    for browser in [&mut thief, &mut anna] {
        let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
        assert_eq!(answer.location(), url(ID, KEEP));
    }
    let csrf = thief.get(ID, KEEP).await.csrf();
    anna.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    let answer = anna.fill("/profile/sessions", "/profile/sessions", &[("end", "all")]).await;
    assert_eq!(answer.location(), url(ID, "/signed-out"));

    let fields = [("csrf", csrf.as_str()), ("choice", "keep")];
    let answer = thief.post(ID, KEEP, &fields).await;
    assert!(!thief.jar(ID).contains_key(SESSION_COOKIE), "everywhere is here as well");
    let page = thief.open(&answer.location()).await;
    assert!(page.text.contains("Sign in, and everything"), "{}", page.text);
    assert_eq!(thief.post(ID, KEEP, &fields).await.status, StatusCode::GONE, "and it is spent");
    let limits = scene.hub.session_limits();
    let live = scene.hub.sessions.sessions_of(account.id, limits, scene.clock.now()).await.unwrap();
    assert_eq!(live, []);
}

#[tokio::test]
async fn an_account_that_an_operator_stopped_is_not_said_to_be_kept() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let link = leave(&scene, &mut browser).await;
    let page = browser.get(ID, &link).await;
    let (csrf, key) = (page.csrf(), page.hidden("key").unwrap());
    let stopped = AccountState::Disabled;
    scene.hub.directory.set_account_state(account.id, stopped).await.unwrap();
    let fields = [("csrf", csrf.as_str()), ("key", &key), ("choice", "keep")];
    let answer = browser.post(ID, KEEP, &fields).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert_eq!(state(&scene, &account).await, Some(stopped));
}

#[tokio::test]
async fn who_thinks_for_a_while_is_signed_in_as_of_the_password() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    leave(&scene, &mut browser).await;
    let shown_at = scene.clock.now();
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    scene.clock.advance(599);
    browser.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    let (limits, now) = (scene.hub.session_limits(), scene.clock.now());
    let live = scene.hub.sessions.sessions_of(account.id, limits, now).await.unwrap();
    assert_eq!((live[0].auth_time, live[0].created_at), (shown_at, now));
    scene.clock.advance(2);
    let answer = browser.get(ID, DELETE).await;
    assert!(answer.location().starts_with(&url(ID, "/confirm?state=")), "not fresh any more");
}

/// Turns the mail off.
pub(super) fn without_mail(scene: &Scene, more: &str) {
    let mail = CONFIG.split("[mail]").nth(1).unwrap().split("[provisioning]").next().unwrap();
    let text = CONFIG.replace(&format!("[mail]{mail}"), "");
    scene.configure_instead(&format!("{text}{more}"));
}

#[tokio::test]
async fn without_mail_the_password_is_the_way_back() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    without_mail(&scene, "");
    let mut browser = scene.signed_in(ANNA).await;
    let page = browser.get(ID, DELETE).await;
    assert!(page.text.contains("you can keep it: sign in."), "{}", page.text);
    let answer = browser.fill(DELETE, DELETE, &[]).await;
    assert_eq!(answer.location(), url(ID, "/signed-out"));
    assert!(matches!(state(&scene, &account).await, Some(AccountState::Leaving { .. })));
    assert_eq!(mails(&scene).await.len(), 0);
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    browser.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    assert_eq!(state(&scene, &account).await, Some(AccountState::Active));
}
