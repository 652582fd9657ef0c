//! Where permitted requests go: endpoints with their health, found by name off the request path.
//!
//! An [`Endpoint`] is one address of one configured upstream. Endpoints outlive reloads, so a new
//! snapshot starts with what is known about them. A connection that fails marks its endpoint down at
//! once; a check every few seconds marks it down or up again. When all are down the least bad is tried:
//! a wrong health check must not take a portal away.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bitrix_id_config::model::{Limits, Upstream, UpstreamHost, UpstreamScheme};
use futures_util::StreamExt;
use futures_util::stream;
use pingora::protocols::ALPN;
use pingora::upstreams::peer::HttpPeer;

use crate::idle_streams::{IdleStreams, Waiting};
use crate::upgrade_stream::Yielding;

/// One address of an upstream.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Where to connect.
    pub address: SocketAddr,
    /// Connections for requests that go the direct way.
    pub idle: IdleStreams,
    peer: HttpPeer,
    up: AtomicBool,
}

impl Endpoint {
    fn new(upstream: &Upstream, address: SocketAddr, waiting: &Arc<Waiting>) -> Arc<Self> {
        let tls = upstream.scheme == UpstreamScheme::Https;
        let sni = upstream.sni.clone().unwrap_or_default();
        let mut peer = HttpPeer::new(address, tls, sni);
        peer.options.alpn = match upstream.scheme {
            UpstreamScheme::Http => ALPN::H1,
            UpstreamScheme::H2c => ALPN::H2,
            UpstreamScheme::Https => ALPN::H2H1,
        };
        peer.options.max_h2_streams = H2_STREAMS_PER_CONNECTION;
        peer.options.idle_timeout = Some(POOLED_IDLE);
        let idle = IdleStreams::new(waiting.clone());
        Arc::new(Self { address, idle, peer, up: AtomicBool::new(true) })
    }

    /// A peer for one request. One without a body is written in one go into an empty socket buffer: that
    /// the upstream does not take it shows in the time until it answers.
    pub(crate) fn peer(&self, limits: &Limits, has_body: bool) -> Box<HttpPeer> {
        let mut peer = Box::new(self.peer.clone());
        peer.options.connection_timeout = Some(limits.connect_timeout);
        peer.options.total_connection_timeout = Some(limits.connect_timeout * 2);
        peer.options.read_timeout = Some(limits.read_timeout);
        peer.options.write_timeout = has_body.then_some(limits.write_timeout);
        peer
    }

    /// A peer for one upgrade request: HTTP/1.1 on a connection of its own, whose first read after a
    /// write waits one turn (see [`Yielding`]).
    pub(crate) fn upgrade_peer(&self, limits: &Limits) -> Box<HttpPeer> {
        let mut peer = self.peer(limits, true);
        peer.options.alpn = ALPN::H1;
        peer.options.read_timeout = Some(limits.stream_idle_timeout);
        peer.options.custom_l4 = Some(Arc::new(Yielding::new(limits.connect_timeout)));
        // `custom_l4` is no part of the pool's key: without a key of its own such a request could be given a
        // plain pooled connection.
        peer.group_key = UPGRADE_GROUP;
        peer
    }

    /// Connecting failed or succeeded.
    pub(crate) fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Relaxed);
    }

    /// Whether the last attempt to connect succeeded.
    pub(crate) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }
}

/// One configured upstream with its addresses.
#[derive(Debug)]
struct Backend {
    upstream: Upstream,
    endpoints: ArcSwap<Vec<Arc<Endpoint>>>,
    waiting: Arc<Waiting>,
}

impl Backend {
    fn new(upstream: &Upstream, waiting: &Arc<Waiting>) -> Arc<Self> {
        let endpoints = match upstream.host {
            UpstreamHost::Address(ip) => {
                vec![Endpoint::new(upstream, SocketAddr::new(ip, upstream.port), waiting)]
            }
            UpstreamHost::Name(_) => Vec::new(),
        };
        Arc::new(Self {
            upstream: upstream.clone(),
            endpoints: ArcSwap::from_pointee(endpoints),
            waiting: waiting.clone(),
        })
    }

