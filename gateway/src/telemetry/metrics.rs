//! Prometheus families. All names begin with `bitrix_id_`, those of the process itself with `process_`.

use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bitrix_id_auth_core::token::RejectToken;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use super::condition::ConditionMetrics;
use super::portal::{PortalFamilies, PortalMetrics, RESERVED_LABELS};
use super::process::ProcessMetrics;
use super::queues::QueueMetrics;

/// The result that [`Metrics::token_verified`] counts without a look-up, being every signed-in request's.
pub(crate) const VERIFIED: &str = "verified";

/// Every metric of the process. Families with a fixed label set are public fields; the others are reached
/// through methods whose label values are `'static`, so that no request can invent one.
pub(crate) struct Metrics {
    registry: Registry,
    portal_families: PortalFamilies,
    portals: Mutex<HashMap<String, Arc<PortalMetrics>>>,
    token_verifications: IntCounterVec,
    tokens_verified: IntCounter,
    sign_ins: IntCounterVec,
    revocation_lag: Histogram,
    process: ProcessMetrics,
    /// Readiness and what it is made of.
    pub condition: ConditionMetrics,
    /// `config_generation`: grows by one with every configuration put in force.
    pub config_generation: IntGauge,
    /// `config_reload_failures_total`: reloads that changed nothing because something was wrong.
    pub config_reload_failures: IntCounter,
    /// `revocations_total`: revocations put in force in this process.
    pub revocations: IntCounter,
    /// `sessions_active`: live sessions in the store, as of the last sweep.
    pub sessions_active: IntGauge,
    /// `password_hash_queue_depth`: passwords waiting for a hashing slot.
    pub password_hash_queue_depth: IntGauge,
    /// `streams_open`: upgraded connections and event streams.
    pub streams_open: IntGauge,
    /// `tasks`: alive on any runtime of the process.
    pub tasks: IntGauge,
    /// `connections_open`: client connections.
    pub connections_open: IntGauge,
    /// `connections_refused_total`: closed at accept because a connection limit was reached.
    pub connections_refused: IntCounter,
    /// `upgrades_failed_total`: hand-overs whose new process did not come up; this one kept serving.
    pub upgrades_failed: IntCounter,
    /// Notices to portals, and mail.
    pub queues: QueueMetrics,
    /// `mail_failures_total`: mails that could not be sent at an attempt.
    pub mail_failures: IntCounter,
    /// `access_log_dropped_total`: lines lost because stdout did not keep up or failed.
    pub access_log_dropped: IntCounter,
}

