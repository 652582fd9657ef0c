//! Where requests go.

use std::net::IpAddr;

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Protocol.
    pub scheme: UpstreamScheme,
    /// Address or name; a name is resolved off the request path.
    pub host: UpstreamHost,
    /// Always present.
    pub port: u16,
    /// Name in the certificate and SNI of an https upstream; present exactly there.
    pub sni: Option<String>,
}

/// Scheme of an upstream URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamScheme {
    /// HTTP/1.1.
    Http,
    /// HTTP/2 with prior knowledge, in the clear (`h2c://`), for gRPC.
    H2c,
    /// TLS; HTTP/2 or HTTP/1.1 by ALPN.
    Https,
}

/// Host of an upstream URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UpstreamHost {
    /// Literal address.
    Address(IpAddr),
    /// DNS name.
    Name(String),
}
