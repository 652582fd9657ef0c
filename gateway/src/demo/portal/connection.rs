//! Serving a connection while keeping its request's head as it stood on the wire.
//!
//! An HTTP library gives headers by name: their order across names and the spelling of names are gone. Here
//! the head is read first and kept, then played to hyper again. One request per connection makes the two
//! belong together without any doubt.

use std::convert::Infallible;
use std::io::{self, Cursor};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

/// The bytes of a request's head, request line and empty line included.
#[derive(Debug, Clone)]
pub(super) struct RawHead(Arc<[u8]>);

impl RawHead {
    /// Names and values in order, duplicates included; bytes that are not UTF-8 are replaced.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.0);
        text.split("\r\n")
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
            .collect()
    }
}

/// Accepts until the process ends.
pub(super) async fn serve(listener: std::net::TcpListener, app: Router) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a sample portal cannot listen"),
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve_connection(stream, app.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a sample portal cannot accept a connection");
                // Out of file descriptors, most likely: some may be free in a moment.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_connection(mut stream: TcpStream, app: Router) {
    // A connection that goes away before its request is complete is nobody's business.
    let Ok(Ok(read)) = tokio::time::timeout(HEAD_DEADLINE, read_head(&mut stream)).await else {
        return;
    };
    let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else { return };
    let head = RawHead(Arc::from(&read[..end + 4]));
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(head.clone());
        let app = app.clone();
        async move { Ok::<_, Infallible>(respond(app, request.map(Body::new)).await) }
    });
    let (rest, writer) = stream.into_split();
    let io = TokioIo::new(tokio::io::join(Cursor::new(read).chain(rest), writer));
    let connection = http1::Builder::new().keep_alive(false).serve_connection(io, service);
    // The client may leave at any time.
    let _ = connection.with_upgrades().await;
}

async fn respond(app: Router, request: hyper::Request<Body>) -> hyper::Response<Body> {
    match app.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Reads until a head is complete; what follows it in the same packet is part of the answer.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut read = Vec::with_capacity(4096);
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        if read.len() >= HEAD_LIMIT || stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(read)
}

const HEAD_DEADLINE: Duration = Duration::from_secs(10);
const HEAD_LIMIT: usize = 256 * 1024;
