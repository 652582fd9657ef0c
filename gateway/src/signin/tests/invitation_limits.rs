//! Invitations are limited without costing anybody anything to whom none is sent.

use super::super::mail_quota;
use super::super::people::Owner;
use super::super::person;
use super::sign_up::mails;
use super::*;

const BORIS: &str = "boris@example.com";
const GUEST: &str = "guest@example.org";
const PEOPLE: &str = "/portals/acme/people";

async fn owner(scene: &Scene) -> Browser<'_> {
    let anna = scene.account(ANNA, &[]).await;
    let now = scene.clock.now();
    let owner = Profile { roles: vec!["owner".into()], ..Profile::new(anna.id, "acme", now) };
    scene.hub.directory.put_profile(owner, now).await.unwrap();
    scene.signed_in(ANNA).await
}

async fn invite(browser: &mut Browser<'_>, emails: &str) -> StatusCode {
    browser.fill(PEOPLE, PEOPLE, &[("invite", "1"), ("emails", emails)]).await.status
}

#[tokio::test]
async fn a_refused_form_costs_its_addressees_nothing() {
    let scene = Scene::new().await;
    let mut owner = owner(&scene).await;
    for _ in 0..5 {
        assert_eq!(invite(&mut owner, BORIS).await, StatusCode::SEE_OTHER);
    }
    for _ in 0..6 {
        let both = format!("{GUEST}, {BORIS}");
        assert_eq!(invite(&mut owner, &both).await, StatusCode::TOO_MANY_REQUESTS);
    }
    mails(&scene).await;
    for _ in 0..5 {
        assert_eq!(invite(&mut owner, GUEST).await, StatusCode::SEE_OTHER);
    }
    assert_eq!(invite(&mut owner, GUEST).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(mails(&scene).await.len(), 5);
}

#[tokio::test]
async fn a_form_whose_mails_are_not_stored_costs_its_addressees_nothing() {
    let scene = Scene::new().await;
    let mut owner = owner(&scene).await;
    for _ in 0..6 {
        scene.store.failing.lock().unwrap().push("invite");
        assert_eq!(invite(&mut owner, GUEST).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    for _ in 0..5 {
        assert_eq!(invite(&mut owner, GUEST).await, StatusCode::SEE_OTHER);
    }
    assert_eq!(mails(&scene).await.len(), 5);
}

#[tokio::test]
async fn every_try_costs_its_sender() {
    let scene = Scene::new().await;
    let mut owner = owner(&scene).await;
    for _ in 0..5 {
        invite(&mut owner, BORIS).await;
    }
    // Of 60, 55 are left: 27 of these, and one that is too long by one.
    let both = format!("{GUEST}, {BORIS}");
    for _ in 0..28 {
        assert_eq!(invite(&mut owner, &both).await, StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(invite(&mut owner, GUEST).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_form_whose_sender_hangs_up_costs_its_addressees_nothing() {
    let scene = Scene::new().await;
    let mut browser = owner(&scene).await;
    let visit = browser.visit();
    let person = person::signed_in(&visit).await.unwrap().unwrap();
    let owner = Owner { person, portal: visit.snapshot.portal("acme").unwrap().clone() };
    let holders = Arc::strong_count(&scene.hub);
    for _ in 0..5 {
        let counted = mail_quota::of_invitations(&visit, &owner, &[GUEST.into()]).await.unwrap();
        drop(counted.unwrap_or_else(|_| panic!("too many")));
        // Until whatever gives the counts back is done.
        while Arc::strong_count(&scene.hub) > holders {
            tokio::task::yield_now().await;
        }
    }
    for _ in 0..5 {
        assert_eq!(invite(&mut browser, GUEST).await, StatusCode::SEE_OTHER);
    }
}
