//! Clients: a raw socket, HTTP/2 streams, a browser, WebSockets.

pub mod browser;
pub mod h2;
pub mod jar;
pub mod raw;
pub mod raw_h2;
pub mod response;
pub mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::poll::{STEP, within};

/// A byte stream, whatever is below it.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Opens TCP, then TLS with `sni` as server name.
///
/// # Errors
/// Whatever TCP or TLS says.
pub async fn connect_tls(
    address: SocketAddr,
    sni: &str,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    within(STEP, "a TLS connection", async {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        tls_over(tcp, sni, config).await
    })
    .await
}

/// TLS over a connection that is open already.
///
/// # Errors
/// Whatever TLS says.
pub async fn tls_over(
    tcp: TcpStream,
    sni: &str,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(sni.to_owned()).expect("a server name");
    TlsConnector::from(config).connect(name, tcp).await
}
