//! Delivery of notices to portals.
//!
//! The queue is in the directory (`auth_core::store::notices`), durable and shared: a notice survives a
//! restart and is delivered by whichever process takes it first. A *courier* carries one notice per portal
//! at a time, as a signed POST to the portal's webhook. What is not taken is tried again, later and later,
//! for three days; then it is a dead letter, and so is what the portal refuses for good.

mod courier;
mod message;

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::store::notices::{NoticeFailure, QueuedNotice};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::hub::Hub;
use courier::Refusal;

pub(crate) use courier::Courier;

/// Delivers notices until the process ends. `bell` rings when one was queued here.
pub(crate) async fn deliver(hub: Arc<Hub>, bell: Arc<Notify>) {
    let courier = Arc::new(Courier::default());
    let mut on_the_way = JoinSet::new();
    loop {
        send_due(&hub, &courier, &mut on_the_way).await;
        let rest = tokio::time::sleep(LOOK_EVERY);
        tokio::select! {
            // The portal is free for its next one.
            _arrived = on_the_way.join_next(), if !on_the_way.is_empty() => {}
            () = bell.notified() => {}
            () = rest => {}
        }
    }
}

/// Sends what is due on its way. Whoever is on the way already goes on.
pub(crate) async fn send_due(hub: &Arc<Hub>, courier: &Arc<Courier>, on_the_way: &mut JoinSet<()>) {
    let free = MOST_AT_ONCE.saturating_sub(on_the_way.len());
    let Ok(limit @ 1..) = u32::try_from(free) else { return };
    let taken = hub.directory.take_notices(hub.clock.now_ms(), limit).await;
    let taken = taken.unwrap_or_else(|error| {
        tracing::warn!("the queue of notices was not read: {error}");
        Vec::new()
    });
    for notice in taken {
        let (hub, courier) = (hub.clone(), courier.clone());
        on_the_way.spawn(async move { deliver_one(&hub, &courier, &notice).await });
    }
}

async fn deliver_one(hub: &Hub, courier: &Courier, notice: &QueuedNotice) {
    let snapshot = hub.snapshot.load_full();
    let outcome = match snapshot.webhook(&notice.portal) {
        Some(webhook) => courier.carry(webhook, notice, hub.clock.now()).await,
        None => Err(Refusal::Later("no webhook is configured here".to_owned())),
    };
    let (id, portal) = (notice.id, notice.portal.as_str());
    let metrics = &hub.telemetry.metrics.queues;
    let kept = match outcome {
        Ok(()) => {
            metrics.notice(portal, "delivered");
            hub.directory.notice_delivered(id).await
        }
        Err(refusal) => {
            let now_ms = hub.clock.now_ms();
            let failure = failure(&refusal, notice, now_ms, rand_share());
            let last = failure.retry_at_ms.is_none();
            metrics.notice(portal, if last { "dead" } else { "failed" });
            tracing::warn!(%id, portal, last, "a notice was not delivered: {}", failure.error);
            hub.directory.notice_failed(id, failure, now_ms).await
        }
    };
    if let Err(error) = kept {
        // It comes back when its hiding ends: delivered twice at worst, never lost.
        tracing::warn!(%id, portal, "the queue of notices was not updated: {error}");
    }
}

/// What follows from a refusal. `share`, from 0 to 1, spreads the waiting, so that notices that failed
/// together do not come back together.
fn failure(refusal: &Refusal, notice: &QueuedNotice, now_ms: i64, share: f64) -> NoticeFailure {
    let spread = |wait_ms: i64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small")]
        let part = (wait_ms as f64 * 0.5 * share) as i64;
        wait_ms - part
    };
    let doubled = |base: i64, times: u32, most: i64| {
        spread(base.saturating_mul(1_i64 << times.min(20)).min(most))
    };
    let pause = doubled(FIRST_PAUSE_MS, notice.portal_failures, LONGEST_PAUSE_MS);
    let wait = doubled(FIRST_WAIT_MS, notice.attempts, LONGEST_WAIT_MS);
    let (error, may_wait) = match refusal {
        Refusal::Later(error) => (error, true),
        Refusal::ForGood(error) => (error, false),
    };
    let retry_at_ms = now_ms + wait;
    let in_time = retry_at_ms <= notice.since_ms.saturating_add(GIVE_UP_AFTER_MS);
    NoticeFailure {
        retry_at_ms: (may_wait && in_time).then_some(retry_at_ms),
        pause_until_ms: now_ms + pause,
        error: error.clone(),
    }
}

