//! Large bodies in both directions, beside nginx.

mod far;

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cores::beside_the_load;
use super::{Effort, Figure, Section, median};
use crate::beside::peer::Peer;
use crate::beside::peers;
use crate::cpu;
use crate::load::{Request, pinned};
use crate::scene::{PORTAL, Scene, USUAL};

/// As fast as it goes, then over a line with a delay.
pub(crate) async fn section(effort: &Effort) -> Section {
    let ground = Ground::prepare().await;
    let mut figures = Vec::new();
    for protocol in Protocol::ALL {
        for way in [Way::Download, Way::Upload] {
            let mut rounds = [Vec::new(), Vec::new()];
            for _ in 0..effort.rounds.min(ROUNDS) {
                for (proxy, rounds) in ground.proxies(protocol).iter().zip(&mut rounds) {
                    rounds.push(ground.measure(proxy, proxy.address, protocol, way, BODY));
                }
            }
            figures.extend(figures_of(way, protocol, &rounds));
        }
    }
    for (protocol, way) in FAR {
        let [gateway, nginx] = ground.far(protocol, way).await;
        let what = format!("{}, {}, over a line of 20 ms, MiB/s", way.name(), protocol.name());
        figures.push(Figure::new(what, "", format!("{gateway:.1}, {nginx:.1}")));
    }
    ground.leave().await;
    Section { title: "Uploads and downloads beside nginx", method: METHOD, figures }
}

fn figures_of(way: Way, protocol: Protocol, rounds: &[Vec<Transfer>; 2]) -> [Figure; 2] {
    let of = |proxy: usize, value: fn(&Transfer) -> f64| {
        median(&rounds[proxy].iter().map(value).collect::<Vec<_>>())
    };
    let what = format!("{}, {}", way.name(), protocol.name());
    let rates = [0, 1].map(|proxy| of(proxy, |transfer| transfer.gib_per_second));
    let cpu = [0, 1].map(|proxy| of(proxy, |transfer| transfer.cpu_ms_per_gib));
    [
        Figure::new(format!("{what}, GiB/s"), "", format!("{:.2}, {:.2}", rates[0], rates[1])),
        Figure::new(format!("{what}, CPU ms a GiB"), "", format!("{:.0}, {:.0}", cpu[0], cpu[1])),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Download,
    Upload,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Plain,
    Tls,
    H2,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Plain, Self::Tls, Self::H2];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "HTTP/1.1 plain",
            Self::Tls => "HTTP/1.1 over TLS",
            Self::H2 => "HTTP/2 over TLS",
        }
    }

    /// How curl is told, and what it calls it afterwards.
    fn curl(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain | Self::Tls => ("--http1.1", "1.1"),
            Self::H2 => ("--http2", "2"),
        }
    }
}

/// One of the two that are compared.
struct Proxy {
    address: SocketAddr,
    pids: Vec<u32>,
}

/// What one transfer came to.
struct Transfer {
    gib_per_second: f64,
    cpu_ms_per_gib: f64,
}

/// Both proxies, plain and over TLS, and what goes through them.
struct Ground {
    plain: Scene,
    tls: Scene,
    nginx_plain: Peer,
    nginx_tls: Peer,
    /// What is sent, and room for what is sent of it.
    body: PathBuf,
    _folder: tempfile::TempDir,
}

