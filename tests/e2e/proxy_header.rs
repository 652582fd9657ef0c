//! Behind a balancer that passes connections on: who the client is, says the PROXY header.

use std::time::Duration;

use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::client::tls_over;
use bitrix_id_tests::logs::total;
use bitrix_id_tests::poll::{STEP, within};
use bitrix_id_tests::stage::{ACME, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A gateway whose only balancer is this machine.
async fn behind_a_balancer(per_address: u32) -> Stage {
    Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "proxy_protocol", "[\"127.0.0.0/8\"]");
        setup.config.set("server", "max_connections_per_address", per_address.to_string());
        setup.config.set("server", "header_timeout", "\"1s\"");
    })
    .await
}

async fn announced(stage: &Stage, header: &[u8]) -> TcpStream {
    let mut tcp = TcpStream::connect(stage.gateway.https()).await.unwrap();
    tcp.write_all(header).await.unwrap();
    tcp
}

async fn over_tls(stage: &Stage, header: &[u8]) -> std::io::Result<RawConnection> {
    let tcp = announced(stage, header).await;
    let config = stage.gateway.authority().client(&[b"http/1.1"]);
    let tls = within(STEP, "a TLS handshake", tls_over(tcp, ACME, config)).await?;
    Ok(RawConnection::over(tls))
}

/// `192.0.2.7:54321`, with a value of a kind that we do not know behind it.
fn version_2() -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10".to_vec();
    header.extend_from_slice(&[192, 0, 2, 7, 10, 0, 0, 1, 0xd4, 0x31, 0x01, 0xbb, 0xee, 0, 1, 7]);
    header
}

#[tokio::test]
async fn the_client_is_who_the_balancer_says() {
    let stage = behind_a_balancer(100).await;
    for (path, header, client) in [
        ("/pub/one", b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 443\r\n".to_vec(), "192.0.2.7"),
        ("/pub/two", version_2(), "192.0.2.7"),
        ("/pub/six", b"PROXY TCP6 2001:db8::7 ::1 54321 443\r\n".to_vec(), "2001:db8::7"),
        ("/pub/own", b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
    ] {
        let mut connection = over_tls(&stage, &header).await.unwrap();
        let request = stage.gateway.request(ACME, &format!("GET {path}"), &[], "");
        assert_eq!(connection.exchange("GET", &request).await.unwrap().status, 200, "{path}");
        assert_eq!(stage.acme.only(path).all_folded("x-forwarded-for"), [client]);
        assert_eq!(stage.gateway.logged(path).await["client_ip"], client);
    }
}

#[tokio::test]
async fn a_connection_of_the_balancer_without_a_header_is_closed() {
    let stage = behind_a_balancer(100).await;
    assert!(over_tls(&stage, b"").await.is_err(), "TLS from its first byte");
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PROXY TCP4 192.0.2.7", b""] {
        let mut tcp = announced(&stage, bytes).await;
        let ended = tokio::time::timeout(STEP, tcp.read(&mut [0])).await;
        assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{bytes:?}: {ended:?}");
    }
}

#[tokio::test]
async fn clients_are_counted_and_not_their_balancer() {
    let stage = behind_a_balancer(2).await;
    let greedy = b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 443\r\n";
    let _held = [over_tls(&stage, greedy).await.unwrap(), over_tls(&stage, greedy).await.unwrap()];
    assert!(over_tls(&stage, greedy).await.is_err(), "there is no third place");
    let metrics = stage.gateway.metrics().await;
    assert!(total(&metrics, "bitrix_id_connections_refused_total", &[]) >= 1.0, "{metrics}");
    for _ in 0..3 {
        let other = b"PROXY TCP4 192.0.2.8 10.0.0.1 54321 443\r\n";
        over_tls(&stage, other).await.expect("another client has places of its own");
    }
}

#[tokio::test]
async fn nobody_else_chooses_an_address() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.config.set("server", "proxy_protocol", "[\"10.0.0.0/8\"]");
    })
    .await;
    let header = b"PROXY TCP4 192.0.2.7 10.0.0.1 54321 443\r\n";
    assert!(over_tls(&stage, header).await.is_err(), "it is no TLS");
    let mut plain = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "GET /pub/x", &[], "");
    let bytes = [&header[..], request.as_bytes()].concat();
    assert_eq!(plain.exchange("GET", bytes).await.unwrap().status, 400);
    assert!(!stage.acme.heard_of("/pub/x"));
    tokio::time::timeout(Duration::from_secs(10), stage.gateway.send(ACME, "GET /pub/y", &[], ""))
        .await
        .expect("a client without a header is served");
}
