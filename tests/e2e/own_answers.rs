//! Answers the gateway gives itself: they keep the connection where that is safe, and an unread body is
//! never taken for the next request.

use std::time::Duration;

use bitrix_id_tests::stage::{ACME, ANNA, ID, Stage};

#[tokio::test]
async fn refusals_without_a_body_to_read_keep_the_connection() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut connection = stage.gateway.raw(ACME).await;
    let cookie = anna.cookie_line(ACME);
    let sequence: [(&str, &[&str], u16); 8] = [
        ("GET /a", &["Accept: text/html"], 302),
        ("GET /b", &["Accept: */*"], 401),
        ("GET /.bitrix-id/session", &[], 200),
        ("GET /.bitrix-id/jwks.json", &[], 200),
        ("GET /closed/x", &["Accept: text/html"], 403),
        ("HEAD /c", &["Accept: text/html"], 302),
        ("POST /d", &["Content-Length: 0"], 401),
        ("GET /at-last", &[&cookie], 200),
    ];
    for (line, fields, status) in sequence {
        let method = line.split(' ').next().unwrap();
        let answer = connection
            .exchange(method, stage.gateway.request(ACME, line, fields, ""))
            .await
            .unwrap();
        assert_eq!(answer.status, status, "{line}");
        assert!(!answer.closes(), "{line} closes the connection");
        assert!(answer.header("content-length").is_some() || status == 200, "{line} has no length");
    }
}

#[tokio::test]
async fn an_unread_body_is_never_run_as_a_request() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    let hidden = format!("GET /pub/hidden HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let length = hidden.len();
    let bodies = [
        format!("POST /a HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"),
        format!(
            "POST /a HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{hidden}\r\n0\r\n\r\n"
        ),
        format!(
            "POST /a HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "GET /a HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /a HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /closed/a HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /.bitrix-id/session HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /pub/../x HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{hidden}"
        ),
        format!("POST /a HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n{hidden}"),
    ];
    for bytes in bodies {
        let mut connection = stage.gateway.raw(ACME).await;
        connection.send(&bytes).await.unwrap();
        let said = String::from_utf8_lossy(&connection.rest(Duration::from_millis(700)).await)
            .into_owned();
        let finals = said.matches("HTTP/1.1 ").count() - said.matches("HTTP/1.1 100").count();
        assert_eq!(finals, 1, "one answer to {bytes:?}: {said}");
    }
    assert!(!stage.acme.heard_of("/pub/hidden"));
}

#[tokio::test]
async fn a_body_that_was_sent_later_is_not_a_request_either() {
    let stage = Stage::empty().await;
    let host = stage.gateway.authority_of(ACME);
    let hidden = format!("GET /pub/hidden HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut connection = stage.gateway.raw(ACME).await;
    let head =
        format!("POST /later HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n", hidden.len());
    let answer = connection.exchange("POST", head).await.unwrap();
    assert_eq!(answer.status, 401);
    let _ = connection.send(&hidden).await;
    let said = connection.rest(Duration::from_millis(700)).await;
    assert!(said.is_empty(), "{}", String::from_utf8_lossy(&said));
    assert!(!stage.acme.heard_of("/pub/hidden"));
}

#[tokio::test]
async fn a_small_refused_post_over_http2_ends_its_stream_cleanly() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.h2(ACME).await;
    for n in 0..5 {
        let request = connection.request("POST", &format!("/refused/{n}"));
        let answer = connection.send(request, &[b'x'; 2000], None).await.unwrap();
        assert_eq!(answer.status, 401);
        assert!(answer.json()["sign_in"].is_string(), "the body of the answer came whole");
    }
    assert_eq!(connection.get("/pub/after", &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn our_answers_carry_security_headers_and_the_upstreams_do_not_get_them() {
    let stage = Stage::start().await;
    let ours = [
        (ID, "GET /sign-in"),
        (ACME, "GET /closed/x"),
        (ACME, "GET /pub/../x"),
        (ACME, "GET /.bitrix-id/sign-out"),
        ("nobody.bitrix24.localhost", "GET /"),
    ];
    for (host, line) in ours {
        let answer =
            stage.gateway.send(host, line, &["Accept: text/html", "Accept-Language: en"], "").await;
        let policy = answer
            .header("content-security-policy")
            .unwrap_or_else(|| panic!("{host} {line}: {answer:?}"));
        for part in ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{line}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{line}");
        assert!(answer.header("referrer-policy").is_some(), "{line}");
        let hsts = answer.header("strict-transport-security").expect("HSTS");
        let age: u64 =
            hsts.trim_start_matches("max-age=").split(';').next().unwrap().parse().unwrap();
        assert!(age >= 31_536_000, "{hsts}");
    }
    let theirs = stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    for field in ["content-security-policy", "x-frame-options", "cache-control"] {
        assert_eq!(theirs.header(field), None, "{field} is the portal's business");
    }
}

#[tokio::test]
async fn an_error_page_has_a_request_id_and_shows_nothing_it_was_sent() {
    let stage = Stage::empty().await;
    let fields = ["Accept: text/html", "Accept-Language: en", "X-Evil: <script>alert(1)</script>"];
    let answer =
        stage.gateway.send(ACME, "GET /closed/secret-path?q=%3Cb%3Ecanary", &fields, "").await;
    let line = stage.gateway.logged("/closed/secret-path").await;
    assert_eq!(answer.status, 403);
    let id = line["request_id"].as_str().unwrap();
    assert!(answer.text().contains(id), "the page names {id}: {}", answer.text());
    assert!(!answer.text().contains("<script>alert") && !answer.text().contains("canary"));
}
