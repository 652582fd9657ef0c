//! What takes the whole machine: gigabytes, ten thousand handshakes, hand-over under load. Run alone.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_tests::client::h2;
use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::client::websocket::WebSocket;
use bitrix_id_tests::import;
use bitrix_id_tests::load::Load;
use bitrix_id_tests::process::command;
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use futures_util::future::join_all;

use crate::lifecycle::hand_over_done;

const TWO_GIB: u64 = 2 * 1024 * 1024 * 1024;
/// What streaming may add to resident memory, in KiB.
const GROWTH_KIB: u64 = 48 * 1024;

/// Runs `work` while watching the gateway's memory; prints and bounds it.
async fn with_flat_memory(stage: &Stage, what: &str, bytes: u64, work: impl Future<Output = ()>) {
    let before = stage.gateway.process().resident_kib();
    let peak = AtomicU64::new(before);
    let watch = async {
        loop {
            peak.fetch_max(stage.gateway.process().resident_kib(), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let started = Instant::now();
    tokio::select! {
        () = work => {}
        () = watch => {}
    }
    let (peak, seconds) = (peak.load(Ordering::Relaxed), started.elapsed().as_secs_f64());
    println!(
        "{what}: VmRSS {before} KiB before, {peak} KiB at most, {:.0} MiB/s",
        bytes as f64 / seconds / 1024.0 / 1024.0
    );
    assert!(peak < before + GROWTH_KIB, "{what}: {before} KiB grew to {peak} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gib_stream_each_way_with_flat_memory() {
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    with_flat_memory(&stage, "2 GiB download", TWO_GIB, download(&stage, &anna.cookie_line(ACME)))
        .await;
    with_flat_memory(&stage, "2 GiB upload", TWO_GIB, upload(&stage, &anna.cookie_line(ACME)))
        .await;
}

async fn download(stage: &Stage, cookie: &str) {
    let mut connection = stage.gateway.raw(ACME).await;
    let line = format!("GET /do/download/{TWO_GIB}");
    connection.send(stage.gateway.request(ACME, &line, &[cookie], "")).await.unwrap();
    let head = connection.head("GET").await.unwrap();
    assert_eq!(head.status, 200);
    let mut received = 0;
    while received < TWO_GIB {
        let piece = connection.some(usize::MAX).await.unwrap();
        assert!(!piece.is_empty(), "cut after {received} bytes");
        received += piece.len() as u64;
    }
    assert_eq!(received, TWO_GIB);
}

async fn upload(stage: &Stage, cookie: &str) {
    let mut connection = stage.gateway.raw(ACME).await;
    let length = format!("Content-Length: {TWO_GIB}");
    connection
        .send(stage.gateway.request(ACME, "POST /upload", &[cookie, &length], ""))
        .await
        .unwrap();
    let block = vec![b'u'; 256 * 1024];
    for _ in 0..TWO_GIB / block.len() as u64 {
        connection.send(&block).await.unwrap();
    }
    assert_eq!(connection.response("POST").await.unwrap().status, 200);
    assert_eq!(stage.acme.only("POST /upload").body_bytes, TWO_GIB);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quarter_gib_streams_each_way_over_http2_with_flat_memory() {
    const SIZE: u64 = 256 * 1024 * 1024;
    let stage = Stage::empty().await;
    let mut connection = stage.gateway.h2(ACME).await;
    let download = async {
        let request = connection.request("GET", &format!("/pub/do/download/{SIZE}"));
        let mut body = connection.start(request).await.unwrap().into_body();
        assert_eq!(h2::count(&mut body).await.unwrap(), SIZE);
    };
    with_flat_memory(&stage, "HTTP/2 download", SIZE, download).await;
    let upload = async {
        let request = connection.request("POST", "/pub/upload");
        let (answer, mut stream) = connection.begin(request).await.unwrap();
        h2::upload(&mut stream, SIZE).await.unwrap();
        assert_eq!(answer.await.unwrap().status(), 200);
        assert_eq!(stage.acme.only("POST /pub/upload").body_bytes, SIZE);
    };
    with_flat_memory(&stage, "HTTP/2 upload", SIZE, upload).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_holds_the_upstream_back() {
    let stage = Stage::empty().await;
    let waiting = async {
        let mut over_two = stage.gateway.h2(ACME).await;
        let request = over_two.request("GET", &format!("/pub/do/download/{TWO_GIB}"));
        let unread = over_two.start(request).await.unwrap();
        let mut over_one = stage.gateway.raw(ACME).await;
        let line = format!("GET /pub/do/download/{TWO_GIB}");
        over_one.send(stage.gateway.request(ACME, &line, &[], "")).await.unwrap();
        assert_eq!(over_one.head("GET").await.unwrap().status, 200);
        // Without back pressure a second is enough for a gigabyte.
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop((unread, over_one));
    };
    with_flat_memory(&stage, "two clients that do not read", 0, waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_websocket_handshakes_succeed_under_load() {
    const EACH: usize = 1250;
    const CLIENTS: usize = 8;
    let stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let load = Load::start(&stage.gateway.target(ACME, "/pub/load", &[]), 2);
    let started = Instant::now();
    // One client configuration, so that TLS sessions are resumed as a browser would.
    let tls = stage.gateway.authority().client(&[b"http/1.1"]);
    let (address, host) = (stage.gateway.https(), stage.gateway.authority_of(ACME));
    let (cookie, origin) = (anna.cookie(ACME), stage.url(ACME, ""));
    let clients = (0..CLIENTS).map(|client| {
        let (tls, host, cookie, origin) =
            (Arc::clone(&tls), host.clone(), cookie.clone(), origin.clone());
        tokio::spawn(async move {
            for n in 0..EACH {
                let connection = RawConnection::tls(address, ACME, Arc::clone(&tls))
                    .await
                    .expect("a connection");
                let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
                let opened = WebSocket::open(connection, &host, "/do/ws", &fields).await;
                let mut socket =
                    opened.unwrap_or_else(|answer| panic!("client {client}, {n}: {answer:?}"));
                let said = format!("{client}/{n}");
                let echo = socket.echo(&said).await;
                assert_eq!(
                    echo.unwrap_or_else(|error| panic!("client {client}, {n}: {error}")),
                    said
                );
            }
        })
    });
    for client in join_all(clients).await {
        client.expect("every handshake and echo succeeds");
    }
    println!("{} WebSocket handshakes in {:.1} s", EACH * CLIENTS, started.elapsed().as_secs_f64());
    load.finish().await.expect_none_failed("requests beside them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_ten_thousand_fails_while_binaries_are_replaced() {
    let mut stage = Stage::with(|setup| {
        setup.config.set("server", "drain", "\"4s\"");
    })
    .await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let load = Load::start(&stage.gateway.target(ACME, "/load", &[&anna.cookie_line(ACME)]), 6);
    load.more(1000).await;
    for _ in 0..2 {
        stage.gateway.start_process(&["--upgrade"]);
        hand_over_done(&mut stage).await;
        load.more(1000).await;
    }
    while load.done() < 10_500 {
        load.more(200).await;
    }
    load.finish().await.expect_none_failed("two hand-overs under load");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_slow_clients_does_not_slow_the_others() {
    let stage = Stage::empty().await;
    let before = stage.gateway.process().resident_kib();
    let mut crowd = Vec::new();
    for _ in 0..400 {
        let mut connection = stage.gateway.raw(ACME).await;
        connection.send("GET /pub/x HTTP/1.1\r\nHost: ").await.unwrap();
        crowd.push(connection);
    }
    let mut slowest = Duration::ZERO;
    for n in 0..100 {
        let started = Instant::now();
        assert_eq!(stage.gateway.send(ACME, &format!("GET /pub/{n}"), &[], "").await.status, 200);
        slowest = slowest.max(started.elapsed());
    }
    let with_crowd = stage.gateway.process().resident_kib();
    println!(
        "400 slow clients: slowest request {slowest:?}, {} KiB each",
        (with_crowd - before.min(with_crowd)) / 400
    );
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
}

const PEOPLE: u64 = 100_000;

#[tokio::test]
async fn a_hundred_thousand_people_are_imported_within_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let (config, file) = (folder.path().join("bitrix-id.toml"), folder.path().join("people.csv"));
    std::fs::write(&config, crate::import::CONFIG).unwrap();
    std::fs::write(&file, import::people(PEOPLE)).unwrap();
    let (config, file) = (config.to_str().unwrap(), file.to_str().unwrap());
    let arguments = ["portal", "import-users", "acme", file, "--config", config];
    for (what, counts) in [
        ("new", "100000 added, 0 changed, 0 unchanged, 0 skipped, 0 refused"),
        ("unchanged", "0 added, 0 changed, 100000 unchanged, 0 skipped, 0 refused"),
    ] {
        let started = Instant::now();
        let child = command(&arguments, &[])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let peak = most_memory_kib(child.id().unwrap());
        let (output, peak) = tokio::join!(child.wait_with_output(), peak);
        let (output, seconds) = (output.unwrap(), started.elapsed().as_secs_f64());
        println!(
            "import of {PEOPLE} {what} rows: {seconds:.1} s, {:.0} rows/s, {} MiB at most",
            PEOPLE as f64 / seconds,
            peak / 1024
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("acme: {counts}\n"));
        assert!(seconds < 60.0, "{what}: {seconds} s");
    }
}

/// The most memory that a process held, asked for until it is gone.
async fn most_memory_kib(pid: u32) -> u64 {
    let mut most = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        // A process that has ended and was not waited for has none of these lines.
        let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:")) else {
            return most;
        };
        most = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(most);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
