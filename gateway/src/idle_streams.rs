//! Connections to an endpoint that wait for their next request.
//!
//! A connection is kept where it was used last: workers do not wait for each other, and the one used last is
//! taken first, so that what is not needed grows old. None has a task or a timer of its own: that an upstream
//! has closed one shows when it is taken, and a sweep every few seconds ends those that are old or closed.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::FutureExt;
use pingora::protocols::Stream;
use tokio::io::AsyncReadExt;

use crate::shards;

/// What all endpoints share: how many connections wait, and how often was swept.
#[derive(Debug)]
pub(crate) struct Waiting {
    most_per_shard: usize,
    /// By shard, so that workers do not write to one place.
    counts: [Count; SHARDS],
    sweeps: AtomicU32,
}

// Alone in its cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Count(AtomicUsize);

impl Waiting {
    /// `most_per_shard` connections of all endpoints together.
    pub(crate) fn new(most_per_shard: usize) -> Self {
        Self { most_per_shard, counts: Default::default(), sweeps: AtomicU32::new(0) }
    }

    /// Another sweep begins.
    pub(crate) fn begin_sweep(&self) {
        self.sweeps.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self::new(1024)
    }
}

/// The waiting connections of one endpoint.
#[derive(Debug)]
pub(crate) struct IdleStreams {
    waiting: Arc<Waiting>,
    /// Made with the first connection: most of fifty thousand portals are quiet.
    shards: OnceLock<Box<[Mutex<Vec<Idle>>; SHARDS]>>,
}

#[derive(Debug)]
struct Idle {
    stream: Stream,
    since_sweep: u32,
}

impl IdleStreams {
    pub(crate) fn new(waiting: Arc<Waiting>) -> Self {
        Self { waiting, shards: OnceLock::new() }
    }

    /// A connection that the upstream has not closed so far.
    pub(crate) fn take(&self) -> Option<Stream> {
        let shards = self.shards.get()?;
        let own = shards::of_this_thread(SHARDS);
        (0..SHARDS).map(|offset| (own + offset) % SHARDS).find_map(|shard| {
            loop {
                let mut idle = lock(&shards[shard]).pop()?;
                self.count(shard).fetch_sub(1, Ordering::Relaxed);
                if is_quiet(&mut idle.stream) {
                    return Some(idle.stream);
                }
            }
        })
    }

    /// Keeps a connection whose last answer is read to its end. Where too many wait already, the endpoint's own
    /// that has waited longest gives way.
    pub(crate) fn keep(&self, stream: Stream) {
        let number = shards::of_this_thread(SHARDS);
        let since_sweep = self.waiting.sweeps.load(Ordering::Relaxed);
        let is_full =
            self.count(number).fetch_add(1, Ordering::Relaxed) >= self.waiting.most_per_shard;
        let _given_up = {
            let mut shard = lock(&self.shards.get_or_init(Default::default)[number]);
            let oldest = (is_full && !shard.is_empty()).then(|| shard.remove(0));
            if !is_full || oldest.is_some() {
                shard.push(Idle { stream, since_sweep });
            }
            oldest
        };
        if is_full {
            self.count(number).fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Ends what has waited for `sweeps` sweeps or was closed by the upstream.
    pub(crate) fn sweep(&self, sweeps: u32) {
        let Some(shards) = self.shards.get() else { return };
        let now = self.waiting.sweeps.load(Ordering::Relaxed);
        for (number, shard) in shards.iter().enumerate() {
            let mut ended: Vec<Idle> = Vec::new();
            {
                let mut shard = lock(shard);
                let is_over = |idle: &mut Idle| {
                    now.wrapping_sub(idle.since_sweep) >= sweeps || !is_quiet(&mut idle.stream)
                };
                ended.extend(shard.extract_if(.., is_over));
            }
            self.count(number).fetch_sub(ended.len(), Ordering::Relaxed);
        }
    }

    fn count(&self, shard: usize) -> &AtomicUsize {
        &self.waiting.counts[shard % SHARDS].0
    }
}

impl Drop for IdleStreams {
    fn drop(&mut self) {
        for (number, shard) in self.shards.get().iter().flat_map(|shards| shards.iter().enumerate())
        {
            self.count(number).fetch_sub(lock(shard).len(), Ordering::Relaxed);
        }
    }
}

/// Whether nothing has come: an upstream that is not asked says nothing, unless it closes.
fn is_quiet(stream: &mut Stream) -> bool {
    // Unconstrained: a spent budget of the task would look like silence.
    tokio::task::unconstrained(stream.read(&mut [0; 1])).now_or_never().is_none()
}

fn lock(shard: &Mutex<Vec<Idle>>) -> MutexGuard<'_, Vec<Idle>> {
    // A list of connections stays whole whatever panics beside it.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 16;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, DuplexStream};

    use super::*;

    fn pair() -> (Stream, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(64);
        (Box::new(ours), theirs)
    }

    fn all(waiting: &Waiting) -> usize {
        waiting.counts.iter().map(|count| count.0.load(Ordering::Relaxed)).sum()
    }

    #[tokio::test]
    async fn the_one_used_last_is_taken_first() {
        let waiting = Arc::new(Waiting::default());
        let idle = IdleStreams::new(waiting.clone());
        let (first, _first) = pair();
        let (second, mut second_end) = pair();
        idle.keep(first);
        idle.keep(second);
        let mut taken = idle.take().expect("two wait");
        taken.write_all(b"!").await.expect("open");
        assert_eq!(second_end.read_u8().await.expect("written"), b'!');
        assert_eq!(all(&waiting), 1);
        drop(idle);
        assert_eq!(all(&waiting), 0);
    }

    #[tokio::test]
    async fn where_too_many_wait_the_oldest_of_the_endpoint_gives_way() {
        let waiting = Arc::new(Waiting::new(2));
        let (one, another) = (IdleStreams::new(waiting.clone()), IdleStreams::new(waiting.clone()));
        let mut ends = Vec::new();
        for _ in 0..3 {
            let (stream, end) = pair();
            one.keep(stream);
            ends.push(end);
        }
        assert_eq!(all(&waiting), 2);
        assert_eq!(ends[0].read(&mut [0; 1]).await.expect("closed"), 0);
        let (stream, mut end) = pair();
        another.keep(stream);
        assert_eq!(end.read(&mut [0; 1]).await.expect("nothing of its own to give up"), 0);
        assert_eq!(all(&waiting), 2);
        assert!(one.take().is_some() && one.take().is_some() && another.take().is_none());
        assert_eq!(all(&waiting), 0);
    }

    #[tokio::test]
    async fn one_that_the_upstream_closed_or_spoke_on_is_not_taken() {
        let idle = IdleStreams::new(Arc::default());
        let (closed, end) = pair();
        let (spoken, mut other_end) = pair();
        drop(end);
        other_end.write_all(b"HTTP/1.1 408 \r\n").await.expect("open");
        idle.keep(closed);
        idle.keep(spoken);
        assert!(idle.take().is_none());
    }

    #[tokio::test]
    async fn a_sweep_ends_what_is_old_or_closed() {
        let waiting = Arc::new(Waiting::default());
        let idle = IdleStreams::new(waiting.clone());
        let (old, _old) = pair();
        idle.keep(old);
        waiting.begin_sweep();
        let (young, _young) = pair();
        let (closed, end) = pair();
        idle.keep(young);
        idle.keep(closed);
        drop(end);
        waiting.begin_sweep();
        idle.sweep(2);
        assert_eq!(all(&waiting), 1);
        assert!(idle.take().is_some());
    }
}
