//! Upstreams of the test's own.
//!
//! A [`Recorder`] speaks HTTP/1.1 on a bare socket and keeps the exact bytes of every request, per
//! connection and numbered, so that "did it reach an upstream, and how" is a look at bytes. What it
//! answers is said by the path, see [`behaviour`]. An [`h2::H2Upstream`] speaks HTTP/2 with trailers.

pub mod behaviour;
pub mod h2;
mod reader;
pub mod recorded;
pub mod sick;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::client::Duplex;
use crate::poll::{STEP, until};
use recorded::Recorded;

/// A byte-exact HTTP/1.1 upstream.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    tls: bool,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// What connections and the test share.
#[derive(Debug)]
pub(crate) struct Shared {
    name: String,
    requests: Mutex<Vec<Recorded>>,
    connections: AtomicUsize,
    bytes: AtomicU64,
    gate: Semaphore,
}

impl Recorder {
    /// Listens on a port of the system's choice.
    pub async fn start(name: &str) -> Self {
        Self::listen(name, (Ipv4Addr::LOCALHOST, 0).into(), None).await
    }

    /// The same over TLS.
    pub async fn start_tls(name: &str, config: Arc<ServerConfig>) -> Self {
        Self::listen(name, (Ipv4Addr::LOCALHOST, 0).into(), Some(config)).await
    }

    /// Listens on an address, for an upstream that comes and goes.
    pub async fn listen(name: &str, address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind(address).await.expect("an upstream's port");
        let address = listener.local_addr().expect("bound above");
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            gate: Semaphore::new(0),
        });
        let is_tls = tls.is_some();
        let accepting =
            tokio::spawn(accept(listener, Arc::clone(&shared), tls.map(TlsAcceptor::from)));
        Self { address, tls: is_tls, shared, accepting }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As a configuration names it.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// The requests whose raw bytes hold `marker`.
    pub fn marked(&self, marker: &str) -> Vec<Recorded> {
        self.requests().into_iter().filter(|request| request.holds(marker)).collect()
    }

    /// The only request with the marker. Panics when there is none or more than one.
    pub fn only(&self, marker: &str) -> Recorded {
        let mut found = self.marked(marker);
        assert_eq!(found.len(), 1, "requests with {marker:?} at {}: {found:#?}", self.shared.name);
        found.remove(0)
    }

    /// Whether any byte so far belongs to `marker`.
    pub fn heard_of(&self, marker: &str) -> bool {
        !self.marked(marker).is_empty()
    }

    /// Waits until the head of a request with the marker is here.
    pub async fn hears(&self, marker: &str) {
        until(STEP, "the upstream has the request", || async { self.heard_of(marker) }).await;
    }

    /// Forgets what it has recorded.
    pub fn forget(&self) {
        self.shared.requests.lock().unwrap().clear();
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Body bytes received so far, also of requests that have not ended.
    pub fn bytes_received(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Lets one request that waits (or will wait) at a gate go on.
    pub fn open_gate(&self) {
        self.shared.gate.add_permits(1);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Keeps a request once its head is known; its body is added as it comes.
    pub(crate) fn keep(&self, request: Recorded) -> usize {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        requests.len() - 1
    }

    pub(crate) fn amend(&self, at: usize, change: impl FnOnce(&mut Recorded)) {
        // Forgotten meanwhile: nobody asks for it any more.
        if let Some(request) = self.requests.lock().unwrap().get_mut(at) {
            change(request);
        }
    }

    pub(crate) fn count_bytes(&self, count: usize) {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) async fn gate(&self) {
        self.gate.acquire().await.expect("never closed").forget();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = shared.connections.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serve(stream, connection, Arc::clone(&shared), tls.clone()));
    }
}

async fn serve(tcp: TcpStream, connection: usize, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    // Without this a response in two writes waits for a delayed acknowledgement.
    let _ = tcp.set_nodelay(true);
    let stream: Box<dyn Duplex> = match tls {
        None => Box::new(tcp),
        Some(acceptor) => match acceptor.accept(tcp).await {
            Ok(stream) => Box::new(stream),
            // A peer that does not like our certificate; the test looks at its answer.
            Err(_) => return,
        },
    };
    let mut reader = reader::Reader::new(stream, connection, shared);
    // An error is the peer going away, which ends the connection either way.
    while let Ok(Some(request)) = reader.head().await {
        match behaviour::answer(&mut reader, request).await {
            Ok(behaviour::Next::Request) => {}
            Ok(behaviour::Next::Close) | Err(_) => return,
        }
    }
}
