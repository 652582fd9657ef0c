//! Reads requests off a connection and records them byte by byte.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Shared;
use super::recorded::Recorded;
use crate::client::Duplex;
use crate::client::raw::find;

/// One connection of a recorder.
pub(crate) struct Reader {
    stream: Box<dyn Duplex>,
    unread: Vec<u8>,
    connection: usize,
    index: usize,
    shared: Arc<Shared>,
}

/// A request whose head has been read.
pub(crate) struct Head {
    /// Its place in the recorder.
    pub(crate) at: usize,
    /// As recorded so far.
    pub(crate) recorded: Recorded,
}

impl Reader {
    pub(crate) fn new(stream: Box<dyn Duplex>, connection: usize, shared: Arc<Shared>) -> Self {
        Self { stream, unread: Vec::new(), connection, index: 0, shared }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The next head, recorded; `None` at the end of the connection.
    pub(crate) async fn head(&mut self) -> io::Result<Option<Head>> {
        let length = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if self.fill().await? == 0 {
                self.keep_leftover();
                return Ok(None);
            }
        };
        let recorded = Recorded {
            connection: self.connection,
            index: self.index,
            head: self.unread.drain(..length).collect(),
            body: Vec::new(),
            body_bytes: 0,
            complete: false,
        };
        self.index += 1;
        let at = self.shared.keep(recorded.clone());
        Ok(Some(Head { at, recorded }))
    }

    /// Reads the body to its end, recording its beginning, and gives the beginning without framing.
    pub(crate) async fn body(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let mut kept = Vec::new();
        if head.recorded.all("transfer-encoding").iter().any(|coding| coding.contains("chunked")) {
            while let Some(chunk) = self.chunk(head.at).await? {
                keep_some(&mut kept, &chunk);
            }
        } else {
            let length = head.recorded.all("content-length");
            let mut missing: u64 = length.first().map_or(0, |value| value.parse().unwrap_or(0));
            while missing > 0 {
                if self.unread.is_empty() && self.fill().await? == 0 {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                let wanted = usize::try_from(missing).unwrap_or(usize::MAX);
                let taken = self.unread.len().min(wanted);
                let piece = take(&mut self.unread, taken);
                self.record(head.at, &piece, taken);
                keep_some(&mut kept, &piece);
                missing -= taken as u64;
            }
        }
        self.shared.amend(head.at, |request| request.complete = true);
        Ok(kept)
    }

    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// The stream itself, for another protocol.
    pub(crate) fn take_stream(&mut self) -> (Box<dyn Duplex>, Vec<u8>) {
        let (idle, _) = tokio::io::duplex(1);
        let stream = std::mem::replace(&mut self.stream, Box::new(idle));
        (stream, std::mem::take(&mut self.unread))
    }

    /// Waits until the peer has ended the connection.
    pub(crate) async fn gone(&mut self) -> io::Result<()> {
        while self.fill().await? > 0 {
            self.unread.clear();
        }
        Ok(())
    }

    /// One chunk, recorded with its framing; `None` after the last one and its trailers.
    async fn chunk(&mut self, at: usize) -> io::Result<Option<Vec<u8>>> {
        let line = self.line(at).await?;
        let digits = line.split(';').next().unwrap_or_default().trim().to_owned();
        let size = usize::from_str_radix(&digits, 16)
            .map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
        if size == 0 {
            while !self.line(at).await?.is_empty() {}
            return Ok(None);
        }
        while self.unread.len() < size + 2 {
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let framed = take(&mut self.unread, size + 2);
        self.record(at, &framed, size);
        Ok(Some(framed[..size].to_vec()))
    }

    async fn line(&mut self, at: usize) -> io::Result<String> {
        loop {
            if let Some(end) = find(&self.unread, b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..end + 2).collect();
                self.record(at, &line, 0);
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn record(&self, at: usize, raw: &[u8], body_bytes: usize) {
        self.shared.count_bytes(body_bytes);
        self.shared.amend(at, |request| {
            request.body_bytes += body_bytes as u64;
            keep_some(&mut request.body, raw);
        });
    }

    /// Bytes that are no request are kept as one: they are what a smuggling test looks for.
    fn keep_leftover(&mut self) {
        if !self.unread.is_empty() {
            self.shared.keep(Recorded {
                connection: self.connection,
                index: self.index,
                head: std::mem::take(&mut self.unread),
                body: Vec::new(),
                body_bytes: 0,
                complete: false,
            });
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let before = self.unread.len();
        self.unread.reserve(64 * 1024);
        self.stream.read_buf(&mut self.unread).await?;
        Ok(self.unread.len() - before)
    }
}

/// The first `count` bytes, moved out in one go: gigabytes pass here in a debug build.
fn take(unread: &mut Vec<u8>, count: usize) -> Vec<u8> {
    if count == unread.len() {
        return std::mem::take(unread);
    }
    let taken = unread[..count].to_vec();
    unread.drain(..count);
    taken
}

fn keep_some(kept: &mut Vec<u8>, piece: &[u8]) {
    let room = KEPT.saturating_sub(kept.len());
    kept.extend_from_slice(&piece[..piece.len().min(room)]);
}

const KEPT: usize = 1024 * 1024;
