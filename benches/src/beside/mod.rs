//! The gateway beside what one would use instead: CPU time per request, in one run on one machine.
//!
//! Everything measured runs on one core, load and upstream on another. Rounds are interleaved, so that
//! whatever the machine does meanwhile happens to all; what counts are ratios of medians.

pub(crate) mod keys;
pub(crate) mod peer;
pub(crate) mod peers;
mod report;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bitrix_id_tests::gateway::TestGateway;
use bitrix_id_tests::poll::eventually;
use tempfile::TempDir;

use self::keys::Tokens;
use self::peer::Peer;
pub(crate) use self::peer::is_installed;
use self::peers::Scenery;
pub(crate) use self::report::said;
use self::report::{Row, Table};
use crate::figures::Effort;
use crate::load::{self, LOAD_CORE, Request};
use crate::results::Results;
use crate::scene::{self, Scene, USUAL};
use crate::{client, cpu};

/// Measures, and writes the table to stdout and in the place of the one in `file`.
pub(crate) async fn run(effort: Effort, file: &Path) {
    let mut ground = Ground::prepare().await;
    let scenery = ground.scenery();
    let bare = Peer::start(scenery.folder, peers::bare(&scenery)).await;
    let mut peers = vec![bare.expect("bare-pingora is on the path")];
    peers.extend(peers::start_all(&scenery).await);
    for peer in &peers {
        check(peer, &scenery).await;
    }
    let gateway = &ground.scene.gateway;
    let mut subjects = gateway_subjects(gateway, &scenery);
    subjects.extend(peers.iter().map(|peer| Subject::of(peer, gateway)));
    let table = measure(&subjects, effort);
    println!("{table}");
    let mut results = Results::read(file);
    results.set_head(&table.markdown());
    results.write(file);
    drop(subjects);
    ground.scene.gateway.stop().await;
}

/// What every comparison stands on: the upstream, a running gateway, and tokens for the peers.
pub(crate) struct Ground {
    /// With the gateway.
    pub scene: Scene,
    /// The upstream of all, on the core of the load.
    upstream: Peer,
    tokens: Tokens,
    authority: String,
    /// Goes last.
    folder: TempDir,
}

impl Ground {
    pub(crate) async fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = peers::upstream(folder.path()).await;
        let upstream = upstream.expect("nginx is the upstream: install it");
        upstream.pin(LOAD_CORE);
        let mut scene = Scene::prepare(upstream.address, USUAL).await;
        scene.start().await;
        let tokens = Tokens::make(folder.path());
        let authority = scene.gateway.authority_of(scene::PORTAL);
        Self { scene, upstream, tokens, authority, folder }
    }

    /// For the peers.
    pub(crate) fn scenery(&self) -> Scenery<'_> {
        Scenery {
            folder: self.folder.path(),
            upstream: self.upstream.address,
            gateway: self.scene.gateway.http(),
            authority: &self.authority,
            cookie: &self.scene.cookie,
            tokens: &self.tokens,
        }
    }
}

/// Panics unless the peer answers 200 with what it wants, and 401 without where it checks for itself.
async fn check(peer: &Peer, scenery: &Scenery<'_>) {
    expect(peer, &peer.start.request, 200).await;
    if peer.start.refuses {
        expect(peer, &scenery.without(), 401).await;
    }
}

/// Some listen before they have read their routes, so the answer is waited for.
async fn expect(peer: &Peer, request: &Request, status: u16) {
    let mut text = format!("GET {} HTTP/1.1\r\n", request.path);
    for (name, value) in &request.fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    eventually(Duration::from_secs(10), peer.start.name, || async {
        let mut client = client::Client::connect(peer.address, text.clone()).await;
        client.answers(status).await.then_some(())
    })
    .await;
}

/// One line of the table: what is asked of whom, and whose time it takes.
struct Subject<'a> {
    name: &'static str,
    address: SocketAddr,
    request: Request,
    refused: bool,
    cpu: Box<dyn Fn() -> Duration + 'a>,
}

impl<'a> Subject<'a> {
    fn of(peer: &'a Peer, gateway: &TestGateway) -> Self {
        let pid = gateway.process().pid();
        let asks = peer.start.asks_gateway;
        Self {
            name: peer.start.name,
            address: peer.address,
            request: peer.start.request.clone(),
            refused: false,
            cpu: Box::new(move || {
                peer.cpu() + if asks { cpu::time(&[pid]) } else { Duration::ZERO }
            }),
        }
    }
}

fn gateway_subjects<'a>(gateway: &TestGateway, scenery: &Scenery<'_>) -> Vec<Subject<'a>> {
    let (pid, address) = (gateway.process().pid(), gateway.http());
    let subject = |name, request, refused| Subject {
        name,
        address,
        request,
        refused,
        cpu: Box::new(move || cpu::time(&[pid])),
    };
    let mut navigation = scenery.without();
    navigation.fields.push(("Sec-Fetch-Mode", "navigate".to_owned()));
    vec![
        subject(report::GATEWAY, scenery.with_cookie(), false),
        subject(report::REFUSED, scenery.without(), true),
        // wrk counts a redirect as good.
        subject(report::REDIRECTED, navigation, false),
    ]
}

fn measure(subjects: &[Subject<'_>], effort: Effort) -> Table {
    let mut rows: Vec<Row> = subjects.iter().map(|subject| Row::new(subject.name)).collect();
    for round in 0..=effort.rounds {
        for (subject, row) in subjects.iter().zip(&mut rows) {
            let before = (subject.cpu)();
            let span = if round == 0 { Duration::from_secs(1) } else { effort.span };
            let requests = load::wrk(subject.address, &subject.request, span, subject.refused);
            // The first round only warms up.
            if round > 0 {
                row.add(((subject.cpu)() - before) / u32::try_from(requests.max(1)).unwrap_or(1));
            }
        }
    }
    Table::new(rows)
}
