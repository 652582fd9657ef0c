//! What takes the whole machine: gigabytes, ten thousand handshakes, hand-over under load. Run alone.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_tests::client::raw::RawConnection;
use bitrix_id_tests::client::websocket::WebSocket;
use bitrix_id_tests::client::{h2, tls_over};
use bitrix_id_tests::import;
use bitrix_id_tests::load::Load;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::process::command;
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use bytes::Bytes;
use futures_util::future::join_all;
use http::Request;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;

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

/// Slow clients of two kinds: what each costs while it is there, and what is left when all are gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crowds_that_take_their_time_take_little_memory_and_leave_it() {
    let stage = Stage::empty().await;
    for (what, begin, most_kib) in [
        ("slow bodies", "POST /pub/slow HTTP/1.1\r\nContent-Length: 65536\r\n", 130),
        ("slow readers", "GET /pub/do/download/4194304 HTTP/1.1\r\n", 320),
    ] {
        let request = format!("{begin}Host: {}\r\n\r\n", stage.gateway.authority_of(ACME));
        let before = settled(&stage).await;
        let mut crowd = Vec::new();
        for _ in 0..CROWD {
            let mut connection = RawConnection::over(narrow(&stage, b"http/1.1").await);
            connection.send(&request).await.unwrap();
            if what == "slow bodies" {
                connection.send("x").await.unwrap();
            }
            crowd.push(connection);
        }
        let with_crowd = settled(&stage).await;
        drop(crowd);
        until(STEP, "all of them are gone", async || {
            stage.gateway.metrics().await.contains("\nbitrix_id_connections_open 0\n")
        })
        .await;
        let taken = with_crowd.saturating_sub(before);
        let resident = || stage.gateway.process().resident_kib();
        let most = before + taken / 2 + 16 * 1024;
        until(STEP, "most of it is given back", async || resident() < most).await;
        println!(
            "{CROWD} {what}: {before} KiB before, {with_crowd} KiB with them, {} KiB each; {} KiB afterwards",
            taken / CROWD,
            settled(&stage).await
        );
        assert!(taken / CROWD < most_kib, "{what}");
    }
}

/// The same over HTTP/2, by clients that promise to take whatever comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_nobody_reads_take_little_memory() {
    const STREAMS: u64 = 40;
    let stage = Stage::empty().await;
    let before = settled(&stage).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD / STREAMS {
        let connection = narrow(&stage, b"h2").await;
        let mut promise = ::h2::client::Builder::new();
        promise.initial_window_size(1 << 30).initial_connection_window_size(1 << 30);
        let (mut sender, mut connection) = promise.handshake::<_, Bytes>(connection).await.unwrap();
        let url = format!("{}/pub/do/download/4194304", stage.url(ACME, ""));
        let asked: Vec<_> = (0..STREAMS)
            .map(|_| sender.send_request(Request::get(&url).body(()).unwrap(), true).unwrap())
            .collect();
        // Just long enough to send that.
        let driven = tokio::time::timeout(Duration::from_millis(20), &mut connection).await;
        assert!(driven.is_err(), "it goes on");
        crowd.push((sender, connection, asked));
    }
    let taken = settled(&stage).await.saturating_sub(before);
    println!("{CROWD} streams that nobody reads: {} KiB each", taken / CROWD);
    assert!(taken / CROWD < 350, "{taken} KiB");
}

const CROWD: u64 = 400;

/// A connection whose client's system takes next to nothing that is not read.
async fn narrow(stage: &Stage, protocol: &[u8]) -> TlsStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let tcp = socket.connect(stage.gateway.https()).await.unwrap();
    tls_over(tcp, ACME, stage.gateway.authority().client(&[protocol])).await.unwrap()
}

/// Resident memory once it has stopped changing.
async fn settled(stage: &Stage) -> u64 {
    let mut resident = stage.gateway.process().resident_kib();
    let mut unchanged = 0;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = stage.gateway.process().resident_kib();
        unchanged = if now.abs_diff(resident) < 256 { unchanged + 1 } else { 0 };
        if unchanged == 0 {
            resident = now;
        }
        if unchanged == 10 {
            break;
        }
    }
    resident
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
