//! What browsers speak: HTTP/2 over TLS, beside a bare pingora that speaks it.

use std::path::Path;
use std::time::Duration;

use super::counted::{SLOW_START, per_request};
use super::rounds::{Load, measure};
use super::{Effort, Figure, Section};
use crate::beside::peer::{Peer, Start};
use crate::beside::peers;
use crate::callgrind;
use crate::load::{LOAD_CORE, Request, h2load};
use crate::scene::{Scene, USUAL};

pub(crate) async fn section(effort: &Effort) -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(LOAD_CORE);
    let mut scene = Scene::prepare_over_tls(upstream.address, USUAL).await;
    let request = scene.signed_in_load();
    let counted = instructions(&mut scene, &upstream, folder.path(), &request).await;
    scene.start().await;
    let bare = start_bare(&scene, &upstream, folder.path(), &[]).await;
    let (gateway, pid) = (scene.gateway.https(), scene.gateway.process().pid());
    let mut nobody = request.clone();
    nobody.fields.retain(|(name, _)| *name == "Host");
    h2load(gateway, &nobody, 4, &["-n", "64"]);
    let ask = |address, span: Duration| {
        h2load(address, &request, 2, &["-D", &span.as_secs().to_string()])
    };
    let loads = [
        Load::new(pid, |span| ask(gateway, span)),
        Load::new(bare.pid(), |span| ask(bare.address, span)),
    ];
    let [signed_in, plain] = measure(&effort.in_short_rounds(), loads);
    scene.gateway.stop().await;
    let ratio = format!("{:.2}", signed_in.over(&plain));
    let counted_ratio = format!("{:.2}", counted[0] as f64 / counted[1] as f64);
    Section {
        title: "HTTP/2 over TLS",
        method: METHOD,
        figures: vec![
            Figure::new("gateway ÷ bare pingora, CPU time", "<= 1.06", ratio),
            Figure::new("gateway ÷ bare pingora, user instructions", "", counted_ratio),
            Figure::new("gateway, authenticated, CPU µs", "", signed_in.text()),
            Figure::new("bare pingora, CPU µs", "", plain.text()),
            Figure::new("gateway, user instructions", "", counted[0].to_string()),
            Figure::new("bare pingora, user instructions", "", counted[1].to_string()),
        ],
    }
}

/// Bare pingora with the gateway's certificate, by the program that `launcher` names or by itself.
async fn start_bare(scene: &Scene, upstream: &Peer, folder: &Path, launcher: &[String]) -> Peer {
    let file = |name: &str| scene.gateway.folder().join(name).display().to_string();
    let upstream = upstream.address.to_string();
    let own = ["bare-pingora".to_owned(), "ADDRESS".to_owned(), upstream];
    let mut command = [launcher, &own, &[file("tls.pem"), file("tls-key.pem")]].concat();
    let program = if command.remove(0) == "valgrind" { "valgrind" } else { "bare-pingora" };
    let start = Start { program, arguments: command, ..Start::new(program, Request::default()) };
    Peer::start(folder, start).await.expect("bare-pingora is on the path")
}

/// Of the gateway and of bare pingora, per request.
async fn instructions(
    scene: &mut Scene,
    upstream: &Peer,
    folder: &Path,
    request: &Request,
) -> [u64; 2] {
    let ask = |address| h2load(address, request, 2, &ONE_CONNECTION);
    let bare = start_bare(scene, upstream, folder, &callgrind::launcher(folder, BARE)).await;
    ask(bare.address);
    let of_bare = per_request(bare.pid(), folder, BARE, async { ask(bare.address) }).await;
    drop(bare);
    let own = scene.gateway.folder().to_owned();
    scene.gateway.start_process_under(&callgrind::launcher(&own, GATEWAY));
    scene.gateway.wait_ready_for(SLOW_START).await;
    let (address, pid) = (scene.gateway.https(), scene.gateway.process().pid());
    ask(address);
    let of_gateway = per_request(pid, &own, GATEWAY, async { ask(address) }).await;
    scene.gateway.kill().await;
    [of_gateway, of_bare]
}

const METHOD: &str = "CPU time per request by h2load, 16 connections with four streams each, 100 bytes, one worker, the \
     same certificate; the upstream speaks HTTP/1.1. The handshakes of each round are in it. The ratio is \
     the median of the ratios of rounds of one second. User instructions by callgrind, on one connection.";
/// One handshake and many requests.
const ONE_CONNECTION: [&str; 3] = ["-c1", "-n", "2000"];
const GATEWAY: &str = "gateway";
const BARE: &str = "bare";
