//! What has to be done now and then: forgetting, checking, rotating.

use std::time::Duration;

use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::keys;
use bitrix_id_auth_core::store::{AuditEvent, StoreError};

use super::{Controller, every, retry_soon};
use crate::kept::When;
use crate::leavers;
use crate::upstreams::{CHECK_EVERY, RESOLVE_EVERY, SWEEP_IDLE_EVERY};

impl Controller {
    pub(super) async fn sweep(&self) {
        let mut tick = every(SWEEP_EVERY);
        loop {
            tick.tick().await;
            let limits = self.hub.session_limits();
            let now_ms = self.hub.clock.now_ms();
            let until = self.hub.revocation_until();
            let outcome = self.hub.sessions.sweep(limits, until, now_ms).await;
            if let Ok(ended) = &outcome {
                ended.iter().for_each(|revocation| self.hub.apply_revocation(revocation));
                // Not without the store: by a clock that is ahead, what a file alone knows would be gone for good.
                self.hub.revocations.forget_before(self.hub.clock.now());
            }
            self.note("the session store", outcome.err());
        }
    }

    // By itself: a check waits for endpoints that do not answer.
    pub(super) async fn sweep_idle_streams(&self) {
        let mut tick = every(SWEEP_IDLE_EVERY);
        loop {
            tick.tick().await;
            self.pools.sweep();
        }
    }

    pub(super) async fn sweep_tokens(&self) {
        let mut tick = every(SWEEP_TOKENS_EVERY);
        loop {
            tick.tick().await;
            let generation = self.hub.snapshot.load().generation;
            self.hub.authenticator.let_go(generation, self.hub.clock.now());
        }
    }

    pub(super) async fn check_upstreams(&self) {
        let mut tick = every(CHECK_EVERY);
        loop {
            tick.tick().await;
            self.pools.check().await;
        }
    }

    pub(super) async fn resolve_names(&self) {
        let mut tick = every(RESOLVE_EVERY);
        loop {
            tick.tick().await;
            self.pools.resolve(false).await;
        }
    }

    /// The allocator gives back what has been free for a second, but looks only when it takes or frees a block
    /// that is too large for its pages; where a crowd has left, nobody may have done so since.
    pub(super) async fn give_memory_back(&self) {
        let mut tick = every(GIVE_BACK_EVERY);
        loop {
            tick.tick().await;
            drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE_BLOCK)));
        }
    }

    /// For the next process: see [`crate::kept`]. Off this thread, for as long as a disk takes.
    pub(super) async fn keep_revocations(&self) {
        if self.hub.kept.is_none() {
            return std::future::pending().await;
        }
        let mut tick = every(KEEP_EVERY);
        loop {
            tick.tick().await;
            let hub = self.hub.clone();
            let silence = hub.snapshot.load().config.identity.max_silence;
            let keep = move || hub.keep_revocations(When::InTime(silence));
            let _ = tokio::task::spawn_blocking(keep).await;
        }
    }

    /// Whether the directory takes writes: a full or read-only disk answers every question well.
    pub(super) async fn check_stores(&self) {
        let mut tick = every(CHECK_STORES_EVERY);
        loop {
            tick.tick().await;
            let outcome = self.hub.directory.check().await;
            if outcome.is_err() {
                tick.reset_after(LOOK_AGAIN_AFTER);
            }
            self.note("writing to the directory", outcome.err());
        }
    }

    /// A gateway of the version before may be at work beside this one. What it leaves undone can wait.
    pub(super) async fn complete_rows(&self) {
        let mut tick = every(COMPLETE_EVERY);
        loop {
            tick.tick().await;
            match self.hub.directory.complete_rows().await {
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "completed what an older version wrote"),
                // Whether the directory works is for `check_stores` to say.
                Err(error) => tracing::debug!(%error, "rows of an older version are not completed"),
            }
        }
    }

    pub(super) async fn rotate_keys(&self) {
        let mut tick = every(ROTATION_CHECK_EVERY);
        loop {
            tick.tick().await;
            let outcome = self.rotate_if_due().await;
            retry_soon(&mut tick, &outcome);
            self.note("the signing keys", outcome.err());
        }
    }

    pub(super) async fn rotate_if_due(&self) -> Result<(), StoreError> {
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

    pub(super) async fn delete_leavers(&self) {
        let mut tick = every(LEAVERS_EVERY);
        loop {
            tick.tick().await;
            let outcome = leavers::delete_due(&self.hub).await;
            retry_soon(&mut tick, &outcome);
            self.note("deleting accounts", outcome.err());
        }
    }

    /// A portal's password hash is kept for a while after the join, so that an undo gives everything back.
    pub(super) async fn forget_portal_passwords(&self) {
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
}

const SWEEP_EVERY: Duration = Duration::from_secs(1);
const SWEEP_TOKENS_EVERY: Duration = Duration::from_secs(10);
const GIVE_BACK_EVERY: Duration = Duration::from_secs(2);
const LARGE_BLOCK: usize = 1 << 20;
const KEEP_EVERY: Duration = Duration::from_secs(1);
const CHECK_STORES_EVERY: Duration = Duration::from_secs(5);
/// Until a write succeeds the gateway is not ready: nobody should wait for that longer than need be.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
const COMPLETE_EVERY: Duration = Duration::from_secs(10);
const ROTATION_CHECK_EVERY: Duration = Duration::from_secs(30);
const LEAVERS_EVERY: Duration = Duration::from_secs(30);
const FORGET_EVERY: Duration = Duration::from_hours(24);
/// How long an undone join still has the portal's password.
const UNDO_GIVES_BACK: Duration = Duration::from_hours(30 * 24);
