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
    parts: Vec<u32>,
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
        let parts = (0..count).collect();
        Self { what, count, seed, state, span: None, kills: 0, parts, tally: Tally::default() }
    }

    /// Whether there is another one to come.
    pub(super) fn left(&self) -> bool {
        self.kills < self.count
    }

    /// How long to wait before the next kill; `None` where nobody knows yet how long it takes undisturbed.
    pub(super) fn next(&mut self) -> Option<Duration> {
        let span = self.span?;
        // One within each of as many parts as there are moments, so that few of them are spread as well.
        let chosen = usize::try_from(self.random()).expect("64 bits") % self.parts.len();
        let part = self.parts.swap_remove(chosen);
        let within = (self.random() >> 32) as f64 / f64::from(u32::MAX);
        self.kills += 1;
        Some(span.mul_f64((f64::from(part) + within) / f64::from(self.count) * REACH))
    }

    fn random(&mut self) -> u64 {
        self.state = mix(self.state);
        self.state
    }

    /// It took so long, to its end or until it was killed. What the machine does besides makes it longer or
    /// shorter from one time to another.
    pub(super) fn took(&mut self, to_its_end: bool, time: Duration) {
        self.span = Some(match (self.span, to_its_end) {
            (None, _) => time,
            (Some(span), true) => (span + time) / 2,
            (Some(span), false) if time > span.mul_f64(0.7) => span.mul_f64(1.5),
            (Some(span), false) => span,
        });
    }

    /// What became of one deed of the last moment: whether it was answered, and whether it happened.
    pub(super) fn count(&mut self, answered: bool, happened: bool) {
        assert!(happened || !answered, "what was answered has happened");
        match (answered, happened) {
            // The first time nothing was killed.
            _ if self.kills == 0 => {}
            (true, _) => self.tally.answered += 1,
            (false, true) => self.tally.done += 1,
            (false, false) => self.tally.undone += 1,
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
        // Of a few it may be chance.
        let early = all >= MANY && (answered + done) * 20 < all;
        assert!(!early, "{}: nearly every kill came too early", self.what);
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

/// Kills come up to a little later than the deed usually takes.
const REACH: f64 = 1.1;
const MANY: u32 = 30;
/// Of all tests together.
const USUAL_IN_ALL: u32 = 118;
