//! When to kill, and what the kills hit.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The moments of one test, and what came of them.
#[derive(Debug)]
pub(super) struct Moments {
    what: &'static str,
    count: u32,
    seed: u64,
    state: u64,
    span: Option<Duration>,
    kills: u32,
    tally: Tally,
}

/// How things stood when the process was killed, deed by deed.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    /// It had been answered.
    answered: u32,
    /// It had happened, and nobody was told.
    done: u32,
    /// Nothing of it had happened.
    undone: u32,
}

impl Moments {
    /// `usual` moments, or the share of what `KILLS` asks for.
    pub(super) fn of(what: &'static str, usual: u32) -> Self {
        let wanted: Option<u32> = number("KILLS");
        let count = wanted.map_or(usual, |all| (all * usual).div_ceil(USUAL_IN_ALL));
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
        let seed =
            number("KILLS_SEED").unwrap_or_else(|| u64::try_from(clock % 1_000_000).unwrap_or(0));
        let state = what.bytes().fold(seed, |state, byte| mix(state ^ u64::from(byte)));
        Self { what, count, seed, state, span: None, kills: 0, tally: Tally::default() }
    }

    /// Whether there is another one to come.
    pub(super) fn left(&self) -> bool {
        self.kills < self.count
    }

    /// How long to wait before the next kill; `None` where nobody knows yet how long it takes undisturbed.
    pub(super) fn next(&mut self) -> Option<Duration> {
        let span = self.span?;
        self.kills += 1;
        self.state = mix(self.state);
        let part = f64::from(u32::try_from(self.state >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        Some(span.mul_f64(part))
    }

    /// It took so long, to its end or until it was killed. What the machine does besides makes it longer or
    /// shorter from one time to another.
    pub(super) fn took(&mut self, to_its_end: bool, time: Duration) {
        self.span = Some(match (self.span, to_its_end) {
            (None, _) => time,
            (Some(span), true) => (span + time) / 2,
            (Some(span), false) if time > span.mul_f64(0.7) => span.mul_f64(1.2),
            (Some(span), false) => span,
        });
    }

    /// What was under way had been answered.
    pub(super) fn answered(&mut self) {
        self.tally.answered += 1;
    }

    /// It had not been answered; whether it had happened.
    pub(super) fn unanswered(&mut self, happened: bool) {
        if happened {
            self.tally.done += 1;
        } else {
            self.tally.undone += 1;
        }
    }

    /// Says what was hit, and that the moments were neither all too early nor all too late.
    pub(super) fn finish(self) {
        let Tally { answered, done, undone } = self.tally;
        let (all, unanswered) = (answered + done + undone, done + undone);
        println!(
            "{}: {} kills within {:.0?}, KILLS_SEED={}: of {all} deeds {answered} had been answered, {done} had \
             happened unanswered, {undone} had not happened",
            self.what,
            self.kills,
            self.span.unwrap_or_default(),
            self.seed,
        );
        assert!(unanswered * 8 >= all, "{}: nearly every kill came too late", self.what);
        assert!((answered + done) * 12 >= all, "{}: nearly every kill came too early", self.what);
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// One step of `SplitMix64`.
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Of all tests together.
const USUAL_IN_ALL: u32 = 150;
