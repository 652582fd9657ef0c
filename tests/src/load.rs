//! Steady load on a route, with every failed request counted and none repeated.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use tokio::task::JoinHandle;

use crate::client::raw::RawConnection;

/// What the load asks for.
#[derive(Clone)]
pub struct Target {
    /// The listener.
    pub address: SocketAddr,
    /// Server name and `Host`.
    pub host: String,
    /// Trust, and no HTTP/2.
    pub tls: Arc<ClientConfig>,
    /// A whole GET request.
    pub request: String,
    /// A new connection after so many requests.
    pub requests_per_connection: u32,
    /// How long a client rests between two requests; zero for as many as it can.
    pub pause: Duration,
    /// A refused connection ends a client instead of counting as a failure: the gateway is going away.
    pub until_refused: bool,
}

/// Load that is running.
pub struct Load {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    workers: Vec<JoinHandle<Tally>>,
    started: Instant,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests answered 200, whole.
    pub ok: u64,
    /// All others.
    pub failed: u64,
    /// Answers of 503 that say when to come again, where they are told from failures: by a browser.
    pub come_again: u64,
    /// What the first few of the failures were.
    pub failures: Vec<String>,
    /// Connections opened.
    pub connections: u64,
    /// The longest that a request took.
    pub slowest: Duration,
    /// The longest that a client was without a good answer.
    pub longest_without: Duration,
    /// How long it ran.
    pub elapsed: Duration,
}

impl Load {
    /// Starts `workers` clients; each sends its next request as soon as the last is answered.
    pub fn start(target: &Target, workers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let done = Arc::new(AtomicU64::new(0));
        let workers = (0..workers)
            .map(|_| tokio::spawn(work(target.clone(), Arc::clone(&stop), Arc::clone(&done))))
            .collect();
        Self { stop, done, workers, started: Instant::now() }
    }

    /// Requests answered so far, well or not.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Waits until so many more requests have been made.
    pub async fn more(&self, count: u64) {
        let goal = self.done() + count;
        crate::poll::until(Duration::from_secs(120), "the load goes on", || async {
            self.done() >= goal
        })
        .await;
    }

    /// Lets every client finish its request and adds up.
    pub async fn finish(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut sum = Tally::default();
        for worker in self.workers {
            sum.add(worker.await.expect("a worker does not panic"));
        }
        sum.elapsed = self.started.elapsed();
        sum
    }
}

async fn work(target: Target, stop: Arc<AtomicBool>, done: Arc<AtomicU64>) -> Tally {
    let mut tally = Tally::default();
    let mut went_well_at = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let tls = Arc::clone(&target.tls);
        tally.connections += 1;
        let mut connection = match RawConnection::tls(target.address, &target.host, tls).await {
            Ok(connection) => connection,
            Err(_) if target.until_refused => break,
            Err(error) => {
                tally.fail(format!("connecting: {error}"));
                done.fetch_add(1, Ordering::Relaxed);
                // A refused connection answers at once: without a pause the count would mean nothing.
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            }
        };
        for _ in 0..target.requests_per_connection {
            let asked = Instant::now();
            let answer = connection.exchange("GET", &target.request).await;
            tally.slowest = tally.slowest.max(asked.elapsed());
            done.fetch_add(1, Ordering::Relaxed);
            match answer {
                Ok(answer) if answer.status == 200 && answer.complete() => {
                    tally.went_well(&mut went_well_at);
                    if answer.closes() {
                        break;
                    }
                }
                Ok(answer) => {
                    tally.fail(format!("{} {:?}: {}", answer.status, answer.end, answer.text()));
                    break;
                }
                Err(error) => {
                    tally.fail(format!("no answer: {error}"));
                    break;
                }
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
            rest(target.pause).await;
        }
        // After a failure as well, or who is refused would ask more often than who is not.
        rest(target.pause).await;
    }
    tally
}

/// A sleep of no time at all takes a millisecond.
async fn rest(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

impl Tally {
    /// Panics unless every request went well; prints the figures under `what`.
    pub fn expect_none_failed(&self, what: &str) {
        println!(
            "{what}: {} failed of {}, {} connections, {:.1} s",
            self.failed,
            self.ok + self.failed,
            self.connections,
            self.elapsed.as_secs_f64()
        );
        assert_eq!(self.failed, 0, "{what}: {:#?}", self.failures);
    }

    /// The figures of both.
    pub(crate) fn add(&mut self, other: Self) {
        self.ok += other.ok;
        self.failed += other.failed;
        self.come_again += other.come_again;
        self.connections += other.connections;
        self.slowest = self.slowest.max(other.slowest);
        self.longest_without = self.longest_without.max(other.longest_without);
        self.failures.extend(other.failures);
    }

    /// Counts a good answer, and how long it is since the one before.
    pub(crate) fn went_well(&mut self, last: &mut Instant) {
        self.ok += 1;
        self.longest_without = self.longest_without.max(last.elapsed());
        *last = Instant::now();
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.failed += 1;
        if self.failures.len() < 5 {
            self.failures.push(what);
        }
    }
}
