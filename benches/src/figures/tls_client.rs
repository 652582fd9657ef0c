//! A TLS client that waits: one connection after the other, as cheap as can be on its side.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bitrix_id_tests::gateway::TestGateway;
use bitrix_id_tests::pki;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned,
    SupportedProtocolVersion,
};

use super::pace::read_answer;
use crate::scene::PORTAL;

/// A visitor of the portal.
#[derive(Clone)]
pub(crate) struct TlsClient {
    address: SocketAddr,
    config: Arc<ClientConfig>,
    request: String,
}

/// An open connection.
pub(crate) struct TlsConnection {
    stream: StreamOwned<ClientConnection, TcpStream>,
    answer: Vec<u8>,
}

impl TlsClient {
    /// Offers one version only. It comes back with what it remembers, or as a stranger each time.
    pub(crate) fn new(
        gateway: &TestGateway,
        request: String,
        version: &'static SupportedProtocolVersion,
        memory: Resumption,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(gateway.authority().der()).expect("the root is a certificate");
        let mut config = ClientConfig::builder_with_provider(pki::provider())
            .with_protocol_versions(&[version])
            .expect("the version is known")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = memory;
        Self { address: gateway.https(), config: Arc::new(config), request }
    }

    /// Connects, shakes hands and makes one request, after which the connection is open.
    pub(crate) fn visit(&self, status: u16) -> TlsConnection {
        let name = ServerName::try_from(PORTAL).expect("a name");
        let tls = ClientConnection::new(self.config.clone(), name).expect("a client");
        let socket = TcpStream::connect(self.address).expect("it listens");
        socket.set_nodelay(true).expect("TCP");
        let mut connection =
            TlsConnection { stream: StreamOwned::new(tls, socket), answer: Vec::new() };
        connection.ask(&self.request, status);
        connection
    }
}

impl TlsConnection {
    /// One request; panics unless its answer has this status.
    pub(crate) fn ask(&mut self, request: &str, status: u16) {
        use std::io::Write as _;
        self.stream.write_all(request.as_bytes()).expect("the connection is open");
        let answered = read_answer(&mut self.stream, &mut self.answer);
        assert!(answered == status, "not {status}: {}", String::from_utf8_lossy(&self.answer));
    }

    /// Whether the handshake resumed an earlier session.
    pub(crate) fn is_resumed(&self) -> bool {
        matches!(self.stream.conn.handshake_kind(), Some(HandshakeKind::Resumed))
    }
}
