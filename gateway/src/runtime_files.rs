//! The files of one running gateway, in its private directory.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::kept::writer_of;

/// Which there are.
#[derive(Debug, Clone)]
pub(crate) struct RuntimeFiles {
    /// Where they are.
    pub directory: PathBuf,
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
            directory: directory.to_owned(),
            pid: directory.join("bitrix-id.pid"),
            upgrade: directory.join("upgrade.sock"),
            sign_in: directory.join(sign_in_name(std::process::id())),
        }
    }

    /// The process that serves now, if any.
    pub(crate) fn serving_pid(&self) -> Option<i32> {
        let text = std::fs::read_to_string(&self.pid).ok()?;
        text.trim().parse().ok().filter(|pid| *pid > 0)
    }

    /// Whether a gateway of this pid runs: its sign-in socket takes connections.
    pub(crate) fn is_alive(&self, pid: i32) -> bool {
        UnixStream::connect(self.pid.with_file_name(sign_in_name(pid))).is_ok()
    }

    /// Removes the sockets of gateways that ended without doing so, and files that they did not finish.
    pub(crate) fn remove_stale(&self) {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let ours = name.starts_with("sign-in-") && name.ends_with(".sock");
            let unfinished = writer_of(name).is_some_and(|pid| !self.is_alive(pid));
            if unfinished || ours && UnixStream::connect(&path).is_err() {
                let _ = std::fs::remove_file(&path);
            }
        }
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

fn sign_in_name(pid: impl std::fmt::Display) -> String {
    format!("sign-in-{pid}.sock")
}
