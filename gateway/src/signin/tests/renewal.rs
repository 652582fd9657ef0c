//! Silent renewal.

use futures_util::future::join_all;

use super::super::renew::Renewer;
use super::*;

async fn scene_with_token() -> (Scene, bitrix_id_auth_core::identity::Identity) {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let identity = {
        let mut browser = scene.signed_in(ANNA).await;
        browser.arrive(ACME).await;
        browser.verified(ACME).unwrap().identity.clone()
    };
    (scene, identity)
}

#[tokio::test]
async fn requests_that_ask_at_once_get_one_and_the_same_token() {
    let (scene, identity) = scene_with_token().await;
    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());
    scene.clock.advance(301);
    let all = join_all((0..20).map(|_| renewer.renew(&identity, ACME, "acme"))).await;
    let tokens: Vec<_> = all.into_iter().map(|token| token.unwrap().unwrap()).collect();
    assert!(tokens.iter().all(|token| Arc::ptr_eq(token, &tokens[0])));
    assert_eq!(tokens[0].identity.session, identity.session);
    assert_eq!(tokens[0].identity.issued_at, identity.issued_at + 301);
    let set_cookie = tokens[0].set_cookie.to_str().unwrap();
    assert!(set_cookie.starts_with(&tokens[0].cookie_pair()) && set_cookie.contains("Max-Age=600"));

    // A request that left the browser before the new cookie arrived there.
    scene.clock.advance(3);
    let late = renewer.renew(&identity, ACME, "acme").await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&late, &tokens[0]));
    scene.clock.advance(3);
    let next = renewer.renew(&identity, ACME, "acme").await.unwrap().unwrap();
    assert!(!Arc::ptr_eq(&next, &tokens[0]));
}

#[tokio::test]
async fn who_holds_the_new_token_can_get_a_newer_one() {
    let (scene, identity) = scene_with_token().await;
    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());
    scene.clock.advance(301);
    let first = renewer.renew(&identity, ACME, "acme").await.unwrap().unwrap();
    scene.clock.advance(2);
    let second = renewer.renew(&first.identity, ACME, "acme").await.unwrap().unwrap();
    assert_eq!(second.identity.issued_at, first.identity.issued_at + 2);
}

#[tokio::test]
async fn each_host_gets_a_token_of_its_own() {
    let (scene, identity) = scene_with_token().await;
    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());
    let acme = renewer.renew(&identity, ACME, "acme").await.unwrap().unwrap();
    let initech = renewer.renew(&identity, INITECH, "initech").await.unwrap().unwrap();
    assert_ne!(acme.cookie_pair(), initech.cookie_pair());
    assert!(acme.identity.member && !initech.identity.member);
}

#[tokio::test]
async fn a_session_that_has_ended_gets_no_token() {
    let (scene, identity) = scene_with_token().await;
    let renewer = Renewer::new(scene.hub.clone(), tokio::runtime::Handle::current());
    let until = scene.clock.now() + 900;
    let sessions = &scene.hub.sessions;
    sessions.end_session(identity.session, until, scene.clock.now_ms()).await.unwrap();
    assert!(renewer.renew(&identity, ACME, "acme").await.unwrap().is_none());
}
