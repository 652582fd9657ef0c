//! What everybody writes on while the hour runs: what was done, how it ended, and what was broken when.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bitrix_id_tests::journey::Trouble;

/// How long after a fault has ended something may still be refused: connections are made anew, gateways start.
const AFTERMATH: Duration = Duration::from_secs(15);

/// Things that people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// A page of a portal, signed in.
    Request,
    /// A whole sign-in with a password.
    SignIn,
    /// To another portal without a form.
    Hop,
    /// A sign-out.
    SignOut,
    /// A WebSocket, opened and spoken over.
    Socket,
    /// A reload of the configuration.
    Reload,
    /// A token that was signed out, tried again: done when it was refused.
    Intrusion,
}

/// Which of the two was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gateway {
    /// A, which always answers.
    Lasting,
    /// B, which is killed now and then.
    Killed,
}

/// How often something was done, and refused.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Count {
    /// As it should be.
    pub(super) done: u64,
    /// 503, to come again, while something was broken.
    pub(super) come_again: u64,
    /// No answer, while the gateway asked was broken or gone.
    pub(super) no_answer: u64,
}

/// A fault and when it was on.
#[derive(Debug, Clone)]
pub(super) struct Spell {
    /// What was done.
    pub(super) what: &'static str,
    /// Since the start.
    pub(super) from: Duration,
    /// The same; not yet over if none.
    pub(super) to: Option<Duration>,
}

#[derive(Default)]
struct Written {
    counts: BTreeMap<Deed, Count>,
    took: Vec<Duration>,
    spells: Vec<Spell>,
    wrong: Vec<String>,
}

/// Shared by all who work.
pub(super) struct Board {
    started: Instant,
    written: Mutex<Written>,
}

impl Board {
    /// An empty one; its clock starts.
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), written: Mutex::default() }
    }

    /// Since the start.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Notes how something ended at a gateway that is never killed, or at one that is. Whatever nobody should
    /// ever see is wrong.
    pub(super) fn note<T>(
        &self,
        deed: Deed,
        began: Instant,
        outcome: &Result<T, Trouble>,
        gateway: Gateway,
    ) {
        let mut written = self.written();
        let fault = broken(&written.spells, began - self.started, self.now());
        let count = written.counts.entry(deed).or_default();
        match outcome {
            Ok(_) => count.done += 1,
            Err(trouble) if fault && trouble.is_come_again() => count.come_again += 1,
            Err(trouble) if fault && trouble.is_no_answer() && gateway == Gateway::Killed => {
                count.no_answer += 1;
            }
            Err(trouble) => written.blame(self.now(), &format!("{deed:?}: {trouble}")),
        }
        if deed == Deed::Request && outcome.is_ok() {
            written.took.push(began.elapsed());
        }
    }

    /// Notes what must never be.
    pub(super) fn blame(&self, what: &str) {
        self.written().blame(self.now(), what);
    }

    /// A fault begins.
    pub(super) fn begins(&self, what: &'static str) {
        println!("{:5.0?} {what}", self.now());
        self.written().spells.push(Spell { what, from: self.now(), to: None });
    }

    /// The last one is over.
    pub(super) fn ends(&self) {
        if let Some(spell) = self.written().spells.last_mut() {
            spell.to = Some(self.now());
        }
    }

    /// How long requests took since this was last asked, shortest first.
    pub(super) fn take_times(&self) -> Vec<Duration> {
        let mut took = std::mem::take(&mut self.written().took);
        took.sort_unstable();
        took
    }

    /// All counts so far.
    pub(super) fn counts(&self) -> BTreeMap<Deed, Count> {
        self.written().counts.clone()
    }

    /// All faults so far.
    pub(super) fn spells(&self) -> Vec<Spell> {
        self.written().spells.clone()
    }

    /// What went wrong; nothing, in the end.
    pub(super) fn wrong(&self) -> Vec<String> {
        self.written().wrong.clone()
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    fn blame(&mut self, now: Duration, what: &str) {
        println!("{now:5.0?} WRONG: {what}");
        self.wrong.push(format!("after {now:.0?}: {what}"));
    }
}

/// Whether anything was broken at any time between the two.
fn broken(spells: &[Spell], from: Duration, to: Duration) -> bool {
    spells
        .iter()
        .any(|spell| spell.from <= to && spell.to.is_none_or(|ended| ended + AFTERMATH >= from))
}
