//! Messages on stderr: plain text on a terminal, JSON lines otherwise.
//!
//! `BITRIX_ID_LOG` sets the level of our own messages (`debug`, or per module as in
//! `info,bitrix_id::reload=debug`). Libraries stay at warnings whatever it says: their lower levels print
//! request headers, and a log must not hold a cookie.

use std::fmt;
use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Sends `tracing` events and `log` records of the whole process to stderr. Called once, before anything
/// logs; a second call changes nothing.
pub(crate) fn init() {
    let variable = std::env::var(VARIABLE).ok();
    let (filter, complaint) = own_filter(variable.as_deref());
    let format = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter).with(Quiet);
    let started = if std::io::stderr().is_terminal() {
        registry.with(format.with_target(false)).try_init()
    } else {
        registry.with(format.json().flatten_event(true)).try_init()
    };
    if let (Ok(()), Some(complaint)) = (started, complaint) {
        tracing::warn!("{VARIABLE} is not understood and was ignored: {complaint}");
    }
}

/// The operator's wish for our own modules, and what was wrong with it.
fn own_filter(wish: Option<&str>) -> (EnvFilter, Option<String>) {
    let builder = || EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    match wish.map(|wish| builder().parse(wish)) {
        None => (builder().parse_lossy(""), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (builder().parse_lossy(""), Some(error.to_string())),
    }
}

/// Holds libraries to what an operator can act on.
struct Quiet;

impl<S: Subscriber> Layer<S> for Quiet {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        // Records of the `log` crate are announced under their own target and then delivered as events of
        // the target "log"; the first step has already judged them.
        metadata.target() == "log" || *metadata.level() <= ceiling(metadata.target())
    }

    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let mut says = PerConnection(false);
        event.record(&mut says);
        !says.0
    }
}

/// The most talkative level let through for a target.
fn ceiling(target: &str) -> LevelFilter {
    if target == "bitrix_id" || target.starts_with("bitrix_id:") || target.starts_with("bitrix_id_")
    {
        return LevelFilter::TRACE;
    }
    // The longest matching prefix decides.
    CEILINGS
        .iter()
        .filter(|(prefix, _)| target.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(LevelFilter::WARN, |(_, level)| *level)
}

/// Finds the messages about one client's broken connection that share a target with messages about the
/// listener itself (`Accept() failed`), which stay.
struct PerConnection(bool);

impl Visit for PerConnection {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0 |= field.name() == "message" && is_per_connection(value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 |= is_per_connection(&format!("{value:?}"));
        }
    }
}

fn is_per_connection(message: &str) -> bool {
    message.starts_with("Downstream handshake")
}

const VARIABLE: &str = "BITRIX_ID_LOG";

/// Read from pingora-core and pingora-proxy 0.9.1. What is off either tells of one client that went away
/// or sent nonsense, at level error, or appends the request with its query string.
const CEILINGS: [(&str, LevelFilter); 7] = [
    // Waiting for sockets is part of every upgrade; handover.rs and server.rs say how it ends.
    ("pingora_core::server::transfer_fd", LevelFilter::OFF),
    // "HTTP server fails to read from downstream", "H2 handshake error"; both with `request_summary()`.
    ("pingora_core::apps", LevelFilter::OFF),
    // Framing complaints, one per offending message.
    ("pingora_core::protocols::http", LevelFilter::OFF),
    ("pingora_core::protocols::tls", LevelFilter::ERROR),
    // "Unexpected data read in idle connection".
    ("pingora_core::connectors", LevelFilter::ERROR),
    // "Fail to proxy: …, GET /path?query, Host: …"; respond.rs logs the same event without the query.
    ("pingora_proxy", LevelFilter::OFF),
    // Handshake failures of upstreams and of mail servers are reported by whoever connected.
    ("rustls", LevelFilter::ERROR),
];

#[cfg(test)]
#[path = "logging_tests.rs"]
mod tests;
