//! Redis, with the accounts in PostgreSQL.

use std::time::Duration;

use bitrix_id_test_servers::redis;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA};
use bitrix_id_tests::tcp_proxy::{Passage, TcpProxy};
use bitrix_id_tests::watch::Watch;

use super::{A_WHILE, fleet};

const PARTS: &[&str] = &["the session store", "the log of revocations"];

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

/// Everybody has to sign in again, and what was ended stays so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_flushed() {
    let server = redis::own().await;
    let fleet = fleet(&server.url()).await;
    let stage = &fleet.stage;
    let before = stage.signed_in(&ANNA, ACME).await.cookie_line(ACME);
    let mut watch = Watch::over(stage, &fleet.sibling).await;
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
    watch.forgets_sign_ins();
    watch.heals().await;
    let row = watch.end(stage, "redis_is_flushed").await;
    row.nobody_came_in();
    assert!(row.failed > 0, "no token of before counts: {row:?}");
    assert_eq!(row.lost_sign_ins, 0, "sign-ins after the loss");
    // Whoever was in the middle of it begins again.
    assert!(row.other <= 4 && row.no_answer == 0, "{:#?}", row.met);
    let logged = stage.gateway.output();
    assert!(logged.contains("the session store has lost its data"), "the log says what happened");
}
