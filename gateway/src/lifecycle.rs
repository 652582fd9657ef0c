//! How a process stops: signals, draining, and stepping back for a successor ([`crate::handover`]).

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::{ListenFds, ShutdownSignal, ShutdownSignalWatch};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::activity::Activity;
use crate::handover;
use crate::hub::Hub;
use crate::reload::Reloader;
use crate::runtime_files::RuntimeFiles;
use crate::successor::Successor;
use crate::supervisor;

/// Turns signals into what the process does.
pub(crate) struct Lifecycle {
    /// For the access log's last lines.
    pub hub: Arc<Hub>,
    /// SIGHUP.
    pub reloader: Arc<Reloader>,
    /// What is still open.
    pub activity: Arc<Activity>,
    /// Files of this process.
    pub files: RuntimeFiles,
    /// Filled by [`SocketKeeper`].
    pub sockets: Arc<OnceLock<ListenFds>>,
}

#[async_trait]
impl ShutdownSignalWatch for Lifecycle {
    async fn recv(&self) -> ShutdownSignal {
        match Signals::listen() {
            Ok(signals) => self.follow(signals).await,
            Err(error) => {
                // Without signal handlers the process could not be stopped in order: better not to run.
                tracing::error!(%error, "signals cannot be received");
                ShutdownSignal::FastShutdown
            }
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Signal,
    user_two: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            user_two: signal(SignalKind::user_defined2())?,
        })
    }
}

impl Lifecycle {
    async fn follow(&self, mut signals: Signals) -> ShutdownSignal {
        let successor = Successor::default();
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => {
                    supervisor::stopping();
                    self.announce_end().await;
                    self.leave_when_drained(Some(QUIET));
                    return ShutdownSignal::GracefulTerminate;
                }
                _ = signals.interrupt.recv() => {
                    supervisor::stopping();
                    self.hub.keep_revocations_at_last();
                    self.hub.telemetry.access_log.flush(FLUSH);
                    self.files.clean_up();
                    return ShutdownSignal::FastShutdown;
                }
                _ = signals.quit.recv() => {
                    self.keep_revocations().await;
                    if handover::hand_over(&self.sockets, &self.files).await {
                        if let Some(kept) = &self.hub.kept {
                            kept.retire();
                        }
                        self.activity.draining.store(true, Ordering::Release);
                        self.leave_when_drained(None);
                        return ShutdownSignal::GracefulTerminate;
                    }
                    self.hub.telemetry.metrics.upgrades_failed.inc();
                }
                _ = signals.hang_up.recv() => {
                    supervisor::reloading();
                    let reloader = self.reloader.clone();
                    let outcome = tokio::task::spawn_blocking(move || reloader.reload()).await;
                    supervisor::reloaded(matches!(outcome, Ok(Ok(_))));
                }
                _ = signals.user_two.recv() => successor.start(),
            }
        }
    }

    /// For the successor, which may not reach the session store.
    async fn keep_revocations(&self) {
        let hub = self.hub.clone();
        let _ = tokio::task::spawn_blocking(move || hub.keep_revocations_at_last()).await;
    }

    /// Readiness turns first, so that a load balancer stops sending before the listeners close.
    async fn announce_end(&self) {
        tracing::info!("SIGTERM: finishing what is in flight");
        self.activity.draining.store(true, Ordering::Release);
        let delay = self.hub.snapshot.load().config.server.readiness_delay;
        tokio::time::sleep(delay).await;
    }

    /// Ends the process as soon as nothing is open, or, with `quiet`, when no request was in flight for
    /// that long, and after `server.drain` whatever is still open.
    fn leave_when_drained(&self, quiet: Option<Duration>) {
        let drain = self.hub.snapshot.load().config.server.drain;
        let goodbye = drain.saturating_sub(Duration::from_secs(1));
        let goodbye_ms = usize::try_from(goodbye.as_millis()).unwrap_or(usize::MAX);
        self.activity.goodbye_after_ms.store(goodbye_ms, Ordering::Release);
        let (activity, hub, files) = (self.activity.clone(), self.hub.clone(), self.files.clone());
        std::thread::spawn(move || {
            let (mut idle_for, mut waited) = (Duration::ZERO, Duration::ZERO);
            loop {
                std::thread::sleep(LOOK_EVERY);
                waited += LOOK_EVERY;
                let idle = activity.requests.load(Ordering::Acquire) == 0;
                let closed = activity.connections.load(Ordering::Acquire) == 0;
                idle_for = if idle { idle_for + LOOK_EVERY } else { Duration::ZERO };
                // A connection may be between its accept and its place.
                let settled = idle_for >= SETTLE;
                if waited >= drain
                    || settled && closed
                    || quiet.is_some_and(|quiet| idle_for >= quiet)
                {
                    leave(&hub, &files);
                }
            }
        });
    }
}

/// Writes the last log lines and ends the process.
pub(crate) fn leave(hub: &Arc<Hub>, files: &RuntimeFiles) -> ! {
    hub.keep_revocations_at_last();
    hub.telemetry.access_log.flush(FLUSH);
    files.clean_up();
    std::process::exit(0)
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// No request for this long counts as drained, idle keep-alive connections or not.
const QUIET: Duration = Duration::from_millis(1500);
const SETTLE: Duration = Duration::from_millis(200);
const FLUSH: Duration = Duration::from_secs(1);
