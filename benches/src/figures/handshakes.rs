//! What a TLS handshake costs the gateway, and what a returning client saves it.

use std::time::{Duration, Instant};

use rustls::SupportedProtocolVersion;
use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};

use super::cores::beside_the_load;
use super::tls_client::TlsClient;
use super::{Effort, Figure, Section, median};
use crate::cpu;
use crate::scene::{Scene, USUAL};
use crate::upstream;

/// Strangers and returning clients, in both versions of TLS.
pub(crate) async fn section(effort: &Effort) -> Section {
    let mut scene = Scene::prepare_over_tls(upstream::start().await, USUAL).await;
    scene.start().await;
    let mut kinds = Kind::all(&scene);
    let mut requests = Vec::new();
    for round in 0..=effort.rounds {
        let span = if round == 0 { Duration::from_secs(1) } else { effort.span };
        let request = request_alone(&scene, span.min(SHORT)).await;
        for kind in &mut kinds {
            let rounds = kind.measure(&scene, span).await;
            if round > 0 {
                kind.rounds.push((rounds - request) * 1e6);
            }
        }
        requests.push(request * 1e6);
    }
    let mut figures: Vec<Figure> = kinds.iter().flat_map(Kind::figures).collect();
    figures.push(Figure::new(
        "the request alone, taken off above, CPU µs",
        "",
        format!("{:.0}", median(&requests)),
    ));
    for version in [&TLS13, &TLS12] {
        let resumed = returning(&scene, version).await;
        let what = format!(
            "{}: of {CLIENTS} clients that come back one after the other, resumed",
            name_of(version)
        );
        figures.push(Figure::new(what, "", resumed.to_string()));
    }
    scene.gateway.stop().await;
    Section { title: "TLS handshakes", method: METHOD, figures }
}

/// One kind of handshake.
struct Kind {
    version: &'static SupportedProtocolVersion,
    returning: bool,
    client: TlsClient,
    /// CPU time of each, in microseconds.
    rounds: Vec<f64>,
}

impl Kind {
    fn all(scene: &Scene) -> Vec<Self> {
        let kind = |(version, returning)| {
            let memory =
                if returning { Resumption::in_memory_sessions(16) } else { Resumption::disabled() };
            let client = TlsClient::new(&scene.gateway, scene.request(&[]), version, memory);
            Self { version, returning, client, rounds: Vec::new() }
        };
        [(&TLS13, false), (&TLS13, true), (&TLS12, false), (&TLS12, true)].map(kind).into()
    }

    /// Seconds of CPU time of one connection with its request.
    async fn measure(&self, scene: &Scene, span: Duration) -> f64 {
        let (client, returning) = (self.client.clone(), self.returning);
        let pid = scene.gateway.process().pid();
        beside_the_load(move || {
            // What the one before left is what this one resumes.
            let _ = client.visit(UNAUTHORIZED);
            let before = cpu::time(&[pid]);
            let until = Instant::now() + span;
            let mut visits = 0;
            while Instant::now() < until {
                let connection = client.visit(UNAUTHORIZED);
                assert_eq!(connection.is_resumed(), returning, "the handshake is of its kind");
                visits += 1;
            }
            (cpu::time(&[pid]) - before).as_secs_f64() / f64::from(visits)
        })
        .await
    }

    fn figures(&self) -> [Figure; 2] {
        let kind = if self.returning { "resumed" } else { "full" };
        let what = format!("{}, {kind}", name_of(self.version));
        let micros = median(&self.rounds);
        [
            Figure::new(format!("{what}: CPU µs"), "", format!("{micros:.0}")),
            Figure::new(format!("{what}: in a second of CPU"), "", format!("{:.0}", 1e6 / micros)),
        ]
    }
}

/// Seconds of CPU time of the request that each connection makes.
async fn request_alone(scene: &Scene, span: Duration) -> f64 {
    let request = scene.request(&[]);
    let client = TlsClient::new(&scene.gateway, request.clone(), &TLS13, Resumption::disabled());
    let pid = scene.gateway.process().pid();
    beside_the_load(move || {
        let mut connection = client.visit(UNAUTHORIZED);
        let before = cpu::time(&[pid]);
        let until = Instant::now() + span;
        let mut requests = 0;
        while Instant::now() < until {
            connection.ask(&request, UNAUTHORIZED);
            requests += 1;
        }
        (cpu::time(&[pid]) - before).as_secs_f64() / f64::from(requests)
    })
    .await
}

/// How many clients are still known when they come back, each after all the others.
async fn returning(scene: &Scene, version: &'static SupportedProtocolVersion) -> usize {
    let client = |_| {
        let memory = Resumption::in_memory_sessions(4);
        TlsClient::new(&scene.gateway, scene.request(&[]), version, memory)
    };
    let clients: Vec<TlsClient> = (0..CLIENTS).map(client).collect();
    beside_the_load(move || {
        clients.iter().for_each(|client| drop(client.visit(UNAUTHORIZED)));
        clients.iter().filter(|client| client.visit(UNAUTHORIZED).is_resumed()).count()
    })
    .await
}

fn name_of(version: &SupportedProtocolVersion) -> &'static str {
    if *version == TLS13 { "TLS 1.3" } else { "TLS 1.2" }
}

/// More than a listener sees between two visits of one browser.
const CLIENTS: usize = 1_000;
/// A refusal is the cheapest answer.
const UNAUTHORIZED: u16 = 401;
const SHORT: Duration = Duration::from_secs(1);

const METHOD: &str = "One worker on core 0, clients on core 1, one connection after the other, each with one \
request that is refused (401), whose own cost is taken off. The certificate is ECDSA P-256, as most are \
today. Each handshake is of the kind it is counted as: the client says whether it was resumed.";
