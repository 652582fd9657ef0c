//! What is only known by looking: queues, connections, sessions.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Controller, every};

impl Controller {
    pub(super) async fn measure(&self) {
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
            metrics.tasks.set(gauge(self.activity.runtimes.tasks()));
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
}

const MEASURE_EVERY: Duration = Duration::from_secs(2);
