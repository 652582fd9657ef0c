//! Two gateways with their sessions in one Redis: what one ends, the other refuses; and Redis may go and come.

use std::time::{Duration, Instant};

use bitrix_id_test_servers::redis::{self, TestRedis};
use bitrix_id_tests::config_text::quoted;
use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::ports::PortLease;
use bitrix_id_tests::sibling::Sibling;
use bitrix_id_tests::stage::{ACME, ANNA, BORIS, ID, SESSION, Stage, Visitor};

/// A stage whose sessions are in `server`.
async fn stage(server: &TestRedis) -> Stage {
    stage_with(server, |_| {}).await
}

/// The same after `change` had a hand in it.
pub(crate) async fn stage_with(server: &TestRedis, change: impl FnOnce(&mut Setup)) -> Stage {
    Stage::with(|setup| {
        setup.people = vec![ANNA, BORIS];
        setup.config.set("store", "sessions", quoted(&server.url()));
        change(setup);
    })
    .await
}

fn session_line(visitor: &Visitor) -> String {
    let session = visitor.browser.jar().value(ID, SESSION).expect("a session");
    format!("Cookie: {SESSION}={session}")
}

pub(crate) async fn sign_out(stage: &Stage, visitor: &Visitor) {
    let ask = visitor.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;
    let answer = visitor.browser.send(&ask, &ask.form("/.bitrix-id/sign-out"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn status(stage: &Stage, cookie: &str) -> u16 {
    stage.gateway.send(ACME, "GET /still", &[cookie], "").await.status
}

#[tokio::test]
async fn a_sign_out_on_one_gateway_counts_on_the_other_at_once() {
    let server = redis::own().await;
    let stage = stage(&server).await;
    let other = Sibling::beside(&stage.gateway).await;
    for _ in 0..5 {
        let anna = stage.signed_in(&ANNA, ACME).await;
        let (token, session) = (anna.cookie_line(ACME), session_line(&anna));
        assert_eq!(other.get(ACME, "/", &token).await.status, 200);
        let known = other.get(ID, "/", &session).await;
        assert_eq!(known.status, 200, "the other gateway knows the session: {}", known.text());
        sign_out(&stage, &anna).await;
        let signed_out = Instant::now();
        until(Duration::from_secs(1), "the other gateway refuses the token", async || {
            // A page is sent to sign-in.
            other.get(ACME, "/", &token).await.status == 302
        })
        .await;
        println!("refused there after {:?}", signed_out.elapsed());
        assert_eq!(status(&stage, &token).await, 401);
        let gone = other.get(ID, "/", &session).await;
        assert_eq!(gone.status, 303, "to sign-in");
    }
    let metrics = other.admin("/metrics").await.unwrap().text();
    let lag = |line: &&str| line.starts_with("bitrix_id_revocation_lag_seconds");
    metrics.lines().filter(lag).for_each(|line| println!("{line}"));
    assert!(metrics.contains("bitrix_id_revocation_lag_seconds_count 5"), "what others ended");
}

#[tokio::test]
async fn without_redis_the_signed_in_go_on_and_nobody_comes_in() {
    let server = redis::own().await;
    let stage = stage(&server).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let stranger = stage.gateway.browser();
    let form = stranger.open(&stage.url(ACME, "/")).await;
    let leave = anna.browser.open(&stage.url(ACME, "/.bitrix-id/sign-out")).await;

    server.stop().await;
    let refused = stranger.try_sign_in(&form, BORIS.email, BORIS.password).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    let kept = anna.browser.send(&leave, &leave.form("/.bitrix-id/sign-out"), &[]).await;
    assert_eq!(kept.status, 503, "a sign-out that is not written is not reported as done");
    for _ in 0..10 {
        assert_eq!(status(&stage, &anna.cookie_line(ACME)).await, 200, "no store is asked");
    }
    until(STEP, "it says that it is not ready", async || {
        stage.gateway.admin("GET", "/health/ready").await.status == 503
    })
    .await;

    server.start().await;
    until(STEP, "sign-in works again without a restart", async || {
        let browser = stage.gateway.browser();
        let form = browser.open(&stage.url(ACME, "/")).await;
        let page = browser.sign_in(&form, BORIS.email, BORIS.password).await;
        page.url.as_str() == stage.url(ACME, "/")
    })
    .await;
    until(STEP, "it is ready again", async || {
        stage.gateway.admin("GET", "/health/ready").await.status == 200
    })
    .await;
    assert_eq!(status(&stage, &anna.cookie_line(ACME)).await, 200);
    let portal = anna.browser.open(&stage.url(ID, "/")).await;
    assert!(!stage.is_sign_in(&portal), "her session was kept on disk");
}

#[tokio::test]
async fn a_redis_that_hangs_is_503_in_time() {
    let server = redis::own().await;
    let stage = stage(&server).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let stranger = stage.gateway.browser();
    let form = stranger.open(&stage.url(ACME, "/")).await;
    server.pause().await;
    let asked = Instant::now();
    let refused = stranger.try_sign_in(&form, BORIS.email, BORIS.password).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(status(&stage, &anna.cookie_line(ACME)).await, 200);
    server.resume().await;
    until(STEP, "it is ready again", async || {
        stage.gateway.admin("GET", "/health/ready").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn when_redis_is_emptied_everybody_signs_in_again() {
    let server = redis::own().await;
    let stage = stage(&server).await;
    let anna = stage.signed_in(&ANNA, ACME).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let stolen = anna.cookie_line(ACME);
    sign_out(&stage, &anna).await;
    assert_eq!(status(&stage, &stolen).await, 401);

    // Tokens carry whole seconds: one made in the second of the loss counts.
    let made = Instant::now();
    until(STEP, "the next second", async || made.elapsed() > Duration::from_millis(1100)).await;
    assert_eq!(server.ask("FLUSHALL"), "+OK\r\n");
    until(STEP, "nobody is signed in any more", async || {
        status(&stage, &boris.cookie_line(ACME)).await == 401
    })
    .await;
    assert_eq!(status(&stage, &stolen).await, 401, "what was ended stays so");
    // Also to whoever comes later and has never heard of it.
    let other = Sibling::beside(&stage.gateway).await;
    assert_eq!(other.get(ACME, "/", &stolen).await.status, 302);
    let page = boris.browser.open(&stage.url(ACME, "/")).await;
    assert!(stage.is_sign_in(&page), "{}", page.url);

    let again = stage.signed_in(&BORIS, ACME).await;
    let token = again.cookie_line(ACME);
    assert_eq!(status(&stage, &token).await, 200);
    assert_eq!(other.get(ACME, "/", &token).await.status, 200);
    // The log goes on, from its beginning.
    sign_out(&stage, &again).await;
    until(Duration::from_secs(1), "the other gateway hears of it", async || {
        other.get(ACME, "/", &token).await.status == 302
    })
    .await;
    assert!(stage.gateway.output().contains("the session store has lost its data"));
}

/// The log says when it was begun by the clock of whoever began it.
#[tokio::test]
async fn a_log_begun_by_a_fast_clock_keeps_nobody_out() {
    let server = redis::own().await;
    let stage = stage(&server).await;
    let boris = stage.signed_in(&BORIS, ACME).await;
    let made = Instant::now();
    until(STEP, "the next second", async || made.elapsed() > Duration::from_millis(1100)).await;
    let head = "HSET bitrix-id:1:{log}:head log 01989f4e-6a7b-7c11-9d2e-000000000001 begun_at_ms";
    assert_eq!(server.ask(&format!("{head} 9999999999999")), ":0\r\n", "both are there");
    until(STEP, "older tokens count no more", async || {
        status(&stage, &boris.cookie_line(ACME)).await == 401
    })
    .await;
    // The session is there all the same, and a token made now counts.
    let page = boris.browser.open(&stage.url(ACME, "/")).await;
    assert_eq!(page.url.as_str(), stage.url(ACME, "/"), "{}", page.text());
    assert_eq!(status(&stage, &boris.cookie_line(ACME)).await, 200);
}

#[tokio::test]
async fn a_gateway_without_redis_does_not_start_and_is_checked_all_the_same() {
    let nobody = PortLease::take();
    let mut setup = Setup::new(ID);
    setup.names = vec![ID.to_owned()];
    std::fs::write(setup.folder().join("redis"), "hunter2\n").unwrap();
    setup.config.set("store", "sessions", quoted(&format!("redis://me@{}", nobody.address()))).set(
        "store",
        "sessions_password_file",
        "\"redis\"",
    );
    let gateway = setup.prepare();
    let _ = gateway.cli(&["check"], "").await.expect_success();
    let refused = gateway.cli(&["account", "list"], "").await;
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("sessions in Redis"), "{}", refused.stderr);
    assert!(refused.stderr.contains("cannot be reached"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
}
