//! The control service: everything that runs beside requests and is the only writer of what they read.
//!
//! One thread with its own runtime: revocations and directory changes several times a second, the sweep
//! every second, files twice a second, upstream health and names, key rotation.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::keys::{self, KeyRing};
use bitrix_id_auth_core::store::{AuditEvent, StoreError};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::activity::Activity;
use crate::admin::{ConfigStatus, Control};
use crate::files::Stamp;
use crate::hub::Hub;
use crate::leavers;
use crate::reload::Reloader;
use crate::upstreams::{CHECK_EVERY, Pools, RESOLVE_EVERY, SWEEP_IDLE_EVERY};

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
            forget_portal_passwords,
            follow_webhooks,
            measure
        );
        while let Some(ended) = tasks.join_next().await {
            // None of them returns, so this is a panic. Unready, so that somebody looks.
            tracing::error!(?ended, "a control task ended; restart this process");
            self.failing().insert("a control task, which ended; restart this process");
        }
    }

    async fn follow_revocations(&self) {
        let sessions = &self.hub.sessions;
        // A store that tells may fail to: asking, the promise of a second still holds.
        let told = sessions.tells_of_revocations();
        let mut tick = every(if told { WHEN_TOLD_EVERY } else { REVOCATIONS_EVERY });
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = sessions.revocations_grew() => {}
            }
            let outcome = self.hub.catch_up_revocations().await;
            self.note("the log of revocations", outcome.err());
        }
    }

    /// Portals and keys that another process (a command, another gateway) changed.
    async fn follow_directory(&self) {
        let mut tick = every(DIRECTORY_EVERY);
        let mut seen = None;
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.hub.portal_bells.added.notified() => {}
            }
            let version = self.hub.directory.version().await;
            let outcome = match version {
                Ok(version) if Some(version) == seen => Ok(()),
                Ok(version) => self.take_directory().await.map(|taken| {
                    // Portals that could not be taken are tried again, a little later.
                    seen = taken.then_some(version);
                }),
                Err(error) => Err(error),
            };
            if seen.is_none() {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            self.note("the directory", outcome.err());
        }
    }

    /// False: the portals there cannot be served as they are.
    async fn take_directory(&self) -> Result<bool, StoreError> {
        self.load_keys().await?;
        let stored = self.hub.directory.portals().await?;
        let reloader = self.reloader.clone();
        let taken = tokio::task::spawn_blocking(move || reloader.take_stored(&stored)).await;
        match taken {
            Ok(Ok(())) => Ok(true),
            Ok(Err(problems)) => {
                tracing::error!("the directory's portals cannot be served: {problems}");
                Ok(false)
            }
            Err(error) => {
                tracing::error!(%error, "taking the directory's portals failed");
                Ok(false)
            }
        }
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
            let outcome = self.hub.sessions.sweep(limits, until, now_ms).await;
            if let Ok(ended) = &outcome {
                ended.iter().for_each(|revocation| self.hub.apply_revocation(revocation));
            }
            self.note("the session store", outcome.err());
            self.hub.revocations.forget_before(self.hub.clock.now());
        }
    }

    async fn follow_files(&self) {
        let mut tick = every(FILES_EVERY);
        loop {
            tick.tick().await;
            let now = self.stamp().await;
            if self.reloader.has_read(&now) {
                continue;
            }
            // A file that is still being written is read when it has stopped changing.
            tokio::time::sleep(SETTLE).await;
            // A signal or an admin request may have been first.
            if self.stamp().await != now || self.reloader.has_read(&now) {
                continue;
            }
            let reloader = self.reloader.clone();
            let _ = tokio::task::spawn_blocking(move || reloader.reload()).await;
        }
    }

    /// File systems can hang; the other tasks go on.
    async fn stamp(&self) -> Stamp {
        let reloader = self.reloader.clone();
        tokio::task::spawn_blocking(move || reloader.stamp()).await.unwrap_or_default()
    }

    async fn check_upstreams(&self) {
        let mut tick = every(CHECK_EVERY);
        loop {
            tick.tick().await;
            self.pools.check().await;
        }
    }

    // By itself: a check waits for endpoints that do not answer.
    async fn sweep_idle_streams(&self) {
        let mut tick = every(SWEEP_IDLE_EVERY);
        loop {
            tick.tick().await;
            self.pools.sweep();
        }
    }

    async fn sweep_tokens(&self) {
        let mut tick = every(SWEEP_TOKENS_EVERY);
        loop {
            tick.tick().await;
            let generation = self.hub.snapshot.load().generation;
            self.hub.authenticator.let_go(generation, self.hub.clock.now());
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
            let outcome = self.rotate_if_due().await;
            retry_soon(&mut tick, &outcome);
            self.note("the signing keys", outcome.err());
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
                    let event = AuditEvent::new(audit::KEY_ROTATED, self.hub.clock.now_ms())
                        .with_actor(Actor::System)
                        .with_detail(&format!("on schedule, new key {id}"));
                    self.hub.directory.record(event).await?;
                }
            }
            Err(error) => tracing::error!(%error, "no new signing key could be made"),
        }
        self.load_keys().await
    }

    async fn delete_leavers(&self) {
        let mut tick = every(LEAVERS_EVERY);
        loop {
            tick.tick().await;
            let outcome = leavers::delete_due(&self.hub).await;
            retry_soon(&mut tick, &outcome);
            self.note("deleting accounts", outcome.err());
        }
    }

    /// Whether the directory takes writes: a full or read-only disk answers every question well.
    async fn check_stores(&self) {
        let mut tick = every(CHECK_STORES_EVERY);
        loop {
            tick.tick().await;
            let outcome = self.hub.directory.check().await;
            self.note("writing to the directory", outcome.err());
        }
    }

    /// A portal's password hash is kept for a while after the join, so that an undo gives everything back.
    async fn forget_portal_passwords(&self) {
        let mut tick = every(FORGET_EVERY);
        loop {
            tick.tick().await;
            let joined_before = self.hub.clock.now() - whole_seconds(UNDO_GIVES_BACK);
            let outcome = self.hub.directory.forget_portal_passwords(joined_before).await;
            retry_soon(&mut tick, &outcome);
            if let Ok(forgotten @ 1..) = outcome {
                tracing::info!(forgotten, "password hashes of joined profiles are forgotten");
            }
            self.note("forgetting password hashes of portals", outcome.err());
        }
    }

    /// Which portals are told of what, for every process that queues notices.
    async fn follow_webhooks(&self) {
        let mut tick = every(WEBHOOKS_EVERY);
        let mut seen = None;
        loop {
            tick.tick().await;
            let generation = self.hub.snapshot.load().generation;
            // Whoever takes over may have a newer configuration.
            let leaving = self.activity.draining.load(Ordering::Acquire);
            if seen == Some(generation) || leaving {
                continue;
            }
            let outcome = self.hub.follow_webhooks().await;
            if outcome.is_ok() {
                seen = Some(generation);
            }
            self.note("subscriptions to notices", outcome.err());
        }
    }

    async fn measure(&self) {
        let mut tick = every(MEASURE_EVERY);
        loop {
            tick.tick().await;
            let metrics = &self.hub.telemetry.metrics;
            let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
            metrics
                .password_hash_queue_depth
                .set(gauge(self.hub.passwords.load_full().queue_depth()));
            metrics.connections_open.set(gauge(self.activity.connections.load(Ordering::Relaxed)));
            metrics.streams_open.set(gauge(self.hub.streams.len()));
            let snapshot = self.hub.snapshot.load();
            let expires_at = snapshot.certificates.as_ref().map(|store| store.expires_at);
            metrics.condition.certificate_expires(expires_at);
            if let Ok(depths) = self.hub.directory.notice_depths().await {
                metrics.queues.show_notices(&depths);
            }
            if let Ok((queued, failed)) = self.hub.directory.mail_depths().await {
                metrics.queues.show_mails(queued, failed);
            }
            if let Ok(count) = self.hub.sessions.count_sessions().await {
                metrics.sessions_active.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
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

const REVOCATIONS_EVERY: Duration = Duration::from_millis(200);
const WHEN_TOLD_EVERY: Duration = Duration::from_millis(500);
const DIRECTORY_EVERY: Duration = Duration::from_millis(500);
const SWEEP_TOKENS_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const WEBHOOKS_EVERY: Duration = Duration::from_millis(250);
const FILES_EVERY: Duration = Duration::from_millis(400);
const SETTLE: Duration = Duration::from_millis(100);
const ROTATION_CHECK_EVERY: Duration = Duration::from_secs(30);
const FORGET_EVERY: Duration = Duration::from_hours(24);
/// How long an undone join still has the portal's password.
const UNDO_GIVES_BACK: Duration = Duration::from_hours(30 * 24);
const LEAVERS_EVERY: Duration = Duration::from_secs(30);
const CHECK_STORES_EVERY: Duration = Duration::from_secs(10);
const RETRY_AFTER: Duration = Duration::from_secs(5);
const MEASURE_EVERY: Duration = Duration::from_secs(2);
