//! A downstream connection that watches the heads of its requests: their time and their bytes.

mod passing;

use std::any::Any;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bitrix_id_auth_core::authenticate::Verified;
use bytes::Bytes;
use http::HeaderValue;
use pingora::http::ResponseHeader;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::{ALPN, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::idle_clock::IdleClock;
use crate::stopwatch::Stopwatch;
use crate::streams::Cutter;
use crate::tls::ServerName;
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
    idle: IdleClock,
    /// The beginning of a head, read and accounted for before there was anybody to take it.
    ahead: Bytes,
    /// How long the client of the present body was waited for, and since when it is now.
    waited_ms: AtomicU64,
    waits: Option<Stopwatch>,
    scan: Mutex<HeadScan>,
    cutter: Arc<Cutter>,
    /// Carries the server name that the client asked for to its requests.
    name: Option<Arc<ProxyDigest>>,
    /// The peer's address as it is told to upstreams, made at the first request.
    client: OnceLock<(IpAddr, HeaderValue)>,
    /// The token that the last request showed; the next one most likely shows it again.
    last_seen: ArcSwapOption<Verified>,
}

/// A body that is not timed or an upgraded stream: nothing to watch.
const OPEN: u8 = 0;
/// A body that is timed.
const BODY: u8 = 3;
/// A body that the client holds back until it is asked for it: timed from then on, or from when it comes by itself.
const HELD: u8 = 4;
/// Between requests: the clock starts with the next byte.
const IDLE: u8 = 1;
/// In a head: the clock runs.
const HEAD: u8 = 2;
/// More than most heads have; a longer one comes in several pieces.
const AHEAD: usize = 4096;
/// Client preface (24) and frame header (9) of RFC 9113 sections 3.4 and 4.1.
const H2_OPENING: usize = 24 + 9;

impl GuardedIo {
    /// Guards a fresh connection: its first head is expected now.
    /// `limit` is for a head; `keepalive` is how long the connection may be quiet between two requests.
    pub(crate) fn new(inner: Stream, limit: Duration, keepalive: Duration) -> Self {
        let h2 = matches!(inner.selected_alpn_proto(), Some(ALPN::H2));
        Self {
            inner,
            phase: AtomicU8::new(HEAD),
            fresh: AtomicBool::new(true),
            h2_left: if h2 { H2_OPENING } else { 0 },
            clock: Some(Box::pin(tokio::time::sleep(limit))),
            limit,
            idle: IdleClock::new(keepalive),
            ahead: Bytes::new(),
            waited_ms: AtomicU64::new(0),
            waits: None,
            scan: Mutex::default(),
            cutter: Arc::default(),
            name: None,
            client: OnceLock::new(),
            last_seen: ArcSwapOption::empty(),
        }
    }

    /// The connection of a client that asked for this server name. `None`: it cannot be kept, and a connection
    /// must not serve other names for want of it.
    pub(crate) fn named(mut self, name: ServerName) -> Option<Self> {
        // The header beside it is a form that pingora never sends.
        let form = ResponseHeader::build_no_case(200, Some(0)).ok()?;
        self.name = Some(Arc::new(ProxyDigest::new(Box::new(form), Some(Box::new(name)))));
        Some(self)
    }

    /// The guarded stream under an HTTP/1.1 session; `None` on HTTP/2.
    pub(crate) fn of(stream: Option<&Stream>) -> Option<&Self> {
        // Through the box to the stream inside: `Box<dyn IO>` is an `IO` itself.
        let io: &dyn Any = (**stream?).as_any();
        io.downcast_ref()
    }

    /// Ends the connection with the request that it serves.
    pub(crate) fn cutter(&self) -> &Arc<Cutter> {
        &self.cutter
    }

    /// The peer's address as text.
    pub(crate) fn client_text(&self, peer: IpAddr) -> HeaderValue {
        let (known, text) = self.client.get_or_init(|| (peer, ip_text(peer)));
        if *known == peer { text.clone() } else { ip_text(peer) }
    }

    /// The token that the last request showed.
    pub(crate) fn last_seen(&self) -> Option<Arc<Verified>> {
        self.last_seen.load_full()
    }

    /// Remembers a token for the next request.
    pub(crate) fn remember(&self, person: &Arc<Verified>) {
        if self.last_seen.load().as_ref().is_none_or(|last| !Arc::ptr_eq(last, person)) {
            self.last_seen.store(Some(person.clone()));
        }
    }

