//! Who works, how many of them, and under which configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bitrix_id_tests::fleet::Fleet;
use bitrix_id_tests::gateway::{Person, Setup};
use tokio::task::JoinSet;

use super::board::{Board, Gateway};
use super::worker::{Place, Worker};

/// People of each gateway who click.
const CLICKING: usize = 10;
/// People of each gateway who hold a WebSocket.
const HOLDING: usize = 5;
/// A session ends by itself after this.
pub(super) const SESSION: Duration = Duration::from_secs(120);

/// The configuration of both gateways: lifetimes so short that an hour has many of each.
pub(super) fn settings(setup: &mut Setup) {
    let everybody = (0..2 * (CLICKING + HOLDING)).map(person).collect();
    setup.people = everybody;
    for (key, value) in [
        ("token_lifetime", "\"40s\""),
        ("max_silence", "\"40s\""),
        ("session_idle", "\"60s\""),
        ("session_lifetime", "\"120s\""),
    ] {
        setup.config.set("identity", key, value);
    }
}

fn person(n: usize) -> Person {
    let email: &'static str = Box::leak(format!("person-{n}@example.com").into_boxed_str());
    let portals = &["acme", "globex", "initech"];
    Person { email, name: "Somebody", password: "a long way to Tipperary", portals }
}

/// Everybody, ready to start.
pub(super) struct People {
    places: [Place; 2],
}

/// Everybody, at work.
pub(super) struct AtWork {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl People {
    /// Half of them at each gateway.
    pub(super) fn of(fleet: &Fleet) -> Self {
        let stage = &fleet.stage;
        let (first, second) = (stage.gateway.https(), fleet.sibling.address);
        let at = |gateway, address, other| Place {
            gateway,
            address,
            authority: stage.gateway.authority().clone(),
            port: first.port(),
            other,
        };
        Self { places: [at(Gateway::Lasting, first, second), at(Gateway::Killed, second, first)] }
    }

    /// They begin.
    pub(super) fn start(self, board: &Arc<Board>) -> AtWork {
        let (stop, mut tasks) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for (side, place) in self.places.into_iter().enumerate() {
            for n in 0..CLICKING + HOLDING {
                let person = person(side * (CLICKING + HOLDING) + n);
                let worker = Worker {
                    place: place.clone(),
                    person,
                    board: board.clone(),
                    stop: stop.clone(),
                };
                if n < CLICKING {
                    tasks.spawn(worker.click());
                } else {
                    tasks.spawn(worker.hold_sockets());
                }
            }
        }
        AtWork { stop, tasks }
    }
}

impl AtWork {
    /// Everybody finishes what they are at.
    pub(super) async fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a worker does not panic");
        }
    }
}
