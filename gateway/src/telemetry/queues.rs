//! What waits to leave: notices to portals, and mail.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use bitrix_id_auth_core::store::notices::NoticeDepth;
use prometheus::{IntCounterVec, IntGaugeVec, Opts, Registry};

use super::metrics::register;

/// Families of the two queues.
pub(crate) struct QueueMetrics {
    notices: IntCounterVec,
    notice_depth: IntGaugeVec,
    mail_depth: IntGaugeVec,
    /// Portals that have series.
    portals: Mutex<HashSet<String>>,
}

impl QueueMetrics {
    pub(super) fn register(registry: &Registry) -> Self {
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            register(registry, IntGaugeVec::new(Opts::new(name, help), labels))
        };
        Self {
            notices: register(
                registry,
                IntCounterVec::new(
                    Opts::new(
                        "bitrix_id_notices_total",
                        "Attempts to deliver a notice, by portal and result.",
                    ),
                    &["portal", "result"],
                ),
            ),
            notice_depth: gauges(
                "bitrix_id_notice_queue_depth",
                "Notices that wait, and dead letters, by portal.",
                &["portal", "state"],
            ),
            mail_depth: gauges(
                "bitrix_id_mail_queue_depth",
                "Mails that wait, and mails given up, by state.",
                &["state"],
            ),
            portals: Mutex::default(),
        }
    }

    /// Counts an attempt. `result` is `delivered`, `failed` (tried again) or `dead`.
    pub(crate) fn notice(&self, portal: &str, result: &'static str) {
        self.notices.with_label_values(&[portal, result]).inc();
    }

    /// Shows what waits for whom. Portals that are told nothing any more leave no series behind.
    pub(crate) fn show_notices(&self, depths: &[NoticeDepth]) {
        let mut portals = self.portals.lock().unwrap_or_else(PoisonError::into_inner);
        let now: HashSet<String> = depths.iter().map(|depth| depth.portal.clone()).collect();
        for gone in portals.difference(&now) {
            for result in RESULTS {
                let _absent = self.notices.remove_label_values(&[gone.as_str(), result]);
            }
            for state in ["queued", "dead"] {
                let _absent = self.notice_depth.remove_label_values(&[gone.as_str(), state]);
            }
        }
        for NoticeDepth { portal, queued, dead } in depths {
            if !portals.contains(portal) {
                // A counter that comes into being with its first event hides that event from `rate()`.
                for result in RESULTS {
                    self.notices.with_label_values(&[portal.as_str(), result]);
                }
            }
            let gauge = |state| self.notice_depth.with_label_values(&[portal.as_str(), state]);
            gauge("queued").set(i64::try_from(*queued).unwrap_or(i64::MAX));
            gauge("dead").set(i64::try_from(*dead).unwrap_or(i64::MAX));
        }
        *portals = now;
    }

    /// Shows how many mails wait, and how many were given up and are still remembered.
    pub(crate) fn show_mails(&self, queued: u64, failed: u64) {
        for (state, count) in [("queued", queued), ("failed", failed)] {
            let gauge = self.mail_depth.with_label_values(&[state]);
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}

const RESULTS: [&str; 3] = ["delivered", "failed", "dead"];
