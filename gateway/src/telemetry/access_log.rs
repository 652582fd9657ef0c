//! The access log: one JSON line per request on stdout, written by a thread of its own.
//!
//! A request hands its record over through a bounded channel and goes on. When stdout does not keep up, the
//! channel fills and further records are counted instead of written: a full disk or a stopped log reader
//! must not stop sign-ins.

use std::fs::File;
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::identity::AccountId;
use prometheus::IntCounter;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Where lines go.
pub(crate) enum Sink {
    /// Standard output.
    Stdout,
    /// Appended to a file (demo).
    File(PathBuf),
    /// Nowhere; no thread is started.
    #[cfg(test)]
    Null,
    /// A test's buffer.
    #[cfg(test)]
    Writer(Box<dyn Write + Send>),
}

impl Sink {
    fn open(self) -> Option<Box<dyn Write + Send>> {
        match self {
            Self::Stdout => Some(Box::new(std::io::stdout())),
            Self::File(path) => match File::options().create(true).append(true).open(&path) {
                Ok(file) => Some(Box::new(file)),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "no access log");
                    None
                }
            },
            #[cfg(test)]
            Self::Null => None,
            #[cfg(test)]
            Self::Writer(writer) => Some(writer),
        }
    }
}

/// What became of a request, for the log and the `decision` label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogDecision {
    /// Forwarded with an identity.
    Permit,
    /// Forwarded without one.
    Anonymous,
    /// Sent to sign-in: 302 or 401.
    SignIn,
    /// Refused: 403.
    Refuse,
    /// Answered by the gateway itself or its sign-in app.
    Answered,
    /// Not answered as asked: a broken request, an unknown host, an outage.
    Error,
}

impl LogDecision {
    /// In order of their discriminants.
    pub(super) const ALL: [Self; 6] =
        [Self::Permit, Self::Anonymous, Self::SignIn, Self::Refuse, Self::Answered, Self::Error];

    /// As in the log and in labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Anonymous => "anonymous",
            Self::SignIn => "sign_in",
            Self::Refuse => "refuse",
            Self::Answered => "answered",
            Self::Error => "error",
        }
    }
}

/// One request, as logged. Nothing here may hold a cookie, token, code, password or query string.
#[derive(Debug, Clone)]
pub(crate) struct AccessRecord {
    /// Start of the request, Unix milliseconds.
    pub time_ms: i64,
    /// As sent to the upstream in `X-Request-Id`.
    pub request_id: String,
    /// Portal id; `None` on the Bitrix ID host and on unknown hosts.
    pub portal: Option<Arc<str>>,
    /// Label of the route that decided.
    pub route: String,
    /// Request method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Status sent; 0 when the client left before one was.
    pub status: u16,
    /// What became of it.
    pub decision: LogDecision,
    /// Why it was refused or failed.
    pub reason: Option<&'static str>,
    /// Who, if signed in.
    pub subject: Option<AccountId>,
    /// From header to end of answer.
    pub duration_ms: f64,
    /// From connecting to the upstream's header, if there was one.
    pub upstream_ms: Option<f64>,
    /// The peer, or whom a trusted proxy named.
    pub client_ip: IpAddr,
}

/// Hands records to the writing thread.
pub(crate) struct AccessLog {
    sender: Option<SyncSender<AccessRecord>>,
    accepted: AtomicU64,
    progress: Arc<Progress>,
    dropped: IntCounter,
}

/// How many records the thread is done with.
#[derive(Default)]
struct Progress {
    done: Mutex<u64>,
    moved: Condvar,
}

impl AccessLog {
    /// Starts the writing thread; `dropped` counts records that were not written.
    pub(super) fn start(sink: Sink, dropped: IntCounter) -> Self {
        let progress = Arc::new(Progress::default());
        let out = sink.open();
        let sender = out.and_then(|out| spawn_writer(out, progress.clone(), dropped.clone()));
        Self { sender, accepted: AtomicU64::new(0), progress, dropped }
    }

