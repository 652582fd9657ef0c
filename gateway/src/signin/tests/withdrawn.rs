//! Somebody whom a portal's owner or an operator has put out does not come back by their own doing.

use bitrix_id_auth_core::identity::AccountId;

use super::sign_up::{code, mails};
use super::welcome::{ACME_PASSWORD, GLOBEX_PASSWORD, import, portals_of, prove, three_portals};
use super::*;

const UNDO: &str = "/profile/portals/undo";
const ACME_17: [(&str, &str); 1] = [("portal-acme", "17")];

/// Anna, who has joined her records on all three portals.
async fn joined(scene: &Scene) -> (Browser<'_>, AccountId) {
    three_portals(scene).await;
    let mut browser = proved(scene).await;
    let all = [ACME_17[0], ("portal-globex", "4"), ("portal-initech", "99")];
    browser.fill("/welcome", "/welcome/join", &all).await;
    assert_eq!(portals_of(scene, ANNA).await.len(), 3);
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    (browser, account.id)
}

/// Signs in with the old password of globex and proves the address.
async fn proved(scene: &Scene) -> Browser<'_> {
    let mut browser = scene.browser();
    browser.sign_in("/sign-in", ANNA, GLOBEX_PASSWORD).await;
    let sent = mails(scene).await;
    prove(&mut browser, &code(sent.last().unwrap())).await;
    browser
}

/// Tries all that the person can press.
async fn tries_to_come_back(scene: &Scene, browser: &mut Browser<'_>) {
    // The form's value is the browser's, from whichever page.
    let csrf = browser.get(ID, "/profile").await.csrf();
    let ask = browser.get(ID, "/profile/portals/undo?portal=acme").await;
    assert_eq!(ask.location(), url(ID, "/profile/portals"), "there is nothing to undo");
    browser.post(ID, UNDO, &[("csrf", &csrf), ("portal", "acme")]).await;
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains("Anna of acme"), "{}", page.text);
    browser.post(ID, "/welcome/join", &[("csrf", &csrf), ACME_17[0]]).await;
    assert_eq!(portals_of(scene, ANNA).await, ["globex", "initech"]);
    browser.arrive(ACME).await;
    assert!(!browser.verified(ACME).is_some_and(|token| token.identity.member));
}

async fn withdraw(scene: &Scene, account: AccountId) {
    let now = scene.clock.now();
    assert!(scene.hub.directory.remove_profile(account, "acme", now).await.unwrap());
}

#[tokio::test]
async fn a_withdrawn_person_cannot_undo_the_join_to_come_back() {
    let scene = Scene::new().await;
    let (mut browser, anna) = joined(&scene).await;
    withdraw(&scene, anna).await;
    tries_to_come_back(&scene, &mut browser).await;
}

#[tokio::test]
async fn a_person_whom_an_owner_removed_comes_back_only_when_an_owner_lets_them_in() {
    let scene = Scene::new().await;
    let (mut browser, anna) = joined(&scene).await;
    let boris = scene.account("boris@example.com", &[]).await;
    let owner = Profile {
        roles: vec!["owner".into()],
        ..Profile::new(boris.id, "acme", scene.clock.now())
    };
    scene.hub.directory.put_profile(owner, scene.clock.now()).await.unwrap();
    let mut boris = scene.signed_in("boris@example.com").await;
    let people = "/portals/acme/people";
    boris.fill(people, people, &[("remove", &anna.to_string())]).await;
    tries_to_come_back(&scene, &mut browser).await;

    let again = Profile { local_id: Some("17".into()), ..Profile::new(anna, "acme", 0) };
    scene.hub.directory.put_profile(again, scene.clock.now()).await.unwrap();
    browser.fill("/profile/portals/undo?portal=acme", UNDO, &[("portal", "acme")]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["globex", "initech"]);
    browser.fill("/welcome", "/welcome/join", &ACME_17).await;
    assert_eq!(portals_of(&scene, ANNA).await.len(), 3, "theirs to undo and to join again");
}

#[tokio::test]
async fn a_withdrawn_person_cannot_come_back_by_a_new_bitrix_id() {
    let scene = Scene::new().await;
    let (_, anna) = joined(&scene).await;
    withdraw(&scene, anna).await;
    assert!(scene.hub.directory.delete_account(anna, scene.clock.now()).await.unwrap());
    let refused = scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await;
    assert_ne!(refused.status, StatusCode::SEE_OTHER, "the old password opens nothing");
    let mut browser = proved(&scene).await;
    let page = browser.get(ID, "/welcome").await;
    assert!(!page.text.contains("Anna of acme"), "{}", page.text);
    let all = [ACME_17[0], ("portal-globex", "4"), ("portal-initech", "99")];
    browser.fill("/welcome", "/welcome/join", &all).await;
    tries_to_come_back(&scene, &mut browser).await;
}

#[tokio::test]
async fn a_withdrawn_person_cannot_come_back_by_a_later_import() {
    let scene = Scene::new().await;
    let (mut browser, anna) = joined(&scene).await;
    withdraw(&scene, anna).await;
    let joined = scene.hub.directory.joined_profiles(anna).await.unwrap();
    let mut gone = joined.into_iter().find(|record| record.portal == "acme").unwrap();
    gone.active = false;
    scene.hub.directory.import_profiles("acme", vec![gone], scene.clock.now()).await.unwrap();
    import(&scene, "acme", "17", None).await;
    tries_to_come_back(&scene, &mut browser).await;
}
