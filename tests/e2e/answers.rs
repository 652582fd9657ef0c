//! The right answer to each kind of request: the contract's table.

use bitrix_id_tests::client::response::Response;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, GLOBEX, ID, INITECH, Stage};

const WANTS_HTML: &str = "Accept: text/html,*/*;q=0.8";

fn is_redirect_to_sign_in(stage: &Stage, answer: &Response) -> bool {
    let target = answer.header("location").unwrap_or_default();
    answer.status == 302 && target.starts_with(&stage.url(ID, "/sign-in?state="))
}

fn assert_problem(stage: &Stage, answer: &Response) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["status"], 401);
    let sign_in = problem["sign_in"].as_str().expect("a sign_in member");
    assert!(sign_in.starts_with(&stage.url(ID, "/sign-in?state=")), "{sign_in}");
}

#[tokio::test]
async fn a_navigation_goes_to_sign_in_and_leaves_a_nonce_behind() {
    let stage = Stage::empty().await;
    let cases: [(&str, &[&str]); 4] = [
        ("GET /nav", &["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", WANTS_HTML]),
        ("GET /nav", &["Sec-Fetch-Mode: navigate"]),
        ("GET /nav", &[WANTS_HTML]),
        ("HEAD /nav", &[WANTS_HTML]),
    ];
    for (line, fields) in cases {
        let answer = stage.gateway.send(ACME, line, fields, "").await;
        assert!(is_redirect_to_sign_in(&stage, &answer), "{line} {fields:?}: {answer:?}");
        assert!(
            answer.all("set-cookie").iter().any(|field| field.starts_with("__Host-bitrix-id-hop-"))
        );
        assert_eq!(answer.header("content-length"), Some("0"));
    }
    assert!(!stage.acme.heard_of("/nav"));
}

#[tokio::test]
async fn a_script_gets_a_problem_with_the_address_of_the_sign_in() {
    let stage = Stage::empty().await;
    let cases: [(&str, &[&str], &str); 8] = [
        ("GET /xhr", &["Sec-Fetch-Mode: cors", "Accept: application/json"], ""),
        ("GET /xhr", &["Sec-Fetch-Mode: cors", WANTS_HTML], ""),
        ("GET /xhr", &["Sec-Fetch-Mode: no-cors", WANTS_HTML], ""),
        ("GET /xhr", &["Accept: */*"], ""),
        ("GET /xhr", &[], ""),
        ("POST /xhr", &["Content-Type: application/json", "Sec-Fetch-Mode: cors"], "{}"),
        ("DELETE /xhr", &[WANTS_HTML], ""),
        (
            "OPTIONS /xhr",
            &["Origin: https://elsewhere.localhost", "Access-Control-Request-Method: PUT"],
            "",
        ),
    ];
    for (line, fields, body) in cases {
        let answer = stage.gateway.send(ACME, line, fields, body).await;
        assert_problem(&stage, &answer);
    }
    assert!(!stage.acme.heard_of("/xhr"));
}

#[tokio::test]
async fn the_same_over_http2() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.h2(ACME).await;
    let page = connection
        .get("/two", &[("accept", "text/html"), ("sec-fetch-mode", "navigate")])
        .await
        .unwrap();
    assert_eq!(page.status, 302);
    assert!(page.header("location").unwrap().starts_with(&stage.url(ID, "/sign-in?state=")));
    let script = connection.get("/two", &[("accept", "*/*")]).await.unwrap();
    assert_eq!(script.status, 401);
    assert!(script.json()["sign_in"].is_string());
    let post = connection.send(connection.request("POST", "/two"), b"body", None).await.unwrap();
    assert_eq!(post.status, 401);
    assert!(!stage.acme.heard_of("/two"));
}

