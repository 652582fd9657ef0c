//! Proxying that nobody notices.

use std::time::{Duration, Instant};

use bitrix_id_tests::client::response::BodyEnd;
use bitrix_id_tests::config_text::quoted;
use bitrix_id_tests::stage::{ACME, Stage, portal};
use bitrix_id_tests::upstream::h2::H2Upstream;
use http::{HeaderMap, HeaderValue};

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    for n in 0..20 {
        let request = stage.gateway.request(ACME, &format!("GET /pub/{n}"), &[], "");
        let answer = connection.exchange("GET", request).await.unwrap();
        assert_eq!((answer.status, answer.closes()), (200, false));
    }
    assert!(
        stage.acme.connections() < 10,
        "upstream connections are reused: {}",
        stage.acme.connections()
    );
}

#[tokio::test]
async fn http2_streams_run_side_by_side() {
    let stage = Stage::empty().await;
    let mut slow = stage.gateway.h2(ACME).await;
    let request = slow.request("GET", "/pub/waiting/do/gate");
    let waiting = slow.start(request);
    let fast = async {
        stage.acme.hears("/pub/waiting").await;
        let mut other = stage.gateway.h2(ACME).await;
        assert_eq!(other.get("/pub/fast", &[]).await.unwrap().status, 200);
        stage.acme.open_gate();
    };
    let (waited, ()) = tokio::join!(waiting, fast);
    assert_eq!(waited.unwrap().status(), 200);
}

#[tokio::test]
async fn head_has_the_length_and_no_body() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "HEAD /pub/h", &[], "");
    let answer = connection.exchange("HEAD", request).await.unwrap();
    assert_eq!((answer.status, answer.end), (200, BodyEnd::Absent));
    assert!(answer.header("content-length").unwrap().parse::<u32>().unwrap() > 0);
    let next = stage.gateway.request(ACME, "GET /pub/after", &[], "");
    assert_eq!(
        connection.exchange("GET", next).await.unwrap().status,
        200,
        "nothing was left over"
    );
}

#[tokio::test]
async fn answers_without_a_body_keep_the_connection() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    for status in [204, 304, 204, 200, 404, 500] {
        let request = stage.gateway.request(ACME, &format!("GET /pub/do/status/{status}"), &[], "");
        assert_eq!(connection.exchange("GET", request).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn ranges_pass_both_ways() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "GET /pub/do/range", &["Range: bytes=2-5"], "").await;
    assert_eq!((answer.status, answer.text().as_str()), (206, "2345"));
    assert_eq!(answer.header("content-range"), Some("bytes 2-5/10"));
    let whole = stage.gateway.send(ACME, "GET /pub/do/range", &[], "").await;
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
}

#[tokio::test]
async fn bodies_pass_byte_for_byte_with_a_length_and_in_chunks() {
    let stage = Stage::empty().await;
    let body: String = (0..50_000).map(|n| format!("{n:06};")).collect();
    let answer = stage.gateway.send(ACME, "POST /pub/sized/do/echo", &[], &body).await;
    assert!(answer.text() == body, "the echo of a sized body");
    assert_eq!(stage.acme.only("/pub/sized").body_bytes, body.len() as u64);

    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Transfer-Encoding: chunked"];
    connection
        .send(stage.gateway.request(ACME, "POST /pub/chunks/do/echo", &fields, ""))
        .await
        .unwrap();
    for piece in body.as_bytes().chunks(7001) {
        connection.send(format!("{:x};ext=1\r\n", piece.len())).await.unwrap();
        connection.send(piece).await.unwrap();
        connection.send("\r\n").await.unwrap();
    }
    connection.send("0\r\n\r\n").await.unwrap();
    let answer = connection.response("POST").await.unwrap();
    assert!(answer.text() == body, "the echo of a chunked body");

    let mut connection = stage.gateway.h2(ACME).await;
    let answer = connection
        .send(connection.request("POST", "/pub/two/do/echo"), body.as_bytes(), None)
        .await
        .unwrap();
    assert!(answer.body == body.as_bytes(), "the echo of an HTTP/2 body");
}

#[tokio::test]
async fn expect_100_continue_is_answered_by_the_upstream() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Expect: 100-continue", "Content-Length: 4"];
    connection.send(stage.gateway.request(ACME, "PUT /pub/do/expect", &fields, "")).await.unwrap();
    assert_eq!(connection.head("PUT").await.unwrap().status, 100);
    connection.send("body").await.unwrap();
    assert_eq!(connection.response("PUT").await.unwrap().status, 200);
    assert_eq!(stage.acme.only("/pub/do/expect").body, b"body");
}

#[tokio::test]
async fn a_refused_upload_is_told_before_it_is_sent() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Expect: 100-continue", "Content-Length: 1000000"];
    connection
        .send(stage.gateway.request(ACME, "PUT /pub/do/refuse-body", &fields, ""))
        .await
        .unwrap();
    assert_eq!(connection.response("PUT").await.unwrap().status, 413);
}

