//! The files of one running gateway, in its private directory.

use std::path::{Path, PathBuf};

/// Where they are.
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
