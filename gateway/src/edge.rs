//! The edge of a public listener: connection slots, the deadline of a request's head, a strict look at its bytes,
//! and a late goodbye on shutdown. Wraps pingora's proxy from public interfaces alone.
//!
//! [`Edge`] sees each connection, [`PerRequest`] each request on it, [`GuardedIo`] each byte of a head.
//! docs/decisions/0004-edge-wrapper.md says what pingora leaves open and why it is closed here.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use pingora_core::apps::{HttpServerApp, HttpServerOptions, ReusedHttpStream, ServerApp};
use pingora_core::protocols::http::ServerSession;
use pingora_core::protocols::http::v2::server::H2Options;
use pingora_core::protocols::raw_connect::ProxyDigest;
use pingora_core::protocols::tls::SslDigest;
use pingora_core::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl,
    Stream, TimingDigest, UniqueID, UniqueIDType,
};
use pingora_core::server::ShutdownWatch;
use prometheus::IntCounter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::streams::cuttable;
use crate::wire::{HeadScan, WireFault};

/// What is open in this process; shutdown waits for it.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// Downstream connections.
    pub connections: AtomicUsize,
    /// Requests whose head is complete and whose answer is not.
    pub requests: AtomicUsize,
    /// Set when shutdown begins.
    pub draining: AtomicBool,
    /// How long the goodbye to idle keep-alive connections waits, in milliseconds.
    pub goodbye_after_ms: AtomicUsize,
}

/// Counts up for as long as it lives.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Activity>, fn(&Activity) -> &AtomicUsize);

impl Counted {
    /// One more request.
    pub(crate) fn request(activity: &Arc<Activity>) -> Self {
        Self::new(activity, |activity| &activity.requests)
    }

    fn new(activity: &Arc<Activity>, counter: fn(&Activity) -> &AtomicUsize) -> Self {
        counter(activity).fetch_add(1, Ordering::AcqRel);
        Self(activity.clone(), counter)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::AcqRel);
    }
}

/// Bounds of a listener.
#[derive(Debug, Clone)]
pub(crate) struct EdgeLimits {
    /// From the first byte of a head to its last.
    pub header_timeout: Duration,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one client address.
    pub connections_per_address: usize,
}

/// Takes connections, hands them to the proxy `P`.
pub(crate) struct Edge<P> {
    app: Arc<PerRequest<P>>,
    limits: EdgeLimits,
    activity: Arc<Activity>,
    refused: IntCounter,
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl<P> Edge<P> {
    /// Wraps a proxy.
    pub(crate) fn new(
        proxy: Arc<P>,
        limits: EdgeLimits,
        activity: Arc<Activity>,
        refused: IntCounter,
    ) -> Self {
        Self {
            app: Arc::new(PerRequest(proxy)),
            limits,
            activity,
            refused,
            addresses: Arc::default(),
        }
    }

    fn take_slot(&self, stream: &Stream) -> Option<Slot> {
        let counted = Counted::new(&self.activity, |activity| &activity.connections);
        if self.activity.connections.load(Ordering::Acquire) > self.limits.connections {
            return None;
        }
        let digest = stream.get_socket_digest();
        let address = digest
            .as_ref()
            .and_then(|digest| digest.peer_addr())
            .and_then(|address| address.as_inet())
            .map(|address| address.ip());
        let Some(address) = address else {
            return Some(Slot { _counted: counted, held: None });
        };
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let held = addresses.entry(address).or_insert(0);
        if *held >= self.limits.connections_per_address {
            return None;
        }
        *held += 1;
        Some(Slot { _counted: counted, held: Some((self.addresses.clone(), address)) })
    }
}

/// Holds a connection's place; gives it back when dropped.
struct Slot {
    _counted: Counted,
    held: Option<(Arc<Mutex<HashMap<IpAddr, usize>>>, IpAddr)>,
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
        let Some(_slot) = self.take_slot(&stream) else {
            self.refused.inc();
            return None;
        };
        let guarded = GuardedIo::new(stream, self.limits.header_timeout);
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

/// A downstream connection whose request heads are on a clock and under the eye of [`HeadScan`].
#[derive(Debug)]
pub(crate) struct GuardedIo {
    inner: Stream,
    phase: AtomicU8,
    /// The first head of a connection is expected from the start.
    fresh: AtomicBool,
    /// HTTP/2: bytes of preface and first frame header still to come; its frames have limits of their own.
    h2_left: usize,
    clock: Option<Pin<Box<Sleep>>>,
    limit: Duration,
    scan: Mutex<HeadScan>,
}

/// A body or an upgraded stream: nothing to watch.
const OPEN: u8 = 0;
/// Between requests: the clock starts with the next byte.
const IDLE: u8 = 1;
/// In a head: the clock runs.
const HEAD: u8 = 2;
/// Client preface (24) and frame header (9) of RFC 9113 sections 3.4 and 4.1.
const H2_OPENING: usize = 24 + 9;

impl GuardedIo {
    fn new(inner: Stream, limit: Duration) -> Self {
        let h2 = matches!(inner.selected_alpn_proto(), Some(ALPN::H2));
        Self {
            inner,
            phase: AtomicU8::new(HEAD),
            fresh: AtomicBool::new(true),
            h2_left: if h2 { H2_OPENING } else { 0 },
            clock: Some(Box::pin(tokio::time::sleep(limit))),
            limit,
            scan: Mutex::default(),
        }
    }

