//! CPU time of the servers: beside calls, and beside a gateway that nobody asks.

use std::time::{Duration, Instant};

use crate::cpu;
use crate::figures::place::Place;

/// CPU time of a pairing's servers, and of whoever asks them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    asking: Duration,
    directory: Option<Duration>,
    sessions: Option<Duration>,
}

impl Spent {
    /// So far; `asks` is a process.
    pub(crate) fn of(place: &Place, asks: u32) -> Self {
        let servers = &place.servers;
        Self {
            asking: cpu::time(&[asks]),
            directory: servers.directory_cpu(),
            sessions: servers.sessions_cpu(),
        }
    }

    /// Adds what was spent between two looks.
    pub(crate) fn add(&mut self, before: &Self, after: &Self) {
        let grown = |sum: Option<Duration>, before: Option<Duration>, after: Option<Duration>| {
            Some(sum.unwrap_or_default() + after?.saturating_sub(before?))
        };
        self.asking += after.asking - before.asking;
        self.directory = grown(self.directory, before.directory, after.directory);
        self.sessions = grown(self.sessions, before.sessions, after.sessions);
    }

    /// `None` where the pairing has no such server.
    pub(crate) fn by_process<'a>(&self, asks: &'a str) -> [(&'a str, Option<Duration>); 3] {
        [(asks, Some(self.asking)), ("PostgreSQL", self.directory), ("Redis", self.sessions)]
    }
}

/// What a gateway takes by running.
pub(crate) struct Idle {
    spent: Spent,
    span: Duration,
}

impl Idle {
    /// Looks on for `span`.
    pub(crate) async fn measure(place: &Place, span: Duration) -> Self {
        // What a start has left to do.
        tokio::time::sleep(SETTLE).await;
        let pid = place.gateway.process().pid();
        let (before, begun) = (Spent::of(place, pid), Instant::now());
        tokio::time::sleep(span).await;
        let mut spent = Spent::default();
        spent.add(&before, &Spent::of(place, pid));
        Self { spent, span: begun.elapsed() }
    }

    /// Milliseconds of CPU a second, of each there is.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let told =
            |spent: Duration| format!("{:.1}", spent.as_secs_f64() * 1e3 / self.span.as_secs_f64());
        let all = self.spent.by_process("the gateway").into_iter();
        all.filter_map(|(process, spent)| {
            Some((format!("at rest, CPU ms a second of {process}"), told(spent?)))
        })
        .collect()
    }
}

const SETTLE: Duration = Duration::from_secs(1);
