//! What others change: the log of revocations, the directory, files, and what follows from them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bitrix_id_auth_core::keys::KeyRing;
use bitrix_id_auth_core::store::StoreError;

use super::{Controller, RETRY_AFTER, every};
use crate::files::Stamp;

impl Controller {
    pub(super) async fn follow_revocations(&self) {
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
    pub(super) async fn follow_directory(&self) {
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
    pub(super) async fn take_directory(&self) -> Result<bool, StoreError> {
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

    pub(super) async fn load_keys(&self) -> Result<(), StoreError> {
        let records = self.hub.directory.signing_keys().await?;
        match KeyRing::new(&records, self.hub.clock.now()) {
            Ok(ring) => self.hub.keys.store(Arc::new(ring)),
            Err(error) => {
                tracing::error!(%error, "the stored keys cannot be used; the known ones stay")
            }
        }
        Ok(())
    }

    pub(super) async fn follow_files(&self) {
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
    pub(super) async fn stamp(&self) -> Stamp {
        let reloader = self.reloader.clone();
        tokio::task::spawn_blocking(move || reloader.stamp()).await.unwrap_or_default()
    }

    /// Which portals are told of what, for every process that queues notices.
    pub(super) async fn follow_webhooks(&self) {
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
}

const REVOCATIONS_EVERY: Duration = Duration::from_millis(200);
const WHEN_TOLD_EVERY: Duration = Duration::from_millis(500);
const DIRECTORY_EVERY: Duration = Duration::from_millis(500);
const WEBHOOKS_EVERY: Duration = Duration::from_millis(250);
const FILES_EVERY: Duration = Duration::from_millis(400);
const SETTLE: Duration = Duration::from_millis(100);
