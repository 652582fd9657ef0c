//! The control service: everything that runs beside requests and is the only writer of what they read.
//!
//! One thread with its own runtime: revocations and directory changes several times a second, the sweep
//! every second, files twice a second, upstream health and names, key rotation.

mod follow;
mod measure;
mod upkeep;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::store::StoreError;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::activity::Activity;
use crate::admin::{ConfigStatus, Control};
use crate::hub::Hub;
use crate::reload::Reloader;
use crate::upstreams::Pools;

/// What the control tasks share.
pub(crate) struct Controller {
    hub: Arc<Hub>,
    reloader: Arc<Reloader>,
    pools: Arc<Pools>,
    activity: Arc<Activity>,
    /// What does not work at the moment: a store, or a control task that ended.
    failing: Mutex<BTreeSet<&'static str>>,
}

impl Controller {
    /// Starts nothing yet.
    pub(crate) fn new(
        hub: Arc<Hub>,
        reloader: Arc<Reloader>,
        pools: Arc<Pools>,
        activity: Arc<Activity>,
    ) -> Arc<Self> {
        Arc::new(Self { hub, reloader, pools, activity, failing: Mutex::default() })
    }

    /// Runs all control tasks, each on its own so that a fault in one leaves the others running; ends
    /// with the process.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        macro_rules! start {
            ($($task:ident),+) => {
                $(tasks.spawn({
                    let me = self.clone();
                    async move { me.$task().await }
                });)+
            };
        }
        start!(
            follow_revocations,
            follow_directory,
            sweep,
            follow_files,
            check_upstreams,
            sweep_idle_streams,
            sweep_tokens,
            resolve_names,
            rotate_keys,
            delete_leavers,
            check_stores,
            complete_rows,
            forget_portal_passwords,
            follow_webhooks,
            keep_revocations,
            give_memory_back,
            measure
        );
        while let Some(ended) = tasks.join_next().await {
            // None of them returns, so this is a panic. Unready, so that somebody looks.
            tracing::error!(?ended, "a control task ended; restart this process");
            self.failing().insert("a control task, which ended; restart this process");
        }
    }

    /// Logs the change between working and not working, not every failed call.
    fn note(&self, what: &'static str, error: Option<StoreError>) {
        self.hub.telemetry.metrics.condition.works(what, error.is_none());
        let mut failing = self.failing();
        match error {
            Some(error) if failing.insert(what) => tracing::error!(what, %error, "does not work"),
            None if failing.remove(what) => tracing::info!(what, "works again"),
            _ => {}
        }
    }

    fn failing(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        // A set of words has no invariant that a panic could break.
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control for Controller {
    fn ready(&self) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        if !self.activity.listening.load(Ordering::Acquire) {
            reasons.push("starting: the listeners are not up yet".to_owned());
        }
        if self.activity.draining.load(Ordering::Acquire) {
            reasons.push("shutting down: requests in flight are being finished".to_owned());
        }
        if !self.hub.hearing.has_caught_up() {
            reasons.push(
                "started without the session store: what it has of revocations is not known yet"
                    .to_owned(),
            );
        }
        reasons.extend(self.failing().iter().map(|what| format!("not working: {what}")));
        if !self.hub.hears_revocations(self.hub.clock.now()) {
            reasons.push(
                "revocations were not heard for identity.max_silence: tokens are refused"
                    .to_owned(),
            );
        }
        if reasons.is_empty() { Ok(()) } else { Err(reasons) }
    }

    fn config_status(&self) -> ConfigStatus {
        self.reloader.status()
    }

    fn reload(&self) -> Result<u64, String> {
        self.reloader.reload()
    }
}

/// What failed is tried again before its time: until then the gateway is not ready.
fn retry_soon<T, E>(tick: &mut tokio::time::Interval, outcome: &Result<T, E>) {
    if outcome.is_err() {
        tick.reset_after(RETRY_AFTER);
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

const RETRY_AFTER: Duration = Duration::from_secs(5);
