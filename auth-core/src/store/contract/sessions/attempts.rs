//! Attempt counters.

use super::super::{NOW, NOW_MS, at_once};
use super::{LIMITS, Sessions};
use crate::store::{Attempt, Quota};

pub(in crate::store) async fn attempts_are_limited_and_come_back(nodes: &Sessions) {
    let quota = Quota { limit: 3, window: 60 };
    let count = async |n: usize, key: u8, now_ms: i64| {
        nodes.nth(n).count_attempt(&[key; 32], quota, now_ms).await.unwrap()
    };
    for n in 0..3 {
        assert_eq!(count(n, 1, NOW_MS).await, Attempt::Allowed);
    }
    assert_eq!(count(3, 1, NOW_MS).await, Attempt::Refused { retry_after: 20 });
    assert_eq!(count(0, 2, NOW_MS).await, Attempt::Allowed, "another key");
    assert_eq!(count(4, 1, NOW_MS + 19_500).await, Attempt::Refused { retry_after: 1 });
    assert_eq!(count(5, 1, NOW_MS + 20_000).await, Attempt::Allowed);
    assert_eq!(count(6, 1, NOW_MS + 20_000).await, Attempt::Refused { retry_after: 20 });
    nodes.one.clear_attempts(&[1; 32]).await.unwrap();
    for n in 0..3 {
        assert_eq!(count(n, 1, NOW_MS + 20_000).await, Attempt::Allowed, "as good as new");
    }
    assert_eq!(count(0, 1, NOW_MS + 20_000).await, Attempt::Refused { retry_after: 20 });
    // Left alone for a whole window, swept or not, the bucket is as good as new again.
    let later = NOW_MS + 20_000 + 60_000;
    nodes.one.sweep(LIMITS, NOW + 900, later - 1).await.unwrap();
    for n in 0..3 {
        assert_eq!(count(n, 1, later).await, Attempt::Allowed);
    }
    assert_eq!(count(0, 1, later).await, Attempt::Refused { retry_after: 20 });
}

pub(in crate::store) async fn attempts_at_once_are_counted_one_by_one(nodes: &Sessions) {
    let quota = Quota { limit: 10, window: 900 };
    let outcomes = at_once(nodes, 50, move |_, node| async move {
        node.count_attempt(&[1; 32], quota, NOW_MS).await.unwrap()
    })
    .await;
    let allowed = outcomes.iter().filter(|attempt| **attempt == Attempt::Allowed).count();
    assert_eq!(allowed, 10);
}

pub(in crate::store) async fn forgiven_attempts_do_not_count(nodes: &Sessions) {
    let quota = Quota { limit: 2, window: 60 };
    let count = async || nodes.one.count_attempt(&[1; 32], quota, NOW_MS).await.unwrap();
    // Of nothing there is nothing to take back, and no attempt is put by for later.
    for _ in 0..5 {
        nodes.one.forgive_attempt(&[1; 32], quota).await.unwrap();
    }
    assert_eq!(count().await, Attempt::Allowed);
    for _ in 0..5 {
        assert_eq!(count().await, Attempt::Allowed);
        nodes.nth(1).forgive_attempt(&[1; 32], quota).await.unwrap();
    }
    assert_eq!(count().await, Attempt::Allowed);
    assert_eq!(count().await, Attempt::Refused { retry_after: 30 });
}

pub(in crate::store) async fn refused_attempts_do_not_prolong_the_wait(nodes: &Sessions) {
    let quota = Quota { limit: 2, window: 60 };
    let count = async |now_ms: i64| nodes.one.count_attempt(&[1; 32], quota, now_ms).await.unwrap();
    for _ in 0..2 {
        assert_eq!(count(NOW_MS).await, Attempt::Allowed);
    }
    for second in 0..30 {
        let refused = Attempt::Refused { retry_after: 30 - second };
        assert_eq!(count(NOW_MS + i64::from(second) * 1000).await, refused);
    }
    assert_eq!(count(NOW_MS + 30_000).await, Attempt::Allowed);
}

pub(in crate::store) async fn clock_set_back_does_not_lock_out(nodes: &Sessions) {
    let quota = Quota { limit: 2, window: 60 };
    let count = async |now_ms: i64| nodes.one.count_attempt(&[1; 32], quota, now_ms).await.unwrap();
    let day_ms = 24 * 60 * 60 * 1000;
    assert_eq!(count(NOW_MS + day_ms).await, Attempt::Allowed);
    assert_eq!(count(NOW_MS).await, Attempt::Refused { retry_after: 30 });
    assert_eq!(count(NOW_MS + 30_000).await, Attempt::Allowed);
}
