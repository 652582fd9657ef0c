//! What an authenticated request costs over bare pingora, in user instructions. Instructions repeat where
//! times do not, so this figure has a bound that fails.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bitrix_id_tests::ports::PortLease;

use crate::callgrind;
use crate::client::Client;
use crate::scene::{Scene, USUAL};
use crate::upstream;

/// Before counting: caches fill, the allocator settles.
const WARM_UP: u32 = 300;
/// Counted.
const REQUESTS: u32 = 1_000;

/// Measures, prints, and ends the program with 1 when the bound is not kept.
pub(crate) async fn run(arguments: &[String]) {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let upstream = upstream::start().await;
    let keep = value("--profile").map(PathBuf::from);
    let (gateway, bare) = measure(upstream, keep.as_deref()).await;
    let added = i64::try_from(gateway).unwrap_or(i64::MAX) - i64::try_from(bare).unwrap_or(0);
    println!("user instructions per request, HTTP/1.1 keep-alive");
    println!("  bare pingora              {bare:>8}");
    println!("  gateway, authenticated    {gateway:>8}");
    println!("  added                     {added:>8}");
    if let Some(bound) = value("--bound").and_then(|bound| bound.parse::<i64>().ok())
        && added > bound
    {
        eprintln!("the gateway adds {added} instructions to a request; the bound is {bound}");
        std::process::exit(1);
    }
}

async fn measure(upstream: SocketAddr, keep: Option<&Path>) -> (u64, u64) {
    let mut scene = Scene::prepare(upstream, USUAL).await;
    let request = scene.signed_in_request();
    let folder = scene.gateway.folder().to_owned();
    scene.gateway.start_process_under(&callgrind::launcher(&folder, "gateway"));
    scene.gateway.wait_ready_for(SLOW_START).await;
    let pid = scene.gateway.process().pid();
    let gateway = count(scene.gateway.http(), &request, pid, &folder, "gateway").await;
    if let Some(file) = keep {
        std::fs::copy(folder.join("gateway.callgrind.1"), file).expect("the profile is kept");
    }
    let mut bare = Bare::start(upstream, &folder).await;
    let count_bare = count(bare.address, &request, bare.child.id(), &folder, "bare").await;
    if let Some(file) = keep {
        let file = file.with_extension("bare");
        std::fs::copy(folder.join("bare.callgrind.1"), file).expect("the profile is kept");
    }
    bare.stop();
    scene.gateway.kill().await;
    (gateway, count_bare)
}

async fn count(address: SocketAddr, request: &str, pid: u32, folder: &Path, stem: &str) -> u64 {
    let mut client = Client::connect(address, request.to_owned()).await;
    client.ask(WARM_UP, 200).await;
    callgrind::zero(pid);
    let started = Instant::now();
    client.ask(REQUESTS, 200).await;
    let (sum, _) = callgrind::dump(pid, folder, stem);
    // What the process does by itself, over as long a time: under callgrind a request takes long, and this
    // is no request's.
    tokio::time::sleep(started.elapsed()).await;
    let (idle, _) = callgrind::dump(pid, folder, stem);
    sum.saturating_sub(idle) / u64::from(REQUESTS)
}

/// Bare pingora under callgrind.
struct Bare {
    child: Child,
    address: SocketAddr,
    _port: PortLease,
}

impl Bare {
    async fn start(upstream: SocketAddr, folder: &Path) -> Self {
        let program = std::env::var_os("BARE_PINGORA_BIN").expect("BARE_PINGORA_BIN is set");
        let port = PortLease::take();
        let address = port.address();
        let launcher = callgrind::launcher(folder, "bare");
        let child = Command::new(&launcher[0])
            .args(&launcher[1..])
            .arg(program)
            .args([address.to_string(), upstream.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("valgrind is installed");
        let deadline = Instant::now() + SLOW_START;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "bare pingora does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { child, address, _port: port }
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Valgrind runs programs some fifty times slower.
const SLOW_START: Duration = Duration::from_secs(180);
