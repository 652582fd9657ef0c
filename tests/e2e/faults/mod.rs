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

use bitrix_id_tests::door::Door;
use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::gateway::Setup;
use bitrix_id_tests::sibling::Sibling;
use bitrix_id_tests::stage::Stage;
use bitrix_id_tests::watch::people;

/// Gateways on PostgreSQL and on Redis, with everybody who takes part.
async fn fleet(sessions: &str) -> Fleet {
    Fleet::with(sessions, |setup| setup.people = people::cast()).await
}

/// Two gateways on one SQLite file, with everybody who takes part.
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
            setup.people = people::cast();
            change(setup);
        })
        .await;
        let sibling = Sibling::beside(&stage.gateway).await;
        Self { stage, sibling }
    }

    fn doors(&self) -> [Door; 2] {
        [self.stage.gateway.door(), self.sibling.door()]
    }
}

/// How long a fault lasts at least: longer than any call to a store may take.
const A_WHILE: Duration = Duration::from_millis(2500);
