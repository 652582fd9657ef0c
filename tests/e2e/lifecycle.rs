//! Ending well, and handing over to a new binary.

use std::time::{Duration, Instant};

use bitrix_id_tests::load::Load;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use rustix::process::Signal;

async fn draining(drain: &str, delay: &str) -> Stage {
    Stage::with(|setup| {
        setup.config.set("server", "drain", format!("\"{drain}\"")).set(
            "server",
            "readiness_delay",
            format!("\"{delay}\""),
        );
    })
    .await
}

#[tokio::test]
async fn an_idle_gateway_ends_at_once() {
    let mut stage = Stage::empty().await;
    let started = Instant::now();
    assert!(stage.gateway.stop().await.success());
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test]
async fn ready_means_that_portals_can_be_reached() {
    let mut stage = Stage::empty().await;
    for n in 0..12 {
        stage.gateway.stop().await;
        // Asks for readiness in a tight loop, and for a page the moment it is there.
        stage.gateway.start_again().await;
        let reached = tokio::net::TcpStream::connect(stage.gateway.https()).await;
        assert!(reached.is_ok(), "start {n}: ready, but {reached:?}");
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let mut stage = draining("15s", "0s").await;
    let mut connection = stage.gateway.raw(ACME).await;
    connection.send(stage.gateway.request(ACME, "GET /pub/flight/do/gate", &[], "")).await.unwrap();
    stage.acme.hears("/pub/flight").await;
    stage.gateway.process().signal(Signal::TERM);
    until(STEP, "no new connections", || async {
        tokio::net::TcpStream::connect(stage.gateway.https()).await.is_err()
    })
    .await;
    stage.acme.open_gate();
    let answer = connection.response("GET").await.expect("an answer");
    assert_eq!((answer.status, answer.complete()), (200, true));
    let answered = Instant::now();
    assert!(stage.gateway.process_mut().wait(STEP).await.success());
    assert!(
        answered.elapsed() < Duration::from_secs(5),
        "it ends soon after: {:?}",
        answered.elapsed()
    );
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_it_up_for_ever() {
    let mut stage = draining("2s", "0s").await;
    let mut connection = stage.gateway.raw(ACME).await;
    connection.send(stage.gateway.request(ACME, "GET /pub/hang/do/hang", &[], "")).await.unwrap();
    stage.acme.hears("/pub/hang").await;
    let started = Instant::now();
    stage.gateway.stop().await;
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(1500) && took < Duration::from_secs(9), "{took:?}");
}

#[tokio::test]
async fn readiness_turns_before_the_listeners_close() {
    let mut stage = draining("5s", "2s").await;
    stage.gateway.process().signal(Signal::TERM);
    until(Duration::from_secs(2), "not ready", || async {
        stage.gateway.admin("GET", "/health/ready").await.status == 503
    })
    .await;
    assert_eq!(stage.gateway.admin("GET", "/health/live").await.status, 200);
    assert_eq!(
        stage.gateway.send(ACME, "GET /pub/x", &[], "").await.status,
        200,
        "it still serves"
    );
    assert!(stage.gateway.process_mut().wait(STEP).await.success());
}

#[tokio::test]
async fn websockets_do_not_outlive_the_grace() {
    let mut stage = draining("2s", "0s").await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let mut socket = stage.echo(&anna, ACME).await;
    stage.gateway.process().signal(Signal::TERM);
    socket.closed(Duration::from_secs(8)).await;
    stage.gateway.process_mut().wait(STEP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_when_the_gateway_ends_under_load() {
    let mut stage = draining("10s", "0s").await;
    let mut target = stage.gateway.target(ACME, "/pub/load", &[]);
    target.until_refused = true;
    target.requests_per_connection = u32::MAX;
    let load = Load::start(&target, 6);
    load.more(300).await;
    stage.gateway.stop().await;
    load.finish().await.expect_none_failed("SIGTERM under load");
}

#[tokio::test]
async fn a_new_binary_takes_over_and_knows_the_sessions() {
    let mut stage = draining("3s", "0s").await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let browser = stage.gateway.browser();
    let form = browser.open(&stage.url(ACME, "/half-done")).await;
    stage.gateway.start_process(&["--upgrade"]);
    hand_over_done(&mut stage).await;
    let answer = stage.gateway.send(ACME, "GET /after", &[&anna.cookie_line(ACME)], "").await;
    assert_eq!(answer.status, 200);
    let page = browser.sign_in(&form, ANNA.email, ANNA.password).await;
    assert_eq!((page.status, page.url.path()), (200, "/half-done"), "{}", page.text());
    assert_eq!(stage.gateway.admin("GET", "/health/ready").await.status, 200);
}

/// Waits until the old process has ended and the new one serves.
pub(crate) async fn hand_over_done(stage: &mut Stage) {
    let deadline = Instant::now() + Duration::from_secs(40);
    let count = stage.gateway.processes().len();
    while stage.gateway.processes()[count - 2].ended().is_none() {
        let new = &mut stage.gateway.processes()[count - 1];
        if let Some(status) = new.ended() {
            panic!("the new process ended with {status}: {}", new.errors());
        }
        assert!(Instant::now() < deadline, "the old process is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.gateway.wait_ready().await;
}

#[tokio::test]
async fn an_upgrade_whose_configuration_is_broken_leaves_the_old_process_serving() {
    let mut stage = Stage::start().await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let good = std::fs::read_to_string(stage.gateway.config_path()).unwrap();
    std::fs::write(stage.gateway.config_path(), format!("{good}\n[surprise]\n")).unwrap();
    stage.gateway.start_process(&["--upgrade"]);
    let status = stage.gateway.process_mut().wait(STEP).await;
    assert!(!status.success());
    still_serving(&mut stage, &anna.cookie_line(ACME)).await;
    let _ = stage.gateway.processes().pop();
    std::fs::write(stage.gateway.config_path(), good).unwrap();
    stage.gateway.start_process(&["--upgrade"]);
    hand_over_done(&mut stage).await;
}

#[tokio::test]
async fn an_upgrade_that_is_killed_on_the_way_leaves_somebody_serving() {
    let mut stage = draining("3s", "0s").await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let cookie = anna.cookie_line(ACME);
    for wait_ms in [0, 30, 100] {
        stage.gateway.start_process(&["--upgrade"]);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        let handed_over = stage.gateway.processes()[0].ended().is_some();
        assert!(!handed_over, "killed too late to show anything");
        stage.gateway.process().signal(Signal::KILL);
        stage.gateway.process_mut().wait(STEP).await;
        let _ = stage.gateway.processes().pop();
        still_serving(&mut stage, &cookie).await;
    }
}

/// The first process is there and answers, for longer than a hand-over that fails would take to show.
async fn still_serving(stage: &mut Stage, cookie: &str) {
    let deadline = Instant::now() + Duration::from_secs(7);
    while Instant::now() < deadline {
        assert!(stage.gateway.processes()[0].ended().is_none(), "the old process has ended");
        assert_eq!(stage.gateway.send(ACME, "GET /still", &[cookie], "").await.status, 200);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_second_gateway_without_upgrade_does_not_disturb_the_first() {
    let mut stage = Stage::empty().await;
    stage.gateway.start_process(&[]);
    let status = stage.gateway.process_mut().wait(STEP).await;
    assert!(!status.success(), "the ports are taken");
    let _ = stage.gateway.processes().pop();
    assert_eq!(stage.gateway.send(ACME, "GET /pub/x", &[], "").await.status, 200);
}
