//! Metrics of one portal, as handles that are looked up once per configuration and not per request.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};

use super::access_line::LogDecision;
use super::metrics::register;

/// `portal` label of the Bitrix ID host.
pub(super) const IDENTITY_LABEL: &str = "bitrix-id";
/// `portal` label of requests that reach no configured host.
pub(super) const UNROUTED_LABEL: &str = "none";
/// Labels that belong to no portal and outlive every reload.
pub(super) const RESERVED_LABELS: [&str; 2] = [IDENTITY_LABEL, UNROUTED_LABEL];

/// The families that carry a `portal` label.
#[derive(Clone)]
pub(super) struct PortalFamilies {
    requests: IntCounterVec,
    duration: HistogramVec,
    upstream_failures: IntCounterVec,
}

impl PortalFamilies {
    pub(super) fn register(registry: &Registry) -> Self {
        Self {
            requests: register(
                registry,
                IntCounterVec::new(
                    Opts::new(
                        "bitrix_id_requests_total",
                        "Requests answered, by portal, decision and class of status.",
                    ),
                    &["portal", "decision", "status_class"],
                ),
            ),
            duration: register(
                registry,
                HistogramVec::new(
                    HistogramOpts::new(
                        "bitrix_id_request_duration_seconds",
                        "From a request's header to the end of its answer.",
                    )
                    .buckets(DURATION_BUCKETS.to_vec()),
                    &["portal"],
                ),
            ),
            upstream_failures: register(
                registry,
                IntCounterVec::new(
                    Opts::new(
                        "bitrix_id_upstream_failures_total",
                        "Attempts that an upstream did not answer, by portal.",
                    ),
                    &["portal"],
                ),
            ),
        }
    }
}

/// The handles of one portal. A series comes into being with its first count, so that a gateway with
/// 50,000 portals exposes the ones that have traffic.
pub(crate) struct PortalMetrics {
    label: String,
    families: PortalFamilies,
    requests: [[OnceLock<IntCounter>; CLASSES.len()]; LogDecision::ALL.len()],
    duration: OnceLock<Histogram>,
    upstream_failures: OnceLock<IntCounter>,
    retired: AtomicBool,
}

impl PortalMetrics {
    pub(super) fn new(families: &PortalFamilies, portal: &str) -> Self {
        Self {
            label: portal.to_owned(),
            families: families.clone(),
            requests: std::array::from_fn(|_| std::array::from_fn(|_| OnceLock::new())),
            duration: OnceLock::new(),
            upstream_failures: OnceLock::new(),
            retired: AtomicBool::new(false),
        }
    }

    /// Counts an answered request. A `status` outside 100-599 counts as `5xx`.
    pub(crate) fn observe(&self, decision: LogDecision, status: u16, duration: Duration) {
        if self.is_retired() {
            return;
        }
        let class = class_index(status);
        self.requests[decision as usize][class]
            .get_or_init(|| {
                self.families.requests.with_label_values(&[
                    &self.label,
                    decision.as_str(),
                    CLASSES[class],
                ])
            })
            .inc();
        self.duration
            .get_or_init(|| self.families.duration.with_label_values(&[&self.label]))
            .observe(duration.as_secs_f64());
        self.forget_if_retired();
    }

    /// Counts an attempt that an upstream did not answer.
    pub(crate) fn upstream_failure(&self) {
        if self.is_retired() {
            return;
        }
        self.upstream_failures
            .get_or_init(|| self.families.upstream_failures.with_label_values(&[&self.label]))
            .inc();
        self.forget_if_retired();
    }

    /// The portal is gone: its series leave the exposition and nothing brings them back.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
        self.forget();
    }

    fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// A count that overlapped [`Self::retire`] may have made its series after they were removed.
    fn forget_if_retired(&self) {
        if self.is_retired() {
            self.forget();
        }
    }

    fn forget(&self) {
        // "No such series" is the usual answer here: most combinations were never counted.
        for decision in LogDecision::ALL {
            for class in CLASSES {
                let labels = [self.label.as_str(), decision.as_str(), class];
                let _ = self.families.requests.remove_label_values(&labels);
            }
        }
        let label = [self.label.as_str()];
        let _ = self.families.duration.remove_label_values(&label);
        let _ = self.families.upstream_failures.remove_label_values(&label);
    }
}

fn class_index(status: u16) -> usize {
    match status {
        100..=199 => 0,
        200..=299 => 1,
        300..=399 => 2,
        400..=499 => 3,
        _ => 4,
    }
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// From an own answer (well under a millisecond) to a slow report; streams end up in the last one.
const DURATION_BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
