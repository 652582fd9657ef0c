//! What an authenticated request costs over bare pingora, in user instructions. Instructions repeat where
//! times do not, so this figure has a bound that fails.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bitrix_id_tests::poll::until;
use bitrix_id_tests::ports::PortLease;

use crate::callgrind;
use crate::client::Client;
use crate::scene::{Scene, USUAL};
use crate::upstream;

/// Before counting: caches fill, the allocator settles.
const WARM_UP: u32 = 300;
/// Counted.
const REQUESTS: u32 = 1_000;
/// What the process does beside requests is counted along, and by the clock: on a busy machine there is more of it.
const ATTEMPTS: usize = 3;

/// Measures, prints, and ends the program with 1 when the bound is not kept.
pub(crate) async fn run(arguments: &[String]) {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let upstream = upstream::start().await;
    let profile = value("--profile").map(PathBuf::from);
    let bound = value("--bound").map(|bound| bound.parse::<i64>().expect("--bound is a number"));
    let mut added = i64::MAX;
    for _ in 0..ATTEMPTS {
        let counts = measure(upstream, profile.as_deref()).await;
        added = print(&counts).min(added);
        if bound.is_none_or(|bound| added <= bound) {
            return;
        }
    }
    let bound = bound.unwrap_or_default();
    eprintln!("the gateway adds {added} instructions to a request; the bound is {bound}");
    std::process::exit(1);
}

/// Gives what the gateway adds: less than nothing, if its way is shorter than pingora's.
fn print(counts: &Counts) -> i64 {
    let added = counts.signed_in.cast_signed() - counts.bare.cast_signed();
    println!("user instructions per request, HTTP/1.1 keep-alive");
    for (what, count) in [
        ("bare pingora", counts.bare),
        ("gateway, signed in", counts.signed_in),
        ("gateway, 401", counts.unauthorized),
        ("gateway, 302 to sign-in", counts.redirected),
        ("gateway, who is signed in", counts.session),
        ("gateway, asked by a proxy", counts.asked),
    ] {
        println!("  {what:<26}{count:>7}");
    }
    println!("  {:<26}{added:>7}", "signed in, over bare");
    added
}

/// Instructions per request.
struct Counts {
    bare: u64,
    signed_in: u64,
    unauthorized: u64,
    redirected: u64,
    session: u64,
    asked: u64,
}

async fn measure(upstream: SocketAddr, keep: Option<&Path>) -> Counts {
    let mut scene = Scene::prepare(upstream, USUAL).await;
    let request = scene.signed_in_request();
    let folder = scene.gateway.folder().to_owned();
    scene.gateway.start_process_under(&callgrind::launcher(&folder, "gateway"));
    scene.gateway.wait_ready_for(SLOW_START).await;
    let gateway = Counted {
        address: scene.gateway.http(),
        pid: scene.gateway.process().pid(),
        folder: &folder,
        stem: "gateway",
    };
    // `keep` is of the signed-in request; the others lie beside it.
    let count = async |name: &str, request: &str, status: u16| {
        let (count, profile) = gateway.count(request, status).await;
        if let Some(file) = keep {
            let mut file = file.as_os_str().to_owned();
            file.push(name);
            std::fs::copy(profile, file).expect("the profile is kept");
        }
        count
    };
    let signed_in = count("", &request, 200).await;
    let unauthorized = count(".401", &scene.request(&[]), 401).await;
    let navigation = scene.request(&["Sec-Fetch-Mode: navigate"]);
    let redirected = count(".302", &navigation, 302).await;
    let session = request.replacen(PATH, "/.bitrix-id/session", 1);
    let session = count(".session", &session, 200).await;
    let asked = request.replacen(PATH, "/.bitrix-id/auth", 1);
    let asked = count(".auth", &asked, 200).await;
    let mut bare = Bare::start(upstream, &folder).await;
    let (address, pid) = (bare.address, bare.child.id());
    let subject = Counted { address, pid, folder: &folder, stem: "bare" };
    let (bare_count, _) = subject.count(&request, 200).await;
    bare.stop();
    scene.gateway.kill().await;
    Counts { bare: bare_count, signed_in, unauthorized, redirected, session, asked }
}

/// A program under callgrind that answers.
struct Counted<'a> {
    address: SocketAddr,
    pid: u32,
    folder: &'a Path,
    stem: &'a str,
}

impl Counted<'_> {
    /// Instructions per request, and the file that says where they went.
    async fn count(&self, request: &str, status: u16) -> (u64, PathBuf) {
        let Self { address, pid, folder, stem } = *self;
        let mut client = Client::connect(address, request.to_owned()).await;
        client.ask(WARM_UP, status).await;
        callgrind::zero(pid);
        let started = Instant::now();
        client.ask(REQUESTS, status).await;
        let (sum, profile) = callgrind::dump(pid, folder, stem);
        // What the process does by itself, over as long a time: under callgrind a request takes long, and
        // this is no request's.
        tokio::time::sleep(started.elapsed()).await;
        let (idle, _) = callgrind::dump(pid, folder, stem);
        (sum.saturating_sub(idle) / u64::from(REQUESTS), profile)
    }
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
        until(SLOW_START, "bare pingora listens", || async {
            tokio::net::TcpStream::connect(address).await.is_ok()
        })
        .await;
        Self { child, address, _port: port }
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of the scene's requests.
const PATH: &str = "/stream/latest";
/// Valgrind runs programs some fifty times slower.
const SLOW_START: Duration = Duration::from_secs(180);
