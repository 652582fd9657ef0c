//! The bytes to and from a server, with a bound on what comes before an answer is complete: a length that a
//! server names is believed by the client, and is filled by whatever follows.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bitrix_id_config::model::Redis;
use redis::{Client, ConnectionAddr};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Opens streams as a configuration asks for them.
pub(super) struct Opener {
    tls: Option<TlsConnector>,
}

impl Opener {
    pub(super) fn new(settings: &Redis) -> io::Result<Self> {
        let tls = settings.tls.then(|| tls(settings.ca.as_deref())).transpose()?;
        Ok(Self { tls })
    }

    /// A stream to the server that `client` is for.
    pub(super) async fn open(&self, client: &Client) -> io::Result<Bounded> {
        let (host, port) = match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                (host.clone(), *port)
            }
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        let plain = TcpStream::connect((host.as_str(), port)).await?;
        // Commands are small and somebody waits for each.
        plain.set_nodelay(true)?;
        let stream: Box<dyn Bytes> = match &self.tls {
            None => Box::new(plain),
            Some(connector) => {
                let name = ServerName::try_from(host).map_err(io::Error::other)?;
                Box::new(connector.connect(name, plain).await?)
            }
        };
        Ok(Bounded { stream, taken: Taken::default() })
    }
}

fn tls(ca: Option<&str>) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let certificate = certificate.map_err(io::Error::other)?;
                roots.add(certificate).map_err(io::Error::other)?;
            }
        }
        None => {
            // One that cannot be read vouches for nobody; the others still do.
            let _ = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytes for S {}

/// A stream that fails when too much comes without an answer among it.
pub(super) struct Bounded {
    stream: Box<dyn Bytes>,
    pub(super) taken: Taken,
}

/// Bytes read since the last complete answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<AtomicUsize>);

impl Taken {
    /// An answer is complete.
    pub(super) fn answered(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let more = buffer.filled().len() - before;
        if self.taken.0.fetch_add(more, Ordering::Relaxed) > MOST_BYTES {
            return Poll::Ready(Err(io::Error::other("an answer is larger than any of ours")));
        }
        read
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The largest answer, a part of the log, has some hundred KiB, and several may be on their way.
const MOST_BYTES: usize = 16 << 20;
