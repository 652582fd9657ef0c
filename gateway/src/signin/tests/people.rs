//! A person's own details, and what they are called on one portal.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::revocation::Revocations;

use super::*;

#[tokio::test]
async fn a_phone_number_is_kept_in_one_way_or_refused() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let phone = async || scene.hub.directory.account(account.id).await.unwrap().unwrap().phone;
    let mut fill = async |phone| {
        let fields = [("name", "Anna"), ("lang", "en"), ("phone", phone)];
        browser.fill("/profile", "/profile", &fields).await
    };
    assert_eq!(fill("+49 (0)30 123-456-78").await.location(), url(ID, "/profile"));
    assert_eq!(phone().await.as_deref(), Some("+493012345678"));
    for wrong in ["030 1234567", "call me", "+1"] {
        let answer = fill(wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.text.contains(wrong), "what was typed stays");
        assert_eq!(phone().await.as_deref(), Some("+493012345678"));
    }
    fill("").await;
    assert_eq!(phone().await, None);
}

#[tokio::test]
async fn times_are_shown_in_the_time_zone_that_was_chosen() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    // 1 800 000 000 is 2027-01-15T08:00:00Z.
    let page = browser.get(ID, "/profile/sessions").await;
    assert!(page.text.contains("15 January 2027, 08:00 (UTC)"), "{}", page.text);
    let path = "/profile/time-zone?area=America+A-L";
    let chosen = [("place", "Argentina/Buenos Aires"), ("area", "America A-L")];
    let answer = browser.fill(path, "/profile/time-zone", &chosen).await;
    let saved = browser.open(&answer.location()).await;
    assert!(saved.text.contains("America/Argentina/Buenos_Aires"), "{}", saved.text);
    let page = browser.get(ID, "/profile/sessions").await;
    assert!(page.text.contains("15 January 2027, 05:00 (America/Argentina/Buenos_Aires)"));

    for wrong in [
        [("area", "America A-L"), ("place", "Atlantis")],
        [("area", "America M-Z"), ("place", "Chicago")],
        [("area", "America"), ("place", "Chicago")],
        [("area", "Etc"), ("place", "GMT")],
    ] {
        let answer = browser.fill(path, "/profile/time-zone", &wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
    // Another form leaves it alone.
    browser.fill("/profile", "/profile", &[("name", "Anne"), ("lang", "en")]).await;
    let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!(kept.time_zone.as_deref(), Some("America/Argentina/Buenos_Aires"));
    browser.fill(path, "/profile/time-zone", &[("none", "1")]).await;
    let kept = scene.hub.directory.account(account.id).await.unwrap().unwrap();
    assert_eq!((kept.time_zone, kept.name.as_str()), (None, "Anne"));
}

#[tokio::test]
async fn the_zone_of_the_browser_is_taken_if_it_is_one() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let path = "/profile/time-zone";
    let zone = async || {
        scene
            .hub
            .directory
            .account(account.id)
            .await
            .unwrap()
            .unwrap()
            .time_zone
            .unwrap_or_default()
    };
    // As some browsers still call it.
    let answer = browser.fill(path, path, &[("zone", "Asia/Calcutta")]).await;
    assert_eq!(answer.location(), url(ID, "/profile"));
    assert_eq!(zone().await, "Asia/Calcutta");
    for made_up in ["", "Asia/Atlantis", "../UTC", "Etc/GMT+1"] {
        let answer = browser.fill(path, path, &[("zone", made_up)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{made_up}");
    }
    assert_eq!(zone().await, "Asia/Calcutta");
}

#[tokio::test]
async fn a_name_and_a_title_hold_on_one_portal_from_the_next_token_on() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme", "initech"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for host in [ACME, INITECH] {
        browser.arrive(host).await;
    }
    let before = browser.verified(ACME).unwrap().identity.clone();
    assert_eq!((before.name.as_str(), before.title.as_deref()), ("Anna", None));
    let path = "/profile/portal/acme";
    let fields = [("name", "Ann <i>"), ("title", "Head of Sales")];
    let answer = browser.fill(path, path, &fields).await;
    let page = browser.open(&answer.location()).await;
    assert!(page.text.contains("Acme Inc. shows it from now on"), "{}", page.text);
    assert!(page.text.contains("value=\"Ann &#60;i&#62;\""), "{}", page.text);

    let heard = Revocations::new();
    for revocation in scene.hub.sessions.revocations_after(0).await.unwrap() {
        heard.apply(&revocation);
    }
    assert!(heard.is_revoked(before.session, account.id, before.generation), "the old token");
    for (host, name, title) in [(ACME, "Ann <i>", Some("Head of Sales")), (INITECH, "Anna", None)] {
        browser.arrive(host).await;
        let identity = browser.verified(host).unwrap().identity.clone();
        assert_eq!((identity.name.as_str(), identity.title.as_deref()), (name, title));
    }
    let events = scene.hub.directory.audit(Some(account.id), 5).await.unwrap();
    let renamed = events.iter().find(|event| event.action == audit::PROFILE_RENAMED).unwrap();
    assert_eq!(renamed.portal.as_deref(), Some("acme"));

    browser.fill(path, path, &[("name", " "), ("title", "")]).await;
    let profile = scene.hub.directory.profile(account.id, "acme").await.unwrap().unwrap();
    assert_eq!((profile.display_name, profile.title), (None, None));
    let long = "x".repeat(101);
    for fields in [[("name", long.as_str()), ("title", "")], [("name", ""), ("title", &long)]] {
        let answer = browser.fill(path, path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn nobody_has_a_name_on_a_portal_without_a_profile_there() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme", "gone"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/profile/portal/acme").await.csrf();
    for portal in ["initech", "gone", "nothing", "%2e%2e"] {
        let path = format!("/profile/portal/{portal}");
        assert_eq!(browser.get(ID, &path).await.status, StatusCode::NOT_FOUND, "{portal}");
        let fields = [("csrf", csrf.as_str()), ("name", "Eve"), ("title", "")];
        let answer = browser.post(ID, &path, &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{portal}");
    }
}

#[tokio::test]
async fn every_session_can_be_ended_at_once_and_the_page_after_says_so() {
    let scene = Scene::new().await;
    let account = scene.account(ANNA, &["acme"]).await;
    let mut there = scene.signed_in(ANNA).await;
    there.arrive(ACME).await;
    let mut here = scene.signed_in(ANNA).await;
    let page = here.get(ID, "/profile/sessions").await;
    assert!(page.text.contains("Opened Acme Inc.") && page.text.contains("with the password"));
    let path = "/profile/sessions";
    let answer = here.fill(path, path, &[("end", "all")]).await;
    assert_eq!(answer.location(), url(ID, "/signed-out"));
    let done = here.open(&answer.location()).await;
    assert!(done.text.contains("2 browsers were signed out"), "{}", done.text);
    assert!(done.text.contains("It had opened Acme Inc."));
    assert!(!here.get(ID, "/signed-out").await.text.contains("2 browsers"), "said once");
    let (limits, now) = (scene.hub.session_limits(), scene.clock.now());
    assert_eq!(scene.hub.sessions.sessions_of(account.id, limits, now).await.unwrap(), []);
    assert!(there.verified(ACME).is_none());
}

#[tokio::test]
async fn forms_of_this_area_want_their_own_origin_and_their_own_session() {
    let scene = Scene::new().await;
    scene.account(ANNA, &["acme"]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let paths = [
        "/profile/time-zone",
        "/profile/photo/remove",
        "/profile/portal/acme",
        "/profile/delete",
        "/profile/keep",
        "/not-me",
    ];
    for path in paths {
        let elsewhere = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://portal.initech.example:8443"),
        ];
        let answer = browser.send(Method::POST, ID, path, &elsewhere, "name=Eve").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        if !["/profile/keep", "/not-me"].contains(&path) {
            let answer = browser.post(ID, path, &[("csrf", "made.up"), ("name", "Eve")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let kept = scene.hub.directory.account_by_email(ANNA).await.unwrap().unwrap();
    assert_eq!(kept.name, "Anna");
}
