//! Redis as the tests start it, flushing what it acknowledges.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use bitrix_id_test_servers::redis::{self, TestCluster, TestRedis, TestSentinel};

use super::Sessions;

/// The servers that keep sessions.
pub(super) enum Redis {
    Single(TestRedis),
    Sentinel(TestSentinel),
    Cluster(TestCluster),
}

impl Redis {
    /// Starts them, empty; none where sessions are embedded.
    pub(super) async fn start(sessions: Sessions) -> Option<Self> {
        let servers = match sessions {
            Sessions::Embedded => return None,
            Sessions::Redis => Self::Single(redis::own().await),
            // Sentinels of a test's own are nervous: they would take a busy primary for a dead one.
            Sessions::Sentinel => Self::Sentinel(redis::sentinel().await),
            Sessions::Cluster => Self::Cluster(redis::own_cluster().await),
        };
        for port in servers.ports() {
            ask(port, "FLUSHALL");
        }
        servers.configure("appendfsync always");
        servers.configure("appendonly yes");
        Some(servers)
    }

    /// As a configuration has it.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Single(server) => server.url(),
            Self::Sentinel(servers) => servers.url(),
            Self::Cluster(servers) => servers.url(),
        }
    }

    /// Changes a setting of each.
    pub(super) fn configure(&self, setting: &str) {
        for port in self.ports() {
            let answer = ask(port, &format!("CONFIG SET {setting}"));
            assert!(answer.starts_with("+OK"), "{setting}: {answer}");
        }
    }

    /// The processes that answer.
    pub(super) fn pids(&self) -> Vec<u32> {
        let pid = |port| u32::try_from(number(port, "server", "process_id")).expect("a pid");
        self.ports().into_iter().map(pid).collect()
    }

    /// Bytes, over all of them.
    pub(super) fn used_memory(&self) -> u64 {
        self.ports().into_iter().map(|port| number(port, "memory", "used_memory")).sum()
    }

    fn ports(&self) -> Vec<u16> {
        match self {
            Self::Single(server) => vec![server.port()],
            Self::Sentinel(servers) => servers.primary().into_iter().collect(),
            Self::Cluster(servers) => servers.ports().to_vec(),
        }
    }
}

/// A line of `INFO`.
fn number(port: u16, section: &str, name: &str) -> u64 {
    let info = ask(port, &format!("INFO {section}"));
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|value| value.trim().parse().ok()).expect("INFO says it")
}

/// What a server says to a command in one line: a line, or a text of a told length.
fn ask(port: u16, command: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("TCP");
    stream.write_all(format!("{command}\r\n").as_bytes()).expect("it listens");
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line).expect("an answer");
    let Some(length) = line.trim_end().strip_prefix('$') else { return line };
    let mut text = vec![0; length.parse().expect("a length")];
    answer.read_exact(&mut text).expect("the whole of it");
    String::from_utf8_lossy(&text).into_owned()
}

const PATIENCE: Duration = Duration::from_secs(30);
