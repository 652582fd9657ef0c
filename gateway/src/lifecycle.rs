//! How a process begins to serve and how it stops: signals, draining, and handing the listening sockets to a
//! successor.
//!
//! The hand-over is ours and not pingora's, whose failure ends in an outage: the old process sends copies
//! of its sockets, goes on accepting, and steps back only when the successor has written its pid file,
//! which it does once it serves. A successor that dies on the way changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use pingora_core::server::{ListenFds, ShutdownSignal, ShutdownSignalWatch, ShutdownWatch};
use pingora_core::services::Service;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::edge::Activity;
use crate::hub::Hub;
use crate::reload::Reloader;

/// Files of one running gateway, in its private directory.
#[derive(Debug, Clone)]
pub(crate) struct RuntimeFiles {
    /// The process that serves.
    pub pid: PathBuf,
    /// Where a successor waits for the sockets.
    pub upgrade: PathBuf,
    /// The sign-in app of this process.
    pub sign_in: PathBuf,
}

impl RuntimeFiles {
    /// Names the files of this process.
    pub(crate) fn of(directory: &Path) -> Self {
        Self {
            pid: directory.join("bitrix-id.pid"),
            upgrade: directory.join("upgrade.sock"),
            sign_in: directory.join(format!("sign-in-{}.sock", std::process::id())),
        }
    }

    /// The process that serves now, if any.
    pub(crate) fn serving_pid(&self) -> Option<i32> {
        let text = std::fs::read_to_string(&self.pid).ok()?;
        text.trim().parse().ok().filter(|pid| *pid > 0)
    }

    /// Says that this process serves.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub(crate) fn claim(&self) -> std::io::Result<()> {
        let new = self.pid.with_extension("pid.new");
        std::fs::write(&new, format!("{}\n", std::process::id()))?;
        std::fs::rename(new, &self.pid)
    }

    /// Removes what belongs to this process alone.
    pub(crate) fn clean_up(&self) {
        let _ = std::fs::remove_file(&self.sign_in);
        if self.serving_pid() == i32::try_from(std::process::id()).ok() {
            let _ = std::fs::remove_file(&self.pid);
        }
    }
}

/// Learns the listening sockets: pingora hands them to every service.
pub(crate) struct SocketKeeper(pub Arc<OnceLock<ListenFds>>);

#[async_trait]
impl Service for SocketKeeper {
    async fn start_service(
        &mut self,
        fds: Option<ListenFds>,
        mut shutdown: ShutdownWatch,
        _listeners_per_fd: usize,
    ) {
        if let Some(fds) = fds {
            let _ = self.0.set(fds);
        }
        let _ = shutdown.changed().await;
    }

    fn name(&self) -> &str {
        "sockets"
    }

    fn threads(&self) -> Option<usize> {
        Some(1)
    }
}

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
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

