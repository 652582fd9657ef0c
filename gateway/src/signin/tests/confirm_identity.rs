//! Showing once more who one is.

use bitrix_id_auth_core::audit;

use super::sign_up::{another, code, mails, refused_codes};
use super::*;

/// An hour after the sign-in.
pub(super) async fn stale<'a>(scene: &'a Scene, email: &str) -> Browser<'a> {
    let browser = scene.signed_in(email).await;
    scene.clock.advance(3600);
    browser
}

/// Without a password.
pub(super) async fn without_password(scene: &Scene, email: &str) -> Account {
    let new = NewAccount {
        proof: AddressProof::Mail,
        email: email.into(),
        name: "Nadja".into(),
        password_hash: None,
        language: None,
    };
    match scene.hub.directory.create_account(new, scene.clock.now()).await.unwrap() {
        CreateAccount::Created(account) => account,
        other => panic!("{other:?}"),
    }
}

/// Signed in, however that came about.
pub(super) async fn enter_as<'a>(scene: &'a Scene, account: &Account) -> Browser<'a> {
    use bitrix_id_auth_core::hop::{SESSION_COOKIE, sha256};
    use bitrix_id_auth_core::store::{NewSession, SessionStore};
    let cookie = format!("{:0>43}", account.id.0.simple().to_string());
    let new = NewSession {
        account: account.id,
        generation: 1,
        cookie_hash: sha256(&cookie),
        amr: vec!["otp".into()],
        user_agent: String::new(),
        auth_time: scene.clock.now(),
        client_ip: None,
        device: None,
    };
    scene.store.create_session(new, scene.clock.now()).await.unwrap();
    let mut browser = scene.browser();
    browser.jar(ID).insert(SESSION_COOKIE.into(), cookie);
    browser
}

#[tokio::test]
async fn the_password_makes_a_session_fresh_and_leads_back() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    let asked = browser.get(ID, "/profile/merge").await.location();
    assert!(asked.starts_with(&url(ID, "/confirm?state=")), "{asked}");
    let (_, path) = split(&asked);
    let wrong = browser.fill(&path, "/confirm", &[("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.get(ID, "/profile/merge").await.location().contains("/confirm"));
    let right = browser.fill(&path, "/confirm", &[("password", PASSWORD)]).await;
    assert_eq!(right.location(), url(ID, "/profile/merge"));
    assert_eq!(browser.open(&right.location()).await.status, StatusCode::OK);
    // Who is fresh is not asked; ten minutes later it is over.
    assert_eq!(browser.get(ID, &path).await.location(), url(ID, "/profile/merge"));
    scene.clock.advance(601);
    assert!(browser.get(ID, "/profile/merge").await.location().contains("/confirm"));
    let events = scene.hub.directory.audit(Some(anna.id), 10).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    assert!(actions.contains(&audit::SESSION_CONFIRMED), "{actions:?}");
    assert!(actions.contains(&audit::SIGN_IN_FAILED), "{actions:?}");
}

#[tokio::test]
async fn a_confirmation_is_of_one_session_alone() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut other = stale(&scene, ANNA).await;
    let mut browser = stale(&scene, ANNA).await;
    browser.fill("/confirm", "/confirm", &[("password", PASSWORD)]).await;
    assert_eq!(browser.get(ID, "/profile/merge").await.status, StatusCode::OK);
    assert!(other.get(ID, "/profile/merge").await.location().contains("/confirm"));
}

#[tokio::test]
async fn it_never_leads_to_another_host() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = stale(&scene, ANNA).await;
    let elsewhere = browser.leave(ACME, "/x").replace("/sign-in", "/confirm");
    for path in [elsewhere.as_str(), "/confirm?state=https://evil.example/", "/confirm"] {
        let answer = browser.fill(path, "/confirm", &[("password", PASSWORD)]).await;
        assert_eq!(answer.location(), url(ID, "/"), "{path}");
        scene.clock.advance(700);
    }
}