#[tokio::test]
async fn the_sign_in_of_a_script_leads_back_to_the_page_it_runs_on() {
    let stage = Stage::start().await;
    let browser = stage.gateway.browser();
    let referer = stage.url(ACME, "/board?week=7");
    let request =
        browser.script(reqwest::Method::GET, &stage.url(ACME, "/api")).header("referer", &referer);
    let refusal = browser.answer(request).await;
    assert_eq!(refusal.status, 401);
    let form = browser.open(refusal.json()["sign_in"].as_str().unwrap()).await;
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!((page.url.as_str(), page.status), (referer.as_str(), 200));
}

#[tokio::test]
async fn a_websocket_without_a_session_is_refused_before_the_upstream_is_asked() {
    let stage = Stage::empty().await;
    let origin = stage.url(ACME, "");
    for fields in [vec![("Origin", origin.as_str())], vec![]] {
        let Err(answer) = stage.gateway.websocket(ACME, "/unsigned/do/ws", &fields).await else {
            panic!("a WebSocket was opened without a session")
        };
        assert_eq!(answer.status, 401);
    }
    assert!(!stage.acme.heard_of("/unsigned"));
}

#[tokio::test]
async fn a_websocket_from_another_origin_is_refused_before_the_upstream_is_asked() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie(ACME);
    for origin in
        ["https://evil.example", "null", &stage.url(GLOBEX, ""), &format!("http://{ACME}")]
    {
        let fields = [("Cookie", cookie.as_str()), ("Origin", origin)];
        let Err(answer) = stage.gateway.websocket(ACME, "/foreign/do/ws", &fields).await else {
            panic!("a WebSocket was opened from {origin}")
        };
        assert_eq!(answer.status, 403, "{origin}");
    }
    assert!(!stage.acme.heard_of("/foreign"));
}

#[tokio::test]
async fn a_stranger_to_a_portal_is_told_who_they_are_and_which_portals_they_have() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let page = boris.browser.open(&stage.url(GLOBEX, "/private")).await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert_eq!(page.url.as_str(), stage.url(GLOBEX, "/private"));
    for said in [BORIS.email, "Portal globex", &stage.url(ACME, "")] {
        assert!(page.text().contains(said), "{said} is not on the page: {}", page.text());
    }
    let script = boris.browser.fetch(&stage.url(GLOBEX, "/private")).await;
    assert_eq!(script.status, 403);
    assert_eq!(script.header("content-type"), Some("application/problem+json"));
    assert!(!stage.globex.heard_of("/private"));
}

#[tokio::test]
async fn access_says_who_may_pass_each_kind_of_route() {
    let stage = Stage::with_people(&[BORIS]).await;
    let boris = stage.visitor_on(&BORIS, &[ACME, GLOBEX]).await;
    // Path, then status: signed out by script, member, signed in without a profile there.
    let table = [
        ("/", 401, 200, 403),
        ("/pub/x", 200, 200, 200),
        ("/hook/x", 200, 200, 200),
        ("/maybe/x", 200, 200, 200),
        ("/anyone/x", 401, 200, 200),
        ("/closed/x", 403, 403, 403),
    ];
    for (path, anonymous, member, stranger) in table {
        let line = format!("GET {path}");
        let nobody = stage.gateway.send(ACME, &line, &[], "").await;
        assert_eq!(nobody.status, anonymous, "nobody at {path}");
        let known = stage.gateway.send(ACME, &line, &[&boris.cookie_line(ACME)], "").await;
        assert_eq!(known.status, member, "a member at {path}");
        let unknown = stage.gateway.send(GLOBEX, &line, &[&boris.cookie_line(GLOBEX)], "").await;
        assert_eq!(unknown.status, stranger, "a stranger at {path}");
    }
    assert!(!stage.acme.heard_of("/closed") && !stage.globex.heard_of("/closed"));
}

#[tokio::test]
async fn an_own_auth_route_never_redirects_and_keeps_authorization() {
    let stage = Stage::empty().await;
    let fields = ["Authorization: Bearer portal-own", WANTS_HTML, "Sec-Fetch-Mode: navigate"];
    let answer = stage.gateway.send(ACME, "POST /hook/in", &fields, "payload").await;
    assert_eq!(answer.status, 200);
    let request = stage.acme.only("/hook/in");
    assert_eq!(request.header("authorization").as_deref(), Some("Bearer portal-own"));
    assert_eq!(request.body, b"payload");
}