impl Metrics {
    /// Registers every family in a registry of its own, so that tests do not share counts.
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let token_verifications = register(
            &registry,
            IntCounterVec::new(
                Opts::new(
                    "bitrix_id_token_verifications_total",
                    "Portal tokens checked, by result.",
                ),
                &["result"],
            ),
        );
        let counter = |name: &str, help: &str| register(&registry, IntCounter::new(name, help));
        let gauge = |name: &str, help: &str| register(&registry, IntGauge::new(name, help));
        register(
            &registry,
            IntGauge::with_opts(
                Opts::new("bitrix_id_build_info", "Always 1; the version is a label.")
                    .const_label("version", env!("CARGO_PKG_VERSION")),
            ),
        )
        .set(1);
        let metrics = Self {
            portal_families: PortalFamilies::register(&registry),
            portals: Mutex::default(),
            tokens_verified: token_verifications.with_label_values(&[VERIFIED]),
            token_verifications,
            sign_ins: register(
                &registry,
                IntCounterVec::new(
                    Opts::new("bitrix_id_sign_ins_total", "Sign-in attempts, by method and result."),
                    &["method", "result"],
                ),
            ),
            revocation_lag: register(
                &registry,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "bitrix_id_revocation_lag_seconds",
                        "From the end of a session in the store to its enforcement in this process.",
                    )
                    .buckets(LAG_BUCKETS.to_vec()),
                ),
            ),
            config_generation: gauge(
                "bitrix_id_config_generation",
                "Number of the configuration in force.",
            ),
            config_reload_failures: counter(
                "bitrix_id_config_reload_failures_total",
                "Reloads refused; the running configuration stayed.",
            ),
            revocations: counter("bitrix_id_revocations_total", "Revocations put in force."),
            sessions_active: gauge("bitrix_id_sessions_active", "Live sessions in the store."),
            password_hash_queue_depth: gauge(
                "bitrix_id_password_hash_queue_depth",
                "Passwords waiting for a hashing slot.",
            ),
            streams_open: gauge(
                "bitrix_id_streams_open",
                "Upgraded connections and event streams open now.",
            ),
            tasks: gauge("bitrix_id_tasks", "Tasks alive in the process."),
            connections_open: gauge("bitrix_id_connections_open", "Client connections open now."),
            connections_refused: counter(
                "bitrix_id_connections_refused_total",
                "Connections closed at accept because a limit was reached.",
            ),
            upgrades_failed: counter(
                "bitrix_id_upgrades_failed_total",
                "Hand-overs to a new process that did not come up.",
            ),
            queues: QueueMetrics::register(&registry),
            mail_failures: counter("bitrix_id_mail_failures_total", "Failed attempts to send a mail."),
            access_log_dropped: counter(
                "bitrix_id_access_log_dropped_total",
                "Access log lines lost because stdout did not keep up.",
            ),
            process: ProcessMetrics::register(&registry),
            condition: ConditionMetrics::register(&registry),
            registry,
        };
        metrics.show_zeroes();
        metrics
    }

    /// The text exposition of everything, for `/metrics`.
    pub(crate) fn render(&self) -> String {
        self.process.refresh();
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics cannot be rendered");
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The handles of a portal (or of one of [`super::portal`]'s two labels): made on first
    /// use, then always the same ones, so that a reload does not restart counters.
    pub(crate) fn portal(&self, portal: &str) -> Arc<PortalMetrics> {
        let mut portals = self.portals.lock().unwrap_or_else(PoisonError::into_inner);
        match portals.entry(portal.to_owned()) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => {
                entry.insert(Arc::new(PortalMetrics::new(&self.portal_families, portal))).clone()
            }
        }
    }

    /// Forgets the series of every portal that is not in `ids`. Requests still under way there finish
    /// uncounted.
    pub(crate) fn retain_portals(&self, ids: &HashSet<&str>) {
        let mut portals = self.portals.lock().unwrap_or_else(PoisonError::into_inner);
        portals.retain(|portal, metrics| {
            let keep = ids.contains(portal.as_str()) || RESERVED_LABELS.contains(&portal.as_str());
            if !keep {
                metrics.retire();
            }
            keep
        });
    }

    /// Counts a token check. `result` is [`VERIFIED`] or a rejection's name.
    pub(crate) fn token_verified(&self, result: &'static str) {
        if result == VERIFIED {
            self.tokens_verified.inc();
        } else {
            self.token_verifications.with_label_values(&[result]).inc();
        }
    }

    /// A counter that comes into being with its first event hides that event from `rate()`.
    fn show_zeroes(&self) {
        for reason in RejectToken::ALL {
            self.token_verifications.with_label_values(&[reason.as_str()]);
        }
        self.token_verifications.with_label_values(&["not_presented"]);
        for result in ["succeeded", "no_match", "throttled", "busy"] {
            self.sign_ins.with_label_values(&["password", result]);
        }
        for result in ["succeeded", "no_match"] {
            self.sign_ins.with_label_values(&["sign_up", result]);
        }
    }

    /// Counts a sign-in attempt: `method` is `password`, a provider's preset, …; `result` is `succeeded` or
    /// why not.
    pub(crate) fn sign_in(&self, method: &'static str, result: &'static str) {
        self.sign_ins.with_label_values(&[method, result]).inc();
    }

    /// Counts a revocation put in force `lag_ms` milliseconds after it was written.
    pub(crate) fn revocation_applied(&self, lag_ms: i64) {
        self.revocations.inc();
        // Milliseconds since the epoch are far below 2^52; a lag is smaller still.
        #[expect(clippy::cast_precision_loss, reason = "a lag fits a double exactly")]
        self.revocation_lag.observe(lag_ms.max(0) as f64 / 1_000.0);
    }
}

/// Registers a family of ours.
pub(super) fn register<C>(registry: &Registry, made: prometheus::Result<C>) -> C
where
    C: prometheus::core::Collector + Clone + 'static,
{
    // Names and help texts are literals of this crate and no two families share one, which the unit test
    // `every_name_of_the_contract_is_there` runs into if it ever changes.
    #[expect(clippy::expect_used, reason = "names are literals, distinct and valid")]
    let family = made.expect("a valid metric name");
    #[expect(clippy::expect_used, reason = "names are literals, distinct and valid")]
    registry.register(Box::new(family.clone())).expect("a metric name used once");
    family
}

