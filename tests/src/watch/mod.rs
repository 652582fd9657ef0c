//! People at two gateways while something breaks, and what came of it for each of them.
//!
//! A [`Watch`] has, before the fault: requests of somebody who is signed in ([`signed_in`]) and their WebSockets
//! ([`streams`]), people who come anew ([`newcomers`]), those who must not come in ([`intruders`]), changes of an
//! account ([`changes`]), and a look at what the gateways say about themselves ([`said`]). What was answered as
//! done is kept in a [`ledger`] and asked for at the end, at both gateways. A [`row::Row`] has the figures.

mod begin;
mod changes;
mod end;
mod intruders;
mod ledger;
mod newcomers;
pub mod people;
pub mod row;
mod said;
pub mod signed_in;
mod streams;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::client::browser::Browser;
use crate::door::Door;
use crate::poll::{eventually, until};
use changes::Changes;
use intruders::Intruders;
use ledger::Ledger;
use newcomers::Newcomers;
use row::Row;
use said::Said;
use signed_in::SignedIn;
use streams::Streams;

/// People at two gateways.
pub struct Watch {
    shared: Arc<Shared>,
    doors: [Door; 2],
    signed_in: SignedIn,
    changing: Vec<Browser>,
    tasks: Vec<JoinHandle<()>>,
    row: Row,
    began: Instant,
}

/// What the tasks of a watch share.
struct Shared {
    enough: AtomicBool,
    nobody_leaves: AtomicBool,
    started: Instant,
    portal: &'static str,
    ledger: Ledger,
    newcomers: [Newcomers; 2],
    intruders: [Intruders; 2],
    said: [Said; 2],
    changes: Changes,
    streams: [Streams; 2],
}

impl Shared {
    fn enough(&self) -> bool {
        self.enough.load(Ordering::Relaxed)
    }

    /// How long it has been going on, for whoever reads a failure.
    fn clock(&self) -> String {
        format!("{:.2} s", self.started.elapsed().as_secs_f64())
    }
}

impl Watch {
    /// From now on it is the fault that is seen.
    pub fn fault_begins(&mut self) {
        self.began = Instant::now();
    }

    /// Waits until both gateways say that these parts do not work: in readiness and in metrics.
    pub async fn until_said(&mut self, parts: &[&str]) {
        for part in parts {
            let reason = format!("not working: {part}");
            until(PATIENCE, &format!("both say {reason:?}"), async || {
                self.shared.said.iter().map(Said::words).all(|words| {
                    words.parts.contains(*part) && words.reasons.iter().any(|said| *said == reason)
                })
            })
            .await;
        }
    }

    /// Waits until both gateways give a reason that holds this.
    pub async fn until_reason(&self, word: &str) {
        until(PATIENCE, &format!("both say {word:?}"), async || {
            let mut words = self.shared.said.iter().map(Said::words);
            words.all(|words| words.reasons.iter().any(|reason| reason.contains(word)))
        })
        .await;
    }

    /// Waits until so many more newcomers at each gateway were told to come again.
    pub async fn until_turned_away(&self, times: u64) {
        let before = self.counts(|tally| tally.come_again);
        until(PATIENCE, "newcomers are told to come again", async || {
            let now = self.counts(|tally| tally.come_again);
            (0..2).all(|n| now[n] >= before[n] + times)
        })
        .await;
    }

    /// Waits until so many more newcomers came in at each gateway.
    pub async fn until_entered(&self, times: u64) {
        let before = self.counts(|tally| tally.entered);
        until(PATIENCE, "newcomers come in", async || {
            let now = self.counts(|tally| tally.entered);
            (0..2).all(|n| now[n] >= before[n] + times)
        })
        .await;
    }

    /// Waits until somebody came in who must not.
    pub async fn until_an_intruder_came_in(&self) {
        until(PATIENCE, "an intruder comes in", async || {
            self.shared.intruders.iter().any(|intruders| intruders.tally().let_in > 0)
        })
        .await;
    }

    /// Newcomers that came in so far, at both gateways together.
    pub fn entered(&self) -> u64 {
        self.counts(|tally| tally.entered).iter().sum()
    }

    /// Keeps the fault on for at least so long since its beginning.
    pub async fn until_it_lasted(&self, time: Duration) {
        until(PATIENCE, "time passes", async || self.began.elapsed() >= time).await;
    }

    /// The fault is gone: waits until newcomers come in at both gateways again and both say that all is well.
    /// Panics when that takes longer than [`HEALS_WITHIN`].
    pub async fn heals(&mut self) {
        self.heals_when(async || true).await;
    }

    /// The same where something else has to be well again, too.
    pub async fn heals_when(&mut self, also: impl AsyncFn() -> bool) {
        self.row.lasted = self.began.elapsed();
        let gone = Instant::now();
        let before = self.counts(|tally| tally.entered);
        let changes = self.shared.changes.done();
        eventually(HEALS_WITHIN, "everything works again", async || {
            let now = self.counts(|tally| tally.entered);
            let well = (0..2).all(|n| {
                let words = self.shared.said[n].words();
                now[n] > before[n] && words.ready && words.now.is_empty()
            });
            let well = well && self.shared.changes.done() > changes;
            (well && also().await).then_some(())
        })
        .await;
        self.row.healed = gone.elapsed();
        // A little longer: who must not come in may be let in by what has just come back.
        self.until_entered(2).await;
    }

    /// Whether newcomers stay signed in from now on, all of them.
    pub fn nobody_leaves(&self, so: bool) {
        self.shared.nobody_leaves.store(so, Ordering::Relaxed);
    }

    /// Sign-ins until now may be gone: the store has lost them.
    pub fn forgets_sign_ins(&self) {
        self.shared.ledger.forget_sign_ins();
    }

    /// A figure of the fault's own.
    pub fn note(&mut self, text: String) {
        self.row.notes.push(text);
    }

    fn counts(&self, count: impl Fn(&newcomers::Tally) -> u64) -> [u64; 2] {
        [0, 1].map(|n| count(&self.shared.newcomers[n].tally()))
    }
}

/// Keeps the first few of many.
fn keep(kept: &mut Vec<String>, shared: &Shared, what: &str) {
    if kept.len() < 5 {
        let mut what = format!("{}: {what}", shared.clock());
        let end = what.char_indices().map(|(at, _)| at).find(|at| *at > 600);
        what.truncate(end.unwrap_or(what.len()));
        kept.push(what);
    }
}

/// How long it may take until everything works again, on a busy machine.
pub const HEALS_WITHIN: Duration = Duration::from_secs(30);

/// How long anything else may take there.
const PATIENCE: Duration = Duration::from_secs(60);
