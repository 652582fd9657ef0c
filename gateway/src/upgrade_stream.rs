//! A connection for upgrade requests whose reads come one turn late.
//!
//! Pingora 0.9.1 tears a tunnel down when it reads the upstream's 101 before it has seen that the request
//! has no body. Both are ready in the same turn of one task when the upstream is fast. A stream whose first
//! read after each write steps back once lets the empty body go first. docs/decisions/0003-websocket-race.md
//! has the measurements.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use pingora::connectors::l4::Connect;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::protocols::l4::stream::Stream;
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream};
use pingora::{Error, ErrorType, OrErr, Result};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Connects by TCP and wraps the stream.
#[derive(Debug)]
pub(crate) struct Yielding {
    timeout: Duration,
}

impl Yielding {
    /// `timeout` bounds the TCP handshake.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

#[async_trait]
impl Connect for Yielding {
    async fn connect(&self, address: &SocketAddr) -> Result<Stream> {
        let address = address
            .as_inet()
            .ok_or_else(|| Error::explain(ErrorType::ConnectError, "not an internet address"))?;
        let stream = tokio::time::timeout(self.timeout, TcpStream::connect(address))
            .await
            .or_err(ErrorType::ConnectTimedout, "upgrade upstream")?
            .or_err(ErrorType::ConnectError, "upgrade upstream")?;
        stream.set_nodelay(true).or_err(ErrorType::ConnectError, "upgrade upstream")?;
        let socket = YieldingSocket { stream, wrote: false };
        Ok(VirtualSocketStream::new(Box::new(socket)).into())
    }
}

#[derive(Debug)]
struct YieldingSocket {
    stream: TcpStream,
    /// Something was written since the last read.
    wrote: bool,
}

impl VirtualSocket for YieldingSocket {
    fn set_socket_option(&self, option: VirtualSockOpt) -> io::Result<()> {
        match option {
            VirtualSockOpt::NoDelay => self.stream.set_nodelay(true),
            // Keep-alive probes are left at the system's default.
            _ => Ok(()),
        }
    }
}

impl AsyncRead for YieldingSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.wrote) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for YieldingSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wrote = true;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
