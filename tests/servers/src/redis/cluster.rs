//! A cluster of three nodes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustix::process::Signal;
use tokio::task::spawn_blocking;

use super::script::{self, Speaks, id, plain_port, write_ports};
use super::{IN_MEMORY, ask, configuration, free_port, port, write};
use crate::server::{Kind, Server};

/// The cluster of three nodes that all tests share.
pub async fn cluster() -> TestCluster {
    let server = spawn_blocking(Server::shared::<Cluster>).await.expect("a cluster starts");
    TestCluster { server: Arc::new(server) }
}

/// The same for a test that stops or pauses it.
pub async fn own_cluster() -> TestCluster {
    let server = spawn_blocking(Server::own::<Cluster>).await.expect("a cluster starts");
    TestCluster { server: Arc::new(server) }
}

/// One that speaks TLS only; [`TestCluster::authority`] vouches for it.
pub async fn tls_cluster() -> TestCluster {
    let server = spawn_blocking(Server::own::<Guarded>).await.expect("a cluster starts");
    TestCluster { server: Arc::new(server) }
}

/// A running cluster. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestCluster {
    server: Arc<Server>,
}

impl TestCluster {
    /// The ports of its nodes.
    pub fn ports(&self) -> [u16; 3] {
        node_ports(&self.server.files())
    }

    /// The address of two of its nodes.
    pub fn url(&self) -> String {
        let [one, other, _] = self.ports();
        format!("redis+cluster://127.0.0.1:{one},127.0.0.1:{other}")
    }

    /// PEM text of the authority behind its certificates, if it speaks TLS.
    pub fn authority(&self) -> String {
        std::fs::read_to_string(self.server.files().join("ca.pem")).expect("its authority")
    }

    /// Ends all nodes in an orderly way.
    pub async fn stop(&self) {
        self.blocking(|server| server.stop::<Cluster>()).await;
    }

    /// Ends all nodes as a crash does.
    pub async fn kill(&self) {
        self.blocking(|server| server.kill::<Cluster>()).await;
    }

    /// Starts them again.
    pub async fn start(&self) {
        self.blocking(|server| server.start::<Cluster>()).await;
    }

    /// Stops all nodes in the middle of what they do, with their connections open.
    pub async fn pause(&self) {
        self.blocking(|server| server.pause::<Cluster>()).await;
    }

    /// Lets them go on.
    pub async fn resume(&self) {
        self.blocking(|server| server.resume::<Cluster>()).await;
    }

    async fn blocking(&self, act: impl FnOnce(&Server) + Send + 'static) {
        let server = self.server.clone();
        assert!(!server.is_shared(), "others use this cluster too");
        spawn_blocking(move || act(&server)).await.expect("a cluster does as it is told");
    }
}

type Cluster = Nodes<false>;
/// As [`Cluster`], with TLS.
type Guarded = Nodes<true>;

/// Three nodes, with TLS or without.
#[derive(Debug)]
struct Nodes<const TLS: bool>;

impl<const TLS: bool> Kind for Nodes<TLS> {
    const NAME: &'static str = "redis-cluster";
    const STOP: Signal = Signal::TERM;

    fn prepare(files: &Path) {
        prepare_nodes(files, script::certified(files, TLS));
    }

    fn command(files: &Path) -> Command {
        script::command(files)
    }

    fn pid_file(files: &Path) -> PathBuf {
        files.join("pid")
    }

    fn is_ready(files: &Path) -> bool {
        let ready = |port| {
            ask(plain_port(files, port), "CLUSTER INFO")
                .is_ok_and(|info| info.contains("cluster_state:ok"))
        };
        node_ports(files).into_iter().all(ready)
    }
}

fn prepare_nodes(files: &Path, speaks: Speaks) {
    let ports = [free_port(), free_port(), free_port()];
    let slots = ["0-5460", "5461-10922", "10923-16383"];
    write_ports(files, "nodes", &ports);
    for (own, port) in ports.iter().enumerate() {
        // A cluster as it has been agreed upon already.
        let mut nodes = String::new();
        for (n, (port, slots)) in ports.iter().zip(slots).enumerate() {
            let (id, bus, epoch) = (id(n), port + 10_000, n + 1);
            let flags = if n == own { "myself,master" } else { "master" };
            let line =
                format!("{id} 127.0.0.1:{port}@{bus} {flags} - 0 0 {epoch} connected {slots}\n");
            nodes.push_str(&line);
        }
        nodes.push_str("vars currentEpoch 3 lastVoteEpoch 0\n");
        write(files, &format!("{port}.nodes"), &nodes);
        let listening = script::listen(files, *port, speaks);
        let settings = format!(
            "{listening}cluster-enabled yes\ncluster-config-file {port}.nodes\n\
             cluster-node-timeout 15000\n{IN_MEMORY}"
        );
        write(
            files,
            &format!("{port}.conf"),
            &configuration(files, &format!("{port}.pid"), &settings),
        );
    }
    let runs: Vec<String> = ports.iter().map(|port| format!("{port}.conf")).collect();
    script::write(files, &runs);
}

fn node_ports(files: &Path) -> [u16; 3] {
    [0, 1, 2].map(|n| port(files, &format!("nodes-{n}")))
}
