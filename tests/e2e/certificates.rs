//! Certificates: chosen by name, replaced while running.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_tests::client::connect_tls;
use bitrix_id_tests::gateway::TestGateway;
use bitrix_id_tests::load::Load;
use bitrix_id_tests::logs::sample;
use bitrix_id_tests::pki;
use bitrix_id_tests::poll::until;
use bitrix_id_tests::stage::{ACME, INITECH, Stage};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NAMES: &[&str] = &["*.bitrix24.localhost", "*.initech.localhost", "*.wild.localhost"];

/// The leaf shown to a client that asks for `name`.
async fn shown(gateway: &TestGateway, name: &str) -> CertificateDer<'static> {
    let config = gateway.authority().client(&[b"http/1.1"]);
    let stream = connect_tls(gateway.https(), name, config).await.expect("a handshake");
    stream.get_ref().1.peer_certificates().expect("a certificate")[0].clone().into_owned()
}

#[tokio::test]
async fn the_certificate_is_chosen_by_name_wildcards_included() {
    let stage = Stage::with(|setup| {
        setup.people.clear();
        setup.names = vec!["*.bitrix24.localhost".into()];
        let own = setup.authority().issue(&["portal.initech.localhost"]);
        own.write(setup.folder(), "initech");
        let list = "[{ chain = \"tls.pem\", key = \"tls-key.pem\" }, \
                     { chain = \"initech.pem\", key = \"initech-key.pem\" }]";
        setup.config.set("tls", "certificates", list);
    })
    .await;
    let (wild, own) = (shown(&stage.gateway, ACME).await, shown(&stage.gateway, INITECH).await);
    assert_ne!(wild, own);
    assert_eq!(wild, shown(&stage.gateway, "ACME.bitrix24.localhost").await);
    assert_eq!(stage.gateway.send(INITECH, "GET /pub/x", &[], "").await.status, 200);
}

#[tokio::test]
async fn old_protocol_versions_are_not_spoken() {
    let stage = Stage::empty().await;
    // A ClientHello of TLS 1.1 by hand: record and handshake headers, version 3.2, one CBC suite.
    let hello: Vec<u8> =
        [&[0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2][..], &[0x55; 32], &[0, 0, 2, 0, 0x2f, 1, 0]]
            .concat();
    let mut connection =
        bitrix_id_tests::client::raw::RawConnection::plain(stage.gateway.https()).await.unwrap();
    connection.send(&hello).await.unwrap();
    let said = connection.rest(Duration::from_secs(2)).await;
    assert!(said.is_empty() || said[0] == 0x15, "an alert or nothing: {said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_is_swapped_under_load_without_a_failed_handshake() {
    let stage = Stage::empty().await;
    let mut target = stage.gateway.target(ACME, "/pub/load", &[]);
    target.requests_per_connection = 2;
    let load = Load::start(&target, 4);
    load.more(100).await;
    for _ in 0..5 {
        let next = stage.gateway.authority().issue(NAMES);
        stage.gateway.write_certificate(&next);
        until(Duration::from_secs(5), "the new certificate is shown", || async {
            shown(&stage.gateway, ACME).await == next.der
        })
        .await;
    }
    load.more(100).await;
    load.finish().await.expect_none_failed("5 certificate swaps under load");
}

#[tokio::test]
async fn a_key_that_does_not_belong_to_its_chain_changes_nothing() {
    let stage = Stage::empty().await;
    let before = shown(&stage.gateway, ACME).await;
    let other = stage.gateway.authority().issue(NAMES);
    let folder = stage.gateway.folder();
    for damage in ["mismatch", "empty", "garbage"] {
        match damage {
            "mismatch" => std::fs::write(folder.join("tls-key.pem"), &other.key_pem).unwrap(),
            "empty" => std::fs::write(folder.join("tls-key.pem"), "").unwrap(),
            _ => std::fs::write(folder.join("tls.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n")
                .unwrap(),
        }
        let answer = stage.gateway.admin("POST", "/config/reload").await;
        assert!(answer.status >= 400, "{damage}: {}", answer.status);
        assert_eq!(shown(&stage.gateway, ACME).await, before, "{damage}");
    }
    let failures =
        sample(&stage.gateway.metrics().await, "bitrix_id_config_reload_failures_total", &[]);
    assert!(failures.unwrap_or_default() >= 3.0, "{failures:?}");
    stage.gateway.write_certificate(&other);
    until(Duration::from_secs(5), "the good pair is shown", || async {
        shown(&stage.gateway, ACME).await == other.der
    })
    .await;
}

#[tokio::test]
async fn an_open_connection_does_not_notice_a_swap() {
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "GET /pub/x", &[], "");
    assert_eq!(connection.exchange("GET", &request).await.unwrap().status, 200);
    let next = stage.gateway.authority().issue(NAMES);
    stage.gateway.write_certificate(&next);
    until(Duration::from_secs(5), "the new certificate is shown", || async {
        shown(&stage.gateway, ACME).await == next.der
    })
    .await;
    assert_eq!(connection.exchange("GET", &request).await.unwrap().status, 200);
}

/// A client that nobody has met, of one version.
fn stranger(
    gateway: &TestGateway,
    version: &'static SupportedProtocolVersion,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(gateway.authority().der()).unwrap();
    let config = ClientConfig::builder_with_provider(pki::provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// How the client was met; it makes a request, with whose answer it gets what it shows the next time.
async fn visit(gateway: &TestGateway, client: Arc<ClientConfig>, host: &str) -> HandshakeKind {
    let mut stream = connect_tls(gateway.https(), host, client).await.unwrap();
    let request = gateway.request(host, "GET /pub/x", &["Connection: close"], "");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    stream.get_ref().1.handshake_kind().unwrap()
}

#[tokio::test]
async fn whoever_comes_back_is_known_however_many_came_meanwhile() {
    let stage = Stage::empty().await;
    for version in [&TLS13, &TLS12] {
        let client = stranger(&stage.gateway, version);
        assert_eq!(visit(&stage.gateway, client.clone(), ACME).await, HandshakeKind::Full);
        // More than a server remembers by itself, usually.
        for _ in 0..300 {
            visit(&stage.gateway, stranger(&stage.gateway, version), ACME).await;
        }
        assert_eq!(visit(&stage.gateway, client, ACME).await, HandshakeKind::Resumed);
    }
}
