//! User instructions per request of a whole gateway on several connections: what repeats where times
//! do not.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::scene::Scene;
use crate::{callgrind, cpu};

/// What callgrind counts in one gateway.
#[derive(Debug)]
pub(crate) struct Counted {
    /// User instructions per request, all threads added up.
    pub instructions: u64,
    /// Workers that had at least half of an equal share of the work.
    pub busy: usize,
}

/// Runs the scene's gateway under callgrind and ends it again. Its upstream must be running.
pub(crate) async fn count(scene: &mut Scene) -> Counted {
    let folder = scene.gateway.folder().to_owned();
    scene.gateway.start_process_under(&callgrind::launcher(&folder, STEM));
    scene.gateway.wait_ready_for(SLOW_START).await;
    let pid = scene.gateway.process().pid();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(scene.gateway.http(), scene.signed_in_request()).await);
    }
    let clients = ask_at_once(clients, WARM_UP).await;
    let before = cpu::of_threads(pid);
    let asking = async {
        ask_at_once(clients, REQUESTS).await;
        u64::from(REQUESTS) * u64::from(CONNECTIONS)
    };
    let instructions = per_request(pid, &folder, STEM, asking).await;
    let busy = busy_workers(&before, &cpu::of_threads(pid));
    scene.gateway.kill().await;
    Counted { instructions, busy }
}

/// User instructions of process `pid`, which runs under callgrind with output to `stem` in `folder`, for
/// each of the requests that `asking` counts.
pub(crate) async fn per_request(
    pid: u32,
    folder: &Path,
    stem: &str,
    asking: impl Future<Output = u64>,
) -> u64 {
    callgrind::zero(pid);
    let begun = Instant::now();
    let requests = asking.await;
    let (sum, _) = callgrind::dump(pid, folder, stem);
    // What the process does by itself, over as long a time.
    tokio::time::sleep(begun.elapsed()).await;
    let (idle, _) = callgrind::dump(pid, folder, stem);
    sum.saturating_sub(idle) / requests
}

async fn ask_at_once(clients: Vec<Client>, times: u32) -> Vec<Client> {
    let asking = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            client.ask(times, 200).await;
            client
        })
    });
    let mut clients = Vec::new();
    for task in asking.collect::<Vec<_>>() {
        clients.push(task.await.expect("every answer is 200"));
    }
    clients
}

fn busy_workers(before: &[(String, Duration)], after: &[(String, Duration)]) -> usize {
    let workers = before.iter().zip(after).filter(|((name, _), _)| name == WORKER);
    let ran: Vec<Duration> = workers.map(|((_, before), (_, after))| *after - *before).collect();
    let equal_share: Duration = ran.iter().sum::<Duration>() / ran.len().max(1) as u32;
    ran.iter().filter(|time| **time * 2 >= equal_share).count()
}

/// What the gateway calls the threads that proxy.
const WORKER: &str = "edge";
const STEM: &str = "gateway";
/// At once, so that every worker has something to do.
const CONNECTIONS: u32 = 16;
/// On each connection, before counting.
const WARM_UP: u32 = 50;
/// On each connection.
const REQUESTS: u32 = 200;
/// Valgrind runs programs some fifty times slower, and a gateway may have much to read at its start.
pub(crate) const SLOW_START: Duration = Duration::from_secs(600);
