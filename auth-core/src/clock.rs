//! The time, as something that can be moved in tests.
//!
//! Pure code takes `now` as an argument; whoever serves a request reads the clock once.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::identity::UnixSeconds;

/// Wall-clock time. It may step backwards: nothing may rely on it growing.
pub trait Clock: Send + Sync {
    /// Unix time in milliseconds.
    fn now_ms(&self) -> i64;

    /// Unix time in whole seconds.
    fn now(&self) -> UnixSeconds {
        self.now_ms().div_euclid(1000)
    }
}

/// A span as whole seconds, rounded down.
#[must_use]
pub fn whole_seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place where the time comes from")]
        let now = SystemTime::now();
        // A clock set before 1970 reads as a time before 1970; one set beyond the range of i64 as its end.
        match now.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(error) => i64::try_from(error.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug, Default)]
pub struct ManualClock {
    ms: AtomicI64,
}

impl ManualClock {
    /// Stands at `now`.
    #[must_use]
    pub fn new(now: UnixSeconds) -> Self {
        Self { ms: AtomicI64::new(now.saturating_mul(1000)) }
    }

    /// Moves by seconds; a negative number moves it back.
    pub fn advance(&self, seconds: i64) {
        self.advance_ms(seconds.saturating_mul(1000));
    }

    /// Moves by milliseconds.
    pub fn advance_ms(&self, ms: i64) {
        self.ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Moves to `now`.
    pub fn set(&self, now: UnixSeconds) {
        self.ms.store(now.saturating_mul(1000), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.ms.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_whole_and_rounded_down_before_1970_too() {
        let clock = ManualClock::new(10);
        clock.advance_ms(-10_001);
        assert_eq!((clock.now_ms(), clock.now()), (-1, -1));
        clock.set(5);
        clock.advance(2);
        clock.advance_ms(999);
        assert_eq!(clock.now(), 7);
    }

    #[test]
    fn the_machine_s_clock_is_past_2020() {
        assert!(SystemClock.now() > 1_577_836_800);
    }
}
