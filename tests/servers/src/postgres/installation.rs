//! What every PostgreSQL of ours has, whatever it is for: programs, files, a port.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use crate::server::{as_nobody_special, find_program};

/// Who may do everything; trusted on this machine.
pub const SUPERUSER: &str = "postgres";

/// Makes an empty installation in `files`, and finds it a port.
pub fn initialize(files: &Path) {
    let made = as_nobody_special(program("initdb"))
        .arg("--pgdata")
        .arg(files.join("data"))
        .args(["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8"])
        .args(["--locale", "C", "--no-sync"])
        .current_dir(files)
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    fs::write(files.join("port"), port.to_string()).expect("its port");
}

/// The port that was found.
pub fn port(files: &Path) -> u16 {
    let port = fs::read_to_string(files.join("port")).expect("a port");
    port.parse().expect("a number")
}

/// Where a server says who it is, and how it is.
pub fn pid_file(files: &Path) -> PathBuf {
    files.join("data/postmaster.pid")
}

/// Whether it answers.
pub fn is_ready(files: &Path) -> bool {
    // Its last line is its state.
    let state = fs::read_to_string(pid_file(files)).unwrap_or_default();
    let state = state.lines().nth(7).map(str::trim);
    // The latter until it is promoted.
    matches!(state, Some("ready" | "standby"))
}

/// One of PostgreSQL's programs. Debian keeps each version's in a folder off the search path.
pub fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let found = find_program(name, folders.into_iter().rev());
    found.unwrap_or_else(|| panic!("{name} is missing: scripts/setup.sh test installs PostgreSQL"))
}
