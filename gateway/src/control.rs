//! The control service: everything that runs beside requests and is the only writer of what they read.
//!
//! One thread with its own runtime: revocations and directory changes several times a second, the sweep
//! every second, files twice a second, upstream health and names, key rotation.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bitrix_id_auth_core::keys::{self, KeyRing};
use bitrix_id_auth_core::store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use crate::activity::Activity;
use crate::admin::{ConfigStatus, Control};
use crate::files::Stamp;
use crate::hub::Hub;
use crate::reload::Reloader;
use crate::upstreams::{CHECK_EVERY, Pools, RESOLVE_EVERY};

/// What the control tasks share.
pub(crate) struct Controller {
    hub: Arc<Hub>,
    reloader: Arc<Reloader>,
    pools: Arc<Pools>,
    activity: Arc<Activity>,
    path: PathBuf,
    store_answers: AtomicBool,
}

impl Controller {
    /// Starts nothing yet.
    pub(crate) fn new(
        hub: Arc<Hub>,
        reloader: Arc<Reloader>,
        pools: Arc<Pools>,
        activity: Arc<Activity>,
        path: PathBuf,
    ) -> Arc<Self> {
        Arc::new(Self {
            hub,
            reloader,
            pools,
            activity,
            path,
            store_answers: AtomicBool::new(true),
        })
    }

    /// Runs all control tasks; ends with the process.
    pub(crate) async fn run(self: Arc<Self>) {
        tokio::join!(
            self.follow_revocations(),
            self.follow_directory(),
            self.sweep(),
            self.follow_files(),
            self.check_upstreams(),
            self.resolve_names(),
            self.rotate_keys(),
            self.measure(),
        );
    }

    async fn follow_revocations(&self) {
        let mut tick = every(REVOCATIONS_EVERY);
        loop {
            tick.tick().await;
            let outcome = self.hub.catch_up_revocations().await;
            self.note_store("revocations", outcome.err());
        }
    }

    /// Portals and keys that another process (a command, another gateway) changed.
    async fn follow_directory(&self) {
        let mut tick = every(DIRECTORY_EVERY);
        let mut seen = None;
        loop {
            tick.tick().await;
            match self.hub.directory.version().await {
                Ok(version) if Some(version) == seen => {}
                Ok(version) => match self.take_directory().await {
                    Ok(()) => seen = Some(version),
                    Err(error) => self.note_store("directory", Some(error)),
                },
                Err(error) => self.note_store("directory", Some(error)),
            }
        }
    }

    async fn take_directory(&self) -> Result<(), StoreError> {
        self.load_keys().await?;
        let stored = self.hub.directory.portals().await?;
        let reloader = self.reloader.clone();
        // The reloader has logged and counted a failure; the running configuration stays.
        let _ = tokio::task::spawn_blocking(move || reloader.take_stored(&stored)).await;
        Ok(())
    }

    async fn load_keys(&self) -> Result<(), StoreError> {
        let records = self.hub.directory.signing_keys().await?;
        match KeyRing::new(&records, self.hub.clock.now()) {
            Ok(ring) => self.hub.keys.store(Arc::new(ring)),
            Err(error) => {
                tracing::error!(%error, "the stored keys cannot be used; the known ones stay")
            }
        }
        Ok(())
    }

    async fn sweep(&self) {
        let mut tick = every(SWEEP_EVERY);
        loop {
            tick.tick().await;
            let limits = self.hub.session_limits();
            let now_ms = self.hub.clock.now_ms();
            let until = self.hub.revocation_until();
            match self.hub.sessions.sweep(limits, until, now_ms).await {
                Ok(ended) => {
                    ended.iter().for_each(|revocation| self.hub.apply_revocation(revocation))
                }
                Err(error) => self.note_store("sweep", Some(error)),
            }
            self.hub.revocations.forget_before(self.hub.clock.now());
        }
    }

