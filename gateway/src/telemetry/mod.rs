//! What operators see: Prometheus metrics, the access log on stdout, messages on stderr.
//!
//! Three streams that never mix. [`Metrics`] counts, with labels that only configuration can multiply.
//! [`AccessLog`] writes one JSON line per request to stdout, from a thread of its own, so that a slow
//! reader of the log costs lines and never latency. [`logging`] sends everything else to stderr.
//! None of them is ever given a cookie, token, code, password or query string.

mod access_line;
mod access_log;
mod condition;
pub(crate) mod logging;
mod metrics;
mod portal;
mod process;
mod queues;

use std::sync::Arc;

pub(crate) use access_line::{AccessRecord, LogDecision, LoggedPath};
pub(crate) use access_log::{AccessLog, Sink};
pub(crate) use metrics::Metrics;
pub(crate) use portal::PortalMetrics;

/// Metrics and access log of the process; made once, shared by every part.
pub(crate) struct Telemetry {
    /// Prometheus families.
    pub metrics: Metrics,
    /// One line per request.
    pub access_log: AccessLog,
}

impl Telemetry {
    /// Metrics at zero and a running access log.
    pub(crate) fn new(sink: Sink) -> Arc<Self> {
        let metrics = Metrics::new();
        let access_log = AccessLog::start(sink, metrics.access_log_dropped.clone());
        Arc::new(Self { metrics, access_log })
    }
}