impl Ground {
    async fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = beside_the_load(far::upstream).await;
        let mut plain = Scene::prepare(upstream, USUAL).await;
        plain.start().await;
        let mut tls = Scene::prepare_over_tls(upstream, USUAL).await;
        tls.start().await;
        let nginx_plain = nginx(folder.path(), upstream, None).await;
        let nginx_tls = nginx(folder.path(), upstream, Some(tls.gateway.folder())).await;
        let body = folder.path().join("sent");
        File::create(&body).expect("the folder is ours");
        Self { plain, tls, nginx_plain, nginx_tls, body, _folder: folder }
    }

    /// The gateway, then nginx.
    fn proxies(&self, protocol: Protocol) -> [Proxy; 2] {
        let (scene, nginx) = match protocol {
            Protocol::Plain => (&self.plain, &self.nginx_plain),
            Protocol::Tls | Protocol::H2 => (&self.tls, &self.nginx_tls),
        };
        let gateway = &scene.gateway;
        let address = if protocol == Protocol::Plain { gateway.http() } else { gateway.https() };
        let workers = cpu::children(nginx.pid());
        [
            Proxy { address, pids: vec![gateway.process().pid()] },
            Proxy { address: nginx.address, pids: workers },
        ]
    }

    /// `address` leads to the proxy.
    fn measure(
        &self,
        proxy: &Proxy,
        address: SocketAddr,
        protocol: Protocol,
        way: Way,
        bytes: u64,
    ) -> Transfer {
        let before = cpu::time(&proxy.pids);
        let seconds = self.transfer(address, protocol, way, bytes);
        let gib = bytes as f64 / GIB;
        let cpu = (cpu::time(&proxy.pids) - before).as_secs_f64();
        Transfer { gib_per_second: gib / seconds, cpu_ms_per_gib: cpu * 1e3 / gib }
    }

    /// By curl; how many seconds it took.
    fn transfer(&self, address: SocketAddr, protocol: Protocol, way: Way, bytes: u64) -> f64 {
        let scene = if protocol == Protocol::Plain { &self.plain } else { &self.tls };
        let scheme = if protocol == Protocol::Plain { "http" } else { "https" };
        let (version, expected) = protocol.curl();
        let mut curl = pinned("curl");
        curl.args(["--silent", "--show-error", "--output", "/dev/null", version, "--cacert"]);
        curl.arg(scene.gateway.folder().join("ca.pem"));
        curl.args(["--resolve", &format!("{PORTAL}:{}:{}", address.port(), address.ip())]);
        // The port in the authority is the one that the portal has for its visitors.
        for field in ["Expect:", &format!("Cookie: {}", scene.cookie)] {
            curl.args(["--header", field]);
        }
        curl.args(["--header", &format!("Host: {}", scene.gateway.authority_of(PORTAL))]);
        curl.args(["--write-out", "%{http_code} %{http_version} %{time_total}"]);
        let origin = format!("{scheme}://{PORTAL}:{}", address.port());
        match way {
            Way::Download => curl.arg(format!("{origin}/give/{bytes}")),
            Way::Upload => {
                let body = File::options().write(true).open(&self.body).expect("it is there");
                body.set_len(bytes).expect("a file with nothing in it takes no room");
                curl.arg("--upload-file").arg(&self.body).arg(format!("{origin}/take"))
            }
        };
        let output = curl.output().expect("curl is installed");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let seconds =
            said.strip_prefix(&format!("200 {expected} ")).filter(|_| output.status.success());
        let errors = String::from_utf8_lossy(&output.stderr);
        seconds.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{said} {errors}"))
    }

    /// Over a line with a delay; MiB a second of the gateway and of nginx.
    async fn far(&self, protocol: Protocol, way: Way) -> [f64; 2] {
        let mut rates = [f64::NAN; 2];
        for (proxy, rate) in self.proxies(protocol).iter().zip(&mut rates) {
            let target = proxy.address;
            let address = beside_the_load(move || far::line(target, ONE_WAY)).await;
            let transfer = self.measure(proxy, address, protocol, way, FAR_BODY);
            *rate = transfer.gib_per_second * 1024.0;
        }
        rates
    }

    async fn leave(mut self) {
        self.plain.gateway.stop().await;
        self.tls.gateway.stop().await;
    }
}

async fn nginx(folder: &Path, upstream: SocketAddr, tls: Option<&Path>) -> Peer {
    let listen = tls.map(|folder| {
        let file = |name: &str| folder.join(name).display().to_string();
        format!(
            "listen ADDRESS ssl http2; ssl_certificate {}; ssl_certificate_key {};",
            file("tls.pem"),
            file("tls-key.pem")
        )
    });
    let upstreams = format!("upstream portal {{ server {upstream}; keepalive 128; }}");
    let server = "client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;
         proxy_http_version 1.1; proxy_set_header Connection \"\";
         location / { proxy_pass http://portal; }";
    let mut start = peers::nginx_with("nginx", &upstreams, server, Request::default());
    if let Some(listen) = listen {
        start.config = start.config.replace("listen ADDRESS;", &listen);
    }
    Peer::start(folder, start).await.expect("nginx is installed")
}

/// Where a window shows.
const FAR: [(Protocol, Way); 4] = [
    (Protocol::Tls, Way::Download),
    (Protocol::H2, Way::Download),
    (Protocol::Tls, Way::Upload),
    (Protocol::H2, Way::Upload),
];
const BODY: u64 = 512 << 20;
const FAR_BODY: u64 = 8 << 20;
const GIB: f64 = (1_u64 << 30) as f64;
const ONE_WAY: Duration = Duration::from_millis(10);
/// Of a dozen kinds of transfers each; more would take minutes.
const ROUNDS: usize = 3;

const METHOD: &str = "The gateway's figure, then that of nginx with the same certificate and without buffering \
requests; one worker each, on core 0. curl sends or takes 512 MiB on one connection, upstream and curl are on \
core 1: what they can do bounds the rates, so CPU time says more. Over a line that delays every byte by \
10 ms each way, 8 MiB: what is slow there waits for permission to send (a window).";
