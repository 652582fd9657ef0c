//! What visitors notice of a reload when there are 50,000 portals.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bitrix_id_tests::config_text::PortalText;
use rustix::process::Signal;

use super::cores::{beside_the_load, go_first};
use super::pace::{Connection, Latencies, Pace};
use super::{Effort, Figure, Section, median};
use crate::beside::peers;
use crate::load::LOAD_CORE;
use crate::scene::{Scene, Size};

/// Reloads under load, each after as long a time without one.
pub(crate) async fn section(effort: &Effort) -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(LOAD_CORE);
    let size = Size { portals: 50_000, revocations: 10_000 };
    let mut scene = Scene::prepare(upstream.address, size).await;
    scene.start().await;
    let (mut quiet, mut reloading, mut effects) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.rounds {
        quiet.push(watch(&scene, effort.span).await.worst());
        // Written before anybody watches: it takes time that is not the gateway's.
        let change = Change::prepare(&scene, round, upstream.address);
        let (latencies, effect) =
            tokio::join!(watch(&scene, effort.span), change.take_effect(&scene));
        reloading.push(latencies.worst());
        effects.push(effect.as_secs_f64() * 1e3);
    }
    scene.gateway.stop().await;
    Section {
        title: "Reload of 50,000 portals under load",
        method: METHOD,
        figures: vec![
            figure("from the change to its effect, ms", "<= 1000", &effects),
            figure(
                "longest answer to the canary in a round with a reload, ms",
                "<= 20",
                &reloading,
            ),
            figure("the same in a round without", "", &quiet),
        ],
    }
}

fn figure(what: &str, aim: &'static str, rounds: &[f64]) -> Figure {
    let worst = rounds.iter().copied().fold(f64::NAN, f64::max);
    Figure::new(what, aim, format!("{:.1}, at worst {worst:.1}", median(rounds)))
}

/// Load, and the canary's answers.
async fn watch(scene: &Scene, span: Duration) -> Latencies {
    let canary = Pace {
        address: scene.gateway.http(),
        request: scene.signed_in_request(),
        status: 200,
        connections: 1,
        every: Duration::from_millis(1),
        span,
    };
    let load = Pace { connections: 16, every: LOAD_EVERY, ..canary.clone() };
    let load = beside_the_load(move || load.keep());
    let canary = beside_the_load(move || {
        go_first();
        canary.keep()
    });
    let (latencies, _) = tokio::join!(canary, load);
    latencies
}

/// A portal more.
struct Change {
    file: PathBuf,
    /// Its host's front page.
    visit: String,
}

impl Change {
    fn prepare(scene: &Scene, round: usize, upstream: SocketAddr) -> Self {
        let (id, host) = (format!("new{round}"), format!("new{round}.bench.localhost"));
        let mut config = scene.gateway.config();
        config.portal(PortalText::new(&id, &host, &format!("http://{upstream}")));
        let file = scene.gateway.folder().join("next.toml");
        std::fs::write(&file, config.render()).expect("the folder is ours");
        Self { file, visit: scene.gateway.request(&host, "GET /", &[], "") }
    }

    /// How long it took until a visitor met the portal.
    async fn take_effect(self, scene: &Scene) -> Duration {
        tokio::time::sleep(BEFORE).await;
        let address = scene.gateway.http();
        assert_eq!(Connection::open(address).status_of(&self.visit), NOBODYS, "it is new");
        let changed = Instant::now();
        // A whole file takes the place of a whole one: the gateway watches it and must not meet half of it.
        std::fs::rename(&self.file, scene.gateway.config_path()).expect("the folder is ours");
        scene.gateway.process().signal(Signal::HUP);
        beside_the_load(move || {
            while Connection::open(address).status_of(&self.visit) == NOBODYS {
                assert!(changed.elapsed() < LIMIT, "the change takes effect");
                std::thread::sleep(Duration::from_millis(1));
            }
            changed.elapsed()
        })
        .await
    }
}

/// Of a host that no portal has.
const NOBODYS: u16 = 404;
/// 4,000 requests a second: well under what one core carries.
const LOAD_EVERY: Duration = Duration::from_micros(250);
/// From the start of a round to its reload.
const BEFORE: Duration = Duration::from_millis(500);
const LIMIT: Duration = Duration::from_secs(20);

const METHOD: &str = "One worker, and all threads of the gateway share core 0, the one that reads the files \
too: the narrowest place a gateway can have. Meanwhile 4,000 signed-in requests a second come from core 1, \
and a canary, which does not wait for its core, asks every millisecond on a connection of its own; its answers \
are timed from when the request should have gone out. The file gets one portal more, then comes SIGHUP; the change has taken effect when \
the new portal's host answers. Median of the rounds, and the worst.";
