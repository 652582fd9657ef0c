//! Creating a portal.

use std::time::Duration;

use bitrix_id_auth_core::store::StoredPortal;
use tokio::task::JoinHandle;

use super::super::new_portal::is_served;
use super::*;

const NOVA: &str = "nova.bitrix24.example";

impl Scene {
    /// Plays the control service for the next portal that the app adds.
    fn control(&self) -> JoinHandle<()> {
        let hub = self.hub.clone();
        tokio::spawn(async move {
            hub.portal_bells.added.notified().await;
            take_in(&hub).await;
        })
    }
}

pub(super) async fn take_in(hub: &Hub) {
    let stored = crate::reload::parse_stored(&hub.directory.portals().await.unwrap());
    let (old, pools) = (hub.snapshot.load_full(), Pools::default());
    let snapshot = old.with_stored(hub.clock.now(), stored, &pools, &hub.telemetry).unwrap();
    hub.snapshot.store(Arc::new(snapshot));
    hub.portal_bells.taken.notify_waiters();
}

async fn create(browser: &mut Browser<'_>, title: &str, address: &str) -> Answer {
    let fields = [("title", title), ("address", address)];
    browser.fill("/portals/new", "/portals/new", &fields).await
}

#[tokio::test]
async fn a_created_portal_is_served_and_its_makers_own() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    assert!(browser.get(ID, "/").await.text.contains("href=\"/portals/new\""));
    let control = scene.control();
    let answer = create(&mut browser, "Nova \"24\"\n", " Nova ").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, url(NOVA, "/")));
    control.await.unwrap();
    let portal = scene.hub.snapshot.load().portal_by_host(NOVA).unwrap();
    assert_eq!((portal.id.as_str(), portal.title.as_str()), ("nova", "Nova \"24\""));
    assert_eq!(portal.upstreams[0].port, 8099);
    let profile = scene.hub.directory.profile(anna.id, "nova").await.unwrap().unwrap();
    assert_eq!(profile.roles, ["owner"]);
    browser.arrive(NOVA).await;
    assert_eq!(browser.verified(NOVA).unwrap().identity.roles, ["owner"]);
    let home = browser.get(ID, "/").await.text;
    assert!(home.contains(&url(NOVA, "/")) && home.contains("/portals/nova/people"), "{home}");
    let events = scene.hub.directory.audit(Some(anna.id), 10).await.unwrap();
    let made = events.iter().find(|event| event.action == "portal.created").unwrap();
    assert_eq!(made.portal.as_deref(), Some("nova"));
}

#[tokio::test]
async fn a_new_portal_is_waited_for_until_it_is_served_and_no_longer_than_that() {
    let scene = Scene::new().await;
    let anna = scene.account(ANNA, &[]).await;
    let hub = &scene.hub;
    let stored = StoredPortal {
        id: "nova".into(),
        toml: "[[portal]]\nid = \"nova\"\nhosts = [\"nova.bitrix24.example\"]\nupstreams = [\"http://127.0.0.1:9\"]\n".into(),
        created_at: scene.clock.now(),
        created_by: Some(anna.id),
    };
    assert!(hub.directory.add_portal(stored).await.unwrap());
    assert!(!is_served(hub, "nova", Duration::ZERO).await, "nobody has taken it in");
    let waiting = is_served(hub, "nova", Duration::from_secs(60));
    let (served, ()) = tokio::join!(waiting, take_in(hub));
    assert!(served);
    assert!(is_served(hub, "nova", Duration::ZERO).await, "at once from then on");
}

#[tokio::test]
async fn an_address_is_suggested_where_none_was_typed() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let answer = create(&mut browser, "ООО Ромашка", "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("value=\"ooo-romashka\""), "{}", answer.text);
    assert!(scene.hub.directory.portals().await.unwrap().is_empty(), "nothing is created unseen");
    let answer = create(&mut browser, "東京", "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn names_of_others_of_the_operator_and_their_look_alikes_are_refused() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for address in [
        "acme",
        "ACME",
        "a-cme",
        "acrne",
        "initech",
        "1n1tech",
        "id",
        "www",
        "mail",
        "login",
        "ab",
        "-abc",
        "xn--acme-1na",
        "a.b",
        "nova.evil.example",
        "nova/..",
        "а",
        &"a".repeat(41),
    ] {
        let answer = create(&mut browser, "Nova", address).await;
        assert!(
            matches!(answer.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT),
            "{address}: {}",
            answer.status
        );
        assert!(answer.text.contains("aria-invalid"), "{address}");
    }
    assert!(scene.hub.directory.portals().await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_creates_more_than_the_configuration_allows() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    for address in ["nova", "terra"] {
        let control = scene.control();
        assert!(create(&mut browser, "Mine", address).await.status.is_redirection());
        control.await.unwrap();
    }
    let page = browser.get(ID, "/portals/new").await;
    assert!(!page.text.contains("action=\"/portals/new\""), "no form");
    // A form that was open before.
    let browser_form = browser.get(ID, "/").await.csrf();
    let fields = [("csrf", browser_form.as_str()), ("title", "Mine"), ("address", "luna")];
    let answer = browser.post(ID, "/portals/new", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.hub.directory.portals().await.unwrap().len(), 2);
}