/// From 0 to 1.
fn rand_share() -> f64 {
    let mut byte = [0_u8];
    // Without randomness the waits are the longest.
    let filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut byte);
    filled.map_or(0.0, |()| f64::from(byte[0]) / 255.0)
}

/// Portals that are told something at the same time.
const MOST_AT_ONCE: usize = 32;
/// Notices queued by another process ring no bell here.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Of one notice, doubled with every attempt.
const FIRST_WAIT_MS: i64 = 5_000;
const LONGEST_WAIT_MS: i64 = 60 * 60 * 1000;
/// Of a portal, doubled with every failure in a row.
const FIRST_PAUSE_MS: i64 = 1_000;
const LONGEST_PAUSE_MS: i64 = 5 * 60 * 1000;
const GIVE_UP_AFTER_MS: i64 = 3 * 24 * 60 * 60 * 1000;

#[cfg(test)]
mod tests {
    use bitrix_id_auth_core::store::notices::NoticeState;
    use bitrix_id_config::NoticeEvent;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn notice(attempts: u32, portal_failures: u32) -> QueuedNotice {
        QueuedNotice {
            id: Uuid::from_u128(1),
            portal: "acme".into(),
            event: NoticeEvent::PasswordChanged,
            created_at_ms: 0,
            since_ms: 0,
            subject: None,
            portal_user: None,
            data: json!({}),
            attempts,
            portal_failures,
            state: NoticeState::Queued,
            due_at_ms: 0,
            last_error: String::new(),
        }
    }

    #[test]
    fn a_notice_is_tried_for_three_days_at_growing_distances() {
        let busy = Refusal::Later("busy".into());
        let (mut now_ms, mut waits) = (0, Vec::new());
        while let Some(at) = failure(&busy, &notice(waits.len() as u32, 0), now_ms, 0.0).retry_at_ms
        {
            waits.push(at - now_ms);
            now_ms = at;
        }
        assert!(waits.is_sorted() && waits[0] == 5_000 && waits.contains(&LONGEST_WAIT_MS));
        assert!((GIVE_UP_AFTER_MS - LONGEST_WAIT_MS..=GIVE_UP_AFTER_MS).contains(&now_ms));
        assert!(waits.len() < 100, "{} attempts", waits.len());
    }

    #[test]
    fn waits_are_spread_and_never_vanish() {
        let busy = Refusal::Later("busy".into());
        let at = |share| failure(&busy, &notice(3, 0), 0, share).retry_at_ms.unwrap();
        assert_eq!((at(0.0), at(1.0)), (40_000, 20_000));
    }

    #[test]
    fn a_portal_that_fails_again_and_again_is_asked_every_few_minutes() {
        let busy = Refusal::Later("busy".into());
        let pause = |failures| failure(&busy, &notice(0, failures), 0, 0.0).pause_until_ms;
        assert_eq!((pause(0), pause(1), pause(3)), (1_000, 2_000, 8_000));
        assert_eq!((pause(20), pause(u32::MAX)), (LONGEST_PAUSE_MS, LONGEST_PAUSE_MS));
    }

    #[test]
    fn what_is_refused_for_good_is_dead_at_once() {
        let gone = Refusal::ForGood("answered 410".into());
        let failure = failure(&gone, &notice(0, 0), 0, 0.0);
        assert_eq!((failure.retry_at_ms, failure.error.as_str()), (None, "answered 410"));
    }
}
