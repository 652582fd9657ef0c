//! The page that joins, wherever it is come to from: a sign-up, a portal that is new, a join that was undone.

use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::password::samples::sample_md5;
use bitrix_id_auth_core::store::StoredPortal;

use super::recovery::hear;
use super::sign_up::{code, mails};
use super::welcome::{
    ACME_PASSWORD, ALL, GLOBEX_PASSWORD, TITLES, import, named, portals_of, proved, three_portals,
};
use super::*;

const OWN: &str = "twelve angry hedgehogs";
const UMBRELLA: &str = "umbrella.bitrix24.example";

fn portal(id: &str) -> String {
    format!(
        "\n[[portal]]\nid = \"{id}\"\ntitle = \"Umbrella\"\nhosts = [\"{id}.bitrix24.example\"]\nupstreams = [\"http://127.0.0.1:9\"]\n"
    )
}

#[tokio::test]
async fn after_a_sign_up_the_records_registered_with_the_address_are_offered() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = scene.browser();
    let sign_up = browser.leave(ACME, "/x").replace("/sign-in", "/sign-up");
    let form = [("name", "Anna"), ("email", ANNA), ("password", OWN)];
    browser.fill(&sign_up, "/sign-up", &form).await;
    let sent = mails(&scene).await;
    let confirm = "/sign-up/confirm";
    let answer = browser.fill(confirm, confirm, &[("code", &code(&sent[0]))]).await;
    assert!(answer.sets(SESSION_COOKIE));
    assert!(answer.location().starts_with(&url(ID, "/welcome?state=")), "{}", answer.location());
    assert!(portals_of(&scene, ANNA).await.is_empty(), "nothing joins by itself");

    let (_, join_at) = split(&answer.location());
    let page = browser.get(ID, &join_at).await;
    assert_eq!(named(&page, &TITLES), TITLES);
    assert_eq!(page.text.matches(" checked").count(), 3, "{}", page.text);
    let answer = browser.fill(&join_at, "/welcome/join", &ALL).await;
    let hop = browser.open(&answer.location()).await;
    assert_eq!(browser.open(&hop.location()).await.location(), url(ACME, "/x"));
    for host in [ACME, GLOBEX, INITECH] {
        browser.arrive(host).await;
        assert!(browser.verified(host).unwrap().identity.member, "{host}");
    }
    // One password from now on.
    for (password, opens) in [(OWN, true), (ACME_PASSWORD, false), (GLOBEX_PASSWORD, false)] {
        let answer = scene.browser().sign_in("/sign-in", ANNA, password).await;
        assert_eq!(answer.sets(SESSION_COOKIE), opens, "{password}");
    }
}

/// Signs in, which stops for the new portal, and joins it.
async fn joins(scene: &Scene, id: &str) {
    let mut browser = scene.browser();
    let answer = browser.sign_in("/sign-in", ANNA, PASSWORD).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let page = browser.get(ID, "/welcome").await;
    assert!(page.text.contains("Umbrella"), "{}", page.text);
    assert_eq!(page.text.matches(" checked").count(), 1, "{}", page.text);
    let field = format!("portal-{id}");
    browser.fill("/welcome", "/welcome/join", &[(&field, "7")]).await;
    assert_eq!(portals_of(scene, ANNA).await, ["acme", id]);
    browser.arrive(UMBRELLA).await;
    let identity = browser.verified(UMBRELLA).unwrap().identity.clone();
    assert_eq!((identity.member, identity.portal_user.as_deref()), (true, Some("7")));
}

#[tokio::test]
async fn a_portal_that_is_configured_later_joins_the_same_way() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    // Its people may be there before it is.
    import(&scene, "umbrella", "7", Some(sample_md5(GLOBEX_PASSWORD, ""))).await;
    let mut early = scene.signed_in(ANNA).await;
    assert!(!early.get(ID, "/profile/portals").await.text.contains("Anna of umbrella"));
    scene.configure(&portal("umbrella"));
    joins(&scene, "umbrella").await;
}

#[tokio::test]
async fn a_portal_that_is_created_and_then_imported_joins_the_same_way() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let boris = scene.account("boris@example.com", &[]).await;
    let stored = StoredPortal {
        id: "umbrella".into(),
        toml: portal("umbrella"),
        created_at: scene.clock.now(),
        created_by: Some(boris.id),
    };
    assert!(scene.hub.directory.add_portal(stored).await.unwrap());
    new_portals::take_in(&scene.hub).await;
    scene.signed_in(ANNA).await;
    import(&scene, "umbrella", "7", None).await;
    joins(&scene, "umbrella").await;
}

#[tokio::test]
async fn what_an_operator_undid_is_free_and_can_be_joined_again() {
    let scene = Scene::new().await;
    three_portals(&scene).await;
    let mut browser = proved(&scene, ACME_PASSWORD).await;
    browser.fill("/welcome", "/welcome/join", &ALL).await;
    browser.arrive(GLOBEX).await;
    let account = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    let change = AccountChange {
        directory: scene.hub.directory.as_ref(),
        sessions: scene.hub.sessions.as_ref(),
        now_ms: scene.clock.now_ms(),
    };
    assert!(change.unjoin(account.id, "globex", "operator").await.unwrap());
    hear(&scene).await;
    assert!(browser.verified(GLOBEX).is_none(), "the token that knew of it is dead");
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "initech"], "nothing else is lost");
    let page = browser.get(ID, "/profile/portals").await;
    let said = "The join with Globex was undone for you.";
    assert!(page.text.contains(said) && page.text.contains("Anna of globex"), "{}", page.text);

    browser.fill("/welcome", "/welcome/join", &[ALL[1]]).await;
    assert_eq!(portals_of(&scene, ANNA).await, ["acme", "globex", "initech"]);
    browser.arrive(GLOBEX).await;
    let identity = browser.verified(GLOBEX).unwrap().identity.clone();
    assert_eq!((identity.member, identity.portal_user.as_deref()), (true, Some("4")));
    assert!(!change.unjoin(account.id, "umbrella", "operator").await.unwrap());
}