    /// The guarded stream under an HTTP/1.1 session; `None` on HTTP/2.
    pub(crate) fn of(stream: Option<&Stream>) -> Option<&Self> {
        // Through the box to the stream inside: `Box<dyn IO>` is an `IO` itself.
        let io: &dyn Any = (**stream?).as_any();
        io.downcast_ref()
    }

    fn expect_head(&self) {
        if !self.fresh.swap(false, Ordering::Relaxed) {
            *self.scan() = HeadScan::default();
            self.phase.store(IDLE, Ordering::Relaxed);
        }
    }

    /// The head is complete: stops the clock and says what was wrong with it.
    pub(crate) fn head_done(&self) -> Option<WireFault> {
        self.phase.store(OPEN, Ordering::Relaxed);
        self.scan().verdict()
    }

    fn scan(&self) -> std::sync::MutexGuard<'_, HeadScan> {
        self.scan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accounts for bytes that came while a head was awaited.
    fn saw(&mut self, bytes: &[u8]) {
        if self.h2_left > 0 {
            self.h2_left = self.h2_left.saturating_sub(bytes.len());
            if self.h2_left == 0 {
                self.phase.store(OPEN, Ordering::Relaxed);
            }
            return;
        }
        if self.phase.load(Ordering::Relaxed) == IDLE {
            self.phase.store(HEAD, Ordering::Relaxed);
            self.clock = Some(Box::pin(tokio::time::sleep(self.limit)));
        }
        self.scan.get_mut().unwrap_or_else(PoisonError::into_inner).feed(bytes);
    }
}

impl AsyncRead for GuardedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let me = &mut *self;
        match me.phase.load(Ordering::Relaxed) {
            OPEN => {
                me.clock = None;
                return Pin::new(&mut me.inner).poll_read(cx, buf);
            }
            HEAD => {
                if let Some(clock) = &mut me.clock
                    && clock.as_mut().poll(cx).is_ready()
                {
                    return Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()));
                }
            }
            _ => {}
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut me.inner).poll_read(cx, buf);
        if buf.filled().len() > before {
            me.saw(&buf.filled()[before..]);
        }
        result
    }
}

impl AsyncWrite for GuardedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[async_trait]
impl Shutdown for GuardedIo {
    async fn shutdown(&mut self) {
        self.inner.shutdown().await;
    }
}

impl UniqueID for GuardedIo {
    fn id(&self) -> UniqueIDType {
        self.inner.id()
    }
}

impl Ssl for GuardedIo {
    fn get_ssl(&self) -> Option<&pingora_core::protocols::tls::TlsRef> {
        self.inner.get_ssl()
    }

    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.inner.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.inner.selected_alpn_proto()
    }
}

impl GetTimingDigest for GuardedIo {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.inner.get_timing_digest()
    }

    fn get_read_pending_time(&self) -> Duration {
        self.inner.get_read_pending_time()
    }

    fn get_write_pending_time(&self) -> Duration {
        self.inner.get_write_pending_time()
    }
}

impl GetProxyDigest for GuardedIo {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.inner.get_proxy_digest()
    }

    fn set_proxy_digest(&mut self, digest: ProxyDigest) {
        self.inner.set_proxy_digest(digest);
    }
}

impl GetSocketDigest for GuardedIo {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.inner.get_socket_digest()
    }

    fn set_socket_digest(&mut self, digest: SocketDigest) {
        self.inner.set_socket_digest(digest);
    }
}

#[async_trait]
impl Peek for GuardedIo {
    async fn try_peek(&mut self, buf: &mut [u8]) -> std::io::Result<bool> {
        self.inner.try_peek(buf).await
    }
}
