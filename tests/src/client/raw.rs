//! An HTTP/1.1 client that sends any bytes it is given and reads answers strictly.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::response::{BodyEnd, Response, parse_head};
use super::{Duplex, connect_tls};
use crate::poll::STEP;

/// One connection.
pub struct RawConnection {
    stream: Box<dyn Duplex>,
    unread: Vec<u8>,
}

impl RawConnection {
    /// TLS with `sni`, without HTTP/2.
    ///
    /// # Errors
    /// Whatever TCP or TLS says.
    pub async fn tls(
        address: SocketAddr,
        sni: &str,
        config: Arc<ClientConfig>,
    ) -> io::Result<Self> {
        Ok(Self::over(connect_tls(address, sni, config).await?))
    }

    /// Plain TCP.
    ///
    /// # Errors
    /// Whatever TCP says.
    pub async fn plain(address: SocketAddr) -> io::Result<Self> {
        Ok(Self::over(TcpStream::connect(address).await?))
    }

    /// Over a stream that is open already.
    pub fn over(stream: impl Duplex + 'static) -> Self {
        Self { stream: Box::new(stream), unread: Vec::new() }
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// Whatever the socket says.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let write = async {
            self.stream.write_all(bytes.as_ref()).await?;
            self.stream.flush().await
        };
        timed(write).await
    }

    /// Reads a whole response to a request made with `method`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the connection ends before a head does, `InvalidData` when it is not one. A
    /// body that is cut is not an error: see [`Response::end`].
    pub async fn response(&mut self, method: &str) -> io::Result<Response> {
        let mut response = self.head(method).await?;
        response.end = match response.end {
            BodyEnd::Length => {
                let length =
                    response.header("content-length").map_or(0, |v| v.parse().unwrap_or(0));
                let mut end = BodyEnd::Length;
                while response.body.len() < length {
                    let wanted = length - response.body.len();
                    let piece = self.some(wanted).await?;
                    if piece.is_empty() {
                        end = BodyEnd::Cut;
                        break;
                    }
                    response.body.extend_from_slice(&piece);
                }
                end
            }
            BodyEnd::Chunked => self.chunks(&mut response.body).await?,
            BodyEnd::Closed => loop {
                let piece = self.some(usize::MAX).await?;
                if piece.is_empty() {
                    break BodyEnd::Closed;
                }
                response.body.extend_from_slice(&piece);
            },
            other => other,
        };
        Ok(response)
    }

    /// Reads a head only; the body is left for [`Self::some`] and [`Self::chunk`]. `end` says how it will end.
    ///
    /// # Errors
    /// As [`Self::response`].
    pub async fn head(&mut self, method: &str) -> io::Result<Response> {
        let length = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if self.fill().await? == 0 {
                let so_far = String::from_utf8_lossy(&self.unread).into_owned();
                return Err(io::Error::new(
                    ErrorKind::UnexpectedEof,
                    format!("closed; read: {so_far:?}"),
                ));
            }
        };
        let head: Vec<u8> = self.unread.drain(..length).collect();
        let broken =
            || io::Error::new(ErrorKind::InvalidData, String::from_utf8_lossy(&head).into_owned());
        let (start, headers) = parse_head(&head).ok_or_else(broken)?;
        let status = start
            .strip_prefix("HTTP/1.1 ")
            .or_else(|| start.strip_prefix("HTTP/1.0 "))
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or_else(broken)?;
        let mut response = Response { status, headers, body: Vec::new(), end: BodyEnd::Absent };
        let bodiless = method == "HEAD" || status < 200 || status == 204 || status == 304;
        if !bodiless {
            response.end = if response.header("transfer-encoding").is_some() {
                BodyEnd::Chunked
            } else if response.header("content-length").is_some() {
                BodyEnd::Length
            } else {
                BodyEnd::Closed
            };
        }
        Ok(response)
    }

    /// Up to `limit` bytes; none when the connection has ended.
    ///
    /// # Errors
    /// Whatever the socket says, but not an abrupt end.
    pub async fn some(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        if self.unread.is_empty() {
            self.fill().await?;
        }
        if self.unread.len() <= limit {
            return Ok(std::mem::take(&mut self.unread));
        }
        let taken = self.unread[..limit].to_vec();
        self.unread.drain(..limit);
        Ok(taken)
    }

    /// The next chunk of a chunked body: `Some(empty)` is the last one, `None` a cut.
    ///
    /// # Errors
    /// `InvalidData` for broken framing.
    pub async fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(line) = self.line().await? else { return Ok(None) };
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16)
            .map_err(|_| io::Error::new(ErrorKind::InvalidData, format!("chunk size {line:?}")))?;
        if size == 0 {
            while let Some(trailer) = self.line().await? {
                if trailer.is_empty() {
                    return Ok(Some(Vec::new()));
                }
            }
            return Ok(None);
        }
        while self.unread.len() < size + 2 {
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
        let chunk = self.unread.drain(..size).collect();
        self.unread.drain(..2);
        Ok(Some(chunk))
    }

    /// Sends a request and reads its response.
    ///
    /// # Errors
    /// As [`Self::response`].
    pub async fn exchange(
        &mut self,
        method: &str,
        request: impl AsRef<[u8]>,
    ) -> io::Result<Response> {
        self.send(request).await?;
        self.response(method).await
    }

    /// Whether the connection ends within `limit`, with nothing more said.
    pub async fn closes_within(&mut self, limit: Duration) -> bool {
        self.unread.is_empty()
            && matches!(tokio::time::timeout(limit, self.fill()).await, Ok(Ok(0) | Err(_)))
    }

    /// Everything until the end of the connection or for `quiet` without a byte.
    pub async fn rest(&mut self, quiet: Duration) -> Vec<u8> {
        while let Ok(Ok(1..)) = tokio::time::timeout(quiet, self.fill()).await {}
        std::mem::take(&mut self.unread)
    }

    /// Ends our direction of the connection.
    ///
    /// # Errors
    /// Whatever the socket says.
    pub async fn finish_sending(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// The stream and what has been read from it but not used.
    pub fn into_parts(self) -> (Box<dyn Duplex>, Vec<u8>) {
        (self.stream, self.unread)
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<BodyEnd> {
        loop {
            match self.chunk().await? {
                Some(chunk) if chunk.is_empty() => return Ok(BodyEnd::Chunked),
                Some(chunk) => body.extend_from_slice(&chunk),
                None => return Ok(BodyEnd::Cut),
            }
        }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(at) = find(&self.unread, b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..at + 2).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..at]).into_owned()));
            }
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.unread.reserve(64 * 1024);
        match timed(self.stream.read_buf(&mut self.unread)).await {
            // An abrupt end (reset, or TLS without close_notify) is an end.
            Err(error) if error.kind() != ErrorKind::TimedOut => Ok(0),
            other => other,
        }
    }
}

async fn timed<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(STEP, work).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::new(ErrorKind::TimedOut, format!("nothing for {STEP:?}"))),
    }
}

/// Where `needle` begins in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
