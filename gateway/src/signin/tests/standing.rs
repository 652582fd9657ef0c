//! What the pages say of how one stands with one's portals: the name there, how one came, who runs them.

use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::store::StoredPortal;
use bitrix_id_auth_core::store::access::NewInvitation;

use super::welcome::import;
use super::*;

const PORTALS: &str = "/profile/portals";

impl Scene {
    async fn runs(&self, account: &Account, portal: &str) {
        let owner = Profile {
            roles: vec!["owner".into()],
            local_id: Some("17".into()),
            ..Profile::new(account.id, portal, self.clock.now())
        };
        self.hub.directory.put_profile(owner, self.clock.now()).await.unwrap();
    }
}

#[tokio::test]
async fn a_portal_is_listed_with_what_it_is_told_and_what_its_own_record_says() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    import(&scene, "acme", "17", None).await;
    browser.fill("/welcome", "/welcome/join", &[("portal-acme", "17")]).await;
    let record = "Profile in the portal: Anna of acme · anna.17";
    let page = browser.get(ID, PORTALS).await;
    for part in ["The portal is told: Anna · anna@example.com", record] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    let path = "/profile/portal/acme";
    browser.fill(path, path, &[("name", "Annie"), ("title", "")]).await;
    let page = browser.get(ID, PORTALS).await;
    for part in ["The portal is told: Annie · anna@example.com", record] {
        assert!(page.text.contains(part), "{part} in {}", page.text);
    }
    browser.arrive(ACME).await;
    assert_eq!(browser.verified(ACME).unwrap().identity.name, "Annie", "it is what is told");
}

#[tokio::test]
async fn only_portals_that_show_the_name_are_counted_and_only_when_it_changes() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "globex", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let page = browser.get(ID, "/profile").await;
    assert!(page.text.contains("All 3 of your portals show this name"), "{}", page.text);
    let path = "/profile/portal/acme";
    browser.fill(path, path, &[("name", "Annie"), ("title", "")]).await;
    let page = browser.get(ID, "/profile").await;
    assert!(page.text.contains("2 of your 3 portals show this name"), "{}", page.text);

    let phone = [("name", "Anna"), ("lang", "en"), ("phone", "+493012345678")];
    let answer = browser.fill("/profile", "/profile", &phone).await;
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains(">Saved.</p>"), "{}", page.text);
    let name = [("name", "Anna K."), ("lang", "en"), ("phone", "+493012345678")];
    let answer = browser.fill("/profile", "/profile", &name).await;
    let page = browser.open(&answer.location()).await;
    let told = "Saved. 2 of your 3 portals show it within a few minutes.";
    assert!(page.text.contains(told), "{}", page.text);
}

#[tokio::test]
async fn who_runs_a_portal_alone_is_told_before_they_go() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    import(&scene, "acme", "17", None).await;
    import(&scene, "globex", "4", None).await;
    let both = [("portal-acme", "17"), ("portal-globex", "4")];
    browser.fill("/welcome", "/welcome/join", &both).await;
    let pages = ["/profile/delete", "/profile/portals/undo?portal=acme"];
    let alone = "You run Acme Inc. and nobody else does";
    for page in pages {
        let page = browser.get(ID, page).await;
        assert!(!page.text.contains(alone), "a member runs nothing: {}", page.text);
    }
    scene.runs(&anna, "acme").await;
    for page in pages {
        let page = browser.get(ID, page).await;
        assert!(page.text.contains(alone), "{}", page.text);
    }
    let other = browser.get(ID, "/profile/portals/undo?portal=globex").await;
    assert!(!other.text.contains("nobody else does"), "{}", other.text);
    let boris = scene.account("boris@example.com", &[]).await;
    scene.runs(&boris, "acme").await;
    for page in pages {
        let page = browser.get(ID, page).await;
        assert!(!page.text.contains("nobody else does"), "{}", page.text);
    }
}

#[tokio::test]
async fn a_portal_says_whether_one_made_it_was_invited_or_was_added() {
    let scene = Scene::new().await;
    let boris = scene.account("boris@example.com", &[]).await;
    let anna = scene.account(ANNA, &["globex"]).await;
    scene.runs(&boris, "acme").await;
    let (directory, now) = (&scene.hub.directory, scene.clock.now());
    let invitation = NewInvitation {
        token_hash: sha256("secret"),
        email: None,
        roles: vec!["member".into()],
        invited_by: boris.id,
        expires_at: now + 600,
        most_uses: 1,
    };
    directory.invite("acme", vec![invitation], Vec::new(), now).await.unwrap();
    directory.accept_invitation(&sha256("secret"), anna.id, now).await.unwrap();
    let stored = StoredPortal {
        id: "nova".into(),
        toml: "[[portal]]\nid = \"nova\"\ntitle = \"Nova\"\nhosts = [\"nova.bitrix24.example\"]\n\
               upstreams = [\"http://127.0.0.1:9\"]\n"
            .into(),
        created_at: now,
        created_by: Some(anna.id),
    };
    assert!(directory.add_portal(stored).await.unwrap());
    super::new_portals::take_in(&scene.hub).await;
    scene.runs(&anna, "nova").await;

    let mut browser = scene.signed_in(ANNA).await;
    let page = browser.get(ID, PORTALS).await;
    for (portal, how) in [
        ("acme", "You accepted an invitation"),
        ("nova", "You created it"),
        ("globex", "Added by the portal"),
    ] {
        let row = page
            .text
            .split("<li class=\"row\">")
            .find(|row| row.contains(&format!("href=\"/profile/portal/{portal}\"")));
        assert!(row.unwrap().contains(how), "{portal}: {}", row.unwrap());
    }
    // Put out, and let in by an owner: the invitation of then says nothing of now.
    directory.remove_profile(anna.id, "acme", now).await.unwrap();
    scene.clock.advance(5);
    let again = Profile::new(anna.id, "acme", scene.clock.now());
    directory.put_profile(again, scene.clock.now()).await.unwrap();
    let page = browser.get(ID, PORTALS).await;
    assert!(!page.text.contains("You accepted an invitation"), "{}", page.text);
}