    /// Takes a name's addresses; endpoints that stay keep their health and pooled connections.
    fn set_addresses(&self, mut addresses: Vec<IpAddr>) {
        addresses.sort_unstable();
        addresses.dedup();
        addresses.truncate(MAX_ADDRESSES_PER_NAME);
        let known = self.endpoints.load();
        let endpoints = addresses
            .into_iter()
            .map(|ip| SocketAddr::new(ip, self.upstream.port))
            .map(|address| {
                known
                    .iter()
                    .find(|endpoint| endpoint.address == address)
                    .cloned()
                    .unwrap_or_else(|| Endpoint::new(&self.upstream, address, &self.waiting))
            })
            .collect();
        self.endpoints.store(Arc::new(endpoints));
    }
}

/// The upstreams of a portal or route, taken in turn.
#[derive(Debug)]
pub(crate) struct Pool {
    backends: Vec<Arc<Backend>>,
    turn: AtomicUsize,
    plain: bool,
}

impl Pool {
    /// Whether all of it speaks HTTP/1.1 in the clear.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The next endpoint that is up and not in `tried`; if none is up, one that is not in `tried`.
    /// `None`: all were tried, or no name resolves.
    pub(crate) fn pick(&self, tried: &[SocketAddr]) -> Option<Arc<Endpoint>> {
        if let [backend] = self.backends.as_slice()
            && let [endpoint] = backend.endpoints.load().as_slice()
        {
            return (!tried.contains(&endpoint.address)).then(|| endpoint.clone());
        }
        let all: Vec<Arc<Endpoint>> = self
            .backends
            .iter()
            .flat_map(|backend| backend.endpoints.load().iter().cloned().collect::<Vec<_>>())
            .collect();
        let start = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = || {
            (0..all.len())
                .map(|offset| &all[(start.wrapping_add(offset)) % all.len()])
                .filter(|endpoint| !tried.contains(&endpoint.address))
        };
        in_turn().find(|endpoint| endpoint.is_up()).or_else(|| in_turn().next()).cloned()
    }
}

/// Every upstream of the configurations in force, shared by equal text.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    backends: Mutex<HashMap<Upstream, Arc<Backend>>>,
    waiting: Arc<Waiting>,
}

impl Pools {
    /// Each thread keeps up to `waiting` connections for their next request.
    pub(crate) fn new(waiting: usize) -> Self {
        Self { backends: Mutex::default(), waiting: Arc::new(Waiting::new(waiting)) }
    }

    /// A pool over these upstreams; their endpoints are shared with every other pool that names them.
    pub(crate) fn pool(&self, upstreams: &[Upstream]) -> Arc<Pool> {
        let mut backends = self.lock();
        Arc::new(Pool {
            backends: upstreams
                .iter()
                .map(|upstream| {
                    backends
                        .entry(upstream.clone())
                        .or_insert_with(|| Backend::new(upstream, &self.waiting))
                        .clone()
                })
                .collect(),
            turn: AtomicUsize::new(0),
            plain: upstreams.iter().all(|upstream| upstream.scheme == UpstreamScheme::Http),
        })
    }

    /// Looks every name up again, or only those never found. The last good answer stays when a look-up
    /// fails.
    pub(crate) async fn resolve(&self, only_missing: bool) {
        let names: Vec<Arc<Backend>> = self
            .in_use()
            .into_iter()
            .filter(|backend| matches!(backend.upstream.host, UpstreamHost::Name(_)))
            .filter(|backend| !only_missing || backend.endpoints.load().is_empty())
            .collect();
        stream::iter(names)
            .for_each_concurrent(PARALLEL, |backend| async move {
                resolve_one(&backend).await;
            })
            .await;
    }

    /// Ends connections that have waited for too long.
    pub(crate) fn sweep(&self) {
        self.waiting.begin_sweep();
        self.endpoints().iter().for_each(|endpoint| endpoint.idle.sweep(IDLE_SWEEPS));
    }

