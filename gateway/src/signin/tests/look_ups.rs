//! What a page costs the stores.

use super::*;

#[tokio::test]
async fn a_page_looks_the_session_up_once() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for path in ["/", "/profile", "/profile/portals", "/profile/security", "/profile/emails"] {
        scene.store.made.lock().unwrap().clear();
        assert_eq!(browser.get(ID, path).await.status, StatusCode::OK, "{path}");
        let made = scene.store.made.lock().unwrap().clone();
        assert_eq!((made["session_by_cookie"], made["account"]), (1, 1), "{path}");
    }
}

#[tokio::test]
async fn what_the_limit_has_looked_up_is_told_once() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let browser = scene.signed_in(ANNA).await;
    let visit = browser.visit();
    visit.known.leave(None);
    let told = super::super::person::signed_in(&visit).await.unwrap();
    assert!(told.is_none(), "as it was looked up");
    let now = super::super::person::signed_in(&visit).await.unwrap();
    assert!(now.is_some(), "and then as things stand");
}
