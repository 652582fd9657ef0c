//! Leaving, and the section of the profile, for people who sign in by a provider.

use bitrix_id_auth_core::store::AccountState;

use super::super::leaving::without_mail;
use super::*;

const DELETE: &str = "/profile/delete";
const KEEP: &str = "/profile/keep";

async fn state(scene: &Scene) -> AccountState {
    scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap().state
}

#[tokio::test]
async fn who_has_neither_mail_nor_password_leaves_and_comes_back_by_the_provider() {
    let (scene, fake) = scene().await;
    without_mail(&scene, SOCIAL);
    let mut browser = scene.browser();
    browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    let page = browser.get(ID, DELETE).await;
    assert!(page.text.contains("you can keep it: sign in."), "{}", page.text);
    assert_eq!(browser.fill(DELETE, DELETE, &[]).await.location(), url(ID, "/signed-out"));
    assert!(matches!(state(&scene).await, AccountState::Leaving { .. }));
    assert!(!browser.is_signed_in());

    let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, KEEP));
    assert!(!browser.is_signed_in(), "it opens nothing but the way back");
    browser.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    assert_eq!(state(&scene).await, AccountState::Active);
    assert_eq!(browser.get(ID, "/profile").await.status, StatusCode::OK, "no second sign-in");
}

#[tokio::test]
async fn a_link_that_is_gone_by_the_answer_signs_nobody_in() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    scene.link(anna.id, "7").await;
    let mut browser = scene.signed_in(ANNA).await;
    browser.fill(DELETE, DELETE, &[]).await;
    let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, KEEP));
    let directory = &scene.hub.directory;
    let issuer = scene.linked("7").await.unwrap().issuer;
    directory.unlink(anna.id, &issuer, "7", &[]).await.unwrap();
    browser.fill(KEEP, KEEP, &[("choice", "keep")]).await;
    assert_eq!(state(&scene).await, AccountState::Active, "kept it is");
    assert!(!browser.is_signed_in());
    assert_eq!(scene.sessions().await, 0);
}

#[tokio::test]
async fn a_sign_in_of_long_ago_deletes_nothing_and_is_told_what_to_do() {
    let (scene, fake) = scene().await;
    without_mail(&scene, SOCIAL);
    let mut browser = scene.browser();
    browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    let csrf = browser.get(ID, DELETE).await.csrf();
    scene.clock.advance(601);
    let answer = browser.post(ID, DELETE, &[("csrf", csrf.as_str())]).await;
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("Sign out, sign in again"), "{}", page.text);
    assert_eq!(state(&scene).await, AccountState::Active);
}

#[tokio::test]
async fn without_any_way_back_nothing_is_deleted() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    let csrf = browser.get(ID, DELETE).await.csrf();
    // The provider is taken out of the configuration, and there was never a password.
    without_mail(&scene, "");
    let page = browser.get(ID, DELETE).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("Ask the people who run Bitrix ID"), "{}", page.text);
    let answer = browser.post(ID, DELETE, &[("csrf", csrf.as_str())]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(state(&scene).await, AccountState::Active);
    assert_eq!(browser.get(ID, "/profile").await.status, StatusCode::OK, "nobody is signed out");
}

#[tokio::test]
async fn the_section_is_there_for_whom_there_is_something_in_it() {
    let shown = async |browser: &mut Browser<'_>| {
        browser.get(ID, "/profile").await.text.contains("href=\"/profile/social\"")
    };
    let (scene, fake) = scene().await;
    scene.account("boris@example.com", &[]).await;
    let mut linked = scene.browser();
    linked.social(&fake, "login", &Who::verified("7", ANNA)).await;
    let mut boris = scene.signed_in("boris@example.com").await;
    assert!(shown(&mut linked).await && shown(&mut boris).await, "something is offered");
    scene.configure("");
    assert!(shown(&mut linked).await, "something is linked");
    assert!(!shown(&mut boris).await);
    assert_eq!(boris.get(ID, "/profile/social").await.status, StatusCode::OK);
}
