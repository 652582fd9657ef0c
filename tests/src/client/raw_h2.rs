//! HTTP/2 written frame by frame, for requests that no library agrees to send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::connect_tls;

/// One connection, after the preface.
pub struct RawH2 {
    stream: TlsStream<TcpStream>,
    unread: Vec<u8>,
    next_stream: u32,
}

/// A frame as it came.
#[derive(Debug, Clone)]
pub struct Frame {
    /// RFC 9113 section 6.
    pub kind: u8,
    /// Flags.
    pub flags: u8,
    /// Stream.
    pub stream: u32,
    /// Payload.
    pub payload: Vec<u8>,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// Answered with one of the statuses of HPACK's static table, or 0 for another one.
    Answered(u16),
    /// Reset with this code, nothing answered.
    Reset(u32),
    /// The connection ended or said GOAWAY.
    Gone,
    /// Nothing came in time.
    Silent,
}

impl RawH2 {
    /// Connects and sends preface and empty SETTINGS.
    ///
    /// # Errors
    /// Whatever TCP or TLS says.
    pub async fn open(
        address: SocketAddr,
        sni: &str,
        config: Arc<ClientConfig>,
    ) -> std::io::Result<Self> {
        let mut stream = connect_tls(address, sni, config).await?;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?;
        Ok(Self { stream, unread: Vec::new(), next_stream: 1 })
    }

    /// Sends a HEADERS frame of these fields, names and values as they are, and gives its stream.
    ///
    /// # Errors
    /// Whatever the socket says.
    pub async fn headers(&mut self, fields: &[(&[u8], &[u8])], end: bool) -> std::io::Result<u32> {
        let stream = self.next_stream;
        self.next_stream += 2;
        let flags = 0x4 | u8::from(end);
        self.frame(0x1, flags, stream, &block(fields)).await?;
        Ok(stream)
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// Whatever the socket says.
    pub async fn frame(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        payload: &[u8],
    ) -> std::io::Result<()> {
        let length = u32::try_from(payload.len()).expect("a frame's payload").to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, flags];
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await
    }

    /// Waits until the stream ends one way or another.
    pub async fn end_of(&mut self, stream: u32, limit: Duration) -> StreamEnd {
        let mut status = None;
        loop {
            let Ok(next) = tokio::time::timeout(limit, self.next()).await else {
                return status.map_or(StreamEnd::Silent, StreamEnd::Answered);
            };
            let Some(frame) = next else {
                return status.map_or(StreamEnd::Gone, StreamEnd::Answered);
            };
            match frame.kind {
                0x7 => return status.map_or(StreamEnd::Gone, StreamEnd::Answered),
                0x1 if frame.stream == stream => {
                    status = status.or(Some(static_status(&frame.payload)))
                }
                0x3 if frame.stream == stream && status.is_none() => {
                    let code = frame.payload.try_into().map_or(0, u32::from_be_bytes);
                    return StreamEnd::Reset(code);
                }
                // Acknowledged at leisure; if that fails, the next read says so.
                0x4 if frame.flags & 1 == 0 => drop(self.frame(0x4, 1, 0, b"").await),
                _ => {}
            }
            let ended = matches!(frame.kind, 0x0 | 0x1) && frame.flags & 1 == 1;
            if ended && frame.stream == stream {
                return StreamEnd::Answered(status.unwrap_or(0));
            }
        }
    }

    /// The next frame; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Frame> {
        while self.unread.len() < 9 || self.unread.len() < 9 + payload_length(&self.unread) {
            match self.stream.read_buf(&mut self.unread).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
        let length = payload_length(&self.unread);
        let bytes: Vec<u8> = self.unread.drain(..9 + length).collect();
        let stream = u32::from_be_bytes(bytes[5..9].try_into().ok()?) & 0x7fff_ffff;
        Some(Frame { kind: bytes[3], flags: bytes[4], stream, payload: bytes[9..].to_vec() })
    }
}

/// The fields of an ordinary request, to add to or to break.
pub fn request<'a>(
    method: &'a str,
    authority: &'a str,
    path: &'a str,
) -> Vec<(&'a [u8], &'a [u8])> {
    vec![
        (b":method", method.as_bytes()),
        (b":scheme", b"https"),
        (b":authority", authority.as_bytes()),
        (b":path", path.as_bytes()),
    ]
}

/// HPACK with literal fields only (RFC 7541 section 6.2.2).
fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        string(&mut block, name);
        string(&mut block, value);
    }
    block
}

fn string(block: &mut Vec<u8>, text: &[u8]) {
    // RFC 7541 section 5.1: a 7-bit prefix, then seven bits a byte.
    if text.len() < 127 {
        block.push(u8::try_from(text.len()).expect("below 127"));
    } else {
        block.push(127);
        let mut rest = text.len() - 127;
        while rest >= 128 {
            block.push(u8::try_from(rest % 128).expect("below 128") | 128);
            rest /= 128;
        }
        block.push(u8::try_from(rest).expect("below 128"));
    }
    block.extend_from_slice(text);
}

/// RFC 7541 appendix A, indexes 8 to 14, after any table size updates.
fn static_status(block: &[u8]) -> u16 {
    let first = block.iter().find(|byte| *byte & 0xe0 != 0x20);
    match first {
        Some(0x88) => 200,
        Some(0x89) => 204,
        Some(0x8a) => 206,
        Some(0x8b) => 304,
        Some(0x8c) => 400,
        Some(0x8d) => 404,
        Some(0x8e) => 500,
        _ => 0,
    }
}

fn payload_length(header: &[u8]) -> usize {
    header[..3].iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
}
