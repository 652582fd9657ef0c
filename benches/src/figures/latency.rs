//! How long answers take at a rate that everybody carries.

use std::net::SocketAddr;
use std::time::Duration;

use super::cores::{beside_the_load, go_first};
use super::pace::{Latencies, Pace};
use super::{Effort, Figure, Section, median};
use crate::beside::peer::Peer;
use crate::beside::{Ground, peers};
use crate::load::Request;

/// The gateway, bare pingora and `HAProxy` in turn, and the upstream without any of them.
pub(crate) async fn section(effort: &Effort) -> Section {
    let mut ground = Ground::prepare().await;
    let scenery = ground.scenery();
    let bare = peers::bare(&scenery);
    let starts = [bare, peers::haproxy(&scenery, "HAProxy", ""), peers::haproxy_jwt(&scenery)];
    let mut peers = Vec::new();
    for start in starts {
        peers.extend(Peer::start(scenery.folder, start).await);
    }
    let mut subjects = vec![
        Subject::new("gateway, authenticated", scenery.gateway, &scenery.with_cookie()),
        Subject::new("no proxy: the upstream itself", scenery.upstream, &scenery.without()),
    ];
    let of = |peer: &Peer| Subject::new(peer.start.name, peer.address, &peer.start.request);
    subjects.extend(peers.iter().map(of));
    for round in 0..=effort.rounds {
        let span = if round == 0 { Duration::from_secs(1) } else { effort.span };
        for subject in &mut subjects {
            let latencies = subject.measure(span).await;
            if round > 0 {
                subject.rounds.push(latencies);
            }
        }
    }
    ground.scene.gateway.stop().await;
    let figures = subjects.iter().map(Subject::figure).collect();
    Section { title: "Latency at 10,000 requests a second", method: METHOD, figures }
}

/// Who is asked for what.
struct Subject {
    name: &'static str,
    address: SocketAddr,
    request: String,
    rounds: Vec<Latencies>,
}

impl Subject {
    fn new(name: &'static str, address: SocketAddr, request: &Request) -> Self {
        let fields = request.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let fields: String = fields.collect();
        let request = format!("GET {} HTTP/1.1\r\n{fields}\r\n", request.path);
        Self { name, address, request, rounds: Vec::new() }
    }

    async fn measure(&self, span: Duration) -> Latencies {
        let pace = Pace {
            address: self.address,
            request: self.request.clone(),
            status: 200,
            connections: CONNECTIONS,
            every: EVERY,
            span,
        };
        let kept = beside_the_load(move || {
            go_first();
            pace.keep()
        });
        kept.await
    }

    fn figure(&self) -> Figure {
        let at = |share| {
            let rounds = self.rounds.iter().map(|latencies| latencies.at(share));
            median(&rounds.collect::<Vec<_>>())
        };
        let measured = format!("{:.2}, {:.2}, {:.2}", at(0.5), at(0.99), at(0.999));
        Figure::new(format!("{}: p50, p99, p99.9, ms", self.name), "", measured)
    }
}

const CONNECTIONS: u32 = 32;
/// 10,000 a second.
const EVERY: Duration = Duration::from_micros(100);

const METHOD: &str = "HTTP/1.1, 100 bytes, 10,000 requests a second on 32 keep-alive connections, evenly \
spaced; each is timed from when it should have gone out, so that waiting of the client is not left out. One \
worker on core 0, client and upstream on core 1. Medians of the rounds. What the client and the upstream need \
by themselves is in every line, and alone in that without a proxy.";
