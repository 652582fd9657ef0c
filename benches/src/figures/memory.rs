//! What a connection and a token cost while nothing happens on them.

use std::process::Command;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::version::TLS13;

use super::cores::beside_the_load;
use super::pace::Connection;
use super::tls_client::{TlsClient, TlsConnection};
use super::tokens::Mint;
use super::{Effort, Figure, Section};
use crate::scene::{Scene, USUAL};
use crate::upstream;

/// Both, on a gateway each.
pub(crate) async fn section(_effort: &Effort) -> Section {
    let (connections, per_connection) = idle_connections().await;
    let (in_use, at_rest) = remembered_tokens().await;
    let kib = |bytes: f64| format!("{:.1}", bytes / 1024.0);
    Section {
        title: "Resident memory",
        method: METHOD,
        figures: vec![
            Figure::new(
                format!("idle TLS connection, of {connections}, KiB"),
                "<= 40",
                kib(per_connection),
            ),
            Figure::new(format!("remembered token, of {REMEMBERED}, KiB"), "<= 1.5", kib(at_rest)),
            Figure::new("the same, with what upstreams are told, KiB".to_owned(), "", kib(in_use)),
        ],
    }
}

/// How many there were, and bytes of each.
async fn idle_connections() -> (usize, f64) {
    let wanted = raise_descriptor_limit();
    let mut scene = Scene::prepare_over_tls(upstream::start().await, USUAL).await;
    let mut config = scene.gateway.config();
    config.set("server", "keepalive", "\"1h\"");
    config.set("server", "max_connections_per_address", "100000");
    scene.gateway.write_config(config);
    scene.start().await;
    let request = scene.signed_in_request();
    let client = TlsClient::new(&scene.gateway, request, &TLS13, Resumption::disabled());
    let first = open(&client, WARM_UP).await;
    let before = settled_bytes(&scene).await;
    let connections = open(&client, wanted).await;
    let after = settled_bytes(&scene).await;
    let count = connections.len();
    drop((first, connections));
    scene.gateway.stop().await;
    (count, (after - before) / count as f64)
}

async fn open(client: &TlsClient, count: usize) -> Vec<TlsConnection> {
    let client = client.clone();
    beside_the_load(move || (0..count).map(|_| client.visit(200)).collect()).await
}

/// Bytes of each, just shown and some minutes later.
async fn remembered_tokens() -> (f64, f64) {
    let mut scene = Scene::prepare(upstream::start().await, USUAL).await;
    scene.start().await;
    let mint = Mint::of(&scene).await;
    show(&scene, &mint, WARM_UP).await;
    let before = settled_bytes(&scene).await;
    for _ in 0..SHOWN / BATCH {
        show(&scene, &mint, BATCH).await;
    }
    let in_use = settled_bytes(&scene).await;
    tokio::time::sleep(ASSERTION_IN_USE).await;
    // A worker gives memory back as it goes on working.
    show(&scene, &mint, WARM_UP).await;
    let at_rest = settled_bytes(&scene).await;
    scene.gateway.stop().await;
    ((in_use - before) / REMEMBERED as f64, (at_rest - before) / REMEMBERED as f64)
}

async fn show(scene: &Scene, mint: &Mint, count: usize) {
    let request = |cookie| scene.request(&[&format!("Cookie: {cookie}")]);
    let requests: Vec<String> = mint.cookies(count).map(request).collect();
    let address = scene.gateway.http();
    beside_the_load(move || {
        let mut connection = Connection::open(address);
        requests.iter().for_each(|request| connection.ask(request, 200));
    })
    .await;
}

/// Resident, once what the last requests needed has been given back.
async fn settled_bytes(scene: &Scene) -> f64 {
    tokio::time::sleep(SETTLE).await;
    scene.gateway.process().resident_kib() as f64 * 1024.0
}

/// Lets this process and those it starts open as many files as the system allows; how many connections
/// that is good for, 10,000 at most.
fn raise_descriptor_limit() -> usize {
    let pid = std::process::id().to_string();
    let hard = Command::new("prlimit")
        .args(["--pid", &pid, "--nofile", "--output", "HARD", "--noheadings", "--raw"])
        .output()
        .expect("prlimit is part of util-linux");
    let hard: usize = String::from_utf8_lossy(&hard.stdout).trim().parse().unwrap_or(1024);
    let raised =
        Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={hard}:")]).status();
    assert!(raised.is_ok_and(|status| status.success()), "the soft limit may be raised");
    // The gateway keeps more than half of its descriptors for upstreams, and some for itself.
    (hard / 16 * 7).saturating_sub(WARM_UP + 128).min(10_000)
}

/// Before measuring: threads have their stacks, pools and tables their first entries.
const WARM_UP: usize = 100;
/// What the gateway has room for.
const REMEMBERED: usize = 100_000;
/// Room is in sets; with twice as many tokens as there is room for, nearly every set is full.
const SHOWN: usize = 2 * REMEMBERED;
const BATCH: usize = 10_000;
const SETTLE: Duration = Duration::from_secs(2);
/// Half an assertion's life, and the time between two looks at what has got old.
const ASSERTION_IN_USE: Duration = Duration::from_secs(150 + 15);

const METHOD: &str = "Growth of the process's resident memory, divided by the number of what was added. \
Connections: TLS 1.3, each after one signed-in request, then idle; there are fewer than 10,000 where the \
limit of open files is low. Tokens: twice as many as the gateway has room for, each valid, of another person \
in another session, and shown once; what upstreams are told of a person is kept for as long as it may be told, \
which is half the life of the assertion in it.";
