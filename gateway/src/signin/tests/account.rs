//! Signing out, portals, profile and sessions.

use bitrix_id_auth_core::hop::{SESSION_COOKIE, TOKEN_COOKIE};
use bitrix_id_auth_core::identity::AccountId;
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn signing_out_on_a_portal_ends_every_portals_token() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    browser.arrive(INITECH).await;
    let mut copy = browser.clone();

    let ask = browser.get(ACME, "/.bitrix-id/sign-out").await;
    assert!(ask.text.contains(ANNA), "{}", ask.text);
    assert!(ask.header("content-security-policy").contains(&url(ID, "")));
    assert!(copy.verified(ACME).is_some(), "asking ends nothing");
    let answer = browser.post(ACME, "/.bitrix-id/sign-out", &[]).await;
    assert_eq!(answer.location(), url(ID, "/signed-out"));
    assert!(!browser.jar(ACME).contains_key(TOKEN_COOKIE));

    assert!(copy.verified(ACME).is_none() && copy.verified(INITECH).is_none());
    assert_eq!(copy.get(ID, "/").await.location(), url(ID, "/sign-in"));
    let done = browser.open(&answer.location()).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(!browser.jar(ID).contains_key(SESSION_COOKIE));
}

#[tokio::test]
async fn signing_out_on_a_portal_needs_its_own_origin() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    for headers in [
        &[][..],
        &[("origin", "null")],
        &[("origin", "https://portal.initech.example:8443")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let answer = browser.send(Method::POST, ACME, "/.bitrix-id/sign-out", headers, "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(browser.verified(ACME).is_some());
    }
    let same = [("sec-fetch-site", "same-origin")];
    browser.send(Method::POST, ACME, "/.bitrix-id/sign-out", &same, "{}").await;
    assert!(browser.verified(ACME).is_none());
}

#[tokio::test]
async fn a_portal_that_cannot_tell_the_session_has_bitrix_id_ask() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    scene.clock.advance(11 * 60);
    let answer = browser.post(ACME, "/.bitrix-id/sign-out", &[]).await;
    assert_eq!(browser.open(&answer.location()).await.location(), url(ID, "/sign-out"));
    let left = browser.fill("/sign-out", "/sign-out", &[]).await;
    assert_eq!(left.location(), url(ID, "/signed-out"));
    assert_eq!(left.header("clear-site-data"), "\"storage\"");
    assert!(!browser.jar(ID).contains_key(SESSION_COOKIE));
}

#[tokio::test]
async fn the_switcher_gets_the_persons_portals_as_json() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["initech", "acme", "gone"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let answer = browser.get(ACME, "/.bitrix-id/portals").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let expected = json!([
        {"id": "acme", "title": "Acme Inc.", "url": url(ACME, "/"), "current": true},
        {"id": "initech", "title": "Initech", "url": url(INITECH, "/"), "current": false},
    ]);
    assert_eq!(serde_json::from_str::<Value>(&answer.text).unwrap(), expected);
}

#[tokio::test]
async fn without_a_token_the_switcher_gets_401_and_a_way_to_sign_in() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = browser.get(ACME, "/.bitrix-id/portals").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.text).unwrap();
    let callback = browser.open(problem["sign_in"].as_str().unwrap()).await.location();
    assert!(browser.open(&callback).await.sets(TOKEN_COOKIE));
}

#[tokio::test]
async fn the_profile_of_a_portal_host_is_bitrix_ids() {
    let scene = Scene::new().await;
    let answer = scene.browser().get(ACME, "/.bitrix-id/profile").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, url(ID, "/profile")));
}

