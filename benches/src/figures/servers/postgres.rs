//! A PostgreSQL that flushes what it acknowledges, unlike that of the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bitrix_id_test_servers::postgres::installation::{
    SUPERUSER, initialize, is_ready, pid_file, port, program,
};
use bitrix_id_test_servers::server::{Kind, Server, as_nobody_special};
use rustix::process::Signal;
use tokio::task::spawn_blocking;

/// A server, and its database `postgres`.
pub(super) struct Postgres {
    server: Server,
}

impl Postgres {
    /// One of our own, with an empty database.
    pub(super) async fn start() -> Self {
        let server = spawn_blocking(Server::own::<OnDisk>).await.expect("a server starts");
        Self { server }
    }

    /// As a configuration has it.
    pub(super) fn url(&self) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/postgres", port(&self.server.files()))
    }

    /// Its first process; the others are that one's children.
    pub(super) fn pid(&self) -> u32 {
        let text = fs::read_to_string(OnDisk::pid_file(&self.server.files())).expect("it runs");
        text.lines().next().and_then(|pid| pid.trim().parse().ok()).expect("a process id")
    }
}

#[derive(Debug)]
struct OnDisk;

impl Kind for OnDisk {
    const NAME: &'static str = "postgres";
    // "Fast shutdown": open connections are ended.
    const STOP: Signal = Signal::INT;

    fn prepare(files: &Path) {
        initialize(files);
    }

    fn command(files: &Path) -> Command {
        let mut command = as_nobody_special(program("postgres"));
        command.arg("-D").arg(files.join("data")).args(["-p", &port(files).to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    fn pid_file(files: &Path) -> PathBuf {
        pid_file(files)
    }

    fn is_ready(files: &Path) -> bool {
        is_ready(files)
    }
}

/// What an operator changes as well; all that concerns durability is as the server has it by itself.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    // Files among its own, which go with them also when it is killed.
    "dynamic_shared_memory_type=mmap",
    "log_min_messages=error",
];
