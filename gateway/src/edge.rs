//! The edge of a public listener: a place for each connection, the deadline of a request's head, a strict look at its bytes,
//! and a late goodbye on shutdown. Wraps pingora's proxy from public interfaces alone.
//!
//! [`Edge`] sees each connection, [`PerRequest`] each request on it, [`GuardedIo`] each byte of a head.
//! docs/decisions/0004-edge-wrapper.md says what pingora leaves open and why it is closed here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use pingora::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora::listeners::tls::Acceptor;
use pingora::protocols::http::ServerSession;
use pingora::protocols::http::v2::server::H2Options;
use pingora::protocols::l4::stream::Stream as L4Stream;
use pingora::protocols::{ALPN, GetSocketDigest, SocketDigest, Ssl, Stream};
use pingora::server::ShutdownWatch;

use crate::activity::Activity;
use crate::door::{Door, Place};
use crate::guarded_io::GuardedIo;
use crate::keep_alive::{self, Goodbye};
use crate::proxy_header::{self, NoHeader};
use crate::snapshot::SharedSnapshot;
use crate::streams::{cuttable, cuttable_stream};
use crate::tls::ServerName;

/// Takes connections, hands them to the proxy `P`.
pub(crate) struct Edge<P> {
    app: Arc<PerRequest<P>>,
    door: Door,
    snapshot: SharedSnapshot,
    activity: Arc<Activity>,
    tls: Tls,
    goodbye: Goodbye,
}

/// Which listeners speak TLS, and how.
pub(crate) struct Tls {
    /// As configured; any other listener is a plain one.
    pub addresses: Vec<SocketAddr>,
    /// Shakes hands.
    pub acceptor: Acceptor,
}

impl<P> Edge<P> {
    /// Wraps a proxy.
    pub(crate) fn new(
        proxy: Arc<P>,
        door: Door,
        snapshot: SharedSnapshot,
        activity: Arc<Activity>,
        tls: Tls,
    ) -> Self {
        let app = Arc::new(PerRequest(proxy));
        Self { app, door, snapshot, activity, tls, goodbye: Goodbye::new() }
    }
}

impl<P> Edge<P> {
    /// A connection from a balancer as the client's own, whom its PROXY header names.
    async fn introduced(
        &self,
        mut stream: Stream,
        place: &mut Place,
        limit: Duration,
    ) -> Option<Stream> {
        if !self.door.is_introduced(&*stream) {
            return Some(stream);
        }
        let client = match tokio::time::timeout(limit, proxy_header::read(&mut stream)).await {
            Ok(Ok(client)) => client,
            Ok(Err(NoHeader::Closed)) => return None,
            Ok(Err(NoHeader::Other)) | Err(_) => {
                tracing::warn!(
                    "a connection from server.proxy_protocol began without a PROXY header; \
                     send one there, or take the address out"
                );
                return None;
            }
        };
        let Some(client) = client else { return Some(stream) };
        if !self.door.admit_client(place, client.ip()) {
            return None;
        }
        let digest = SocketDigest::from_raw_fd(stream.id());
        // Nobody has asked this digest yet, so there is no other address in it.
        let _ = digest.peer_addr.set(Some(client.into()));
        stream.set_socket_digest(digest);
        Some(stream)
    }
}

impl Tls {
    /// Whether a connection came to one of the addresses. `None`: where it came to cannot be told.
    fn is_meant(&self, connection: &(impl GetSocketDigest + ?Sized)) -> Option<bool> {
        let digest = connection.get_socket_digest()?;
        let local = digest.local_addr()?.as_inet()?;
        Some(self.addresses.iter().any(|address| {
            address.port() == local.port()
                && (address.ip().is_unspecified()
                    || address.ip().to_canonical() == local.ip().to_canonical())
        }))
    }

    /// `None`: no handshake came about in time, which is the client's affair.
    async fn shake_hands(
        &self,
        stream: Stream,
        limit: Duration,
    ) -> Option<(Stream, Option<ServerName>)> {
        // Of its own kind, since the handshake takes no boxed stream.
        let stream: Box<L4Stream> = stream.into_any().downcast().ok()?;
        // Boxed: large, and over before the first request.
        let handshake = Box::pin(self.acceptor.tls_handshake(*stream));
        match tokio::time::timeout(limit, handshake).await {
            Ok(Ok(stream)) => {
                let name = ServerName::of(&stream);
                Some((Box::new(stream), name))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a TLS handshake failed");
                None
            }
            Err(_) => None,
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
        self.activity.runtimes.note_current();
        let mut place = self.door.admit(&*stream)?;
        let (limit, keepalive) = {
            let server = &self.snapshot.load().config.server;
            (server.header_timeout, server.keepalive)
        };
        let stream = self.introduced(stream, &mut place, limit).await?;
        let (stream, name) = if self.tls.is_meant(&*stream)? {
            self.tls.shake_hands(stream, limit).await?
        } else {
            (stream, None)
        };
        let mut guarded = GuardedIo::new(stream, limit, keepalive);
        if let Some(name) = name {
            guarded = guarded.named(name)?;
        }
        if matches!(guarded.selected_alpn_proto(), Some(ALPN::H2)) {
            return ServerApp::process_new(&self.app, Box::new(guarded), shutdown).await;
        }
        keep_alive::serve(&self.app, Box::new(guarded), &self.goodbye, shutdown).await;
        None
    }

    async fn cleanup(&self) {
        // At once would drop keep-alive connections with a request already on its way to us; until then each
        // is told `Connection: close` with its next answer.
        let wait = self.activity.goodbye_after_ms.load(Ordering::Acquire) as u64;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        self.goodbye.say();
        ServerApp::cleanup(&*self.app).await;
    }
}

/// Sees each request before its head is parsed.
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
        let Some(io) = GuardedIo::of(session.stream()) else {
            // HTTP/2: the connection has other streams, and its own are not known to it.
            return cuttable_stream(self.0.process_new_http(session, shutdown)).await;
        };
        let cutter = io.cutter().clone();
        cuttable(cutter, self.0.process_new_http(session, shutdown)).await
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