#[tokio::test]
async fn no_access_is_shown_when_the_gateway_asks_and_only_then() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(INITECH).await;
    let path = "/.bitrix-id/no-access";
    let asked = [("x-bitrix-id-internal-purpose", "no-access")];
    let answer = browser.send(Method::GET, INITECH, path, &asked, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for expected in [ANNA, "Initech", "Acme Inc.", &url(ACME, "/")] {
        assert!(answer.text.contains(expected), "{expected} in {}", answer.text);
    }
    assert_eq!(browser.get(INITECH, path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_list_of_portals_is_home() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for path in ["/", "/profile/portals"] {
        let page = browser.get(ID, path).await;
        assert!(page.text.contains(&url(ACME, "/")) && page.text.contains("Initech"));
    }
}

#[tokio::test]
async fn name_and_language_can_be_changed() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let change = [("name", "Anna <b>\u{e5}"), ("lang", "de")];
    let answer = browser.fill("/profile", "/profile", &change).await;
    assert_eq!(answer.location(), url(ID, "/profile"));
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("Gespeichert."), "{}", page.text);
    assert!(!browser.get(ID, "/profile").await.text.contains("Gespeichert."), "said once");
    assert!(page.text.contains("lang=\"de\"") && page.text.contains("Anna &#60;b&#62;\u{e5}"));
    let account = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!(
        (account.name.as_str(), account.language.as_deref()),
        ("Anna <b>\u{e5}", Some("de"))
    );
    let empty = browser.fill("/profile", "/profile", &[("name", " "), ("lang", "de")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// The language that a profile page has preselected.
fn preselected(page: &Answer) -> &str {
    let option = page.text.split("<option ").find(|option| option.contains(" selected")).unwrap();
    option.strip_prefix("value=\"").unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn the_language_of_the_page_is_preselected_and_stays() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.fill("/profile", "/profile", &[("name", "Anna"), ("lang", "de")]).await;
    browser.get(ID, "/profile?lang=fr").await;
    let page = browser.get(ID, "/profile").await;
    assert!(page.text.contains("<html lang=\"fr\""));
    assert_eq!(preselected(&page), "fr");

    let wrong = browser.fill("/profile", "/profile", &[("name", ""), ("lang", "ru")]).await;
    assert_eq!(preselected(&wrong), "ru", "what was chosen is kept");

    let only_name = [("name", "Anne"), ("lang", preselected(&page))];
    browser.fill("/profile", "/profile", &only_name).await;
    let saved = browser.get(ID, "/profile").await;
    assert!(saved.text.contains("<html lang=\"fr\"") && saved.text.contains("value=\"Anne\""));
    let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!(kept.language.as_deref(), Some("fr"));
}

#[tokio::test]
async fn no_address_makes_a_page_say_that_something_was_done() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for path in ["/profile?saved=1", "/profile/security?changed=1", "/profile/sessions?ended=99"] {
        let page = browser.get(ID, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains("role=\"status\""), "{path}");
    }
    // Nor does the cookie of another session.
    browser.fill("/profile/sessions", "/profile/sessions", &[("end", "others")]).await;
    let flash = browser.jar(ID)["__Host-bitrix-id-flash"].clone();
    let mut other = scene.signed_in(ANNA).await;
    other.jar(ID).insert("__Host-bitrix-id-flash".into(), flash);
    let page = other.get(ID, "/profile/sessions").await;
    assert!(!page.text.contains("role=\"status\""), "{}", page.text);
    let page = browser.get(ID, "/profile/sessions").await;
    assert!(page.text.contains("nothing left to sign out"), "{}", page.text);
}

#[tokio::test]
async fn one_session_or_all_others_can_be_ended() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    scene.account("eve@example.com", &[]).await;
    let (mut one, mut two) = (scene.signed_in(ANNA).await, scene.signed_in(ANNA).await);
    let mut three = scene.signed_in(ANNA).await;
    two.arrive(ACME).await;
    let sessions = &scene.hub.sessions;
    let limits = scene.hub.session_limits();
    let two_id = two.verified(ACME).unwrap().identity.session.to_string();

    let mut eve = scene.signed_in("eve@example.com").await;
    eve.fill("/profile/sessions", "/profile/sessions", &[("end", two_id.as_str())]).await;
    assert!(two.verified(ACME).is_some(), "an id alone is no right to end a session");

    let answer =
        one.fill("/profile/sessions", "/profile/sessions", &[("end", two_id.as_str())]).await;
    assert_eq!(answer.location(), url(ID, "/profile/sessions"));
    for (time, said) in [("first", true), ("second", false)] {
        let page = one.open(&answer.location()).await;
        let words = "Unknown browser was signed out. It had opened Acme Inc.";
        assert_eq!(page.text.contains(words), said, "{time}: {}", page.text);
    }
    assert!(two.verified(ACME).is_none(), "its tokens are refused at once");
    assert_eq!(two.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);

    one.fill("/profile/sessions", "/profile/sessions", &[("end", "others")]).await;
    assert_eq!(three.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    let left = sessions.sessions_of(account.id, limits, scene.clock.now()).await.unwrap();
    assert_eq!(left.len(), 1);

    let own = left[0].id.to_string();
    let out = one.fill("/profile/sessions", "/profile/sessions", &[("end", own.as_str())]).await;
    assert_eq!(out.location(), url(ID, "/signed-out"));
}

#[tokio::test]
async fn a_form_of_one_session_is_dead_in_the_next() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/profile").await.csrf();
    browser.fill("/sign-out", "/sign-out", &[]).await;
    browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    let fields = [("csrf", csrf.as_str()), ("name", "Eve"), ("lang", "en")];
    let answer = browser.post(ID, "/profile", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_new_password_takes_the_current_one_and_ends_other_sessions() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let (mut here, mut there) = (scene.signed_in(ANNA).await, scene.signed_in(ANNA).await);
    there.arrive(ACME).await;
    let path = "/profile/security";
    let new = "eleven quiet badgers";

    for (current, wanted) in [("wrong", new), ("", new), (PASSWORD, "short"), (PASSWORD, ANNA)] {
        let fields = [("current", current), ("password", wanted), ("again", wanted)];
        let answer = here.fill(path, path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{current:?} {wanted:?}");
        let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
        assert_eq!(kept.password_hash, account.password_hash);
    }
    assert!(there.verified(ACME).is_some());

    let answer =
        here.fill(path, path, &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    assert_eq!(answer.location(), url(ID, "/profile/security"));
    let page = here.open(&answer.location()).await;
    assert_eq!(page.status, StatusCode::OK, "this one goes on");
    assert!(page.text.contains("Your password is new"), "{}", page.text);
    assert!(!here.get(ID, path).await.text.contains("Your password is new"), "said once");
    assert!(there.verified(ACME).is_none());
    assert_eq!(there.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    let mut fresh = scene.browser();
    assert!(!fresh.sign_in("/sign-in", ANNA, PASSWORD).await.sets(SESSION_COOKIE));
    assert!(fresh.sign_in("/sign-in", ANNA, new).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn the_current_password_is_no_new_one() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let (mut here, mut there) = (scene.signed_in(ANNA).await, scene.signed_in(ANNA).await);
    there.arrive(ACME).await;
    let path = "/profile/security";
    let answer = here
        .fill(path, path, &[("current", PASSWORD), ("password", PASSWORD), ("again", PASSWORD)])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("This is your current password."), "{}", answer.text);
    assert!(there.verified(ACME).is_some(), "nothing has changed, so nobody is signed out");
    let guess = here
        .fill(path, path, &[("current", "a guess"), ("password", "a guess"), ("again", "a guess")])
        .await;
    assert!(!guess.text.contains("This is your current password."), "{}", guess.text);
}

#[tokio::test]
async fn a_password_is_not_changed_while_other_sessions_cannot_be_ended() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut here = scene.signed_in(ANNA).await;
    let fields = [
        ("current", PASSWORD),
        ("password", "eleven quiet badgers"),
        ("again", "eleven quiet badgers"),
    ];
    scene.store.failing.lock().unwrap().push("end_sessions_of");
    let path = "/profile/security";
    let answer = here.fill(path, path, &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!(kept.password_hash, account.password_hash);
}

#[tokio::test]
async fn nothing_of_before_lives_on_when_the_process_dies_right_after_a_new_password() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let (mut here, mut there) = (scene.signed_in(ANNA).await, scene.signed_in(ANNA).await);
    here.arrive(ACME).await;
    there.arrive(ACME).await;
    let new = "eleven quiet badgers";
    // The first end of sessions is before the change; nothing after it is done.
    scene.store.passing.lock().unwrap().push("end_sessions_of");
    let dead = ["end_sessions_of", "keep_session", "keep_session", "keep_session"];
    scene.store.failing.lock().unwrap().extend(dead);
    let path = "/profile/security";
    let answer =
        here.fill(path, path, &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    scene.store.failing.lock().unwrap().clear();

    assert!(there.verified(ACME).is_none(), "tokens that portals had are refused");
    for browser in [&mut here, &mut there] {
        assert_eq!(browser.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
        let back = browser.leave(ACME, "/");
        let asked = browser.get(ID, &back).await;
        assert_eq!(asked.status, StatusCode::OK, "the form, and no ticket");
    }
    let mut fresh = scene.browser();
    assert!(!fresh.sign_in("/sign-in", ANNA, PASSWORD).await.sets(SESSION_COOKIE));
    assert!(fresh.sign_in("/sign-in", ANNA, new).await.sets(SESSION_COOKIE));
}

#[tokio::test]
async fn sessions_of_before_a_new_password_open_nothing_though_nobody_has_ended_them() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut there = scene.signed_in(ANNA).await;
    let old = account.password_hash.unwrap();
    let changed = scene.hub.directory.change_password(account.id, &old, "new", 0).await.unwrap();
    assert!(changed.is_some());
    assert_eq!(scene.sessions_of(account.id).await, 1, "its row is there");
    assert_eq!(there.get(ID, "/profile").await.status, StatusCode::SEE_OTHER);
    let back = there.leave(ACME, "/");
    assert_eq!(there.get(ID, &back).await.status, StatusCode::OK, "the form, and no ticket");
}

#[tokio::test]
async fn a_store_that_ends_no_latecomers_fails_no_new_password() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut here = scene.signed_in(ANNA).await;
    scene.store.passing.lock().unwrap().push("end_sessions_of");
    scene.store.failing.lock().unwrap().push("end_sessions_of");
    let new = "eleven quiet badgers";
    let path = "/profile/security";
    let answer =
        here.fill(path, path, &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    assert_eq!(answer.location(), url(ID, path));
    assert!(scene.store.failing.lock().unwrap().is_empty());
}

#[tokio::test]
async fn guesses_at_the_current_password_are_limited() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let path = "/profile/security";
    // As many as a known device may try to sign in.
    for _ in 0..20 {
        let new = "eleven quiet badgers";
        let fields = [("current", "wrong"), ("password", new), ("again", new)];
        let answer = browser.fill(path, path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let fields = [
        ("current", PASSWORD),
        ("password", "eleven quiet badgers"),
        ("again", "eleven quiet badgers"),
    ];
    let answer = browser.fill(path, path, &fields).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
}

impl Scene {
    /// Sessions of the account that the store has.
    async fn sessions_of(&self, account: AccountId) -> usize {
        let (limits, now) = (self.hub.session_limits(), self.clock.now());
        self.hub.sessions.sessions_of(account, limits, now).await.unwrap().len()
    }
}
