//! Handing the listening sockets to a successor.
//!
//! The hand-over is ours and not pingora's, whose failure ends in an outage: the old process sends copies
//! of its sockets, goes on accepting, and steps back only when the successor has written its pid file,
//! which it does once it serves. A successor that dies on the way changes nothing.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::{ListenFds, ShutdownWatch};
use pingora::services::Service;

use crate::runtime_files::RuntimeFiles;

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

/// Gives the listening sockets to a successor that waits for them. True once it serves.
pub(crate) async fn hand_over(sockets: &OnceLock<ListenFds>, files: &RuntimeFiles) -> bool {
    let Some(sockets) = sockets.get().cloned() else {
        tracing::error!("SIGQUIT: the listeners are not up yet; nothing is handed over");
        return false;
    };
    if !successor_waits(files).await {
        tracing::error!(
            socket = %files.upgrade.display(),
            "SIGQUIT: no successor waits for the sockets; start one with `serve --upgrade`"
        );
        return false;
    }
    let path = files.upgrade.clone();
    let sent = tokio::task::spawn_blocking(move || {
        sockets.lock().send_to_sock(path.as_path().as_os_str().to_str()?).ok()
    });
    if !matches!(sent.await, Ok(Some(_))) {
        tracing::error!("the sockets could not be sent; this process goes on");
        return false;
    }
    let serves = successor_serves(files).await;
    if serves {
        tracing::info!("the successor serves; finishing what is in flight here");
    } else {
        tracing::error!("the successor did not come up; this process goes on");
    }
    serves
}

/// Looks for the listening socket instead of connecting, which would use up the successor's accept.
async fn successor_waits(files: &RuntimeFiles) -> bool {
    let path = files.upgrade.to_string_lossy().into_owned();
    for _ in 0..attempts(SUCCESSOR_WAITS) {
        // By way of this process: a sandbox may show nothing of /proc but processes.
        let sockets = std::fs::read_to_string("/proc/self/net/unix").unwrap_or_default();
        if sockets.lines().any(|line| line.ends_with(&path)) {
            return true;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    false
}

async fn successor_serves(files: &RuntimeFiles) -> bool {
    let own = i32::try_from(std::process::id()).ok();
    for _ in 0..attempts(SUCCESSOR_SERVES) {
        if files.serving_pid().is_some_and(|pid| Some(pid) != own) {
            return true;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    false
}

fn attempts(span: Duration) -> u128 {
    span.as_millis() / LOOK_EVERY.as_millis()
}

const LOOK_EVERY: Duration = Duration::from_millis(20);
const SUCCESSOR_WAITS: Duration = Duration::from_secs(10);
const SUCCESSOR_SERVES: Duration = Duration::from_secs(20);
