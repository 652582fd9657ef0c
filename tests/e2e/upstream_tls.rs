//! Upstreams behind TLS: verified, or not used.

use std::sync::Arc;

use bitrix_id_tests::pki::Authority;
use bitrix_id_tests::stage::{ACME, Stage, portal};
use bitrix_id_tests::upstream::Recorder;
use bitrix_id_tests::upstream::h2::H2Upstream;

/// A portal `acme` whose upstream is at `url` and must show a certificate for `sni`.
async fn stage_to(authority: Authority, url: &str, sni: &str) -> Stage {
    let acme = portal("acme", ACME, url).key("upstream_sni", &format!("\"{sni}\""));
    Stage::with(move |setup| {
        setup.people.clear();
        setup.config.remove_portal("acme");
        setup.config.portal(acme);
        // The machine's trust store, as far as this gateway is concerned.
        let file = setup.folder().join("upstream-ca.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        setup.trust = Some(file);
    })
    .await
}

#[tokio::test]
async fn a_verified_upstream_is_used() {
    let authority = Authority::new("upstream authority");
    let config = authority.issue(&["portal.internal"]).server(&[b"http/1.1"]);
    let upstream = Recorder::start_tls("secure", config).await;
    let stage = stage_to(authority, &upstream.url(), "portal.internal").await;
    let answer = stage.gateway.send(ACME, "POST /pub/x/do/echo", &[], "body").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "body"));
    assert_eq!(upstream.only("/pub/x").header("host"), Some(stage.gateway.authority_of(ACME)));
}

#[tokio::test]
async fn an_upstream_may_agree_on_http2() {
    let authority = Authority::new("upstream authority");
    let config = authority.issue(&["portal.internal"]).server(&[b"h2"]);
    let upstream = H2Upstream::start(Some(config)).await;
    let stage = stage_to(authority, &upstream.url(), "portal.internal").await;
    let answer = stage.gateway.send(ACME, "POST /pub/x", &[], "over two").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "over two"));
    assert_eq!(upstream.calls().len(), 1);
}

#[tokio::test]
async fn a_websocket_to_an_upstream_that_prefers_http2_works() {
    let authority = Authority::new("upstream authority");
    let config = authority.issue(&["portal.internal"]).server(&[b"http/1.1"]);
    let upstream = Recorder::start_tls("secure", config).await;
    let stage = stage_to(authority, &upstream.url(), "portal.internal").await;
    let mut socket = stage.gateway.websocket(ACME, "/pub/do/ws", &[]).await.unwrap();
    assert_eq!(socket.echo("through TLS twice").await.unwrap(), "through TLS twice");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_accepted() {
    let authority = Authority::new("upstream authority");
    let config = authority.issue(&["somebody-else.internal"]).server(&[b"http/1.1"]);
    assert_not_used(authority, config).await;
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_accepted() {
    let stranger = Authority::new("stranger");
    let config = stranger.issue(&["portal.internal"]).server(&[b"http/1.1"]);
    assert_not_used(Authority::new("upstream authority"), config).await;
}

async fn assert_not_used(authority: Authority, config: Arc<rustls::ServerConfig>) {
    let upstream = Recorder::start_tls("unverified", config).await;
    let stage = stage_to(authority, &upstream.url(), "portal.internal").await;
    let answer = stage.gateway.send(ACME, "POST /pub/secret", &[], "secret").await;
    assert_eq!(answer.status, 502);
    assert!(upstream.requests().is_empty(), "not a byte of the request went there");
}
