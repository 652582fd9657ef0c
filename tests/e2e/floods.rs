//! HTTP/2 frames that cost the sender little. Whoever floods is shut out or served at leisure; everybody else
//! hardly notices, and memory stays where it was.

use std::time::{Duration, Instant};

use bitrix_id_tests::client::raw_h2::{self, RawH2};
use bitrix_id_tests::stage::{ACME, Stage};

/// RFC 9113 section 6.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// Frames that each flood sends at most; the sender stops when the connection is closed.
const FRAMES: u32 = 20_000;
/// How long, at least.
const FLOODED: Duration = Duration::from_secs(2);
/// What a flood may add to resident memory, in KiB.
const GROWTH_KIB: u64 = 32 * 1024;
/// The slowest answer that a bystander may get, however loaded the machine is.
const NOTICED: Duration = Duration::from_secs(3);

/// Repeats a flood, on a new connection each time, beside somebody who goes on working.
async fn bystander_beside(stage: &Stage, what: &str, flood: impl AsyncFn()) {
    let before = stage.gateway.process().resident_kib();
    let mut bystander = stage.gateway.raw(ACME).await;
    let request = stage.gateway.request(ACME, "GET /pub/x", &[], "");
    let (mut worst, mut answers) = (Duration::ZERO, 0);
    let work = async {
        loop {
            let asked = Instant::now();
            assert_eq!(bystander.exchange("GET", &request).await.unwrap().status, 200, "{what}");
            worst = worst.max(asked.elapsed());
            answers += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let started = Instant::now();
    let mut connections = 0;
    let floods = async {
        while started.elapsed() < FLOODED {
            flood().await;
            connections += 1;
        }
    };
    tokio::select! {
        () = floods => {}
        () = work => {}
    }
    let after = stage.gateway.process().resident_kib();
    println!(
        "{what}, {connections} connections: {answers} answers, the slowest {worst:?}; \
         VmRSS {before} -> {after} KiB"
    );
    assert!(answers > 0, "{what}");
    assert!(worst < NOTICED, "{what}: an answer took {worst:?}");
    assert!(after < before + GROWTH_KIB, "{what}: {before} KiB grew to {after} KiB");
    assert_eq!(stage.gateway.send(ACME, "GET /pub/x", &[], "").await.status, 200, "{what}");
}

/// Sends what `frame` gives for each number until all are sent or the connection is closed.
async fn send_all(
    connection: &mut RawH2,
    frame: impl Fn(u32) -> (u8, u8, u32, Vec<u8>),
) -> std::io::Result<()> {
    for number in 0..FRAMES {
        let (kind, flags, stream, payload) = frame(number);
        let send = connection.frame(kind, flags, stream, &payload);
        // Not read any more is as good as closed.
        match tokio::time::timeout(Duration::from_secs(10), send).await {
            Ok(sent) => sent?,
            Err(_) => break,
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_opened_and_reset_wear_nobody_out() {
    let stage = Stage::empty().await;
    let authority = stage.gateway.authority_of(ACME);
    let flood = async || {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        for _ in 0..FRAMES {
            let fields = raw_h2::request("GET", &authority, "/pub/do/hang");
            let Ok(stream) = connection.headers(&fields, true).await else { return };
            if connection.frame(RST_STREAM, 0, stream, &CANCEL).await.is_err() {
                return;
            }
        }
        panic!("the connection was not closed (CVE-2023-44487)");
    };
    bystander_beside(&stage, "rapid reset", flood).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_never_ends_is_cut_off() {
    let stage = Stage::empty().await;
    let flood = async || {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        // A literal field of a kilobyte, never indexed.
        let mut field = vec![0x10, 1, b'a', 127, 0x81, 7];
        field.extend_from_slice(&[b'x'; 1024]);
        let first = connection.frame(HEADERS, 0, 1, &field).await;
        let sent = first.is_ok()
            && send_all(&mut connection, |_| (CONTINUATION, 0, 1, field.clone())).await.is_ok();
        assert!(!sent, "the connection was not closed (CVE-2024-27316)");
    };
    bystander_beside(&stage, "CONTINUATION", flood).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_say_nothing_change_nothing() {
    let stage = Stage::empty().await;
    let authority = stage.gateway.authority_of(ACME);
    let empty_data = async || {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        let fields = raw_h2::request("POST", &authority, "/pub/empty");
        let stream = connection.headers(&fields, false).await.unwrap();
        let _closed = send_all(&mut connection, |_| (DATA, 0, stream, Vec::new())).await;
    };
    bystander_beside(&stage, "empty DATA", empty_data).await;
    let settings = async || {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        // SETTINGS_INITIAL_WINDOW_SIZE, another one each time.
        let window = |number: u32| [&[0, 4][..], &(number + 1).to_be_bytes()].concat();
        let _closed = send_all(&mut connection, |n| (SETTINGS, 0, 0, window(n))).await;
    };
    bystander_beside(&stage, "SETTINGS", settings).await;
    let pings = async || {
        let mut connection = stage.gateway.raw_h2(ACME).await;
        let _closed = send_all(&mut connection, |_| (PING, 0, 0, vec![7; 8])).await;
    };
    bystander_beside(&stage, "PING", pings).await;
}
