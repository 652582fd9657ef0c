//! One keep-alive connection that asks the same thing again and again.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection with its request.
pub(crate) struct Client {
    stream: TcpStream,
    request: Vec<u8>,
}

impl Client {
    /// Connects; `request` is a whole request head.
    pub(crate) async fn connect(address: SocketAddr, request: String) -> Self {
        let stream = TcpStream::connect(address).await.expect("it listens");
        stream.set_nodelay(true).expect("TCP");
        Self { stream, request: request.into_bytes() }
    }

    /// Sends the request so many times, each after the answer to the last. Panics unless every answer has
    /// this status.
    pub(crate) async fn ask(&mut self, times: u32, status: u16) {
        for _ in 0..times {
            self.stream.write_all(&self.request).await.expect("the connection is open");
            let answer = self.read_answer().await;
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&expected), "not {status}: {answer}");
        }
    }

    /// Whether one request is answered with this status.
    pub(crate) async fn answers(&mut self, status: u16) -> bool {
        self.stream.write_all(&self.request).await.expect("the connection is open");
        self.read_answer().await.starts_with(&format!("HTTP/1.1 {status} "))
    }

    /// Head and body of one answer with a `Content-Length`.
    async fn read_answer(&mut self) -> String {
        let mut bytes = Vec::with_capacity(4096);
        loop {
            let read = self.stream.read_buf(&mut bytes).await.expect("the connection is open");
            assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&bytes));
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            if body.len() >= content_length(head) {
                return text.into_owned();
            }
        }
    }
}

/// What a head says of its body's length; 0 if nothing.
pub(crate) fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}
