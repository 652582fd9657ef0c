//! Starting the process that shall take over: SIGUSR2 runs this program's command line again, with `--upgrade`.
//!
//! `serve --upgrade` can be started by hand as well. But a supervisor ends or forgets what does not belong to
//! its service, and a child of this process does belong: same control group, user, sandbox and environment.
//! The name of the program is looked up again, so a binary that was replaced is the new one.

use std::ffi::OsString;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::process::{Child, Command};

/// One successor at a time.
#[derive(Debug, Default)]
pub(crate) struct Successor(Arc<AtomicBool>);

impl Successor {
    /// Starts one, unless one is on its way. What it does from there on is [`crate::handover`]'s.
    pub(crate) fn start(&self) {
        if self.0.swap(true, Ordering::AcqRel) {
            tracing::warn!("SIGUSR2: a successor is on its way already");
            return;
        }
        match spawn(std::env::args_os().collect()) {
            Ok(child) => {
                tracing::info!(pid = child.id(), "SIGUSR2: a successor is started");
                tokio::spawn(see_off(child, self.0.clone()));
            }
            Err(error) => {
                tracing::error!(%error, "SIGUSR2: a successor cannot be started");
                self.0.store(false, Ordering::Release);
            }
        }
    }
}

fn spawn(mut command_line: Vec<OsString>) -> std::io::Result<Child> {
    if !command_line.iter().any(|argument| argument == UPGRADE) {
        command_line.push(UPGRADE.into());
    }
    let mut words = command_line.into_iter();
    Command::new(words.next().unwrap_or_default()).args(words).stdin(Stdio::null()).spawn()
}

/// A successor that serves outlives this process, so an end that is seen here came before its time.
async fn see_off(mut successor: Child, on_its_way: Arc<AtomicBool>) {
    let ended = successor.wait().await;
    tracing::error!(?ended, "the successor ended before it served; this process goes on");
    on_its_way.store(false, Ordering::Release);
}

const UPGRADE: &str = "--upgrade";
