//! CPU time per request of several loads, measured in turn.

use std::time::Duration;

use super::{Effort, median};
use crate::cpu;

/// A load, and whose time it takes.
pub(crate) struct Load<'a> {
    /// The processes that spend it.
    pub pids: Vec<u32>,
    /// Puts load on them for so long; gives the number of answers.
    pub run: Box<dyn FnMut(Duration) -> u64 + 'a>,
}

impl<'a> Load<'a> {
    pub(crate) fn new(pid: u32, run: impl FnMut(Duration) -> u64 + 'a) -> Self {
        Self { pids: vec![pid], run: Box::new(run) }
    }
}

/// Microseconds per request of each round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    pub(crate) fn median(&self) -> f64 {
        median(&self.0)
    }

    /// The median of what `of` makes of this and `other` in the same round: what the machine does
    /// meanwhile happens to both.
    pub(crate) fn beside(&self, other: &Self, of: impl Fn(f64, f64) -> f64) -> f64 {
        let pairs = self.0.iter().zip(&other.0);
        median(&pairs.map(|(mine, theirs)| of(*mine, *theirs)).collect::<Vec<_>>())
    }

    /// How many times `other`'s.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        self.beside(other, |mine, theirs| mine / theirs)
    }

    /// How much more than `other`'s.
    pub(crate) fn beyond(&self, other: &Self) -> f64 {
        self.beside(other, |mine, theirs| mine - theirs)
    }

    /// The median with the lowest and the highest.
    pub(crate) fn text(&self) -> String {
        let lowest = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        format!("{:.1} ({lowest:.1} to {highest:.1})", self.median())
    }
}

/// Interleaved: each round runs every load once. The first round only warms up.
pub(crate) fn measure<const N: usize>(effort: &Effort, mut loads: [Load<'_>; N]) -> [Rounds; N] {
    let mut all = std::array::from_fn(|_| Rounds::default());
    for round in 0..=effort.rounds {
        for (Load { pids, run }, Rounds(rounds)) in loads.iter_mut().zip(&mut all) {
            let span = if round == 0 { WARM_UP } else { effort.span };
            let before = cpu::time(pids);
            let requests = run(span);
            let spent = cpu::time(pids) - before;
            if round > 0 {
                rounds.push(spent.as_secs_f64() * 1e6 / requests as f64);
            }
        }
    }
    all
}

const WARM_UP: Duration = Duration::from_secs(1);
