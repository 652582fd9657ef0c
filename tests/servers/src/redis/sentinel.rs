//! A primary with a replica, and sentinels that watch them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use tokio::task::spawn_blocking;

use super::script::{self, Speaks, id, plain_port, write_ports};
use super::{IN_MEMORY, answers, ask, configuration, free_port, port, write};
use crate::server::{Kind, Server};

/// A primary, a replica and three sentinels, which all tests share.
pub async fn sentinel() -> TestSentinel {
    let server = spawn_blocking(Server::shared::<Calm>).await.expect("sentinels start");
    TestSentinel { server: Arc::new(server) }
}

/// The same for a test that ends the primary: the sentinels miss it after three seconds.
pub async fn own_sentinel() -> TestSentinel {
    let server = spawn_blocking(Server::own::<Alert>).await.expect("sentinels start");
    TestSentinel { server: Arc::new(server) }
}

/// The same, speaking TLS only; [`TestSentinel::authority`] vouches for them. The sentinels ask for
/// [`TestSentinel::PASSWORD`].
pub async fn tls_sentinel() -> TestSentinel {
    let server = spawn_blocking(Server::own::<Guarded>).await.expect("sentinels start");
    TestSentinel { server: Arc::new(server) }
}

/// A primary with its replica and sentinels. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestSentinel {
    server: Arc<Server>,
}

impl TestSentinel {
    /// What sentinels that speak TLS ask for.
    pub const PASSWORD: &str = "who watches them";

    /// The address of two sentinels, with the primary's name.
    pub fn url(&self) -> String {
        let [one, other, _] = self.sentinel_ports();
        format!("redis+sentinel://127.0.0.1:{one},127.0.0.1:{other}/{SERVICE}")
    }

    /// The ports of the sentinels.
    pub fn sentinel_ports(&self) -> [u16; 3] {
        sentinel_ports(&self.server.files())
    }

    /// The port of the server that is the primary now, if any is.
    pub fn primary(&self) -> Option<u16> {
        let is_primary = |port: &u16| ask(*port, "ROLE").is_ok_and(|role| role.contains("master"));
        data_ports(&self.server.files()).into_iter().find(is_primary)
    }

    /// Whether the replica has as many keys as the primary.
    pub fn is_replicated(&self) -> bool {
        let files = self.server.files();
        let [one, other] = data_ports(&files)
            .map(|port| ask(plain_port(&files, port), "DBSIZE").expect("a server that answers"));
        one == other
    }

    /// PEM text of the authority behind their certificates, if they speak TLS.
    pub fn authority(&self) -> String {
        std::fs::read_to_string(self.server.files().join("ca.pem")).expect("their authority")
    }

    /// Ends the primary as a crash does.
    pub fn kill_primary(&self) {
        self.signal_primary(Signal::KILL);
    }

    /// Stops the primary in the middle of what it does, with its connections open.
    pub fn pause_primary(&self) {
        self.signal_primary(Signal::STOP);
    }

    fn signal_primary(&self, signal: Signal) {
        assert!(!self.server.is_shared(), "others use these servers too");
        let primary = self.primary().expect("a primary");
        let pid = self.server.files().join(format!("{primary}.pid"));
        let pid = std::fs::read_to_string(pid).expect("its process id");
        let pid = pid.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("it is there");
    }
}

/// No busy machine makes them nervous.
type Calm = Sentinels<60_000, false>;
/// They ask a primary once a second: to miss it after one would be too soon for one that is up.
type Alert = Sentinels<3_000, false>;
/// As [`Calm`], with TLS.
type Guarded = Sentinels<60_000, true>;

/// Sentinels that miss a primary after so many milliseconds, with TLS or without.
#[derive(Debug)]
struct Sentinels<const MISSED_AFTER_MS: u32, const TLS: bool>;

impl<const MISSED_AFTER_MS: u32, const TLS: bool> Kind for Sentinels<MISSED_AFTER_MS, TLS> {
    const NAME: &'static str = "redis-sentinel";
    const STOP: Signal = Signal::TERM;

    fn prepare(files: &Path) {
        prepare_sentinels(files, MISSED_AFTER_MS, script::certified(files, TLS));
    }

    fn command(files: &Path) -> Command {
        script::command(files)
    }

    fn pid_file(files: &Path) -> PathBuf {
        files.join("pid")
    }

    fn is_ready(files: &Path) -> bool {
        let [primary, replica] = data_ports(files).map(|port| plain_port(files, port));
        let follows = |info: String| info.contains("master_link_status:up");
        answers(primary)
            && ask(replica, "INFO replication").is_ok_and(follows)
            && sentinel_ports(files).into_iter().all(|port| is_up(plain_port(files, port)))
    }
}

/// One that asks for a password first is up as well.
fn is_up(port: u16) -> bool {
    ask(port, "PING").is_ok_and(|said| said.starts_with("+PONG") || said.starts_with("-NOAUTH"))
}

fn prepare_sentinels(files: &Path, missed_after_ms: u32, speaks: Speaks) {
    let data = [free_port(), free_port()];
    let sentinels = [free_port(), free_port(), free_port()];
    write_ports(files, "data", &data);
    write_ports(files, "sentinels", &sentinels);
    let [primary, replica] = data;
    for port in data {
        let listening = script::listen(files, port, speaks);
        let mut settings = format!("{listening}repl-diskless-sync-delay 0\n{IN_MEMORY}");
        if port == replica {
            let _ = writeln!(settings, "replicaof 127.0.0.1 {primary}");
        }
        let settings = configuration(files, &format!("{port}.pid"), &settings);
        write(files, &format!("{port}.conf"), &settings);
    }
    for (own, port) in sentinels.iter().enumerate() {
        let listening = script::listen(files, *port, speaks);
        let mut settings = format!(
            "{listening}sentinel myid {}\nsentinel monitor {SERVICE} 127.0.0.1 {primary} 2\n\
             sentinel down-after-milliseconds {SERVICE} {missed_after_ms}\n\
             sentinel failover-timeout {SERVICE} 6000\n\
             sentinel known-replica {SERVICE} 127.0.0.1 {replica}\n",
            id(own)
        );
        if matches!(speaks, Speaks::Tls) {
            let password = TestSentinel::PASSWORD;
            let _ = writeln!(
                settings,
                "requirepass \"{password}\"\nsentinel sentinel-pass \"{password}\""
            );
        }
        // They need not find each other first.
        for (n, port) in sentinels.iter().enumerate().filter(|(n, _)| *n != own) {
            let _ =
                writeln!(settings, "sentinel known-sentinel {SERVICE} 127.0.0.1 {port} {}", id(n));
        }
        let settings = configuration(files, &format!("{port}.pid"), &settings);
        write(files, &format!("{port}.conf"), &settings);
    }
    let runs: Vec<String> = (data.iter().map(|port| format!("{port}.conf")))
        .chain(sentinels.iter().map(|port| format!("{port}.conf --sentinel")))
        .collect();
    script::write(files, &runs);
}

fn data_ports(files: &Path) -> [u16; 2] {
    [0, 1].map(|n| port(files, &format!("data-{n}")))
}

fn sentinel_ports(files: &Path) -> [u16; 3] {
    [0, 1, 2].map(|n| port(files, &format!("sentinels-{n}")))
}

const SERVICE: &str = "bitrix-id";
