//! Invitations: how their mails name the portal, and the sign-up that begins with one.

use bitrix_id_auth_core::store::{QueuedMail, StoredPortal};

use super::new_portals::take_in;
use super::sign_up::mails;
use super::*;

const GUEST: &str = "guest@example.org";

/// The mail that invites the guest to a portal, on behalf of its owner.
async fn invited(scene: &Scene, portal: &str) -> QueuedMail {
    let people = format!("/portals/{portal}/people");
    let mut owner = scene.signed_in(ANNA).await;
    owner.fill(&people, &people, &[("invite", "1"), ("emails", GUEST)]).await;
    mails(scene).await.remove(0)
}

async fn owner(scene: &Scene, portal: &str) {
    let anna = scene.account(ANNA, &[]).await;
    let owner =
        Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, portal, scene.clock.now()) };
    scene.hub.directory.put_profile(owner, scene.clock.now()).await.unwrap();
}

fn link(mail: &QueuedMail) -> String {
    mail.text.lines().find(|line| line.starts_with("https://")).unwrap().to_owned()
}

/// The sign-up page that the page of an invitation leads to.
async fn sign_up(browser: &mut Browser<'_>, invitation: &str) -> Answer {
    let page = browser.open(invitation).await;
    let links = page.text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let path = links.into_iter().find(|link| link.starts_with("/sign-up?state=")).unwrap();
    browser.get(ID, path).await
}

#[tokio::test]
async fn a_portal_that_somebody_has_created_is_named_by_its_address_in_mails() {
    let scene = Scene::new().await;
    let stored = StoredPortal {
        id: "nova".into(),
        toml: "[[portal]]\nid = \"nova\"\ntitle = \"Your Bank\"\nhosts = [\"nova.bitrix24.example\"]\n\
               upstreams = [\"http://127.0.0.1:9\"]\n"
            .into(),
        created_at: scene.clock.now(),
        created_by: None,
    };
    assert!(scene.hub.directory.add_portal(stored).await.unwrap());
    take_in(&scene.hub).await;
    owner(&scene, "nova").await;
    let mail = invited(&scene, "nova").await;
    assert_eq!(mail.subject, "You're invited to nova.bitrix24.example:8443");
    assert!(!mail.text.contains("Your Bank"), "{}", mail.text);
}

#[tokio::test]
async fn a_sign_up_that_began_with_an_invitation_says_which_portal_it_joins() {
    let scene = Scene::new().await;
    owner(&scene, "acme").await;
    let invitation = link(&invited(&scene, "acme").await);
    let mut browser = scene.browser();
    let page = sign_up(&mut browser, &invitation).await;
    assert!(page.text.contains("to join Acme Inc."), "{}", page.text);
    let (csrf, state) = (page.csrf(), page.hidden("state").unwrap());
    let fields = [("csrf", csrf.as_str()), ("state", state.as_str()), ("email", "nobody")];
    let again = browser.post(ID, "/sign-up", &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("to join Acme Inc."), "{}", again.text);
    let plain = browser.get(ID, "/sign-up").await;
    assert!(!plain.text.contains("to join"), "{}", plain.text);

    scene.clock.advance(8 * 24 * 3600);
    let hub = &scene.hub;
    let target = split(&invitation).1;
    let departed = bitrix_id_auth_core::hop::depart(&hub.hop, ID, &target, 0, scene.clock.now());
    let late = browser.get(ID, &format!("/sign-up?state={}", departed.state)).await;
    assert!(!late.text.contains("to join"), "an invitation that is over leads to no portal");
}
