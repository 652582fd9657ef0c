//! Two versions at once: gateways are replaced by those of the next version, whose schema is another one, and by
//! the old ones again. Run alone.
//!
//! The next version is a program of its own, `gateway/examples/next-version`: this build, which knows one
//! migration more. docs/decisions/0020-two-versions-at-once.md says what that shows.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis;
use bitrix_id_tests::balancer::Balancer;
use bitrix_id_tests::client::browser::Browser;
use bitrix_id_tests::client::websocket::WebSocket;
use bitrix_id_tests::database;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::load::Load;
use bitrix_id_tests::newcomers::Newcomers;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::process::{binary, next_version};
use bitrix_id_tests::stage::{ACME, ANNA, Stage, Visitor};
use sqlx::Row as _;
use tokio::task::JoinHandle;

use crate::lifecycle::hand_over_done;

/// Signed-in requests of each of the two tests.
const REQUESTS: u64 = 25_000;
const WORKERS: usize = 6;
/// How long a gateway finishes what it has.
const DRAIN: Duration = Duration::from_secs(3);
/// How long it says before that it is not ready.
const NOTICE: Duration = Duration::from_secs(1);
/// How much later than it should something may happen on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

const NEWEST: &str = "SELECT max(version) FROM schema_versions";
/// Accounts without what the next version's migration adds.
const INCOMPLETE: &str = "SELECT count(*) FROM accounts WHERE initial IS NULL";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_are_replaced_one_by_one_by_the_next_version_and_back() {
    let redis = redis::own().await;
    let mut fleet = Fleet::with(&redis.url(), bounded).await;
    let old_schema = number(&fleet, NEWEST).await;
    let anna = fleet.stage.signed_in(&ANNA, ACME).await;
    let balancer = balancer(&fleet).await;
    let mut target = fleet.stage.gateway.target(ACME, "/load", &[&anna.cookie_line(ACME)]);
    target.address = balancer.address();
    let load = Load::start(&target, WORKERS);
    let authority = fleet.stage.gateway.authority().clone();
    let newcomers = Newcomers::start(&fleet.stage, move || Browser::on(BALANCER, &authority));
    newcomers.more(1).await;

    replace_first(&mut fleet, &balancer, &anna, next_version()).await;
    assert_eq!(number(&fleet, NEWEST).await, old_schema + 1);
    // The other one is of the version before, and so are the commands.
    newcomers.more(2).await;
    until(STEP, "what the old version writes is completed by the next", async || {
        number(&fleet, INCOMPLETE).await == 0
    })
    .await;
    replace_second(&mut fleet, &balancer, &anna, next_version()).await;
    newcomers.more(1).await;

    replace_first(&mut fleet, &balancer, &anna, binary()).await;
    assert_warned(&fleet.stage.gateway.process().errors(), old_schema);
    newcomers.more(1).await;
    replace_second(&mut fleet, &balancer, &anna, binary()).await;
    assert_warned(&fleet.sibling.process().errors(), old_schema);
    newcomers.more(1).await;

    finish(load, "four gateways replaced behind a balancer").await;
    newcomers.finish().await;
    assert_eq!(number(&fleet, NEWEST).await, old_schema + 1, "nothing was undone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_handed_over_to_the_next_version_and_back() {
    let mut stage = Stage::with(bounded).await;
    let old_schema = stored(&stage, NEWEST).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let load =
        Load::start(&stage.gateway.target(ACME, "/load", &[&anna.cookie_line(ACME)]), WORKERS);
    let authority = stage.gateway.authority().clone();
    let newcomers = Newcomers::start(&stage, move || Browser::new(&authority));
    newcomers.more(1).await;

    hand_over(&mut stage, &anna, next_version()).await;
    assert_eq!(stored(&stage, NEWEST).await, old_schema + 1);
    newcomers.more(2).await;
    until(STEP, "what commands of the old version write is completed", async || {
        stored(&stage, INCOMPLETE).await == 0
    })
    .await;
    hand_over(&mut stage, &anna, binary()).await;
    assert_warned(&stage.gateway.process().errors(), old_schema);
    newcomers.more(1).await;
    hand_over(&mut stage, &anna, next_version()).await;
    newcomers.more(1).await;

    finish(load, "three hand-overs").await;
    newcomers.finish().await;
    assert_eq!(stored(&stage, NEWEST).await, old_schema + 1, "nothing was undone");
}

fn bounded(setup: &mut Setup) {
    let seconds = |span: Duration| format!("\"{}s\"", span.as_secs());
    setup.config.set("server", "drain", seconds(DRAIN)).set(
        "server",
        "readiness_delay",
        seconds(NOTICE),
    );
}

/// A balancer before both gateways, which takes both for ready.
async fn balancer(fleet: &Fleet) -> Balancer {
    let (first, second) = (&fleet.stage.gateway, &fleet.sibling);
    let address = SocketAddr::from((BALANCER, first.https().port()));
    let behind = [(first.https(), first.admin_address()), (second.address, second.admin_address())];
    let balancer = Balancer::start(address, &behind).await;
    all_ready(&balancer).await;
    balancer
}

async fn all_ready(balancer: &Balancer) {
    until(STEP, "both take requests", async || balancer.ready() == [true, true]).await;
}

async fn replace_first(fleet: &mut Fleet, balancer: &Balancer, anna: &Visitor, build: PathBuf) {
    let gateway = &mut fleet.stage.gateway;
    let (cookie, origin) = (anna.cookie(ACME), gateway.url(ACME, ""));
    let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
    let socket = gateway.websocket(ACME, "/do/ws", &fields).await.expect("a WebSocket");
    let held = hold(socket);
    assert!(gateway.stop().await.success());
    assert_held(held, NOTICE + DRAIN).await;
    gateway.install(build);
    gateway.start_again().await;
    all_ready(balancer).await;
}

async fn replace_second(fleet: &mut Fleet, balancer: &Balancer, anna: &Visitor, build: PathBuf) {
    let (gateway, origin) = (&mut fleet.sibling, fleet.stage.url(ACME, ""));
    let cookie = anna.cookie(ACME);
    let fields = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
    let socket = gateway.websocket(ACME, "/do/ws", &fields).await.expect("a WebSocket");
    let held = hold(socket);
    gateway.stop().await;
    assert_held(held, NOTICE + DRAIN).await;
    gateway.install(build);
    gateway.start_again().await;
    all_ready(balancer).await;
}

async fn hand_over(stage: &mut Stage, anna: &Visitor, build: PathBuf) {
    let socket = stage.echo(anna, ACME).await;
    stage.gateway.install(build);
    stage.gateway.start_process(&["--upgrade"]);
    let pid = stage.gateway.process().pid().to_string();
    let file = stage.gateway.folder().join("data/run/bitrix-id.pid");
    until(STEP, "the new process serves", async || {
        std::fs::read_to_string(&file).is_ok_and(|text| text.trim() == pid)
    })
    .await;
    let held = hold(socket);
    hand_over_done(stage).await;
    assert_held(held, DRAIN).await;
}

/// A WebSocket that is used until it is gone; says how long that was.
fn hold(mut socket: WebSocket) -> JoinHandle<Duration> {
    let since = Instant::now();
    tokio::spawn(async move {
        while socket.echo("still there?").await.is_ok_and(|echo| echo == "still there?") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        since.elapsed()
    })
}

async fn assert_held(held: JoinHandle<Duration>, bound: Duration) {
    let lasted = held.await.expect("it is used until it is gone");
    println!("a WebSocket lasted {lasted:?} of {bound:?}");
    // A look at the clock and a pause between two echoes earlier.
    assert!(lasted + Duration::from_millis(300) > bound, "{lasted:?}");
    assert!(lasted < bound + SLACK, "{lasted:?}");
}

/// The old program says that it found a newer schema.
fn assert_warned(errors: &str, old_schema: i64) {
    let (found, known) = (old_schema + 1, old_schema);
    let warning =
        format!("has schema version {found}, of a newer program; this one knows version {known}");
    let lines: Vec<&str> = errors.lines().filter(|line| line.contains(&warning)).collect();
    assert!(lines.len() == 1 && lines[0].contains("WARN"), "{errors}");
}

async fn finish(load: Load, what: &str) {
    while load.done() < REQUESTS {
        load.more(200).await;
    }
    load.finish().await.expect_none_failed(what);
}

async fn number(fleet: &Fleet, query: &'static str) -> i64 {
    let mut connection = fleet.database.connect().await;
    sqlx::query(query).fetch_one(&mut connection).await.expect("a number").get(0)
}

async fn stored(stage: &Stage, query: &'static str) -> i64 {
    let mut file = database::open(&stage.gateway.database()).await;
    sqlx::query(query).fetch_one(&mut file).await.expect("a number").get(0)
}

const BALANCER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