#[tokio::test]
async fn who_loses_the_race_for_an_address_is_told_kindly() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    scene.account("boris@example.com", &[]).await;
    let mut anna = scene.signed_in(ANNA).await;
    let mut boris = scene.signed_in("boris@example.com").await;
    // Neither snapshot knows of the other's portal: the directory decides.
    let control = scene.control();
    assert!(create(&mut anna, "Nova", "modern").await.status.is_redirection());
    control.await.unwrap();
    let old = scene.hub.snapshot.load_full();
    let before = old.with_stored(0, Vec::new(), &Pools::default(), &scene.hub.telemetry).unwrap();
    scene.hub.snapshot.store(Arc::new(before));
    for address in ["modern", "rnodern"] {
        let answer = create(&mut boris, "Nova", address).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text.contains("Another portal has this address"), "{}", answer.text);
        assert!(answer.text.contains("value=\"Nova\""), "what was typed stays");
    }
}

#[tokio::test]
async fn an_address_is_looked_at_while_it_is_typed() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let path = "/portals/new/check?address=nova";
    let mut stranger = scene.browser();
    assert_eq!(stranger.get(ID, path).await.status, StatusCode::UNAUTHORIZED);
    let mut browser = scene.signed_in(ANNA).await;
    let mut ask = async |query: &str| -> serde_json::Value {
        let answer = browser.get(ID, &format!("/portals/new/check?{query}")).await;
        assert_eq!(answer.header("content-type"), "application/json");
        serde_json::from_str(&answer.text).unwrap()
    };
    let free = ask("address=Nova").await;
    assert_eq!((&free["address"], &free["free"]), (&"nova".into(), &true.into()));
    assert!(free["message"].as_str().unwrap().contains(NOVA), "{free}");
    assert_eq!(ask("address=acrne").await["free"], false);
    let suggested = ask("title=%D0%A9%D1%83%D0%BA%D0%B0").await;
    assert_eq!((&suggested["address"], &suggested["free"]), (&"shchuka".into(), &true.into()));
    assert_eq!(ask("title=%E6%9D%B1").await["message"], "");
    let mut last = StatusCode::OK;
    for _ in 0..130 {
        last = browser.get(ID, path).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn forged_and_stale_forms_create_nothing() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/portals/new").await.csrf();
    let fields = encode(&[("csrf", &csrf), ("title", "Nova"), ("address", "nova")]);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let cross = [form, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let answer = browser.send(Method::POST, ID, "/portals/new", &cross, &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    for csrf in ["", "x.y"] {
        let fields = [("csrf", csrf), ("title", "Nova"), ("address", "nova")];
        let answer = browser.post(ID, "/portals/new", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    assert!(scene.hub.directory.portals().await.unwrap().is_empty());
}

#[tokio::test]
async fn without_provisioning_there_is_no_such_page() {
    let scene = Scene::new().await;
    scene.account(ANNA, &[]).await;
    let mut browser = scene.signed_in(ANNA).await;
    let csrf = browser.get(ID, "/").await.csrf();
    let old = scene.hub.snapshot.load_full();
    let mut config = bitrix_id_config::Config::clone(&old.config);
    config.provisioning = None;
    let (pools, telemetry) = (Pools::default(), &scene.hub.telemetry);
    let without = Snapshot::build(2, 0, Arc::new(config), Vec::new(), &pools, telemetry).unwrap();
    scene.hub.snapshot.store(Arc::new(without));
    for path in ["/portals/new", "/portals/new/check?address=nova"] {
        assert_eq!(browser.get(ID, path).await.status, StatusCode::NOT_FOUND);
    }
    let fields = [("csrf", csrf.as_str()), ("title", "Nova"), ("address", "nova")];
    assert_eq!(browser.post(ID, "/portals/new", &fields).await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get(ID, "/").await.text.contains("/portals/new"));
}
