//! How far this process has heard of revocations: the log is read, applied, and only then counts as heard.
//!
//! A process that starts while the store is away begins with what the last one kept ([`crate::kept`]), and
//! with the time at which that one had heard last.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::revocation::Standing;
use bitrix_id_auth_core::store::{LogPosition, Revocation, StoreError};

use crate::hub::Hub;

/// How far this process has heard.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    /// How far the log of revocations was read. What this process revokes itself is applied at once and
    /// does not move it: another process may have written in between.
    followed: Mutex<LogPosition>,
    /// When the log was last read to its end, Unix milliseconds.
    heard_at_ms: AtomicI64,
    /// This process has read the log to its end itself.
    caught_up: AtomicBool,
}

impl Hearing {
    /// Goes on from where another process had come to, unless this one has heard for itself.
    pub(crate) fn resume(&self, standing: Standing) {
        if !self.has_caught_up() {
            *self.followed() = standing.position;
            self.heard_at_ms.store(standing.heard_at_ms, Ordering::Release);
        }
    }

    /// Whether the store was heard since the start.
    pub(crate) fn has_caught_up(&self) -> bool {
        self.caught_up.load(Ordering::Acquire)
    }

    /// How far it is. Everything up to there is in force.
    pub(crate) fn standing(&self) -> Standing {
        // In the opposite order of how they are set: what is read later reaches as far, or farther.
        let heard_at_ms = self.heard_at_ms.load(Ordering::Acquire);
        Standing { position: *self.followed(), heard_at_ms }
    }

    /// The log was read to its end, by a question that was asked then.
    fn heard(&self, asked_at_ms: i64) {
        // Also when the clock was set back: it is the time of now that counts from now on.
        self.heard_at_ms.store(asked_at_ms, Ordering::Release);
        self.caught_up.store(true, Ordering::Release);
    }

    /// Whether that was at most `silence` seconds before `now`. A time to come is none at which anybody
    /// has heard anything, but for what clocks differ by.
    fn is_within(&self, silence: i64, now: i64) -> bool {
        let heard_at = self.heard_at_ms.load(Ordering::Acquire).div_euclid(1000);
        (-CLOCKS_DIFFER..=silence).contains(&now.saturating_sub(heard_at))
    }

    fn followed(&self) -> MutexGuard<'_, LogPosition> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Two may read at once: the one who has read less does not take the other back.
    fn note_followed(&self, seen: LogPosition, now: LogPosition) {
        let mut followed = self.followed();
        let farther = followed.log == now.log && followed.sequence < now.sequence;
        if *followed == seen || farther {
            *followed = now;
        }
    }
}

impl Hub {
    /// Learns at start what was revoked before: nothing is open yet, and nothing of it is news.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub(crate) async fn learn_revocations(&self) -> Result<(), StoreError> {
        self.follow_log(|revocation| {
            self.revocations.apply(revocation);
        })
        .await
    }

    /// Reads revocations this process has not seen yet and enforces them.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer; the set stays as it is.
    pub(crate) async fn catch_up_revocations(&self) -> Result<(), StoreError> {
        self.follow_log(|revocation| self.apply_revocation(revocation)).await
    }

    /// Reads what the log has beyond where this process stands, applies it and moves there.
    async fn follow_log(&self, apply: impl Fn(&Revocation)) -> Result<(), StoreError> {
        let asked_at_ms = self.clock.now_ms();
        loop {
            let seen = *self.hearing.followed();
            let read = self.sessions.read_log(seen).await?;
            if let Some(begun_at) = read.begun_at.filter(|_| read.position.log != seen.log) {
                self.note_log_begun(seen, begun_at);
            }
            read.entries.iter().for_each(&apply);
            // Now that it is in force: another reader takes for granted what lies behind this.
            self.hearing.note_followed(seen, read.position);
            if read.complete {
                self.hearing.heard(asked_at_ms);
                return Ok(());
            }
        }
    }

    /// What knew which of the tokens before it were ended is not there, so none of them counts. Whoever began
    /// the log may have a clock that is fast: tokens that are made from now on count in any case.
    fn note_log_begun(&self, seen: LogPosition, begun_at: i64) {
        let begun_at = begun_at.min(self.clock.now());
        if self.revocations.refuse_before(begun_at) && seen != LogPosition::default() {
            tracing::error!("the session store has lost its data: everybody has to sign in again");
        }
    }

    /// Whether revocations were heard recently enough for tokens to count: an ended session that
    /// nobody told us about must not live on for longer than `identity.max_silence`.
    pub(crate) fn hears_revocations(&self, now: i64) -> bool {
        let silence = whole_seconds(self.snapshot.load().config.identity.max_silence);
        self.hearing.is_within(silence, now)
    }
}

/// In seconds, as for tokens.
const CLOCKS_DIFFER: i64 = 30;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn heard_at(seconds: i64) -> Hearing {
        let hearing = Hearing::default();
        hearing.heard(seconds * 1000);
        hearing
    }

    fn standing(sequence: u64, heard_at_ms: i64) -> Standing {
        let position = LogPosition { log: Uuid::from_u128(1), sequence, mark: 0 };
        Standing { position, heard_at_ms }
    }

    #[test]
    fn silence_is_counted_from_when_the_log_was_heard() {
        let hearing = heard_at(1000);
        for (now, within) in [(1000, true), (1600, true), (1601, false), (i64::MAX, false)] {
            assert_eq!(hearing.is_within(600, now), within, "{now}");
        }
        assert!(!Hearing::default().is_within(600, 1_700_000_000), "nothing was ever heard");
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_lengthen_it() {
        let hearing = heard_at(1000);
        assert!(hearing.is_within(600, 970), "clocks differ a little");
        assert!(!hearing.is_within(600, 969) && !hearing.is_within(600, i64::MIN));
        // The next answer is one of now.
        hearing.heard(500_000);
        assert!(hearing.is_within(600, 500) && !hearing.is_within(600, 1101));
    }

    #[test]
    fn what_was_kept_counts_until_the_store_is_heard_and_no_longer() {
        let hearing = Hearing::default();
        hearing.resume(standing(3, 1_000_000));
        assert!(!hearing.has_caught_up());
        assert_eq!(hearing.standing(), standing(3, 1_000_000));
        assert!(hearing.is_within(600, 1600) && !hearing.is_within(600, 1601), "as it was kept");
        // A newer one, of a process that has just handed over.
        hearing.resume(standing(4, 1_100_000));
        hearing.note_followed(standing(4, 0).position, standing(5, 0).position);
        hearing.heard(1_200_000);
        hearing.resume(standing(1, 1_000_000));
        assert_eq!(hearing.standing(), standing(5, 1_200_000));
    }
}
