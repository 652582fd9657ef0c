//! Whether a request costs more where more workers serve. Two cores cannot show how four workers scale, but
//! they show what would keep them from it: more instructions per request, or waiting for each other.

use std::time::Duration;

use super::counted::count;
use super::rounds::{Load, measure};
use super::waits::{self, Waits};
use super::{Effort, Figure, Section};
use crate::beside::peer::{Peer, pin};
use crate::beside::peers;
use crate::load::{LOAD_CORE, wrk};
use crate::scene::{Scene, USUAL};

pub(crate) async fn section(effort: &Effort) -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(LOAD_CORE);
    let (mut one, mut four) = (prepare(&upstream, 1).await, prepare(&upstream, 4).await);
    let (counted_one, counted_four) = (count(&mut one).await, count(&mut four).await);
    assert_eq!((counted_one.busy, counted_four.busy), (1, 4), "every worker serves");
    one.start().await;
    four.start().await;
    let [cpu_one, cpu_four] = measure(effort, [load(&one), load(&four)]);
    let waited_one = waits(&one, effort.span);
    let waited_four = waits(&four, effort.span);
    one.gateway.stop().await;
    four.gateway.stop().await;
    let instructions = |counted: u64| format!("{counted}");
    let ratio = counted_four.instructions as f64 / counted_one.instructions as f64;
    let more = match (waited_one.locks, waited_four.locks) {
        (Some(one), Some(four)) => format!("{:+.2}", four - one),
        _ => NOT_COUNTED.to_owned(),
    };
    let mut figures = vec![
        Figure::new("user instructions, one worker", "", instructions(counted_one.instructions)),
        Figure::new("user instructions, four workers", "", instructions(counted_four.instructions)),
        Figure::new("four ÷ one", "<= 1.03", format!("{ratio:.3}")),
        Figure::new("waits for a lock, four less one, of 100 requests", "<= 3", more),
    ];
    for (workers, waited) in [("one worker", waited_one), ("four workers", waited_four)] {
        let Waited { locks, futexes, sleeps } = waited;
        figures.push(Figure::new(format!("waits for a lock, {workers}"), "", text(locks)));
        figures.push(Figure::new(format!("futex calls, {workers}"), "", text(futexes)));
        figures.push(Figure::new(
            format!("threads gone to sleep, {workers}"),
            "",
            text(Some(sleeps)),
        ));
    }
    for (workers, cpu) in [("one worker", cpu_one), ("four workers", cpu_four)] {
        let what = format!("CPU per request where a single core serves all, {workers}, µs");
        figures.push(Figure::new(what, "", cpu.text()));
    }
    Section {
        title: "Four workers beside one",
        method: "User instructions per signed-in request by callgrind on 16 connections; each worker of four \
                 took its share. Waits of all threads, of 100 requests, by perf at full load of 64 \
                 connections, gateway on both cores: a wait for a lock that another thread holds; any call \
                 of futex(2), of which the others are threads that wake each other and wait for work; and a \
                 thread that went to sleep.",
        figures,
    }
}

async fn prepare(upstream: &Peer, workers: usize) -> Scene {
    let mut scene = Scene::prepare(upstream.address, USUAL).await;
    scene.set_workers(workers);
    scene
}

fn load(scene: &Scene) -> Load<'static> {
    let (address, request) = (scene.gateway.http(), scene.signed_in_load());
    Load::new(scene.gateway.process().pid(), move |span| wrk(address, &request, span, false))
}

/// Of 100 requests.
struct Waited {
    locks: Option<f64>,
    futexes: Option<f64>,
    sleeps: f64,
}

/// On both cores, so that workers can get into each other's way.
fn waits(scene: &Scene, span: Duration) -> Waited {
    let pid = scene.gateway.process().pid();
    pin(pid, BOTH_CORES);
    let mut load = load(scene);
    let (requests, Waits { futexes, sleeps }) = waits::during(pid, || (load.run)(span));
    let of_a_hundred = |count: u64| count as f64 * 100.0 / requests as f64;
    Waited {
        locks: futexes.map(|futexes| of_a_hundred(futexes.locks)),
        futexes: futexes.map(|futexes| of_a_hundred(futexes.all)),
        sleeps: of_a_hundred(sleeps),
    }
}

fn text(count: Option<f64>) -> String {
    count.map_or(NOT_COUNTED.to_owned(), |count| format!("{count:.2}"))
}

const BOTH_CORES: &str = "0,1";
const NOT_COUNTED: &str = "perf may not count here";
