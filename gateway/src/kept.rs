//! What this process knows of revocations, kept in a file for the next one, which may have to start while the
//! session store is away.
//!
//! The file is written beside the sockets, in the runtime directory: that is private, belongs to one gateway
//! and its successors, and is there whatever the stores are. It is a hint where the store answers, and all
//! there is where it does not; then it counts for as long as its time of hearing says, and no longer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::revocation::{MOST_BYTES, Revocations, Standing, UnknownBytes};

use crate::hub::Hub;
use crate::stopwatch::Stopwatch;

/// The process that a file which is being written belongs to.
pub(crate) fn writer_of(name: &str) -> Option<i32> {
    name.strip_prefix(FILE)?.strip_prefix('.')?.strip_prefix(NEW)?.parse().ok()
}

/// The file.
pub(crate) struct Kept {
    path: PathBuf,
    secret: [u8; 32],
    /// A successor writes from now on.
    retired: AtomicBool,
    last: Mutex<Last>,
}

/// How it was written last.
#[derive(Default)]
struct Last {
    written: Option<(u64, Standing)>,
    /// Since the end of the last attempt, and how long that took.
    since: Option<(Stopwatch, Duration)>,
    failed: bool,
}

/// Why nothing is known from a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadKeptError {
    /// It is not there, or cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not what we kept.
    #[error("{path}: {source}")]
    Unknown {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        source: UnknownBytes,
    },
}

impl ReadKeptError {
    /// Nothing was ever kept.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl Kept {
    /// In `directory`; `secret` is the directory's, so that no other installation's file is believed.
    pub(crate) fn new(directory: &Path, secret: [u8; 32]) -> Self {
        let path = directory.join(FILE);
        Self { path, secret, retired: AtomicBool::new(false), last: Mutex::default() }
    }

    /// Takes what the file has into `revocations`.
    ///
    /// # Errors
    /// [`ReadKeptError`]: nothing was taken.
    pub(crate) fn read(
        &self,
        revocations: &Revocations,
        now: UnixSeconds,
    ) -> Result<Standing, ReadKeptError> {
        let bytes = read_bounded(&self.path)
            .map_err(|source| ReadKeptError::File { path: self.path.clone(), source })?;
        revocations
            .take(&bytes, &self.secret, now)
            .map_err(|source| ReadKeptError::Unknown { path: self.path.clone(), source })
    }

    /// Writes the file if `when` says that it is worth it. Blocks.
    pub(crate) fn write(&self, revocations: &Revocations, standing: Standing, when: When) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the set is read: what comes meanwhile is news the next time.
        let version = revocations.version();
        if self.retired.load(Ordering::Acquire) || !last.is_due(version, standing, when) {
            return;
        }
        let begun = Stopwatch::start();
        let outcome = self.replace(|file| revocations.keep(standing, &self.secret, file));
        last.since = Some((Stopwatch::start(), begun.elapsed()));
        match outcome {
            Ok(()) => {
                last.written = Some((version, standing));
                last.failed = false;
            }
            Err(error) => {
                if !std::mem::replace(&mut last.failed, true) {
                    let path = self.path.display();
                    tracing::warn!(%path, %error, "revocations are not kept for the next start");
                }
            }
        }
    }

    /// From now on the file is a successor's.
    pub(crate) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// A reader finds the old file or the new one, whole.
    fn replace(
        &self,
        fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let new = self.path.with_extension(format!("{NEW}{}", std::process::id()));
        // Left by a process of this number that was killed.
        let _ = fs::remove_file(&new);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        let written = (|| {
            let mut buffered = BufWriter::with_capacity(1 << 16, &file);
            fill(&mut buffered)?;
            buffered.flush()?;
            drop(buffered);
            file.sync_all()?;
            fs::rename(&new, &self.path)
        })();
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written?;
        match self.path.parent() {
            Some(directory) => File::open(directory)?.sync_all(),
            None => Ok(()),
        }
    }
}

/// When a file is worth writing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// Once enough has changed. The span is how long silence may last: the time of hearing is news when a tenth
    /// of that is over.
    InTime(Duration),
    /// Whenever it differs: the process is about to leave.
    Now,
}

impl Last {
    fn is_due(&self, version: u64, standing: Standing, when: When) -> bool {
        let Some((written_version, written)) = self.written else { return self.may_work(when) };
        if (written_version, written) == (version, standing) {
            return false;
        }
        let When::InTime(silence) = when else { return true };
        let news = written_version != version || written.position != standing.position;
        let older = standing.heard_at_ms.abs_diff(written.heard_at_ms);
        let later = u128::from(older) >= (silence / 10).min(HEARD_EVERY).as_millis();
        (news || later) && self.may_work(when)
    }

    /// Writing takes a small part of the time, however much there is to write.
    fn may_work(&self, when: When) -> bool {
        match (when, &self.since) {
            (When::Now, _) | (_, None) => true,
            (When::InTime(_), Some((since, took))) => {
                since.elapsed() >= AT_MOST_EVERY.max(*took * 20)
            }
        }
    }
}

impl Hub {
    /// Keeps what is known, in time. Blocks.
    pub(crate) fn keep_revocations(&self, when: When) {
        let standing = self.hearing.standing();
        // Whoever has never heard anything knows nothing worth keeping.
        if let Some(kept) = &self.kept
            && standing.heard_at_ms > 0
        {
            kept.write(&self.revocations, standing, when);
        }
    }

    /// Keeps what is known now, for a process that comes after this one. A disk that hangs keeps nobody.
    pub(crate) fn keep_revocations_at_last(self: &Arc<Self>) {
        if self.kept.is_none() {
            return;
        }
        let (hub, (done, is_done)) = (self.clone(), mpsc::channel());
        let keep = move || {
            hub.keep_revocations(When::Now);
            let _ = done.send(());
        };
        // Without a thread for it the process ends all the same.
        let thread = std::thread::Builder::new().name("keep".to_owned()).spawn(keep);
        if thread.is_err() || is_done.recv_timeout(AT_LAST).is_err() {
            tracing::warn!("the newest revocations could not be kept for the next start in time");
        }
    }

    /// Takes what the predecessor has kept just before it sent its sockets.
    pub(crate) fn learn_from_predecessor(&self) {
        let Some(kept) = &self.kept else { return };
        match kept.read(&self.revocations, self.clock.now()) {
            Ok(standing) => self.hearing.resume(standing),
            Err(error) if error.is_absence() => {}
            Err(error) => tracing::warn!(%error, "what the last process kept is not known"),
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let length = fs::symlink_metadata(path)?;
    if !length.is_file() || length.len() > MOST_BYTES {
        return Err(io::Error::other("it is not a file of ours"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length.len()).unwrap_or(0));
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

const FILE: &str = "revocations";
/// How the extension of a file begins that is being written; a process id follows.
const NEW: &str = "new-";
/// Between two files while there is news.
const AT_MOST_EVERY: Duration = Duration::from_secs(5);
/// While there is none, but for the time.
const HEARD_EVERY: Duration = Duration::from_mins(1);
const AT_LAST: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;
