//! `/.bitrix-id/auth`: a proxy that asks about each request, as nginx's `auth_request` does.

use bitrix_id_tests::client::response::Response;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, Stage};

const ASK: &str = "GET /.bitrix-id/auth";
/// What a browser sent to the proxy goes along with its question.
const PASSED_ON: [&str; 3] =
    ["Accept: text/html,*/*;q=0.8", "Sec-Fetch-Mode: navigate", "X-Original-URI: /closed/x"];

async fn ask(stage: &Stage, host: &str, fields: &[&str]) -> Response {
    stage.gateway.send(host, ASK, &[&PASSED_ON, fields].concat(), "").await
}

#[tokio::test]
async fn nobody_is_turned_away_with_the_address_of_the_sign_in_and_never_redirected() {
    let stage = Stage::start().await;
    for cookie in ["Accept-Language: en", "Cookie: __Host-bitrix-id=x", "Cookie: a=b"] {
        let answer = ask(&stage, ACME, &[cookie]).await;
        assert_eq!(answer.status, 401, "{cookie}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let sign_in = answer.json()["sign_in"].as_str().expect("a sign_in member").to_owned();
        assert!(sign_in.starts_with(&stage.url(ID, "/sign-in?state=")), "{sign_in}");
        assert_eq!(answer.header("x-bitrix-id-subject"), None);
    }
    let line = stage.gateway.logged("/.bitrix-id/auth").await;
    assert_eq!(line["decision"], "sign_in", "{line}");
}

#[tokio::test]
async fn a_member_passes_with_the_document_of_their_session() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let answer = ask(&stage, ACME, &[&cookie]).await;
    let session = stage.gateway.send(ACME, "GET /.bitrix-id/session", &[&cookie], "").await;
    assert_eq!((answer.status, answer.json()), (200, session.json()));
    assert_eq!(answer.json()["email"], ANNA.email);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(ask(&stage, GLOBEX, &[&cookie]).await.status, 401, "another host's token");
    assert!(!stage.acme.heard_of("/.bitrix-id"));
}

#[tokio::test]
async fn the_answer_tells_who_it_is_and_holds_no_credential_for_anybody() {
    // A balancer is a trusted proxy as well, and every browser asks through it.
    let stage = Stage::with(|setup| {
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
    })
    .await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    let claims = ["X-Bitrix-Id-Subject: forged", "X-Bitrix-Id-Title: forged", &cookie];
    let answer = ask(&stage, ACME, &claims).await;
    stage.gateway.send(ACME, "GET /told", &[&cookie], "").await;
    let upstream = stage.acme.only("/told");
    assert_eq!(answer.status, 200);
    for name in ["subject", "email", "name", "portal"] {
        let name = format!("x-bitrix-id-{name}");
        assert!(answer.header(&name).is_some(), "{name}: {answer:?}");
        assert_eq!(answer.header(&name), upstream.header(&name).as_deref(), "{name}");
    }
    for name in ["title", "session", "assertion", "portal-user"] {
        assert_eq!(answer.header(&format!("x-bitrix-id-{name}")), None, "{name}");
    }
    assert!(upstream.header("x-bitrix-id-assertion").is_some());
}

#[tokio::test]
async fn who_does_not_belong_to_the_portal_is_refused() {
    let mut stage = Stage::with(|setup| setup.people = vec![BORIS]).await;
    let boris = stage.visitor_on(&BORIS, &[ACME, GLOBEX]).await;
    assert_eq!(ask(&stage, ACME, &[&boris.cookie_line(ACME)]).await.status, 200);
    let answer = ask(&stage, GLOBEX, &[&boris.cookie_line(GLOBEX)]).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(
        (&answer.json()["email"], &answer.json()["portal"]),
        (&BORIS.email.into(), &"globex".into())
    );
    assert_eq!(answer.header("x-bitrix-id-subject"), None);
    stage.gateway.stop().await;
    let log = stage.gateway.access_log();
    let refused = log.iter().find(|line| line["status"] == 403).expect("a line of it");
    assert_eq!(
        (&refused["decision"], &refused["reason"]),
        (&"refuse".into(), &"not_a_member".into())
    );
}

#[tokio::test]
async fn a_session_that_has_ended_does_not_pass_any_more() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    // One connection, as a proxy keeps it, which has just shown the same token.
    let mut connection = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, ASK, &[&cookie], "");
    assert_eq!(connection.exchange("GET", &request).await.unwrap().status, 200);
    let out = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    anna.browser.send(&out, &out.form("/.bitrix-id/sign-out"), &[]).await;
    let answer = connection.exchange("GET", &request).await.unwrap();
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("x-bitrix-id-subject"), None);
}

#[tokio::test]
async fn only_reading_asks() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    for method in ["POST", "PUT", "DELETE"] {
        let line = format!("{method} /.bitrix-id/auth");
        assert_eq!(stage.gateway.send(ACME, &line, &[&cookie], "").await.status, 405, "{method}");
    }
    let head = stage.gateway.send(ACME, "HEAD /.bitrix-id/auth", &[&cookie], "").await;
    assert_eq!((head.status, head.text().len()), (200, 0));
    let elsewhere = stage.gateway.send(ID, ASK, &[&cookie], "").await;
    assert_eq!(elsewhere.status, 404, "the Bitrix ID host is no portal");
}

#[tokio::test]
async fn the_portals_own_access_counts_and_a_closed_or_open_path_does_not() {
    let stage = Stage::with(|setup| setup.people = vec![BORIS]).await;
    let boris = stage.visitor_on(&BORIS, &[ACME, GLOBEX]).await;
    let cookie = boris.cookie_line(GLOBEX);
    for path in ["/pub/x", "/anyone/x", "/maybe/x"] {
        let about = [format!("X-Original-URI: {path}"), format!("X-Forwarded-Uri: {path}")];
        let fields = [about[0].as_str(), about[1].as_str(), &cookie];
        assert_eq!(stage.gateway.send(GLOBEX, ASK, &fields, "").await.status, 403, "{path}");
        assert_eq!(stage.gateway.send(GLOBEX, ASK, &fields[..2], "").await.status, 401, "{path}");
    }
}
