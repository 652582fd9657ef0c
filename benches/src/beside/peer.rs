//! A proxy that runs to be measured.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bitrix_id_tests::poll::until;
use bitrix_id_tests::ports::PortLease;
use tokio::net::TcpStream;

use crate::cpu;
use crate::load::{PROXY_CORE, Request};

/// How a peer is started. In texts `FOLDER`, `CONFIG`, `SECOND`, `ADDRESS` and `PORT` are filled in.
#[derive(Debug, Default)]
pub(crate) struct Start {
    /// Its line in the table.
    pub name: &'static str,
    /// Found on the path.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its configuration.
    pub config: String,
    /// A further file.
    pub second_config: Option<String>,
    /// Its environment.
    pub environment: &'static [(&'static str, &'static str)],
    /// What it is measured by.
    pub request: Request,
    /// It answers 401 without credentials.
    pub refuses: bool,
    /// What the gateway spends for it counts as its own.
    pub asks_gateway: bool,
}

impl Start {
    pub(crate) fn new(name: &'static str, request: Request) -> Self {
        Self { name, request, ..Self::default() }
    }
}

/// A running peer; ends with its handle.
pub(crate) struct Peer {
    /// How it was started.
    pub start: Start,
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    _port: PortLease,
}

impl Peer {
    /// Starts it on the core of what is measured, and waits until it listens. `None`: it is not installed.
    pub(crate) async fn start(folder: &Path, mut start: Start) -> Option<Self> {
        if !is_installed(start.program) {
            eprintln!("{}: {} is not installed; left out", start.name, start.program);
            return None;
        }
        let port = PortLease::take();
        let address = port.address();
        let program = start.program;
        let file = |kind: &str| folder.join(format!("{program}-{}{kind}", address.port()));
        let (config, second) = (file(".yaml"), file("-routes.yaml"));
        let fill = |text: &str| {
            text.replace("FOLDER", &folder.display().to_string())
                .replace("CONFIG", &config.display().to_string())
                .replace("SECOND", &second.display().to_string())
                .replace("ADDRESS", &address.to_string())
                .replace("PORT", &address.port().to_string())
        };
        std::fs::write(&config, fill(&start.config)).expect("the folder is ours");
        if let Some(text) = &start.second_config {
            std::fs::write(&second, fill(text)).expect("the folder is ours");
        }
        let log = std::fs::File::create(file(".log")).expect("the folder is ours");
        let child = Command::new("taskset")
            .args(["--cpu-list", PROXY_CORE, start.program])
            .args(start.arguments.iter().map(|argument| fill(argument)))
            .envs(start.environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("taskset is there");
        start.config.clear();
        until(START, program, || async { TcpStream::connect(address).await.is_ok() }).await;
        Some(Self { start, address, child, _port: port })
    }

    /// The process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time that it and its workers have taken so far.
    pub(crate) fn cpu(&self) -> Duration {
        let pid = self.child.id();
        let mut pids = cpu::children(pid);
        pids.push(pid);
        cpu::time(&pids)
    }

    /// Moves it to another core.
    pub(crate) fn pin(&self, core: &str) {
        let mut pids = cpu::children(self.child.id());
        pids.push(self.child.id());
        pids.iter().for_each(|pid| pin(*pid, core));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Asked first, so that those with workers end them as well.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let asked_at = Instant::now();
        while asked_at.elapsed() < END {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Binds a process and its threads to a core.
pub(crate) fn pin(pid: u32, core: &str) {
    let pinned = || {
        let status = Command::new("taskset")
            .args(["--all-tasks", "--pid", "--cpu-list", core, &pid.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    // It fails where a thread ends between being listed and being bound.
    assert!((0..10).any(|_| pinned()), "process {pid} runs on core {core}");
}

/// Whether a program is found on the path.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

const START: Duration = Duration::from_secs(30);
/// Pingora waits minutes for connections that may still come.
const END: Duration = Duration::from_secs(2);