    async fn follow_files(&self) {
        let mut tick = every(FILES_EVERY);
        let stamp = || Stamp::of(&self.hub.snapshot.load().config, &self.path);
        let mut seen = stamp();
        loop {
            tick.tick().await;
            let now = stamp();
            if now == seen {
                continue;
            }
            // A file that is still being written is read when it has stopped changing.
            tokio::time::sleep(SETTLE).await;
            let settled = stamp();
            if settled != now {
                continue;
            }
            let reloader = self.reloader.clone();
            let _ = tokio::task::spawn_blocking(move || reloader.reload()).await;
            // The set of files may be another one now; those of a refused configuration count as seen.
            seen = stamp();
        }
    }

    async fn check_upstreams(&self) {
        let mut tick = every(CHECK_EVERY);
        loop {
            tick.tick().await;
            self.pools.check().await;
        }
    }

    async fn resolve_names(&self) {
        let mut tick = every(RESOLVE_EVERY);
        loop {
            tick.tick().await;
            self.pools.resolve(false).await;
        }
    }

    async fn rotate_keys(&self) {
        let mut tick = every(ROTATION_CHECK_EVERY);
        loop {
            tick.tick().await;
            if let Err(error) = self.rotate_if_due().await {
                self.note_store("keys", Some(error));
            }
        }
    }

    async fn rotate_if_due(&self) -> Result<(), StoreError> {
        let now = self.hub.clock.now();
        self.hub.directory.remove_expired_keys(now).await?;
        let every = self.hub.snapshot.load().config.identity.key_rotation;
        let records = self.hub.directory.signing_keys().await?;
        if !keys::rotation_due(&records, now, every) {
            return Ok(());
        }
        match keys::plan_rotation(&records, now, self.hub.token_lifetime()) {
            Ok(plan) => {
                let id = plan.key.id.clone();
                let added = self
                    .hub
                    .directory
                    .add_signing_key(plan.key, plan.if_newest.as_deref(), plan.others_expire_at)
                    .await?;
                if added {
                    tracing::info!(key = id, "signing key rotated on schedule");
                }
            }
            Err(error) => tracing::error!(%error, "no new signing key could be made"),
        }
        self.load_keys().await
    }

    async fn measure(&self) {
        let mut tick = every(MEASURE_EVERY);
        loop {
            tick.tick().await;
            let metrics = &self.hub.telemetry.metrics;
            let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
            metrics.password_hash_queue_depth.set(gauge(self.hub.passwords.queue_depth()));
            metrics.connections_open.set(gauge(self.activity.connections.load(Ordering::Relaxed)));
            metrics.streams_open.set(gauge(self.hub.streams.len()));
            if let Ok(count) = self.hub.sessions.count_sessions().await {
                metrics.sessions_active.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }

    /// Logs the change between answering and not answering, not every failed call.
    fn note_store(&self, what: &'static str, error: Option<StoreError>) {
        let answers = error.is_none();
        let before = self.store_answers.swap(answers, Ordering::Relaxed);
        match error {
            Some(error) if before => tracing::error!(what, %error, "a store stopped answering"),
            None if !before => tracing::info!("the stores answer again"),
            _ => {}
        }
    }
}

impl Control for Controller {
    fn ready(&self) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        if self.activity.draining.load(Ordering::Acquire) {
            reasons.push("shutting down: requests in flight are being finished".to_owned());
        }
        if !self.store_answers.load(Ordering::Relaxed) {
            reasons.push("the directory or session store does not answer".to_owned());
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

fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

const REVOCATIONS_EVERY: Duration = Duration::from_millis(200);
const DIRECTORY_EVERY: Duration = Duration::from_millis(500);
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const FILES_EVERY: Duration = Duration::from_millis(400);
const SETTLE: Duration = Duration::from_millis(100);
const ROTATION_CHECK_EVERY: Duration = Duration::from_secs(30);
const MEASURE_EVERY: Duration = Duration::from_secs(2);
