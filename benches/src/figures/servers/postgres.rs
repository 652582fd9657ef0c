//! A PostgreSQL that flushes what it acknowledges, unlike that of the tests.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use bitrix_id_test_servers::postgres::program;
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

    fn command(files: &Path) -> Command {
        let mut command = as_nobody_special(program("postgres"));
        command.arg("-D").arg(files.join("data")).args(["-p", &port(files).to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    fn pid_file(files: &Path) -> PathBuf {
        files.join("data/postmaster.pid")
    }

    fn is_ready(files: &Path) -> bool {
        // Its last line is its state.
        let state = fs::read_to_string(Self::pid_file(files)).unwrap_or_default();
        state.lines().nth(7).is_some_and(|state| state.trim() == "ready")
    }
}

fn port(files: &Path) -> u16 {
    let port = fs::read_to_string(files.join("port")).expect("a port");
    port.parse().expect("a number")
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
const SUPERUSER: &str = "postgres";
