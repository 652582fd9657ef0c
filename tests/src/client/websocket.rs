//! A WebSocket client over the gateway's TLS.

use std::io;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Duplex;
use super::raw::RawConnection;
use super::response::Response;
use crate::poll::{STEP, within};

/// An open WebSocket.
pub struct WebSocket {
    stream: WebSocketStream<Box<dyn Duplex>>,
}

/// How a WebSocket ended.
#[derive(Debug)]
pub enum Closed {
    /// With a close frame.
    Frame(Option<CloseFrame>),
    /// The connection went away.
    Cut,
}

impl WebSocket {
    /// Asks for an upgrade. `Err` is the answer that was not 101.
    ///
    /// # Errors
    /// The refusal.
    pub async fn open(
        connection: RawConnection,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, Box<Response>> {
        let opened = Self::try_open(connection, host, path, headers).await;
        opened.expect("an answer to the handshake")
    }

    /// The same where there may be no answer.
    ///
    /// # Errors
    /// A connection that breaks; within it, the refusal.
    pub async fn try_open(
        mut connection: RawConnection,
        host: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> io::Result<Result<Self, Box<Response>>> {
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        connection.send(request).await?;
        let answer = connection.head("GET").await?;
        if answer.status != 101 {
            return Ok(Err(Box::new(answer)));
        }
        // RFC 6455 section 1.3 gives this pair of key and accept value.
        assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        let (stream, unread) = connection.into_parts();
        let stream = WebSocketStream::from_partially_read(stream, unread, Role::Client, None).await;
        Ok(Ok(Self { stream }))
    }

    /// Sends a text and gives the next text that comes back.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn echo(&mut self, text: &str) -> Result<String, Error> {
        within(STEP, "an echo", async {
            self.stream.send(Message::text(text)).await?;
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(answer))) => return Ok(answer.to_string()),
                    Some(Ok(Message::Close(_))) | None => return Err(Error::ConnectionClosed),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                }
            }
        })
        .await
    }

    /// Waits for the other side to end it; panics after `limit`.
    pub async fn closed(&mut self, limit: Duration) -> Closed {
        within(limit, "the WebSocket is closed", async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Close(frame))) => return Closed::Frame(frame),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Closed::Cut,
                }
            }
        })
        .await
    }
}