/// Around the promise of one second.
const LAG_BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bitrix_id_auth_core::store::notices::NoticeDepth;

    use super::*;
    use crate::telemetry::LogDecision;
    use crate::telemetry::portal::IDENTITY_LABEL;

    fn depth(portal: &str) -> NoticeDepth {
        NoticeDepth { portal: portal.to_owned(), queued: 3, dead: 1 }
    }

    #[test]
    fn a_portal_that_is_told_nothing_any_more_leaves_no_series_behind() {
        let metrics = Metrics::new();
        metrics.queues.show_notices(&[depth("acme"), depth("globex")]);
        metrics.queues.notice("acme", "failed");
        metrics.queues.show_notices(&[depth("globex")]);
        let text = metrics.render();
        assert!(!text.contains("portal=\"acme\"") && text.contains("portal=\"globex\""), "{text}");
    }

    fn observe(metrics: &Metrics, portal: &str) {
        let portal = metrics.portal(portal);
        portal.observe(LogDecision::SignIn, 302, Duration::from_millis(3));
        portal.upstream_failure();
    }

    #[test]
    fn every_name_of_the_contract_is_there() {
        let metrics = Metrics::new();
        observe(&metrics, "acme");
        metrics.token_verified("expired");
        metrics.sign_in("password", "no_match");
        metrics.revocation_applied(40);
        metrics.queues.show_notices(&[depth("acme")]);
        metrics.queues.notice("acme", "delivered");
        metrics.queues.show_mails(2, 0);
        let text = metrics.render();
        for line in [
            "bitrix_id_requests_total{decision=\"sign_in\",portal=\"acme\",status_class=\"3xx\"} 1",
            "bitrix_id_request_duration_seconds_count{portal=\"acme\"} 1",
            "bitrix_id_token_verifications_total{result=\"expired\"} 1",
            "bitrix_id_sign_ins_total{method=\"password\",result=\"no_match\"} 1",
            "bitrix_id_config_generation 0",
            "bitrix_id_config_reload_failures_total 0",
            "bitrix_id_revocations_total 1",
            "bitrix_id_revocation_lag_seconds_bucket{le=\"0.1\"} 1",
            "bitrix_id_sessions_active 0",
            "bitrix_id_upstream_failures_total{portal=\"acme\"} 1",
            "bitrix_id_password_hash_queue_depth 0",
            "bitrix_id_notices_total{portal=\"acme\",result=\"delivered\"} 1",
            "bitrix_id_notices_total{portal=\"acme\",result=\"dead\"} 0",
            "bitrix_id_notice_queue_depth{portal=\"acme\",state=\"queued\"} 3",
            "bitrix_id_notice_queue_depth{portal=\"acme\",state=\"dead\"} 1",
            "bitrix_id_mail_queue_depth{state=\"queued\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn a_reload_keeps_counting_where_it_was() {
        let metrics = Metrics::new();
        observe(&metrics, "acme");
        metrics.retain_portals(&HashSet::from(["acme"]));
        observe(&metrics, "acme");
        assert!(metrics.render().contains("bitrix_id_upstream_failures_total{portal=\"acme\"} 2"));
    }

    #[test]
    fn a_portal_that_is_gone_leaves_no_series_behind() {
        let metrics = Metrics::new();
        let acme = metrics.portal("acme");
        observe(&metrics, "acme");
        observe(&metrics, IDENTITY_LABEL);
        metrics.retain_portals(&HashSet::new());
        // A request that was under way when the portal went.
        acme.observe(LogDecision::Permit, 200, Duration::ZERO);
        acme.upstream_failure();
        let text = metrics.render();
        assert!(!text.contains("portal=\"acme\""), "{text}");
        assert!(text.contains("portal=\"bitrix-id\""), "{text}");
    }

    #[test]
    fn a_portal_that_comes_back_is_counted_again() {
        let metrics = Metrics::new();
        observe(&metrics, "acme");
        metrics.retain_portals(&HashSet::new());
        observe(&metrics, "acme");
        assert!(metrics.render().contains("bitrix_id_upstream_failures_total{portal=\"acme\"} 1"));
    }

    #[test]
    fn a_status_that_no_class_covers_counts_as_a_server_error() {
        let metrics = Metrics::new();
        metrics.portal("acme").observe(LogDecision::Error, 0, Duration::ZERO);
        assert!(metrics.render().contains("status_class=\"5xx\"} 1"));
    }
}
