//! How many connections a client may hold.

use std::time::Duration;

use bitrix_id_tests::logs::total;
use bitrix_id_tests::poll::STEP;
use bitrix_id_tests::stage::{ACME, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Whether the other side ended a connection on which nothing was ever sent.
async fn is_ended(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut byte)).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn clients_that_never_finish_tls_are_counted_as_well() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "max_connections_per_address", "8");
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(TcpStream::connect(stage.gateway.https()).await.unwrap());
    }
    bitrix_id_tests::poll::until(Duration::from_secs(10), "eight places are taken", || async {
        let metrics = stage.gateway.metrics().await;
        total(&metrics, "bitrix_id_connections_open", &[]) >= 8.0
    })
    .await;

    let mut ninth = TcpStream::connect(stage.gateway.https()).await.unwrap();
    assert!(is_ended(&mut ninth).await, "there is no ninth place");
    let metrics = stage.gateway.metrics().await;
    assert!(total(&metrics, "bitrix_id_connections_refused_total", &[]) >= 1.0, "{metrics}");

    silent.clear();
    bitrix_id_tests::poll::until(Duration::from_secs(10), "a place is free again", || async {
        let mut next = TcpStream::connect(stage.gateway.https()).await.unwrap();
        !is_ended(&mut next).await
    })
    .await;
    let answer = stage.gateway.send(ACME, "GET /pub/x", &[], "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_handshake_has_as_long_as_a_head() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "header_timeout", "\"1s\"");
    })
    .await;
    let mut silent = TcpStream::connect(stage.gateway.https()).await.unwrap();
    // A record that promises more than it brings.
    silent.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    let mut byte = [0];
    let ended = tokio::time::timeout(STEP, silent.read(&mut byte)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed_and_one_in_use_stays() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "keepalive", "\"1s\"");
    })
    .await;
    let request = stage.gateway.request(ACME, "GET /pub/x", &[], "");
    let (mut idle, mut used) = (stage.gateway.raw(ACME).await, stage.gateway.raw(ACME).await);
    assert_eq!(idle.exchange("GET", &request).await.unwrap().status, 200);
    let started = std::time::Instant::now();
    let mut closed = false;
    while !closed && started.elapsed() < STEP {
        assert_eq!(used.exchange("GET", &request).await.unwrap().status, 200);
        closed = idle.closes_within(Duration::from_millis(100)).await;
    }
    assert!(closed, "open after {:?}", started.elapsed());
    assert!(started.elapsed() >= Duration::from_millis(900), "{:?}", started.elapsed());
    assert_eq!(used.exchange("GET", &request).await.unwrap().status, 200);
}
