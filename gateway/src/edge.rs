//! The edge of a public listener: connection slots, the deadline of a request's head, a strict look at its bytes,
//! and a late goodbye on shutdown. Wraps pingora's proxy from public interfaces alone.
//!
//! [`Edge`] sees each connection, [`PerRequest`] each request on it, [`GuardedIo`] each byte of a head.
//! docs/decisions/0004-edge-wrapper.md says what pingora leaves open and why it is closed here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bitrix_id_auth_core::throttle::client_network;
use bitrix_id_config::model::Server as ServerSettings;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::http::v2::server::H2Options;
use pingora::server::ShutdownWatch;
use prometheus::IntCounter;

use crate::activity::{Activity, Counted};
use crate::guarded_io::GuardedIo;
use crate::snapshot::SharedSnapshot;
use crate::streams::cuttable;
use crate::view;

/// Takes connections, hands them to the proxy `P`.
pub(crate) struct Edge<P> {
    app: Arc<PerRequest<P>>,
    /// Bounds and trusted proxies, as they are at the moment.
    snapshot: SharedSnapshot,
    activity: Arc<Activity>,
    refused: IntCounter,
    addresses: Addresses,
}

impl<P> Edge<P> {
    /// Wraps a proxy.
    pub(crate) fn new(
        proxy: Arc<P>,
        snapshot: SharedSnapshot,
        activity: Arc<Activity>,
        refused: IntCounter,
    ) -> Self {
        Self {
            app: Arc::new(PerRequest(proxy)),
            snapshot,
            activity,
            refused,
            addresses: Arc::default(),
        }
    }

    fn take_slot(&self, stream: &Stream, settings: &ServerSettings) -> Option<Slot> {
        let counted = Counted::connection(&self.activity);
        if self.activity.connections.load(Ordering::Acquire) > settings.max_connections {
            return None;
        }
        let digest = stream.get_socket_digest();
        let address = digest
            .as_ref()
            .and_then(|digest| digest.peer_addr())
            .and_then(|address| address.as_inet())
            .map(|address| address.ip())
            // All of a trusted proxy's clients come from its one address.
            .filter(|ip| !view::is_trusted(&settings.trusted_proxies, *ip))
            .map(client_network);
        let Some(address) = address else {
            return Some(Slot { _counted: counted, held: None });
        };
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let held = addresses.entry(address).or_insert(0);
        if *held >= settings.max_connections_per_address {
            return None;
        }
        *held += 1;
        Some(Slot { _counted: counted, held: Some((self.addresses.clone(), address)) })
    }
}

/// Connections held by each client address.
type Addresses = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Holds a connection's place; gives it back when dropped.
struct Slot {
    _counted: Counted,
    held: Option<(Addresses, IpAddr)>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((addresses, address)) = &self.held else {
            return;
        };
        let mut addresses = addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = addresses.get_mut(address) {
            *held -= 1;
            if *held == 0 {
                addresses.remove(address);
            }
        }
    }
}

#[async_trait]
impl<P> ServerApp for Edge<P>
where
    P: HttpServerApp + Send + Sync + 'static,
{
    async fn process_new(
        self: &Arc<Self>,
        stream: Stream,
        shutdown: &ShutdownWatch,
    ) -> Option<Stream> {
        let config = self.snapshot.load().config.clone();
        let Some(_slot) = self.take_slot(&stream, &config.server) else {
            self.refused.inc();
            return None;
        };
        let guarded = GuardedIo::new(stream, config.server.header_timeout);
        ServerApp::process_new(&self.app, Box::new(guarded), shutdown).await
    }

    async fn cleanup(&self) {
        // At once would drop keep-alive connections with a request already on its way to us; until then each
        // is told `Connection: close` with its next answer.
        let wait = self.activity.goodbye_after_ms.load(Ordering::Acquire) as u64;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        ServerApp::cleanup(&*self.app).await;
    }
}

/// Sees each request before its head is read.
struct PerRequest<P>(Arc<P>);

#[async_trait]
impl<P> HttpServerApp for PerRequest<P>
where
    P: HttpServerApp + Send + Sync + 'static,
{
    async fn process_new_http(
        self: &Arc<Self>,
        session: ServerSession,
        shutdown: &ShutdownWatch,
    ) -> Option<ReusedHttpStream> {
        if let Some(io) = GuardedIo::of(session.stream()) {
            io.expect_head();
        }
        cuttable(self.0.process_new_http(session, shutdown)).await
    }

    fn h2_options(&self) -> Option<H2Options> {
        self.0.h2_options()
    }

    fn server_options(&self) -> Option<&HttpServerOptions> {
        self.0.server_options()
    }

    async fn http_cleanup(&self) {
        self.0.http_cleanup().await;
    }
}
