//! Redis, with the accounts in PostgreSQL.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bitrix_id_test_servers::redis;
use bitrix_id_tests::jwt::Jwt;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA, Stage};
use bitrix_id_tests::tcp_proxy::{Passage, TcpProxy};
use bitrix_id_tests::watch::Watch;
use bitrix_id_tests::watch::signed_in::Works;

use super::{A_WHILE, fleet, fleet_with};

const PARTS: &[&str] = &["the session store", "the log of revocations"];

/// A whole one of the clock, wherever it begins, and what is under way.
const SECOND: Duration = Duration::from_millis(1500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_stopped() {
    let server = redis::own().await;
    let fleet = fleet(&server.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    server.stop().await;
    watch.until_turned_away(3).await;
    watch.until_said(PARTS).await;
    watch.until_it_lasted(A_WHILE).await;
    server.start().await;
    watch.heals().await;
    watch.end(&fleet.stage, "redis_is_stopped").await.held();
}

/// Tokens count for as long as they live. Then nobody is let in, as somebody else or at all, until it is back; and
/// then nobody is asked for a password.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_away_for_longer_than_tokens_live() {
    let server = redis::own().await;
    let fleet = fleet_with(&server.url(), |setup| {
        setup.config.set("identity", "token_lifetime", "\"5s\"");
    })
    .await;
    let (stage, doors) = (&fleet.stage, [fleet.stage.gateway.door(), fleet.sibling.door()]);
    let mut watch = Watch::by(stage, &fleet.sibling, ACME, Works::ByBrowser).await;
    let (token, ends_at) = token_with_its_whole_life(stage).await;
    watch.fault_begins();
    server.stop().await;
    // Its last second is left out: it ends on some moment of that.
    let mut counted = 0;
    while unix_now() < ends_at - 1.0 {
        for door in &doors {
            let answer = door.get(ACME, "/while-it-lives", &token).await.unwrap();
            assert_eq!(answer.status, 200, "{} s before its end", ends_at - unix_now());
            counted += 1;
        }
    }
    assert!(counted > 20, "{counted}");
    for door in &doors {
        until(STEP, "its life is over", async || {
            let answer = door.get(ACME, "/when-it-is-over", &token).await.unwrap();
            assert!(matches!(answer.status, 200 | 401 | 503), "{}", answer.status);
            answer.status != 200
        })
        .await;
    }
    watch.until_reason("max_silence").await;
    server.start().await;
    watch.heals().await;
    let row = watch.end(stage, "redis_is_away_for_longer_than_tokens_live").await;
    row.nobody_came_in();
    assert_eq!((row.failed, row.asked_again), (0, 0), "{:#?}", row.failures);
    assert_eq!(row.lost_sign_ins, 0);
    assert!(row.told_to_wait > 0, "{row:?}");
}

/// A field line with a token of this very moment, and when it ends, Unix seconds.
async fn token_with_its_whole_life(stage: &Stage) -> (String, f64) {
    let anna = stage.signed_in(&ANNA, ACME).await;
    let claims = Jwt::read(&anna.token(ACME).unwrap()).claims;
    (anna.cookie_line(ACME), claims["exp"].as_f64().unwrap())
}

fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_paused() {
    let server = redis::own().await;
    let fleet = fleet(&server.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    server.pause().await;
    watch.until_turned_away(2).await;
    watch.until_said(PARTS).await;
    watch.until_it_lasted(A_WHILE).await;
    server.resume().await;
    watch.heals().await;
    watch.end(&fleet.stage, "redis_is_paused").await.held();
}

/// First as slow as one on another continent, then slower than anybody waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_slow() {
    let server = redis::own().await;
    let proxy = TcpProxy::to(server.port()).await;
    let fleet = fleet(&format!("redis://{}", proxy.address())).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    proxy.set(Passage::Slow(Duration::from_millis(50)));
    watch.until_entered(2).await;
    proxy.set(Passage::Slow(Duration::from_millis(1500)));
    watch.until_turned_away(2).await;
    watch.until_said(PARTS).await;
    proxy.set(Passage::Free);
    watch.heals().await;
    watch.end(&fleet.stage, "redis_is_slow").await.held();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_fails_over() {
    let servers = redis::own_sentinel().await;
    let fleet = fleet(&servers.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    let first = servers.primary();
    watch.fault_begins();
    servers.kill_primary();
    watch.until_turned_away(3).await;
    watch.until_said(PARTS).await;
    let promoted = || async { servers.primary().is_some_and(|now| Some(now) != first) };
    until(STEP, "another primary", promoted).await;
    watch.heals().await;
    watch.end(&fleet.stage, "redis_fails_over").await.held();
}

/// Out of memory: it answers, but takes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_full() {
    let server = redis::own().await;
    let fleet = fleet(&server.url()).await;
    let mut watch = Watch::over(&fleet.stage, &fleet.sibling).await;
    watch.fault_begins();
    assert_eq!(server.ask("CONFIG SET maxmemory 1"), "+OK\r\n");
    watch.until_turned_away(3).await;
    watch.until_said(&["the session store"]).await;
    watch.until_it_lasted(A_WHILE).await;
    assert_eq!(server.ask("CONFIG SET maxmemory 0"), "+OK\r\n");
    watch.heals().await;
    watch.end(&fleet.stage, "redis_is_full").await.held();
}

/// Everybody has to sign in again, and what was ended stays so. Tokens carry whole seconds, and one of the second of
/// the loss counts: nobody leaves in that one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_flushed() {
    let server = redis::own().await;
    let fleet = fleet(&server.url()).await;
    let stage = &fleet.stage;
    let before = stage.signed_in(&ANNA, ACME).await.cookie_line(ACME);
    let mut watch = Watch::over(stage, &fleet.sibling).await;
    watch.nobody_leaves(true);
    watch.fault_begins();
    watch.until_it_lasted(SECOND).await;
    watch.fault_begins();
    assert_eq!(server.ask("FLUSHALL"), "+OK\r\n");
    for door in [stage.gateway.door(), fleet.sibling.door()] {
        until(STEP, "nobody of before is signed in", async || {
            let answer = door.get(ACME, "/from-before", &before).await;
            answer.is_ok_and(|answer| answer.status == 401)
        })
        .await;
    }
    watch.until_it_lasted(A_WHILE).await;
    watch.nobody_leaves(false);
    watch.forgets_sign_ins();
    watch.heals().await;
    let row = watch.end(stage, "redis_is_flushed").await;
    row.nobody_came_in();
    assert!(row.failed > 0, "no token of before counts: {row:?}");
    assert_eq!(row.lost_sign_ins, 0, "sign-ins after the loss");
    let logged = stage.gateway.output();
    assert!(logged.contains("the session store has lost its data"), "the log says what happened");
}
