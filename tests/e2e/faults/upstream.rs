//! One portal's upstream falls ill, at both gateways; people go in and out of another.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bitrix_id_tests::door::Door;
use bitrix_id_tests::logs::total;
use bitrix_id_tests::poll::{STEP, until};
use bitrix_id_tests::stage::{ACME, ANNA, GLOBEX, portal};
use bitrix_id_tests::upstream::sick::{Health, SickUpstream};
use bitrix_id_tests::watch::Watch;
use bitrix_id_tests::watch::signed_in::Works;
use tokio::task::JoinHandle;

use super::{A_WHILE, Pair};

/// Somebody who keeps asking the sick portal: how often it answered what.
struct Asking {
    enough: Arc<AtomicBool>,
    asking: Vec<JoinHandle<(BTreeMap<u16, u64>, Duration)>>,
}

impl Asking {
    fn start(doors: [Door; 2], cookie: &str) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let ask = |door: Door| {
            let (enough, cookie) = (enough.clone(), cookie.to_owned());
            tokio::spawn(async move {
                let (mut answers, mut slowest) = (BTreeMap::new(), Duration::ZERO);
                while !enough.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let answer = door.get(ACME, "/of-the-sick", &cookie).await;
                    slowest = slowest.max(asked.elapsed());
                    *answers.entry(answer.map_or(0, |answer| answer.status)).or_default() += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                (answers, slowest)
            })
        };
        let asking = doors.map(ask).into();
        Self { enough, asking }
    }

    async fn finish(self) -> (BTreeMap<u16, u64>, Duration) {
        self.enough.store(true, Ordering::Relaxed);
        let mut sum = (BTreeMap::new(), Duration::ZERO);
        for one in self.asking {
            let (answers, slowest) = one.await.expect("it does not panic");
            for (status, times) in answers {
                *sum.0.entry(status).or_default() += times;
            }
            sum.1 = sum.1.max(slowest);
        }
        sum
    }
}

/// The upstream has this for a while; requests to it are answered `status`, and nobody else notices.
async fn falls_ill(health: Health, status: u16, name: &str) {
    let sick = SickUpstream::start().await;
    let pair = Pair::with(|setup| {
        let acme = portal("acme", ACME, &sick.url()).key("read_timeout", "\"1s\"");
        *setup.config.portal_mut("acme") = acme;
    })
    .await;
    let cookie = pair.stage.signed_in(&ANNA, ACME).await.cookie_line(ACME);
    let doors = [pair.stage.gateway.door(), pair.sibling.door()];
    let mut watch = Watch::by(&pair.stage, &pair.sibling, GLOBEX, Works::ByToken).await;
    watch.fault_begins();
    sick.set(health);
    for door in &doors {
        until(STEP, "the fault is told", async || {
            door.get(ACME, "/of-the-sick", &cookie).await.is_ok_and(|it| it.status == status)
        })
        .await;
    }
    let asking = Asking::start(doors.clone(), &cookie);
    watch.until_it_lasted(A_WHILE).await;
    watch.until_entered(2).await;
    let (answers, slowest) = asking.finish().await;
    sick.set(Health::Well);
    watch
        .heals_when(async || {
            for door in &doors {
                let answer = door.get(ACME, "/of-the-sick", &cookie).await;
                if !answer.is_ok_and(|answer| answer.status == 200) {
                    return false;
                }
            }
            true
        })
        .await;
    for door in &doors {
        let metrics = door.admin("/metrics").await.unwrap().text();
        let labels = ["portal=\"acme\""];
        assert!(total(&metrics, "bitrix_id_upstream_failures_total", &labels) >= 1.0, "{metrics}");
        let labels = ["portal=\"globex\""];
        assert!(total(&metrics, "bitrix_id_upstream_failures_total", &labels) < 1.0, "{metrics}");
    }
    let slowest = slowest.as_millis();
    watch.note(format!("its own requests: {answers:?}, the slowest in {slowest} ms"));
    let row = watch.end(&pair.stage, name).await;
    row.held();
    assert!(row.said.is_empty(), "an app is no part of the gateway: {:?}", row.said);
    assert_eq!(answers.keys().collect::<Vec<_>>(), [&status], "{answers:?}");
    assert!(slowest < 10_000, "{slowest} ms");
    assert_eq!(sick.heard_of("/intruder/"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_refuses() {
    falls_ill(Health::Refusing, 502, "an_upstream_refuses").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_hangs() {
    falls_ill(Health::Hanging, 504, "an_upstream_hangs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_resets() {
    falls_ill(Health::Resetting, 502, "an_upstream_resets").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upstream_sends_garbage() {
    falls_ill(Health::Babbling, 502, "an_upstream_sends_garbage").await;
}
