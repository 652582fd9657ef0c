//! The clock of both gateways is stepped by an hour, as where a machine wakes up or is set by hand.

use std::time::Duration;

use bitrix_id_tests::fake_clock::FakeClock;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA};
use bitrix_id_tests::watch::Watch;
use bitrix_id_tests::watch::signed_in::Works;

use super::{A_WHILE, Pair};

/// Tokens of before count no more; browsers fetch new ones, and are asked for nothing. Until the log of revocations
/// was read by the new clock, which takes a fraction of a second, they may be told to come again.
async fn is_stepped(seconds: i64, name: &str) {
    let mut clock = None;
    let pair = Pair::with(|setup| {
        let right = FakeClock::right(setup.folder());
        setup.environment.extend(right.environment());
        clock = Some(right);
    })
    .await;
    let clock = clock.unwrap();
    let before = pair.stage.signed_in(&ANNA, ACME).await.cookie_line(ACME);
    let mut watch = Watch::by(&pair.stage, &pair.sibling, ACME, Works::ByBrowser).await;
    watch.fault_begins();
    clock.step(seconds);
    for door in pair.doors() {
        until(STEP, "a token of before counts no more", async || {
            let answer = door.get(ACME, "/from-before", &before).await;
            answer.is_ok_and(|answer| answer.status == 401)
        })
        .await;
    }
    watch.until_entered(2).await;
    watch.until_it_lasted(A_WHILE).await;
    // The clock is set right: a second step, the other way.
    clock.step(0);
    watch.until_it_lasted(A_WHILE + Duration::from_secs(1)).await;
    watch.heals().await;
    watch.end(&pair.stage, name).await.held_but_for_a_moment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_is_stepped_ahead() {
    is_stepped(3600, "the_clock_is_stepped_ahead").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_is_stepped_back() {
    is_stepped(-3600, "the_clock_is_stepped_back").await;
}
