//! What happens when a store fails: 503 and nothing else, never "signed out", never let through.

use std::sync::atomic::Ordering;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use bitrix_id_auth_core::hop::{SESSION_COOKIE, TOKEN_COOKIE};

use super::super::guard;
use super::super::renew::Renewer;
use super::*;

#[tokio::test]
async fn a_store_that_is_down_is_a_503_with_retry_after_and_changes_no_cookie() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let callback = browser.callback_of(ACME, "/").await;
    let mut fresh = scene.browser();
    let csrf = fresh.get(ID, "/sign-in").await.csrf();

    scene.store.down.store(true, Ordering::SeqCst);
    let jars = browser.jars.clone();
    for path in ["/", "/sign-in", "/sign-out", "/profile", "/profile/sessions", "/signed-out"] {
        let answer = browser.get(ID, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(!answer.header("retry-after").is_empty(), "{path}");
        assert!(!answer.text.contains("told to fail"), "the store's words stay in the log");
    }
    for answer in [
        browser.open(&callback).await,
        browser.get(ACME, "/.bitrix-id/portals").await,
        browser.post(ACME, "/.bitrix-id/sign-out", &[]).await,
    ] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    }
    assert_eq!(browser.jars, jars);
    let fields = [("csrf", csrf.as_str()), ("email", ANNA), ("password", PASSWORD)];
    let answer = fresh.post(ID, "/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.sets(SESSION_COOKIE));

    scene.store.down.store(false, Ordering::SeqCst);
    assert!(browser.open(&callback).await.sets(TOKEN_COOKIE), "well again, and nothing was spent");
}

#[tokio::test]
async fn an_audit_table_that_takes_nothing_keeps_nobody_out() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    scene.store.audit_down.store(true, Ordering::SeqCst);
    scene.signed_in(ANNA).await.arrive(ACME).await;
}

#[tokio::test]
async fn renewal_does_without_a_store_and_asks_again_after_two_seconds() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let identity = browser.verified(ACME).unwrap().identity.clone();
    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());

    scene.store.down.store(true, Ordering::SeqCst);
    assert!(renewer.renew(&identity, ACME, "acme").await.unwrap().is_none());
    scene.store.down.store(false, Ordering::SeqCst);
    assert!(renewer.renew(&identity, ACME, "acme").await.unwrap().is_none(), "left alone");
    assert!(renewer.renew(&identity, INITECH, "initech").await.unwrap().is_none(), "all of it");
    scene.clock.advance(2);
    assert!(renewer.renew(&identity, ACME, "acme").await.unwrap().is_some());
}

#[tokio::test]
async fn one_person_s_token_that_cannot_be_made_keeps_nobody_else_s_waiting() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.arrive(ACME).await;
    let identity = browser.verified(ACME).unwrap().identity.clone();
    let callback = browser.callback_of(ACME, "/").await;
    let mut profile = scene.hub.directory.profile(anna.id, "acme").await.unwrap().unwrap();
    profile.roles = (0..1000).map(|n| format!("role number {n}")).collect();
    scene.hub.directory.put_profile(profile, scene.clock.now()).await.unwrap();

    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());
    assert!(renewer.renew(&identity, ACME, "acme").await.unwrap().is_none());
    assert!(renewer.renew(&identity, INITECH, "initech").await.unwrap().is_some());
    let answer = browser.open(&callback).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.sets(TOKEN_COOKIE));
}

#[tokio::test]
async fn a_panic_is_a_500_page_and_the_next_request_is_served() {
    async fn boom() -> &'static str {
        panic!("on purpose")
    }
    let scene = Scene::new().await;
    let boomer = axum::Router::new()
        .route("/boom", get(boom))
        .layer(from_fn_with_state(scene.app.clone(), guard::guard));
    let request = Request::builder()
        .uri("/boom")
        .header("x-bitrix-id-internal-host", ID)
        .header("x-bitrix-id-internal-client-ip", "192.0.2.7")
        .header("x-bitrix-id-internal-request-id", "r-42");
    let response = boomer.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let answer = Answer::read(response).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text.contains("r-42") && !answer.text.contains("on purpose"));
    assert_eq!(scene.browser().get(ID, "/sign-in").await.status, StatusCode::OK);
}
