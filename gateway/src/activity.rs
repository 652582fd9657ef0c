//! What is open in this process, counted; shutdown waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::runtimes::Runtimes;

/// What is open in this process; shutdown waits for it.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// Downstream connections.
    pub connections: AtomicUsize,
    /// Requests whose head is complete and whose answer is not.
    pub requests: AtomicUsize,
    /// Set when the public listeners take connections.
    pub listening: AtomicBool,
    /// Set when shutdown begins.
    pub draining: AtomicBool,
    /// How long the goodbye to idle keep-alive connections waits, in milliseconds.
    pub goodbye_after_ms: AtomicUsize,
    /// Where its tasks run.
    pub runtimes: Runtimes,
}

/// Counts up for as long as it lives.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Activity>, fn(&Activity) -> &AtomicUsize);

impl Counted {
    /// One more request.
    pub(crate) fn request(activity: &Arc<Activity>) -> Self {
        Self::new(activity, |activity| &activity.requests)
    }

    /// One more connection.
    pub(crate) fn connection(activity: &Arc<Activity>) -> Self {
        Self::new(activity, |activity| &activity.connections)
    }

    fn new(activity: &Arc<Activity>, counter: fn(&Activity) -> &AtomicUsize) -> Self {
        counter(activity).fetch_add(1, Ordering::AcqRel);
        Self(activity.clone(), counter)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::AcqRel);
    }
}
