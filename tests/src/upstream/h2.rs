//! An HTTP/2 upstream, in the clear or over TLS, that answers with trailers as gRPC does.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, request};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A running HTTP/2 upstream.
#[derive(Debug)]
pub struct H2Upstream {
    address: SocketAddr,
    tls: bool,
    calls: Arc<Mutex<Vec<Call>>>,
    accepting: JoinHandle<()>,
}

/// A request with all that came after its head.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method, URI and fields.
    pub head: request::Parts,
    /// Body.
    pub body: Bytes,
    /// Trailers, if any came.
    pub trailers: Option<HeaderMap>,
}

impl H2Upstream {
    /// Listens on a port of the system's choice; with `tls` it is https.
    pub async fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("an upstream's port");
        let address = listener.local_addr().expect("bound above");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let accepting =
            tokio::spawn(accept(listener, tls.clone().map(TlsAcceptor::from), Arc::clone(&calls)));
        Self { address, tls: tls.is_some(), calls, accepting }
    }

    /// As a configuration names it.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "https" } else { "h2c" };
        format!("{scheme}://{}", self.address)
    }

    /// Every request so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

impl Drop for H2Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, calls: Arc<Mutex<Vec<Call>>>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (tls, calls) = (tls.clone(), Arc::clone(&calls));
        tokio::spawn(async move {
            match tls {
                None => serve(tcp, calls).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(tcp).await {
                        serve(stream, calls).await;
                    }
                }
            }
        });
    }
}

async fn serve<S>(stream: S, calls: Arc<Mutex<Vec<Call>>>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(request, Arc::clone(&calls)));
    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service);
    // The peer going away is how a connection ends.
    let _ = connection.await;
}

type Answer =
    Response<StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>>;

async fn answer(
    request: Request<Incoming>,
    calls: Arc<Mutex<Vec<Call>>>,
) -> Result<Answer, hyper::Error> {
    let (head, body) = request.into_parts();
    let collected = body.collect().await?;
    let trailers = collected.trailers().cloned();
    let body = collected.to_bytes();
    calls.lock().unwrap().push(Call { head, body: body.clone(), trailers });
    let mut ending = HeaderMap::new();
    ending.insert("grpc-status", HeaderValue::from_static("0"));
    ending.insert("grpc-message", HeaderValue::from_static("fine"));
    let frames = vec![Ok(Frame::data(body)), Ok(Frame::trailers(ending))];
    let mut response = Response::new(StreamBody::new(stream::iter(frames)));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    Ok(response)
}

impl Call {
    /// A field as text, `None` if absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().expect("a text value"))
    }
}