    /// Logs a request. Returns at once, whatever the state of stdout.
    pub(crate) fn write(&self, record: AccessRecord) {
        let Some(sender) = &self.sender else { return };
        match sender.try_send(record) {
            Ok(()) => {
                self.accepted.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => self.dropped.inc(),
        }
    }

    /// Waits until everything logged so far is written. False: `timeout` passed first.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let accepted = self.accepted.load(Ordering::Relaxed);
        let done = self.progress.done.lock().unwrap_or_else(PoisonError::into_inner);
        let (_done, waited) = self
            .progress
            .moved
            .wait_timeout_while(done, timeout, |done| *done < accepted)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }
}

fn spawn_writer(
    out: Box<dyn Write + Send>,
    progress: Arc<Progress>,
    dropped: IntCounter,
) -> Option<SyncSender<AccessRecord>> {
    let (sender, receiver) = sync_channel(QUEUE);
    let started = std::thread::Builder::new()
        .name("access-log".to_owned())
        .spawn(move || write_records(out, &receiver, &progress, &dropped));
    match started {
        Ok(_) => Some(sender),
        Err(error) => {
            tracing::error!(%error, "no access log: its thread cannot be started");
            None
        }
    }
}

/// Until the log is dropped: waits for a record, takes what else is there, writes it in one go.
fn write_records(
    mut out: Box<dyn Write + Send>,
    receiver: &Receiver<AccessRecord>,
    progress: &Progress,
    dropped: &IntCounter,
) {
    let mut failing = false;
    let mut buffer = Vec::with_capacity(64 * 1024);
    while let Ok(first) = receiver.recv() {
        buffer.clear();
        let mut count = 0;
        for record in std::iter::once(first).chain(receiver.try_iter().take(BATCH - 1)) {
            append_line(&mut buffer, &record);
            count += 1;
        }
        let written = out.write_all(&buffer).and_then(|()| out.flush());
        if let Err(error) = &written {
            dropped.inc_by(count);
            if !failing {
                tracing::error!(%error, "the access log cannot be written; lines are lost");
            }
        }
        failing = written.is_err();
        *progress.done.lock().unwrap_or_else(PoisonError::into_inner) += count;
        progress.moved.notify_all();
    }
}

/// A line in the shape and order of the log's documentation. Absent values are `null`.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    request_id: &'a str,
    portal: Option<&'a str>,
    route: Option<&'a str>,
    method: &'a str,
    path: &'a str,
    status: u16,
    decision: &'static str,
    reason: Option<&'static str>,
    subject: Option<AccountId>,
    duration_ms: f64,
    upstream_ms: Option<f64>,
    client_ip: IpAddr,
}

fn append_line(buffer: &mut Vec<u8>, record: &AccessRecord) {
    let line = Line {
        time: rfc3339_ms(record.time_ms),
        request_id: &record.request_id,
        portal: record.portal.as_deref(),
        route: Some(record.route.as_str()).filter(|route| !route.is_empty()),
        method: &record.method,
        path: &record.path,
        status: record.status,
        decision: record.decision.as_str(),
        reason: record.reason,
        subject: record.subject,
        duration_ms: microsecond_steps(record.duration_ms),
        upstream_ms: record.upstream_ms.map(microsecond_steps),
        client_ip: record.client_ip,
    };
    let start = buffer.len();
    if serde_json::to_writer(&mut *buffer, &line).is_err() {
        // Strings, numbers and nulls always serialise; half a line must not join the next one.
        buffer.truncate(start);
        return;
    }
    buffer.push(b'\n');
}

fn microsecond_steps(ms: f64) -> f64 {
    (ms * 1_000.0).round() / 1_000.0
}

/// `2026-01-31T08:15:30.042Z`.
fn rfc3339_ms(unix_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(RFC3339_MS).ok())
        .unwrap_or_default()
}

const RFC3339_MS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Records that wait for stdout, a few megabytes at most.
const QUEUE: usize = 16_384;
/// Records written in one system call.
const BATCH: usize = 512;

#[cfg(test)]
#[path = "access_log_tests.rs"]
mod tests;
