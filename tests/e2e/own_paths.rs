//! `/.bitrix-id/` on a portal host: the gateway's own paths.

use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, ID, INITECH, Stage};

const WANTS_HTML: &str = "Accept: text/html,*/*;q=0.8";

#[tokio::test]
async fn the_session_document_says_who_is_signed_in() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let nobody = browser.fetch(&stage.url(ACME, "/.bitrix-id/session")).await;
    assert_eq!((nobody.status, &nobody.json()["signed_in"]), (200, &false.into()));
    assert!(nobody.json()["sign_in"].as_str().unwrap().starts_with(&stage.url(ID, "/sign-in")));

    let anna = stage.signed_in(&ANNA, ACME).await;
    let somebody = anna.browser.fetch(&stage.url(ACME, "/.bitrix-id/session")).await.json();
    assert_eq!(somebody["signed_in"], true);
    assert_eq!(somebody["email"], ANNA.email);
    assert_eq!(somebody["name"], ANNA.name);
    assert_eq!(somebody["portal"], "acme");
    for member in ["subject", "roles", "expires_at"] {
        assert!(somebody.get(member).is_some_and(|value| !value.is_null()), "{member}: {somebody}");
    }
    assert!(!stage.acme.heard_of("/.bitrix-id"));
}

#[tokio::test]
async fn a_portals_switcher_gets_the_persons_portals() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let list = anna.browser.fetch(&stage.url(ACME, "/.bitrix-id/portals")).await.json();
    let list = list.as_array().expect("a list").clone();
    assert_eq!(list.len(), 3);
    let acme = list.iter().find(|portal| portal["id"] == "acme").unwrap();
    assert_eq!(acme["current"], true);
    assert_eq!(acme["title"], "Portal acme");
    let initech = list.iter().find(|portal| portal["id"] == "initech").unwrap();
    assert_eq!(initech["current"], false);
    assert!(initech["url"].as_str().unwrap().starts_with(&stage.url(INITECH, "")), "{initech}");
    let nobody = stage.gateway.browser().fetch(&stage.url(ACME, "/.bitrix-id/portals")).await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn the_profile_is_reached_from_every_portal() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for host in [ACME, GLOBEX, INITECH] {
        let answer = stage.gateway.send(host, "GET /.bitrix-id/profile", &[WANTS_HTML], "").await;
        assert_eq!(answer.status, 302, "{host}");
        assert_eq!(answer.header("location"), Some(stage.url(ID, "/profile").as_str()), "{host}");
        let page = anna.browser.open(&stage.url(host, "/.bitrix-id/profile")).await;
        assert_eq!((page.status, page.url.as_str()), (200, stage.url(ID, "/profile").as_str()));
        assert!(page.text().contains(ANNA.email), "{host}: {}", page.text());
    }
}

#[tokio::test]
async fn the_keys_are_the_same_on_every_host() {
    let stage = Stage::empty().await;
    let central = stage.gateway.send(ID, "GET /.well-known/jwks.json", &[], "").await;
    assert_eq!(central.status, 200);
    assert!(!central.json()["keys"].as_array().unwrap().is_empty());
    for host in [ACME, INITECH] {
        let local = stage.gateway.send(host, "GET /.bitrix-id/jwks.json", &[], "").await;
        assert_eq!(local.json(), central.json());
    }
    assert!(!central.text().contains("\"d\""), "no private part");
}

#[tokio::test]
async fn nothing_under_the_gateways_prefix_reaches_an_upstream() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    for path in
        ["/.bitrix-id/", "/.bitrix-id/unknown", "/.bitrix-id/callback/x", "/.bitrix-id/session/"]
    {
        let answer =
            stage.gateway.send(ACME, &format!("GET {path}"), &[&anna.cookie_line(ACME)], "").await;
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
    assert!(!stage.acme.heard_of(".bitrix-id"));
}
