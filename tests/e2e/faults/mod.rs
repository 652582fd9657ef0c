//! One fault after another under load at two gateways: who is signed in works on, who comes anew is told to come
//! again, nobody comes in who must not, and nothing that was answered as done is lost.
//!
//! Each test writes its figures to `target/faults`; `make faults` runs them one at a time and makes a table.

mod clock;
mod files;
mod mail;
mod postgres;
mod redis;
mod sqlite;
mod upstream;

use std::time::Duration;

use bitrix_id_tests::database;
use bitrix_id_tests::door::Door;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::sibling::Sibling;
use bitrix_id_tests::stage::Stage;
use bitrix_id_tests::watch::{Watch, people};
use sqlx::Executor as _;

/// Gateways on PostgreSQL and on Redis, with everybody who takes part.
async fn fleet(sessions: &str) -> Fleet {
    fleet_with(sessions, |_| {}).await
}

/// The same after `change` had a hand in their configuration.
async fn fleet_with(sessions: &str, change: impl FnOnce(&mut Setup)) -> Fleet {
    let fleet = Fleet::with(sessions, |setup| {
        setup.people.clear();
        change(setup);
    })
    .await;
    people::move_in(&fleet.stage.gateway).await;
    fleet
}

/// Two gateways on one SQLite file if it is not said otherwise, with everybody who takes part.
struct Pair {
    stage: Stage,
    sibling: Sibling,
}

impl Pair {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let stage = Stage::with(|setup| {
            setup.people.clear();
            change(setup);
        })
        .await;
        people::move_in(&stage.gateway).await;
        let sibling = Sibling::beside(&stage.gateway).await;
        Self { stage, sibling }
    }

    fn doors(&self) -> [Door; 2] {
        [self.stage.gateway.door(), self.sibling.door()]
    }
}

/// How long a fault lasts at least: longer than any call to a store may take.
const A_WHILE: Duration = Duration::from_millis(2500);

/// A watch that saw nothing would find every fault harmless.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_sees_who_comes_in_and_what_is_lost() {
    let pair = Pair::start().await;
    let gateway = &pair.stage.gateway;
    let watch = Watch::over(&pair.stage, &pair.sibling).await;
    let enable = ["account", "enable", people::DISABLED.email];
    let _ = gateway.cli(&enable, "").await.expect_success();
    watch.until_entered(2).await;
    watch.until_an_intruder_came_in().await;
    let mut database = database::open(&gateway.database()).await;
    database.execute("DELETE FROM sessions").await.unwrap();
    let row = watch.end(&pair.stage, "").await;
    assert!(row.let_in > 0 && row.how.iter().any(|how| how.contains("disabled")), "{row:?}");
    assert!(row.lost_sign_ins > 0, "{row:?}");
}
