//! Servers that have what the primary had a moment ago: for lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::AnyConnectOptions;
use tokio::time::Instant;

use super::connect::{Leads, Trust, pool};
use crate::store::sql::{IfLeft, Turn};

/// The replicas, asked in turn.
#[derive(Debug)]
pub(super) struct Replicas {
    start: Instant,
    replicas: Vec<Replica>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Replica {
    pool: AnyPool,
    /// Not asked before this, in milliseconds after `start`.
    rests_until: AtomicU64,
}

impl Replicas {
    pub(super) fn new(servers: Vec<AnyConnectOptions>, connections: u32) -> Self {
        let replica = |options| Replica {
            pool: pool(options, connections, Leads::ToReplica, Arc::new(Trust::new())),
            rests_until: AtomicU64::new(0),
        };
        Self {
            start: Instant::now(),
            replicas: servers.into_iter().map(replica).collect(),
            next: AtomicUsize::new(0),
        }
    }

    /// A connection to the next one that is not resting, with its number.
    pub(super) async fn begin(&self) -> Option<(usize, Turn)> {
        let now = self.milliseconds();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for step in 0..self.replicas.len() {
            let number = first.wrapping_add(step) % self.replicas.len();
            let replica = &self.replicas[number];
            if replica.rests_until.load(Ordering::Relaxed) > now {
                continue;
            }
            match replica.pool.acquire().await {
                Ok(connection) => return Some((number, Turn::new(connection, IfLeft::Close))),
                Err(_) => self.is_down(number),
            }
        }
        None
    }

    /// Leaves a replica alone for a while.
    pub(super) fn is_down(&self, number: usize) {
        let until = self.milliseconds().saturating_add(REST_MS);
        self.replicas[number].rests_until.store(until, Ordering::Relaxed);
        tracing::warn!(replica = number, "a replica of the directory does not answer");
    }

    #[cfg(test)]
    pub(super) fn any_rests(&self) -> bool {
        let now = self.milliseconds();
        self.replicas.iter().any(|replica| replica.rests_until.load(Ordering::Relaxed) > now)
    }

    pub(super) async fn close(&self) {
        for replica in &self.replicas {
            replica.pool.close().await;
        }
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

const REST_MS: u64 = Duration::from_secs(10).as_millis() as u64;
