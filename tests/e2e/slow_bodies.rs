//! Bodies that come in drops.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use bitrix_id_tests::poll::within;
use bitrix_id_tests::stage::{ACME, Stage};
use bytes::Bytes;

/// Longer than the time in which nobody is hurried.
const LONG_ENOUGH: Duration = Duration::from_secs(24);
const DROP_EVERY: Duration = Duration::from_millis(500);

async fn with_two_rates() -> Stage {
    Stage::with(|setup| {
        setup.people.clear();
        let acme = setup.config.portal_mut("acme");
        *acme = acme.clone().route_with("/pub/patient/", "public", &[("min_body_rate", "\"0B\"")]);
    })
    .await
}

/// Sends a chunked body byte by byte; the status of the answer that came before its end, if any.
async fn drip(stage: &Stage, line: &str, fields: &[&str]) -> Option<u16> {
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = [&["Transfer-Encoding: chunked"], fields].concat();
    connection.send(stage.gateway.request(ACME, line, &fields, "")).await.unwrap();
    let started = Instant::now();
    while started.elapsed() < LONG_ENOUGH {
        if connection.send("1\r\nx\r\n").await.is_err() {
            break;
        }
        let answer = tokio::time::timeout(DROP_EVERY, connection.response("POST")).await;
        if let Ok(answer) = answer {
            return Some(answer.expect("an answer, and not only an end").status);
        }
    }
    connection.send("0\r\n\r\n").await.unwrap();
    assert_eq!(connection.response("POST").await.unwrap().status, 200, "{line}");
    None
}

/// The same over HTTP/2.
async fn drip_over_two(stage: &Stage) -> Option<u16> {
    let mut connection = stage.gateway.h2(ACME).await;
    let request = connection.request("POST", "/pub/two");
    let (answer, mut body) = connection.begin(request).await.unwrap();
    let drops = async {
        loop {
            if body.send_data(Bytes::from_static(b"x"), false).is_err() {
                return std::future::pending::<()>().await;
            }
            tokio::time::sleep(DROP_EVERY).await;
        }
    };
    tokio::select! {
        answer = answer => Some(answer.expect("an answer, and not only a reset").status().as_u16()),
        () = drops => None,
        () = tokio::time::sleep(LONG_ENOUGH) => None,
    }
}

/// Holds a body of this many bytes back until it is asked for it, and some time longer; then sends the first byte
/// and, if there is no answer to that, the rest. The status of the answer.
async fn held_back(stage: &Stage, path: &str, dawdle: Duration) -> u16 {
    const LENGTH: usize = 4000;
    let mut connection = stage.gateway.raw(ACME).await;
    let fields = ["Expect: 100-continue", &format!("Content-Length: {LENGTH}")];
    let line = format!("POST {path}");
    connection.send(stage.gateway.request(ACME, &line, &fields, "")).await.unwrap();
    let asked = within(LONG_ENOUGH * 3, "the body is asked for", async {
        loop {
            match connection.head("POST").await {
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                asked => return asked.unwrap(),
            }
        }
    });
    assert_eq!(asked.await.status, 100, "{path}");
    tokio::time::sleep(dawdle).await;
    connection.send("x").await.unwrap();
    let answer = tokio::time::timeout(DROP_EVERY * 4, connection.response("POST")).await;
    if let Ok(answer) = answer {
        return answer.unwrap().status;
    }
    connection.send("x".repeat(LENGTH - 1)).await.unwrap();
    connection.response("POST").await.unwrap().status
}

#[tokio::test]
async fn who_was_told_to_wait_is_not_charged_for_it_and_who_dawdles_then_is() {
    let stage = with_two_rates().await;
    let late = format!("/pub/late/do/expect/{}", LONG_ENOUGH.as_millis());
    let (told, dawdles) = tokio::join!(
        held_back(&stage, &late, Duration::ZERO),
        held_back(&stage, "/pub/dawdles/do/expect", LONG_ENOUGH),
    );
    assert_eq!((told, dawdles), (200, 408));
    assert_eq!(stage.gateway.logged("/pub/dawdles/do/expect").await["reason"], "body_too_slow");
}

#[tokio::test]
async fn a_body_that_comes_in_drops_is_given_up() {
    let stage = with_two_rates().await;
    let grpc = ["Content-Type: application/grpc+proto"];
    let (slow, slow_over_two, patient, grpc) = tokio::join!(
        drip(&stage, "POST /pub/one", &[]),
        drip_over_two(&stage),
        drip(&stage, "POST /pub/patient/x", &[]),
        drip(&stage, "POST /pub/grpc", &grpc),
    );
    assert_eq!(slow, Some(408));
    assert_eq!(slow_over_two, Some(408));
    assert_eq!((patient, grpc), (None, None), "these may be slow");
    assert_eq!(stage.gateway.logged("/pub/one").await["reason"], "body_too_slow");
    let given_up = stage.acme.marked("/pub/one");
    assert!(given_up.iter().all(|request| !request.complete), "the upstream saw no clean end");
}