#[tokio::test]
async fn guesses_are_counted_as_at_the_sign_in() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    for _ in 0..20 {
        let answer = browser.fill("/confirm", "/confirm", &[("password", "wrong")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = browser.fill("/confirm", "/confirm", &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
    // The same bucket, in the same browser.
    browser.fill("/sign-out", "/sign-out", &[]).await;
    let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_mailed_code_does_as_well() {
    let scene = Scene::new().await;
    let nadja = without_password(&scene, "nadja@example.com").await;
    let mut browser = enter_as(&scene, &nadja).await;
    scene.clock.advance(3600);
    let asked = browser.get(ID, "/profile/merge").await.location();
    let (_, path) = split(&asked);
    let page = browser.open(&asked).await;
    assert!(!page.text.contains("type=\"password\""), "{}", page.text);
    let sent = browser.fill(&path, "/confirm/send", &[]).await;
    assert_eq!(sent.location(), url(ID, "/confirm/code"));
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, "nadja@example.com"));
    let right = code(&sent[0]);
    let wrong = [("code", &*another(&right))].map(|(k, v)| (k, v.to_owned()));
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let answer = browser.fill("/confirm/code", "/confirm/code", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused_codes(&scene, Some(&nadja)).await.len(), 1);
    // Another session of the same account has nothing to confirm with it.
    let mut other = enter_as_other(&scene, &nadja).await;
    let csrf = other.get(ID, "/profile").await.csrf();
    let stolen = [("csrf", csrf.as_str()), ("code", right.as_str())];
    let answer = other.post(ID, "/confirm/code", &stolen).await;
    assert_eq!(answer.location(), url(ID, "/confirm"));
    let answer = browser.fill("/confirm/code", "/confirm/code", &[("code", &right)]).await;
    assert_eq!(answer.location(), url(ID, "/profile/merge"));
    let again = browser.get(ID, "/confirm/code").await;
    assert_eq!(again.location(), url(ID, "/confirm"), "a code is good once");
}

async fn enter_as_other<'a>(scene: &'a Scene, account: &Account) -> Browser<'a> {
    use bitrix_id_auth_core::hop::{SESSION_COOKIE, sha256};
    use bitrix_id_auth_core::store::{NewSession, SessionStore};
    let cookie = "z".repeat(43);
    let new = NewSession {
        account: account.id,
        generation: 1,
        cookie_hash: sha256(&cookie),
        amr: vec!["otp".into()],
        user_agent: String::new(),
        auth_time: scene.clock.now(),
        client_ip: None,
        device: None,
    };
    scene.store.create_session(new, scene.clock.now()).await.unwrap();
    let mut browser = scene.browser();
    browser.jar(ID).insert(SESSION_COOKIE.into(), cookie);
    browser
}

#[tokio::test]
async fn forms_of_other_sites_and_other_sessions_confirm_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    let mut other = stale(&scene, ANNA).await;
    let csrf = other.get(ID, "/confirm").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("password", PASSWORD)];
    let answer = browser.post(ID, "/confirm", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let csrf = browser.get(ID, "/confirm").await.csrf();
    for path in ["/confirm", "/confirm/send", "/confirm/code"] {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ];
        let body = encode(&[("csrf", csrf.as_str()), ("password", PASSWORD)]);
        let answer = browser.send(Method::POST, ID, path, &headers, body.as_str()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(browser.get(ID, "/profile/merge").await.location().contains("/confirm"));
}

#[tokio::test]
async fn a_session_that_ends_meanwhile_is_not_made_fresh() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    let csrf = browser.get(ID, "/confirm").await.csrf();
    let change = bitrix_id_auth_core::accounts::AccountChange {
        directory: scene.hub.directory.as_ref(),
        sessions: scene.hub.sessions.as_ref(),
        now_ms: scene.clock.now_ms(),
    };
    change.end_everything(anna.id).await.unwrap();
    let fields = [("csrf", csrf.as_str()), ("password", PASSWORD)];
    let answer = browser.post(ID, "/confirm", &fields).await;
    assert_eq!(answer.location(), url(ID, "/confirm"));
    assert!(browser.get(ID, "/confirm").await.location().contains("/sign-in"));
}

#[tokio::test]
async fn sign_ups_of_strangers_keep_no_code_from_the_owner() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = stale(&scene, ANNA).await;
    strangers_sign_up(&scene, ANNA).await;
    mails(&scene).await;
    let answer = browser.fill("/confirm", "/confirm/send", &[]).await;
    assert_eq!(answer.location(), url(ID, "/confirm/code"));
    let sent = mails(&scene).await;
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, ANNA));
    let answer =
        browser.fill("/confirm/code", "/confirm/code", &[("code", code(&sent[0]).as_str())]).await;
    assert_eq!(answer.location(), url(ID, "/"));
    // What is left to the owner has an end as well.
    scene.clock.advance(600);
    let mut mailed = 1;
    loop {
        scene.clock.advance(61);
        let answer = browser.fill("/confirm", "/confirm/send", &[]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS || mailed > 20 {
            break;
        }
        mailed += mails(&scene).await.len();
    }
    assert!(mailed <= 20, "no limit");
}

/// Strangers sign up with the address until they get no further, from networks of their own.
pub(super) async fn strangers_sign_up(scene: &Scene, email: &str) {
    for n in 0..8 {
        let mut stranger = scene.browser();
        stranger.ip = format!("203.0.113.{n}");
        let form = [("name", "Eve"), ("email", email), ("password", "twelve angry hedgehogs")];
        let answer = stranger.fill("/sign-up", "/sign-up", &form).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
    }
    panic!("strangers are not limited");
}
