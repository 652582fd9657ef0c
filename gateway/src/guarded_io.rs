//! A downstream connection that watches the heads of its requests: their time and their bytes.

use std::any::Any;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::SslDigest;
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl,
    Stream, TimingDigest, UniqueID, UniqueIDType,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::wire::{HeadScan, WireFault};

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
    /// Guards a fresh connection: its first head is expected now.
    pub(crate) fn new(inner: Stream, limit: Duration) -> Self {
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

    /// The next bytes begin another head.
    pub(crate) fn expect_head(&self) {
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

    fn scan(&self) -> MutexGuard<'_, HeadScan> {
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
    fn get_ssl(&self) -> Option<&pingora::protocols::tls::TlsRef> {
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
