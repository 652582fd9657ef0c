//! A clock that a test sets for processes of its own (libfaketime). Only the clock of the day is moved: time
//! that passes goes on as it does.

use std::path::{Path, PathBuf};

/// The clock of the processes that have its environment.
#[derive(Debug)]
pub struct FakeClock {
    library: PathBuf,
    offset: PathBuf,
}

impl FakeClock {
    /// One that shows the time as it is; `folder` is the test's.
    pub fn right(folder: &Path) -> Self {
        let clock = Self { library: library(), offset: folder.join("clock-offset") };
        clock.step(0);
        clock
    }

    /// What the processes need in their environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.offset.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// From now on it is so many seconds off.
    pub fn step(&self, seconds: i64) {
        // By renaming: it is read all the time, and half of it would be another time.
        let next = self.offset.with_extension("next");
        std::fs::write(&next, format!("{seconds:+}\n")).expect("the folder is ours");
        std::fs::rename(&next, &self.offset).expect("the folder is ours");
    }
}

/// Debian keeps it in the folder of the architecture.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = folders.map(|entry| entry.path()).chain([PathBuf::from("/usr/lib")]);
    let mut found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    let found = found.find(|library| library.is_file());
    found.expect("libfaketime is missing: scripts/setup.sh test installs it")
}
