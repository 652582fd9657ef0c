//! How long a keep-alive connection is quiet, at no cost per request.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Rings when a quiet spell has lasted its limit. One timer serves all spells of a connection: it is not moved
/// with each of them, but set anew when it goes off in another spell than the one it was set in. A spell
/// therefore ends between once and twice the limit; the first one ends on time.
#[derive(Debug)]
pub(crate) struct IdleClock {
    limit: Duration,
    spell: AtomicU32,
    timer: Option<Timer>,
}

#[derive(Debug)]
struct Timer {
    sleep: Pin<Box<Sleep>>,
    set_in: u32,
}

impl IdleClock {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, spell: AtomicU32::new(0), timer: None }
    }

    /// Another quiet spell begins.
    pub(crate) fn begin(&self) {
        self.spell.fetch_add(1, Ordering::Relaxed);
    }

    /// Ready when this spell is over its limit; wakes the task when it may be.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let spell = self.spell.load(Ordering::Relaxed);
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Timer {
            sleep: Box::pin(tokio::time::sleep(limit)),
            set_in: spell,
        });
        while timer.sleep.as_mut().poll(cx).is_ready() {
            if timer.set_in == spell {
                return Poll::Ready(());
            }
            timer.set_in = spell;
            timer.sleep.as_mut().reset(Instant::now() + limit);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    async fn is_over(clock: &mut IdleClock) -> bool {
        poll_fn(|cx| Poll::Ready(clock.poll_over(cx).is_ready())).await
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_spell_ends_at_its_limit() {
        let mut clock = IdleClock::new(LIMIT);
        let started = Instant::now();
        poll_fn(|cx| clock.poll_over(cx)).await;
        assert!(started.elapsed() >= LIMIT && started.elapsed() < LIMIT * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_of_an_earlier_spell_ends_no_later_one() {
        let mut clock = IdleClock::new(LIMIT);
        assert!(!is_over(&mut clock).await);
        tokio::time::advance(LIMIT - Duration::from_secs(1)).await;
        clock.begin();
        let began = Instant::now();
        tokio::time::advance(Duration::from_secs(2)).await;
        // The timer has gone off, but a request came in between.
        assert!(!is_over(&mut clock).await);
        poll_fn(|cx| clock.poll_over(cx)).await;
        assert!(began.elapsed() >= LIMIT && began.elapsed() <= LIMIT * 2);
    }
}
