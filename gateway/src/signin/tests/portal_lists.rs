//! The lists of portals: a search where there are many, and what waits for owners.

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
    scene.hub.directory.put_profile(eighth).await.unwrap();
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
async fn an_owner_sees_how_many_requests_wait_and_nobody_else_does() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let owner =
        Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", scene.clock.now()) };
    scene.hub.directory.put_profile(owner).await.unwrap();
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