    /// Connects to every endpoint once and remembers which could be reached.
    pub(crate) async fn check(&self) {
        stream::iter(self.endpoints())
            .for_each_concurrent(PARALLEL, |endpoint| async move {
                let connect = tokio::net::TcpStream::connect(endpoint.address);
                let reached = tokio::time::timeout(CHECK_TIMEOUT, connect).await;
                let up = matches!(reached, Ok(Ok(_)));
                if up != endpoint.is_up() {
                    tracing::info!(address = %endpoint.address, up, "upstream changed state");
                }
                endpoint.set_up(up);
            })
            .await;
    }

    fn endpoints(&self) -> Vec<Arc<Endpoint>> {
        let backends = self.in_use();
        let endpoints = backends.iter().map(|backend| backend.endpoints.load_full());
        endpoints.flat_map(|endpoints| endpoints.iter().cloned().collect::<Vec<_>>()).collect()
    }

    /// Forgets backends that no pool holds any more and returns the rest.
    fn in_use(&self) -> Vec<Arc<Backend>> {
        let mut backends = self.lock();
        backends.retain(|_, backend| Arc::strong_count(backend) > 1);
        backends.values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Upstream, Arc<Backend>>> {
        // A map of shared entries stays whole whatever panics beside it.
        self.backends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn resolve_one(backend: &Backend) {
    let UpstreamHost::Name(name) = &backend.upstream.host else {
        return;
    };
    let look_up = tokio::net::lookup_host((name.as_str(), backend.upstream.port));
    match tokio::time::timeout(RESOLVE_TIMEOUT, look_up).await {
        Ok(Ok(addresses)) => {
            let found: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
            if !found.is_empty() {
                backend.set_addresses(found);
            }
        }
        Ok(Err(error)) => tracing::warn!(name, %error, "an upstream's name does not resolve"),
        Err(_) => tracing::warn!(name, "an upstream's name was not resolved in time"),
    }
}

/// Between two health checks of an endpoint.
pub(crate) const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Between two looks at connections that wait.
pub(crate) const SWEEP_IDLE_EVERY: Duration = Duration::from_secs(5);
/// Between two look-ups of a name; the system resolver tells no TTL.
pub(crate) const RESOLVE_EVERY: Duration = Duration::from_secs(30);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);
const PARALLEL: usize = 64;
const MAX_ADDRESSES_PER_NAME: usize = 64;
const H2_STREAMS_PER_CONNECTION: usize = 100;
/// Below the 60 s after which common servers close an idle connection, so that we are never second.
const POOLED_IDLE: Duration = Duration::from_secs(55);
/// The same in sweeps.
const IDLE_SWEEPS: u32 = (POOLED_IDLE.as_secs() / SWEEP_IDLE_EVERY.as_secs()) as u32;
const UPGRADE_GROUP: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(port: u16) -> Upstream {
        Upstream {
            scheme: UpstreamScheme::Http,
            host: UpstreamHost::Address(IpAddr::from([127, 0, 0, 1])),
            port,
            sni: None,
        }
    }

    #[test]
    fn endpoints_are_taken_in_turn() {
        let pool = Pools::default().pool(&[upstream(1), upstream(2)]);
        let ports: Vec<u16> =
            (0..4).filter_map(|_| pool.pick(&[]).map(|endpoint| endpoint.address.port())).collect();
        assert_eq!(ports, [1, 2, 1, 2]);
    }

    #[test]
    fn one_that_is_down_is_passed_over_until_nothing_else_is_left() {
        let pools = Pools::default();
        let pool = pools.pool(&[upstream(1), upstream(2)]);
        let first = pool.pick(&[]).expect("two endpoints");
        first.set_up(false);
        for _ in 0..4 {
            let picked = pool.pick(&[]).expect("one is up");
            assert_ne!(picked.address, first.address);
        }
        let other = pool.pick(&[first.address]).expect("one is left");
        let last = pool.pick(&[other.address]).expect("down is better than none");
        assert_eq!(last.address, first.address);
        assert!(pool.pick(&[first.address, other.address]).is_none());
    }

    #[test]
    fn health_is_shared_between_pools_and_survives_a_reload() {
        let pools = Pools::default();
        let before = pools.pool(&[upstream(1)]);
        before.pick(&[]).expect("one endpoint").set_up(false);
        let after = pools.pool(&[upstream(1)]);
        assert!(!after.pick(&[]).expect("one endpoint").is_up());
    }
}
