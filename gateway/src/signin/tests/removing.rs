//! Taking an address away: asked on a page of its own, which tells of the portals that know it. And the
//! address that is not there yet.

use super::addresses::{CONFIRM, EMAILS, add, ask, held};
use super::sign_up::{code, mails};
use super::welcome::{import, portals_of};
use super::*;

const BOSS: &str = "boss@firma.example";
const REMOVE: &str = "/profile/emails/remove";
const ASK: &str = "/profile/emails/remove?place=2";
const UNDO: &str = "/profile/portals/undo?portal=acme";

/// An account with a second address, by which it has joined a portal.
async fn joined_by_the_second(scene: &Scene) -> (Account, Browser<'_>) {
    let account = scene.account(BOSS, &[]).await;
    let mut browser = scene.signed_in(BOSS).await;
    add(scene, &mut browser, ANNA).await;
    import(scene, "acme", "17", None).await;
    browser.fill("/welcome", "/welcome/join", &[("portal-acme", "17")]).await;
    assert_eq!(portals_of(scene, BOSS).await, ["acme"]);
    mails(scene).await;
    (account, browser)
}

#[tokio::test]
async fn an_address_goes_after_a_page_that_names_the_portals_it_joined() {
    let scene = Scene::new().await;
    let (account, mut browser) = joined_by_the_second(&scene).await;
    let list = browser.get(ID, EMAILS).await;
    assert!(!list.text.contains("action=\"/profile/emails/remove\""), "{}", list.text);
    assert!(list.text.contains(&format!("href=\"{ASK}\"")), "{}", list.text);
    let page = browser.get(ID, ASK).await;
    for part in ["Remove anna@example.com?", "on Acme Inc. What is joined stays joined"] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    assert_eq!(held(&scene, &account).await, [BOSS, ANNA], "asking removes nothing");
    let before = browser.get(ID, UNDO).await;
    assert!(before.text.contains("You can join it again later"), "{}", before.text);

    let answer = browser.fill(ASK, REMOVE, &[("address", ANNA)]).await;
    assert_eq!(answer.location(), url(ID, EMAILS));
    assert_eq!(held(&scene, &account).await, [BOSS]);
    assert_eq!(portals_of(&scene, BOSS).await, ["acme"], "what is joined stays");
    let after = browser.get(ID, UNDO).await;
    assert!(!after.text.contains("You can join it again later"), "{}", after.text);
    assert!(after.text.contains("knows you by anna@example.com"), "{}", after.text);
}

#[tokio::test]
async fn the_page_that_asks_is_of_one_of_ones_other_addresses_and_takes_a_fresh_sign_in() {
    let scene = Scene::new().await;
    scene.account(BOSS, &[]).await;
    let mut browser = scene.signed_in(BOSS).await;
    add(&scene, &mut browser, ANNA).await;
    let page = browser.get(ID, ASK).await;
    assert!(!page.text.contains("You are known by it"), "{}", page.text);
    for place in ["", "0", "3", "-1", "x", "99999999999999999999"] {
        let answer = browser.get(ID, &format!("{REMOVE}?place={place}")).await;
        assert_eq!(answer.location(), url(ID, EMAILS), "{place}");
    }
    let primary = browser.get(ID, &format!("{REMOVE}?place=1")).await;
    assert_eq!(primary.status, StatusCode::UNPROCESSABLE_ENTITY);
    scene.clock.advance(601);
    let answer = browser.get(ID, ASK).await;
    assert!(answer.location().starts_with(&url(ID, "/confirm?state=")));
    let (_, path) = split(&answer.location());
    let back = browser.fill(&path, "/confirm", &[("password", PASSWORD)]).await;
    assert_eq!(back.location(), url(ID, ASK));
}

#[tokio::test]
async fn an_address_that_waits_for_its_code_is_on_the_list_until_it_is_entered_or_dropped() {
    let scene = Scene::new().await;
    let account = scene.account(BOSS, &[]).await;
    let mut browser = scene.signed_in(BOSS).await;
    let waits = |page: &Answer| page.text.contains("action=\"/profile/emails/cancel\"");
    assert!(!waits(&browser.get(ID, EMAILS).await));
    ask(&mut browser, ANNA).await;
    let list = browser.get(ID, EMAILS).await;
    assert!(waits(&list) && list.text.contains(ANNA), "{}", list.text);
    assert!(list.text.contains("href=\"/profile/emails/confirm\""), "{}", list.text);
    let elsewhere = scene.signed_in(BOSS).await.get(ID, EMAILS).await;
    assert!(!waits(&elsewhere), "it waits in the session that asked");
    assert_eq!(held(&scene, &account).await, [BOSS]);

    let right = code(&mails(&scene).await[0]);
    let stranger = browser.post(ID, "/profile/emails/cancel", &[("csrf", "x")]).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    let answer = browser.fill(EMAILS, "/profile/emails/cancel", &[]).await;
    let page = browser.open(&answer.location()).await;
    assert!(!waits(&page) && page.text.contains("being added"), "{}", page.text);
    let csrf = browser.get(ID, EMAILS).await.csrf();
    let late = browser.post(ID, CONFIRM, &[("csrf", &csrf), ("code", &right)]).await;
    assert_eq!(late.location(), url(ID, EMAILS));
    assert_eq!(held(&scene, &account).await, [BOSS], "the code is worth nothing");

    scene.clock.advance(61);
    add(&scene, &mut browser, ANNA).await;
    assert!(!waits(&browser.get(ID, EMAILS).await));
}
