//! What has moved between a provider's word and the person's.

use super::*;

#[tokio::test]
async fn a_password_links_nothing_to_who_no_longer_has_the_address() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, "/social/next"));
    let (directory, now) = (&scene.hub.directory, scene.clock.now());
    let elsewhere = "anna@elsewhere.example";
    directory.add_address(anna.id, 1, elsewhere, AddressProof::Mail, now).await.unwrap();
    assert!(directory.set_primary_address(anna.id, elsewhere, now).await.unwrap());
    assert!(directory.remove_address(anna.id, ANNA).await.unwrap());
    let boris = scene.account(ANNA, &[]).await;
    let fields = [("do", "password"), ("password", PASSWORD)];
    let answer = browser.fill("/social/next", "/social/next", &fields).await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
    assert!(!browser.is_signed_in());
    assert!(scene.linked("7").await.is_none());
    assert!(directory.links(boris.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_that_was_taken_away_meanwhile_opens_nothing() {
    let (scene, fake) = scene().await;
    let boris = scene.account("boris@example.com", &[]).await;
    scene.link(boris.id, "7").await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.browser();
    let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, "/social/next"));
    let issuer = "https://login.example";
    let providers = ["login".to_owned()];
    scene.hub.directory.unlink(boris.id, issuer, "7", &providers).await.unwrap();
    assert!(scene.linked("7").await.is_none());
    let answer = browser.fill("/social/next", "/social/next", &[("do", "go-on")]).await;
    assert_eq!(answer.location(), url(ID, "/sign-in"));
    assert!(!browser.is_signed_in());
}