#[tokio::test]
async fn grpc_passes_with_its_trailers_both_ways() {
    let grpc = H2Upstream::start(None).await;
    let url = format!("[\"{}\"]", grpc.url());
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().route_with("/grpc/", "public", &[("upstreams", &url)]);
    })
    .await;
    let mut connection = stage.gateway.h2(ACME).await;
    let request = connection
        .request("POST", "/grpc/demo.Greeter/Hello")
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("abc"));
    let answer = connection.send(request, b"\0\0\0\0\x02hi", Some(trailers)).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(&answer.body[..], b"\0\0\0\0\x02hi");
    let ending = answer.trailers.expect("trailers");
    assert_eq!(ending.get("grpc-status").unwrap(), "0");
    assert_eq!(ending.get("grpc-message").unwrap(), "fine");
    let call = grpc.calls().remove(0);
    assert_eq!(call.header("content-type"), Some("application/grpc"));
    assert_eq!(call.header("te"), Some("trailers"), "gRPC servers insist on it");
    assert_eq!(&call.body[..], b"\0\0\0\0\x02hi");
}

#[tokio::test]
async fn the_upstreams_own_fields_pass_and_hop_by_hop_ones_do_not() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "GET /pub/do/headers", &[], "").await;
    assert_eq!(answer.header("x-portal"), Some("yes"));
    for gone in ["x-nominated", "keep-alive", "alt-svc"] {
        assert_eq!(answer.header(gone), None, "{gone}");
    }
    let mut connection = stage.gateway.h2(ACME).await;
    let answer = connection.get("/pub/do/headers", &[]).await.unwrap();
    assert_eq!(answer.header("x-portal"), Some("yes"));
    assert_eq!(answer.header("connection"), None);
}

#[tokio::test]
async fn an_upstream_that_dies_in_the_middle_is_seen_to_have_died() {
    let stage = Stage::empty().await;
    for how in ["length", "chunked"] {
        let path = format!("/pub/do/die/{how}");
        let answer = stage.gateway.send(ACME, &format!("GET {path}"), &[], "").await;
        assert_eq!((answer.status, answer.end), (200, BodyEnd::Cut), "{how}");
        assert_eq!(answer.text(), "only this");
        let mut connection = stage.gateway.h2(ACME).await;
        assert!(connection.get(&path, &[]).await.is_err(), "no clean end over HTTP/2: {how}");
    }
    let metrics = stage.gateway.metrics().await;
    let failures = bitrix_id_tests::logs::total(
        &metrics,
        "bitrix_id_upstream_failures_total",
        &["portal=\"acme\""],
    );
    assert!(failures >= 1.0, "{metrics}");
}

#[tokio::test]
async fn an_upstream_that_does_not_speak_http_is_a_bad_gateway() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "GET /pub/do/broken", &["Accept: text/html"], "").await;
    assert_eq!(answer.status, 502);
    assert!(!answer.text().contains("SSH-2.0") && answer.header("content-length").is_some());
}

#[tokio::test]
async fn an_upstream_that_is_too_slow_is_given_up_at_the_configured_time() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().route_with("/pub/hurry/", "public", &[("read_timeout", "\"1s\"")]);
    })
    .await;
    let started = Instant::now();
    let answer =
        stage.gateway.send(ACME, "GET /pub/hurry/do/hang", &["Accept: text/html"], "").await;
    assert_eq!(answer.status, 504, "{}", answer.text());
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(900) && took < Duration::from_secs(5), "{took:?}");
    let patient = stage.gateway.send(ACME, "GET /pub/do/slow/1500", &[], "").await;
    assert_eq!(patient.status, 200, "another route has its own time");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_a_length() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().route_with("/pub/small/", "public", &[("body_limit", "\"1KiB\"")]);
    })
    .await;
    let fits = "x".repeat(1024);
    assert_eq!(stage.gateway.send(ACME, "POST /pub/small/fits", &[], &fits).await.status, 200);
    let over = "x".repeat(1025);
    assert_eq!(stage.gateway.send(ACME, "POST /pub/small/sized", &[], &over).await.status, 413);
    assert!(!stage.acme.heard_of("/pub/small/sized"), "refused by its length alone");

    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Transfer-Encoding: chunked"];
    let head = stage.gateway.request(ACME, "POST /pub/small/chunks", &fields, "");
    let answer = connection
        .exchange("POST", format!("{head}800\r\n{}\r\n0\r\n\r\n", "x".repeat(2048)))
        .await;
    assert_eq!(answer.unwrap().status, 413);
    let taken = stage.acme.marked("/pub/small/chunks");
    assert!(taken.iter().all(|request| !request.complete), "the upstream saw no clean end");

    let mut connection = stage.gateway.h2(ACME).await;
    let answer =
        connection.send(connection.request("POST", "/pub/small/two"), over.as_bytes(), None).await;
    assert_eq!(answer.unwrap().status, 413);
}

#[tokio::test]
async fn an_upstream_named_by_host_name_is_found() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        let old = setup.config.render();
        let at = old.find("upstreams = [\"http://127.0.0.1:").unwrap();
        let port: String = old[at + 31..].chars().take_while(char::is_ascii_digit).collect();
        setup.config.remove_portal("acme");
        setup.config.portal(portal("acme", ACME, &format!("http://localhost:{port}")));
        setup.config.set("identity", "name", quoted("Bitrix ID"));
    })
    .await;
    assert_eq!(stage.gateway.send(ACME, "GET /pub/named", &[], "").await.status, 200);
    assert!(stage.acme.heard_of("/pub/named"));
}
