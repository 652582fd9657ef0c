//! The lists of portals: a search where there are many, and what waits for owners.

use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::store::AddAddress;

use super::sign_up::{code, mails};
use super::welcome::import;
use super::*;

/// Portals p1 to p8 beside the usual three.
fn eight() -> String {
    let portal = |n| {
        format!(
            "\n[[portal]]\nid = \"p{n}\"\ntitle = \"Branch {n}\"\nhosts = [\"p{n}.bitrix24.example\"]\nupstreams = [\"http://127.0.0.1:9\"]\n"
        )
    };
    (1..=8).map(portal).collect()
}

#[tokio::test]
async fn from_eight_portals_on_the_list_can_be_searched() {
    let scene = Scene::new().await;
    scene.configure(&eight());
    let seven = ["acme", "p1", "p2", "p3", "p4", "p5", "p6"];
    let anna = scene.account(ANNA, &seven).await;
    let mut browser = scene.signed_in(ANNA).await;
    let page = browser.get(ID, "/?q=Acme").await;
    assert!(!page.text.contains("role=\"search\"") && page.text.contains("Branch 1"));

    let eighth = Profile::new(anna.id, "p7", scene.clock.now());
    scene.hub.directory.put_profile(eighth, scene.clock.now()).await.unwrap();
    let page = browser.get(ID, "/").await;
    assert!(page.text.contains("role=\"search\""), "{}", page.text);
    for (query, shown, hidden) in [
        ("acme", "Acme Inc.", "Branch 1"),
        ("%20BRANCH%203", "Branch 3", "Branch 4"),
        ("p5.bitrix24", "Branch 5", "Branch 6"),
    ] {
        let page = browser.get(ID, &format!("/?q={query}")).await;
        assert!(page.text.contains(shown), "{query}: {}", page.text);
        assert!(!page.text.contains(hidden), "{query}: {}", page.text);
    }
    let page = browser.get(ID, "/?q=Globex%22%3E").await;
    assert!(page.text.contains("No portal matches"), "{}", page.text);
    assert!(!page.text.contains("Globex\">"), "shown as text");
}

#[tokio::test]
async fn the_list_tells_of_portals_that_can_be_joined_until_they_are() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    assert!(!browser.get(ID, "/").await.text.contains("We found you"));
    import(&scene, "globex", "4", None).await;
    import(&scene, "initech", "99", None).await;
    import(&scene, "gone", "1", None).await;
    let page = browser.get(ID, "/").await;
    let said = "We found you on Globex and Initech. <a href=\"/welcome\">";
    assert!(page.text.contains(said), "{}", page.text);
    let fields = [("portal-globex", "4"), ("portal-initech", "99")];
    let answer = browser.fill("/welcome", "/welcome/join", &fields).await;
    assert_eq!(answer.location(), url(ID, "/"));
    let page = browser.get(ID, "/").await;
    assert!(!page.text.contains("We found you"), "{}", page.text);
    assert!(page.text.contains("id=\"done\" role=\"status\" tabindex=\"-1\" autofocus"));
    browser.fill("/profile/portals", "/profile/portals/undo", &[("portal", "globex")]).await;
    let page = browser.get(ID, "/profile/portals").await;
    let said = "tabindex=\"-1\" autofocus>Done. Your Bitrix ID no longer opens Globex.";
    assert!(page.text.contains(said), "{}", page.text);
    let home = browser.get(ID, "/").await;
    assert!(!home.text.contains("We found you"), "an undo is no oversight: {}", home.text);
}

#[tokio::test]
async fn what_a_provider_vouched_for_joins_nothing_and_the_list_leads_to_the_proof() {
    let scene = Scene::new().await;
    let boris = scene.account("boris@example.com", &[]).await;
    let change = AccountChange {
        directory: scene.hub.directory.as_ref(),
        sessions: scene.hub.sessions.as_ref(),
        now_ms: scene.clock.now_ms(),
    };
    let proof = AddressProof::Provider;
    let added = change.add_address(boris.id, boris.generation, ANNA, proof).await.unwrap();
    assert_eq!(added, AddAddress::Added);
    let mut browser = scene.signed_in("boris@example.com").await;
    assert!(!browser.get(ID, "/").await.text.contains(ANNA));
    import(&scene, "globex", "4", None).await;
    let page = browser.get(ID, "/").await;
    assert!(page.text.contains(&format!("A portal may know {ANNA}")), "{}", page.text);
    assert!(page.text.contains("/profile/emails#add") && !page.text.contains("Globex"));
    assert_eq!(browser.get(ID, "/welcome").await.location(), url(ID, "/"), "nothing to join");
    let fields = [("email", ANNA), ("password", PASSWORD)];
    browser.fill("/profile/emails", "/profile/emails", &fields).await;
    let code = code(&mails(&scene).await[0]);
    let path = "/profile/emails/confirm";
    browser.fill(path, path, &[("code", &code)]).await;
    let page = browser.get(ID, "/").await;
    assert!(page.text.contains("We found you on Globex."), "{}", page.text);
    assert!(!page.text.contains("may know"), "{}", page.text);
}

#[tokio::test]
async fn an_owner_sees_how_many_requests_wait_and_nobody_else_does() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let owner =
        Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", scene.clock.now()) };
    scene.hub.directory.put_profile(owner, scene.clock.now()).await.unwrap();
    scene.account("member@example.com", &["acme"]).await;
    let (mut owner, mut member) =
        (scene.signed_in(ANNA).await, scene.signed_in("member@example.com").await);
    let page = owner.get(ID, "/profile/portals").await;
    assert!(page.text.contains("/portals/acme/people") && !page.text.contains(" request<"));

    for (count, told) in [(1, "1 request<"), (2, "2 requests<")] {
        let email = format!("guest{count}@example.com");
        scene.account(&email, &[]).await;
        let mut guest = scene.signed_in(&email).await;
        guest.arrive(ACME).await;
        guest.post(ACME, "/.bitrix-id/access", &[("return_to", "/")]).await;
        let page = owner.get(ID, "/profile/portals").await;
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    let page = member.get(ID, "/profile/portals").await;
    assert!(!page.text.contains("/portals/acme/people") && !page.text.contains("requests<"));
}
