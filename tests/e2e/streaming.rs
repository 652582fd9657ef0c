//! Streams: events, WebSockets, uploads that are still going on.

use std::time::Duration;

use bitrix_id_tests::client::response::BodyEnd;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, ANNA, Stage};

#[tokio::test]
async fn server_sent_events_arrive_one_by_one() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Accept: text/event-stream"];
    connection.send(stage.gateway.request(ACME, "GET /pub/do/sse/3", &fields, "")).await.unwrap();
    let head = connection.head("GET").await.unwrap();
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    for n in 0..3 {
        // The next event is not made before this one has arrived.
        stage.acme.open_gate();
        let event = connection.chunk().await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&event), format!("data: {n}\n\n"));
    }
    assert_eq!(connection.chunk().await.unwrap().unwrap(), b"");
}

#[tokio::test]
async fn server_sent_events_arrive_one_by_one_over_http2() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.h2(ACME).await;
    let request = connection.request("GET", "/pub/do/sse/3").header("accept", "text/event-stream");
    let mut body = connection.start(request).await.unwrap().into_body();
    for n in 0..3 {
        stage.acme.open_gate();
        let event = tokio::time::timeout(Duration::from_secs(5), body.data())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        body.flow_control().release_capacity(event.len()).unwrap();
        assert_eq!(String::from_utf8_lossy(&event), format!("data: {n}\n\n"));
    }
}

#[tokio::test]
async fn a_websocket_echoes_and_ends_when_either_side_ends_it() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut socket = stage.echo(&anna, ACME).await;
    for text in ["one", "zwei", "три", &"long ".repeat(50_000)] {
        assert_eq!(socket.echo(text).await.unwrap(), text);
    }
    let request = stage.acme.only("/do/ws");
    assert_eq!(
        request.header("upgrade").map(|value| value.to_lowercase()),
        Some("websocket".to_owned())
    );
    assert_eq!(request.header("origin"), Some(stage.url(ACME, "")));
    assert_eq!(request.header("x-bitrix-id-email").as_deref(), Some(ANNA.email));
}

#[tokio::test]
async fn a_websocket_over_a_public_route_needs_nobody() {
    let stage = Stage::empty().await;
    let mut socket = stage.gateway.websocket(ACME, "/pub/do/ws", &[]).await.unwrap();
    assert_eq!(socket.echo("hello").await.unwrap(), "hello");
}

#[tokio::test]
async fn an_upgrade_that_the_upstream_declines_is_an_ordinary_answer() {
    let stage = Stage::empty().await;
    let fields = [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    let answer = stage.gateway.send(ACME, "GET /pub/do/status/403", &fields, "").await;
    assert_eq!((answer.status, answer.text().as_str()), (403, "scripted"));
}

#[tokio::test]
async fn an_upload_streams_before_it_is_complete() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Transfer-Encoding: chunked"];
    connection
        .send(stage.gateway.request(ACME, "POST /pub/up/do/echo", &fields, ""))
        .await
        .unwrap();
    connection.send("5\r\nfirst\r\n").await.unwrap();
    until(Duration::from_secs(5), "the first chunk is there", || async {
        stage.acme.bytes_received() == 5
    })
    .await;
    connection.send("6\r\nsecond\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(connection.response("POST").await.unwrap().text(), "firstsecond");
}

#[tokio::test]
async fn an_upstream_is_told_when_the_client_goes_away() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "GET /pub/gone/do/hang", &[], "");
    connection.send(request).await.unwrap();
    stage.acme.hears("/pub/gone").await;
    let open = stage.gateway.process().open_files();
    drop(connection);
    until(Duration::from_secs(10), "both connections are given back", || async {
        stage.gateway.process().open_files() < open
    })
    .await;
}

#[tokio::test]
async fn chunks_arrive_as_chunks_and_over_http2_as_data() {
    let stage = Stage::empty().await;
    let answer = stage.gateway.send(ACME, "GET /pub/do/chunked/3", &[], "").await;
    assert_eq!(
        (answer.end, answer.text().as_str()),
        (BodyEnd::Chunked, "chunk 0;chunk 1;chunk 2;")
    );
    let mut connection = stage.gateway.h2(ACME).await;
    let answer = connection.get("/pub/do/chunked/3", &[]).await.unwrap();
    assert_eq!(&answer.body[..], b"chunk 0;chunk 1;chunk 2;");
}
