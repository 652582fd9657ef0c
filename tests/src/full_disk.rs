//! A disk that is full when a test says so: a library between a process and the system that answers as a full
//! disk does (`full_disk.c`). A small file system of its own would take a right to mount.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The disk under one folder, for the processes that have its environment.
#[derive(Debug)]
pub struct FullDisk {
    library: PathBuf,
    switch: PathBuf,
    under: PathBuf,
}

impl FullDisk {
    /// Compiles the library into `folder`; `under` is what lies on the disk, which has room for now.
    pub fn of(folder: &Path, under: &Path) -> Self {
        let library = folder.join("full_disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/full_disk.c");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .output()
            .expect("a C compiler: scripts/setup.sh test installs one");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { library, switch: folder.join("the-disk-is-full"), under: under.to_owned() }
    }

    /// What the processes on the disk need in their environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        let entry = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
        vec![
            entry("LD_PRELOAD", &self.library),
            entry("FULL_DISK_SWITCH", &self.switch),
            entry("FULL_DISK_UNDER", &self.under),
        ]
    }

    /// From now on no file there grows.
    pub fn fill(&self) {
        std::fs::write(&self.switch, "").expect("the folder is ours");
    }

    /// There is room again.
    pub fn free(&self) {
        std::fs::remove_file(&self.switch).expect("it was full");
    }
}