impl Lifecycle {
    async fn follow(&self, mut signals: Signals) -> ShutdownSignal {
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => {
                    self.announce_end().await;
                    self.leave_when_drained(Some(QUIET));
                    return ShutdownSignal::GracefulTerminate;
                }
                _ = signals.interrupt.recv() => {
                    self.hub.telemetry.access_log.flush(FLUSH);
                    self.files.clean_up();
                    return ShutdownSignal::FastShutdown;
                }
                _ = signals.quit.recv() => {
                    if self.hand_over().await {
                        self.activity.draining.store(true, Ordering::Release);
                        self.leave_when_drained(None);
                        return ShutdownSignal::GracefulTerminate;
                    }
                    self.hub.telemetry.metrics.upgrades_failed.inc();
                }
                _ = signals.hang_up.recv() => {
                    let reloader = self.reloader.clone();
                    let _ = tokio::task::spawn_blocking(move || reloader.reload()).await;
                }
            }
        }
    }

    /// Readiness turns first, so that a load balancer stops sending before the listeners close.
    async fn announce_end(&self) {
        tracing::info!("SIGTERM: finishing what is in flight");
        self.activity.draining.store(true, Ordering::Release);
        let delay = self.hub.snapshot.load().config.server.readiness_delay;
        tokio::time::sleep(delay).await;
    }

    /// Ends the process as soon as nothing is open, or, with `quiet`, when no request was in flight for
    /// that long. Pingora itself would sleep out the whole grace period.
    fn leave_when_drained(&self, quiet: Option<Duration>) {
        let drain = self.hub.snapshot.load().config.server.drain;
        let goodbye = drain.saturating_sub(Duration::from_secs(1));
        let goodbye_ms = usize::try_from(goodbye.as_millis()).unwrap_or(usize::MAX);
        self.activity.goodbye_after_ms.store(goodbye_ms, Ordering::Release);
        let (activity, hub, files) = (self.activity.clone(), self.hub.clone(), self.files.clone());
        std::thread::spawn(move || {
            let mut idle_for = Duration::ZERO;
            loop {
                std::thread::sleep(LOOK_EVERY);
                let idle = activity.requests.load(Ordering::Acquire) == 0;
                let closed = activity.connections.load(Ordering::Acquire) == 0;
                idle_for = if idle { idle_for + LOOK_EVERY } else { Duration::ZERO };
                // A connection accepted a moment ago counts only after its TLS handshake.
                let settled = idle_for >= SETTLE;
                if settled && closed || quiet.is_some_and(|quiet| idle_for >= quiet) {
                    leave(&hub, &files);
                }
            }
        });
    }

    /// Gives the listening sockets to a successor that waits for them. True once it serves.
    async fn hand_over(&self) -> bool {
        let Some(sockets) = self.sockets.get().cloned() else {
            tracing::error!("SIGQUIT: the listeners are not up yet; nothing is handed over");
            return false;
        };
        if !self.successor_waits().await {
            tracing::error!(
                socket = %self.files.upgrade.display(),
                "SIGQUIT: no successor waits for the sockets; start one with `serve --upgrade`"
            );
            return false;
        }
        let path = self.files.upgrade.clone();
        let sent = tokio::task::spawn_blocking(move || {
            sockets.lock().send_to_sock(path.as_path().as_os_str().to_str()?).ok()
        });
        if !matches!(sent.await, Ok(Some(_))) {
            tracing::error!("the sockets could not be sent; this process goes on");
            return false;
        }
        let serves = self.successor_serves().await;
        if serves {
            tracing::info!("the successor serves; finishing what is in flight here");
        } else {
            tracing::error!("the successor did not come up; this process goes on");
        }
        serves
    }

    /// Looks for the listening socket instead of connecting, which would use up the successor's accept.
    async fn successor_waits(&self) -> bool {
        let path = self.files.upgrade.to_string_lossy().into_owned();
        for _ in 0..attempts(SUCCESSOR_WAITS) {
            let sockets = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
            if sockets.lines().any(|line| line.ends_with(&path)) {
                return true;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        false
    }

    async fn successor_serves(&self) -> bool {
        let own = i32::try_from(std::process::id()).ok();
        for _ in 0..attempts(SUCCESSOR_SERVES) {
            if self.files.serving_pid().is_some_and(|pid| Some(pid) != own) {
                return true;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        false
    }
}

fn attempts(span: Duration) -> u128 {
    span.as_millis() / LOOK_EVERY.as_millis()
}

/// Writes the last log lines and ends the process.
pub(crate) fn leave(hub: &Hub, files: &RuntimeFiles) -> ! {
    hub.telemetry.access_log.flush(FLUSH);
    files.clean_up();
    std::process::exit(0)
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// No request for this long counts as drained, idle keep-alive connections or not.
const QUIET: Duration = Duration::from_millis(1500);
const SETTLE: Duration = Duration::from_millis(200);
const FLUSH: Duration = Duration::from_secs(1);
const SUCCESSOR_WAITS: Duration = Duration::from_secs(10);
const SUCCESSOR_SERVES: Duration = Duration::from_secs(20);
