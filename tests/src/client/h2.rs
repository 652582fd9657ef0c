//! An HTTP/2 client that keeps header fields as given: several Cookie fields, repeated names, trailers.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use rustls::ClientConfig;
use serde_json::Value;

use super::connect_tls;
use crate::poll::{STEP, within};

/// One connection.
pub struct H2Connection {
    sender: SendRequest<Bytes>,
    authority: String,
}

/// A whole answer.
#[derive(Debug)]
pub struct H2Response {
    /// Status code.
    pub status: u16,
    /// Fields.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Trailers, if any came.
    pub trailers: Option<HeaderMap>,
}

impl H2Response {
    /// A field as text, `None` if absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a text value"))
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

impl H2Connection {
    /// Opens a connection with `sni` as server name; `authority` goes into every request.
    ///
    /// # Errors
    /// Whatever TCP, TLS or HTTP/2 says.
    pub async fn open(
        address: SocketAddr,
        sni: &str,
        authority: &str,
        config: Arc<ClientConfig>,
    ) -> anyhow::Result<Self> {
        let tls = connect_tls(address, sni, config).await?;
        anyhow::ensure!(tls.get_ref().1.alpn_protocol() == Some(b"h2"), "HTTP/2 was not agreed on");
        let (sender, connection) = h2::client::handshake(tls).await?;
        tokio::spawn(connection);
        Ok(Self { sender, authority: authority.to_owned() })
    }

    /// A request builder with the full URL of `path`.
    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        Request::builder().method(method).uri(format!("https://{}{path}", self.authority))
    }

    /// Sends a request with a whole body and optional trailers, and reads the whole answer.
    ///
    /// # Errors
    /// Whatever HTTP/2 says, a reset stream included.
    pub async fn send(
        &mut self,
        request: http::request::Builder,
        body: &[u8],
        trailers: Option<HeaderMap>,
    ) -> anyhow::Result<H2Response> {
        let request = request.body(())?;
        let bodiless = body.is_empty() && trailers.is_none();
        within(STEP, "an HTTP/2 answer", async {
            let mut ready = self.sender.clone().ready().await?;
            let (response, mut stream) = ready.send_request(request, bodiless)?;
            if !bodiless {
                // The answer may come, and the stream be reset, before the body is sent.
                let sent = send_body(&mut stream, body, trailers).await;
                if let Err(error) = sent {
                    log_reset(&error);
                }
            }
            collect(response.await?).await
        })
        .await
    }

    /// Sends a request without a body and reads the whole answer.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn get(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<H2Response> {
        let mut request = self.request("GET", path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, b"", None).await
    }

    /// Sends a request and gives the answer's head with its body unread, for streams.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn start(
        &mut self,
        request: http::request::Builder,
    ) -> anyhow::Result<http::Response<h2::RecvStream>> {
        let mut ready = self.sender.clone().ready().await?;
        let (response, _) = ready.send_request(request.body(())?, true)?;
        Ok(within(STEP, "an HTTP/2 head", response).await?)
    }

    /// Sends a head and gives the future answer and the stream for the body.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn begin(
        &mut self,
        request: http::request::Builder,
    ) -> anyhow::Result<(h2::client::ResponseFuture, h2::SendStream<Bytes>)> {
        let mut ready = self.sender.clone().ready().await?;
        Ok(ready.send_request(request.body(())?, false)?)
    }
}

/// Uploads so many bytes on a stream that was opened for it, as fast as the other side takes them.
///
/// # Errors
/// Whatever HTTP/2 says, a reset stream included.
pub async fn upload(stream: &mut h2::SendStream<Bytes>, bytes: u64) -> anyhow::Result<()> {
    let block = Bytes::from(vec![b'u'; 64 * 1024]);
    let mut missing = bytes;
    while missing > 0 {
        stream.reserve_capacity(block.len());
        let granted =
            within(STEP, "room to send", std::future::poll_fn(|cx| stream.poll_capacity(cx)));
        let granted = granted.await.ok_or_else(|| anyhow::anyhow!("the stream was ended"))??;
        let size = granted.min(block.len()).min(usize::try_from(missing).unwrap_or(usize::MAX));
        missing -= size as u64;
        stream.send_data(block.slice(..size), missing == 0)?;
    }
    Ok(())
}

/// Reads a body to its end and counts it, giving room as it goes.
///
/// # Errors
/// Whatever HTTP/2 says, a reset stream included.
pub async fn count(body: &mut h2::RecvStream) -> anyhow::Result<u64> {
    let mut bytes = 0;
    while let Some(piece) = within(STEP, "more of the body", body.data()).await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        bytes += piece.len() as u64;
    }
    Ok(bytes)
}

async fn send_body(
    stream: &mut h2::SendStream<Bytes>,
    body: &[u8],
    trailers: Option<HeaderMap>,
) -> Result<(), h2::Error> {
    stream.send_data(Bytes::copy_from_slice(body), trailers.is_none())?;
    match trailers {
        Some(trailers) => stream.send_trailers(trailers),
        None => Ok(()),
    }
}

async fn collect(response: http::Response<h2::RecvStream>) -> anyhow::Result<H2Response> {
    let (head, mut stream) = response.into_parts();
    let mut body = BytesMut::new();
    while let Some(piece) = stream.data().await {
        let piece = piece?;
        stream.flow_control().release_capacity(piece.len())?;
        body.extend_from_slice(&piece);
    }
    let trailers = stream.trailers().await?;
    Ok(H2Response {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.freeze(),
        trailers,
    })
}

fn log_reset(error: &h2::Error) {
    eprintln!("the request body was not taken: {error}");
}