#[tokio::test]
async fn an_unknown_host_gets_404_and_no_cookie() {
    let stage = Stage::empty().await;
    for line in ["GET /", "POST /", "GET /.bitrix-id/session"] {
        let answer = stage.gateway.send("nobody.bitrix24.localhost", line, &[WANTS_HTML], "").await;
        assert_eq!(answer.status, 404, "{line}");
        assert!(answer.all("set-cookie").is_empty());
        assert!(answer.header("location").is_none());
    }
}

#[tokio::test]
async fn a_host_that_the_server_name_does_not_stand_for_gets_421() {
    let stage = Stage::empty().await;
    for (name, host) in [(ACME, GLOBEX), (GLOBEX, ACME), (ACME, ID), (ID, INITECH)] {
        let request = stage.gateway.request(host, "GET /pub/x", &[WANTS_HTML], "");
        let answer = stage.gateway.raw(name).await.exchange("GET", request).await.unwrap();
        assert_eq!(answer.status, 421, "{host} over a connection for {name}");
        assert!(answer.all("set-cookie").is_empty());
    }
    for host in ["127.0.0.1", "localhost", "[::1]", "evil.example"] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{WANTS_HTML}\r\n\r\n");
        let answer = stage.gateway.raw(ACME).await.exchange("GET", request).await.unwrap();
        assert!(matches!(answer.status, 404 | 421), "{host}: {}", answer.status);
        assert!(answer.all("set-cookie").is_empty());
    }
    assert!(!stage.acme.heard_of("/pub/x") && !stage.globex.heard_of("/pub/x"));
}

#[tokio::test]
async fn each_http2_stream_is_judged_by_its_own_authority() {
    let stage = Stage::empty().await;
    let config = stage.gateway.authority().client(&[b"h2"]);
    let other = stage.gateway.authority_of(GLOBEX);
    let address = stage.gateway.https();
    let mut connection =
        bitrix_id_tests::client::h2::H2Connection::open(address, ACME, &other, config)
            .await
            .unwrap();
    assert_eq!(connection.get("/pub/coalesced", &[]).await.unwrap().status, 421);
    assert!(!stage.globex.heard_of("/pub/coalesced"));
}

#[tokio::test]
async fn trace_and_connect_are_refused_and_overrides_mean_nothing() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "TRACE /pub/t", &["Max-Forwards: 0"], "").await;
    assert_eq!(answer.status, 405);
    let target = format!("CONNECT {ACME}:443");
    let answer = stage.gateway.send(ACME, &target, &[], "").await;
    assert!(matches!(answer.status, 400 | 405), "{}", answer.status);
    for field in
        ["X-HTTP-Method-Override: GET", "X-Method-Override: OPTIONS", "X-HTTP-Method: HEAD"]
    {
        let answer = stage.gateway.send(ACME, "POST /over", &[field], "a=b").await;
        assert_eq!(answer.status, 401, "{field}");
    }
    assert!(!stage.acme.heard_of("/over") && !stage.acme.heard_of("/pub/t"));
}

#[tokio::test]
async fn a_plain_listener_redirects_to_https_with_path_and_query() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.with_http();
    })
    .await;
    let mut connection =
        bitrix_id_tests::client::raw::RawConnection::plain(stage.gateway.http()).await.unwrap();
    let request = format!("GET /pub/a?b=c HTTP/1.1\r\nHost: {ACME}\r\n\r\n");
    let answer = connection.exchange("GET", request).await.unwrap();
    assert!(matches!(answer.status, 301 | 308), "{}", answer.status);
    assert_eq!(answer.header("location"), Some(stage.url(ACME, "/pub/a?b=c").as_str()));
    assert!(!stage.acme.heard_of("/pub/a"));
}
