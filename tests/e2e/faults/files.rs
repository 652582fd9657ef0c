//! Files that are wrong or change while everybody works: configuration, certificates, keys.

use std::time::Duration;

use bitrix_id_tests::client::connect_tls;
use bitrix_id_tests::door::Door;
use bitrix_id_tests::logs::sample;
use bitrix_id_tests::poll::{STEP, eventually, until};
use bitrix_id_tests::stage::{ACME, ANNA, ID};
use bitrix_id_tests::watch::Watch;
use bitrix_id_tests::watch::signed_in::Works;
use rustls_pki_types::CertificateDer;

use super::{A_WHILE, Pair};

/// What the newest look at the files came to, in the words of metrics.
async fn refused(door: &Door) -> bool {
    let metrics = door.admin("/metrics").await.unwrap().text();
    sample(&metrics, "bitrix_id_config_refused", &[]) == Some(1.0)
}

async fn until_refused(pair: &Pair, wanted: bool) {
    for door in pair.doors() {
        until(STEP, "it is told what became of the files", async || refused(&door).await == wanted)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_is_broken() {
    let mut pair = Pair::start().await;
    let mut watch = Watch::over(&pair.stage, &pair.sibling).await;
    let (good, path) = (pair.stage.gateway.config(), pair.stage.gateway.config_path());
    let other = pair.stage.gateway.folder().join("sibling.toml");
    let good_there = std::fs::read_to_string(&other).unwrap();
    watch.fault_begins();
    for broken in ["[[portal", "\n[surprise]\nkey = 1\n", "\u{0}", ""] {
        let damaged = |text: &str| match broken {
            "" => String::new(),
            broken => format!("{text}{broken}"),
        };
        std::fs::write(&path, damaged(&good.render())).unwrap();
        std::fs::write(&other, damaged(&good_there)).unwrap();
        until_refused(&pair, true).await;
    }
    watch.until_entered(2).await;
    watch.until_it_lasted(A_WHILE).await;
    pair.stage.gateway.write_config(good);
    pair.sibling.write_config(|_| {});
    let doors = pair.doors();
    watch.heals_when(async || !refused(&doors[0]).await && !refused(&doors[1]).await).await;
    let row = watch.end(&pair.stage, "a_configuration_is_broken").await;
    row.held();
    assert_eq!((row.come_again, row.said.len()), (0, 0), "nobody noticed");
}

/// The leaf that a gateway shows.
async fn shown(pair: &Pair, door: &Door) -> CertificateDer<'static> {
    let config = pair.stage.gateway.authority().client(&[b"http/1.1"]);
    let stream = connect_tls(door.https(), ACME, config).await.expect("a handshake");
    stream.get_ref().1.peer_certificates().expect("a certificate")[0].clone().into_owned()
}

/// First a key that does not belong to its certificate, as between the two writes of a renewal; then pair after
/// pair.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_swapped() {
    let pair = Pair::start().await;
    let gateway = &pair.stage.gateway;
    let mut watch = Watch::over(&pair.stage, &pair.sibling).await;
    let names = ["*.bitrix24.localhost", "*.initech.localhost"];
    let before = shown(&pair, &pair.doors()[0]).await;
    watch.fault_begins();
    let next = gateway.authority().issue(&names);
    std::fs::write(gateway.folder().join("tls-key.pem"), &next.key_pem).unwrap();
    until_refused(&pair, true).await;
    for door in pair.doors() {
        assert_eq!(shown(&pair, &door).await, before, "the old pair stays");
    }
    for _ in 0..3 {
        let next = gateway.authority().issue(&names);
        gateway.write_certificate(&next);
        for door in pair.doors() {
            until(STEP, "the new pair is shown", async || shown(&pair, &door).await == next.der)
                .await;
        }
        watch.until_entered(1).await;
    }
    let doors = pair.doors();
    watch.heals_when(async || !refused(&doors[0]).await && !refused(&doors[1]).await).await;
    let row = watch.end(&pair.stage, "certificates_are_swapped").await;
    row.held();
    assert_eq!((row.come_again, row.said.len()), (0, 0), "nobody noticed");
}

/// On schedule nobody notices, not even by a token; at once browsers fetch new ones without a question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_rotated() {
    let pair = Pair::start().await;
    let old = pair.stage.signed_in(&ANNA, ACME).await.cookie_line(ACME);
    let mut watch = Watch::by(&pair.stage, &pair.sibling, ACME, Works::ByBrowser).await;
    watch.fault_begins();
    let _ = pair.stage.gateway.cli(&["keys", "rotate"], "").await.expect_success();
    for door in pair.doors() {
        eventually(STEP, "both keys are published", async || {
            let keys = door.get(ID, "/.well-known/jwks.json", "X-Nobody: 1").await.ok()?.json();
            (keys["keys"].as_array().map(Vec::len) == Some(2)).then_some(())
        })
        .await;
        let answer = door.get(ACME, "/by-the-old-key", &old).await.unwrap();
        assert_eq!(answer.status, 200, "what the old key signed counts");
    }
    watch.until_entered(1).await;
    let _ = pair.stage.gateway.cli(&["keys", "rotate", "--now"], "").await.expect_success();
    for door in pair.doors() {
        until(STEP, "the old key's token is refused", async || {
            let answer = door.get(ACME, "/by-the-old-key", &old).await;
            answer.is_ok_and(|answer| answer.status == 401)
        })
        .await;
    }
    watch.until_it_lasted(Duration::from_secs(1)).await;
    watch.heals().await;
    let row = watch.end(&pair.stage, "keys_are_rotated").await;
    row.held();
    assert_eq!((row.come_again, row.said.len()), (0, 0), "nobody noticed");
}