    /// The next bytes begin another head.
    pub(crate) fn expect_head(&mut self) {
        // What a body's last read waited for is not the next body's.
        self.waits = None;
        if !self.fresh.swap(false, Ordering::Relaxed) {
            *self.scan() = HeadScan::default();
            self.phase.store(IDLE, Ordering::Relaxed);
            self.idle.begin();
        }
    }

    /// Waits for the first bytes of a head and keeps them for the next reader. False: there will be none.
    ///
    /// Waiting like this takes no memory but the connection's own; a session has buffers from its start.
    pub(crate) async fn head_begins(&mut self) -> bool {
        poll_fn(|cx| {
            let mut room = [MaybeUninit::uninit(); AHEAD];
            let mut room = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut *self).poll_read(cx, &mut room)).ok();
            self.ahead = Bytes::copy_from_slice(room.filled());
            Poll::Ready(!self.ahead.is_empty())
        })
        .await
    }

    /// The head is complete: stops the clock and says what was wrong with it.
    pub(crate) fn head_done(&self) -> Option<WireFault> {
        self.phase.store(OPEN, Ordering::Relaxed);
        self.scan().verdict()
    }

    /// A body follows whose client is timed from here on; `held`: from [`Self::body_asked_for`] on.
    pub(crate) fn body_begins(&self, held: bool) {
        self.waited_ms.store(0, Ordering::Relaxed);
        self.phase.store(if held { HELD } else { BODY }, Ordering::Relaxed);
    }

    /// The client that held its body back is to send it now. False: it did not hold one back.
    pub(crate) fn body_asked_for(&self) -> bool {
        self.phase.compare_exchange(HELD, BODY, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// How long the body's client has been waited for; `None` if nobody asked for that.
    pub(crate) fn waited_for_body(&self) -> Option<Duration> {
        let timed = self.phase.load(Ordering::Relaxed) == BODY;
        timed.then(|| Duration::from_millis(self.waited_ms.load(Ordering::Relaxed)))
    }

    fn scan(&self) -> MutexGuard<'_, HeadScan> {
        self.scan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the time between a read that had to wait and the one that had not.
    fn time(&mut self, waits: bool) {
        if waits {
            self.waits.get_or_insert_with(Stopwatch::start);
        } else if let Some(since) = self.waits.take() {
            let waited = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.waited_ms.fetch_add(waited, Ordering::Relaxed);
        }
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
        let scan = self.scan.get_mut().unwrap_or_else(PoisonError::into_inner);
        scan.feed(bytes);
        if self.phase.load(Ordering::Relaxed) == IDLE {
            self.phase.store(HEAD, Ordering::Relaxed);
            // Most heads come in one piece and need no clock.
            self.clock = (!scan.is_whole()).then(|| Box::pin(tokio::time::sleep(self.limit)));
        }
    }
}

/// An address as a header value.
pub(crate) fn ip_text(ip: IpAddr) -> HeaderValue {
    // Digits, letters, dots and colons make a header value.
    HeaderValue::from_str(&ip.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl AsyncRead for GuardedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let me = &mut *self;
        if !me.ahead.is_empty() {
            let piece = me.ahead.split_to(me.ahead.len().min(buf.remaining()));
            buf.put_slice(&piece);
            return Poll::Ready(Ok(()));
        }
        match me.phase.load(Ordering::Relaxed) {
            OPEN => {
                me.clock = None;
                return Pin::new(&mut me.inner).poll_read(cx, buf);
            }
            BODY => {
                me.clock = None;
                let result = Pin::new(&mut me.inner).poll_read(cx, buf);
                me.time(result.is_pending());
                return result;
            }
            HELD => {
                me.clock = None;
                let result = Pin::new(&mut me.inner).poll_read(cx, buf);
                if result.is_ready() {
                    me.phase.store(BODY, Ordering::Relaxed);
                }
                return result;
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
        } else if result.is_pending()
            && me.phase.load(Ordering::Relaxed) == IDLE
            && me.idle.poll_over(cx).is_ready()
        {
            // As if the client had left, which is no event: nothing is said and nothing is logged.
            return Poll::Ready(Ok(()));
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

#[cfg(test)]
mod tests;
