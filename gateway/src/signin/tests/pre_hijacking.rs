//! The classic ways to prepare an account for somebody who has none yet, each to its end: the victim comes,
//! recovers, and whatever was planted opens nothing. They bear the names under which they are known.

use bitrix_id_auth_core::hop::SESSION_COOKIE;

use super::addresses::{CONFIRM, EMAILS, ask, held};
use super::recovery::{NEW, hear, link_for, opens, set};
use super::sign_up::{code, mails};
use super::social::{Who, scene};
use super::unproved::{assert_gone, eve, unproved};
use super::welcome::{ACME_PASSWORD, ALL, portals_of, prove, three_portals};
use super::*;

const EVES: &str = "eve@elsewhere.example";

/// The victim's browser, at another address than Eve's.
fn annas(scene: &Scene) -> Browser<'_> {
    Browser { ip: "198.51.100.9".into(), ..scene.browser() }
}

/// The victim gets a new password by mail, in a browser of her own.
async fn recover(scene: &Scene) -> Browser<'_> {
    mails(scene).await;
    let mut anna = annas(scene);
    let link = link_for(scene, &mut anna, ANNA).await;
    assert!(set(&mut anna, &link, NEW).await.sets(SESSION_COOKIE));
    hear(scene).await;
    anna
}

#[tokio::test]
async fn classic_federated_merge_who_comes_by_a_provider_is_not_led_into_what_was_planted() {
    let (scene, fake) = scene().await;
    three_portals(&scene).await;
    let mut eve = eve(&scene).await;
    let planted = unproved(&scene).await;
    mails(&scene).await;

    let mut anna = annas(&scene);
    let answer = anna.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!answer.sets(SESSION_COOKIE), "a provider's word does not merge");
    assert!(scene.linked("7").await.is_none());
    let code = code(&mails(&scene).await[0]);
    assert!(prove(&mut anna, &code).await.sets(SESSION_COOKIE));
    assert_gone(&scene, &mut eve, &planted).await;
    assert_ne!(scene.linked("7").await.unwrap().account, planted.id);
    anna.fill("/welcome", "/welcome/join", &ALL).await;

    // She had no password: Eve's is none of hers, and the one she sets is.
    assert!(!opens(&scene, ANNA, ACME_PASSWORD).await);
    scene.clock.advance(61);
    recover(&scene).await;
    assert!(opens(&scene, ANNA, NEW).await);
    assert!(!opens(&scene, ANNA, ACME_PASSWORD).await);
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "globex", "initech"]);
}

#[tokio::test]
async fn unexpired_session_and_trojan_identifier_nothing_planted_outlives_the_victims_recovery() {
    let (scene, fake) = scene().await;
    three_portals(&scene).await;
    let mut eve = eve(&scene).await;
    let planted = unproved(&scene).await;
    // Identifiers of her own, by which to come back: an account at a provider and a second address.
    let csrf = eve.get(ID, "/").await.csrf();
    let answer = eve.post(ID, "/social/login/start", &[("csrf", &csrf)]).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let fields = [("csrf", csrf.as_str()), ("email", EVES), ("password", ACME_PASSWORD)];
    assert_eq!(eve.post(ID, EMAILS, &fields).await.location(), url(ID, "/welcome"));
    assert!(mails(&scene).await.iter().all(|mail| mail.to == ANNA), "nothing went to Eve");

    let mut anna = recover(&scene).await;
    assert_gone(&scene, &mut eve, &planted).await;
    assert!(!opens(&scene, ANNA, ACME_PASSWORD).await && opens(&scene, ANNA, NEW).await);
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    assert_eq!(held(&scene, &account).await, [ANNA]);
    assert!(scene.hub.directory.links(account.id).await.unwrap().is_empty());
    // Her own account at the provider begins at nothing.
    let answer = scene.browser().social(&fake, "login", &Who::verified("666", EVES)).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!answer.sets(SESSION_COOKIE) && scene.linked("666").await.is_none());
    // What Eve's portal held is the victim's to join.
    anna.fill("/welcome", "/welcome/join", &ALL).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "globex", "initech"]);
}

#[tokio::test]
async fn unexpired_email_change_what_was_begun_in_stolen_hands_dies_with_the_victims_recovery() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &["acme"]).await;
    let mut eve = scene.signed_in(ANNA).await;
    ask(&mut eve, EVES).await;
    let sent = mails(&scene).await;
    let right = code(sent.iter().find(|mail| mail.to == EVES).unwrap());
    let csrf = eve.get(ID, CONFIRM).await.csrf();

    recover(&scene).await;
    // Eve signs in no more, and has her code.
    let fields = [("csrf", csrf.as_str()), ("code", right.as_str())];
    eve.post(ID, CONFIRM, &fields).await;
    assert_eq!(held(&scene, &anna).await, [ANNA]);
    assert!(!opens(&scene, ANNA, PASSWORD).await);
    assert!(!opens(&scene, EVES, PASSWORD).await);
    // Nor does it come back to life in the owner's next session in that very browser.
    assert!(eve.sign_in("/sign-in", ANNA, NEW).await.sets(SESSION_COOKIE));
    assert_eq!(eve.get(ID, CONFIRM).await.location(), url(ID, EMAILS));
    let csrf = eve.get(ID, EMAILS).await.csrf();
    eve.post(ID, CONFIRM, &[("csrf", &csrf), ("code", &right)]).await;
    assert_eq!(held(&scene, &anna).await, [ANNA]);
}
