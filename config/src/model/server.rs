//! The process and its listeners.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::diagnostic::Place;

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// TLS listeners. Default: none.
    pub https: Vec<SocketAddr>,
    /// Plain listeners: they redirect to https, or serve where `[tls]` is absent. Default: none.
    pub http: Vec<SocketAddr>,
    /// Health, metrics, configuration. Default: `127.0.0.1:9090`.
    pub admin: SocketAddr,
    /// Proxy worker threads. Default: one per core.
    pub threads: usize,
    /// Peers whose `X-Forwarded-*` is believed. Default: none.
    pub trusted_proxies: Vec<IpNet>,
    /// Peers whose connections begin with a PROXY header. Default: none.
    pub proxy_protocol: Vec<IpNet>,
    /// Private directory (0700) for the sign-in socket, the upgrade socket and the pid file.
    /// Default: `run` beside the SQLite file.
    pub runtime_directory: PathBuf,
    /// How long SIGTERM waits for requests in flight. Default: 20 s.
    pub drain: Duration,
    /// How long readiness says 503 before the listeners close on SIGTERM. Default: 0 s.
    pub readiness_delay: Duration,
    /// From the first byte of a request's header to its last. Default: 10 s.
    pub header_timeout: Duration,
    /// How long an idle keep-alive connection stays open. Default: 60 s.
    pub keepalive: Duration,
    /// Connections in all. Default: 100,000.
    pub max_connections: usize,
    /// Connections of one client address. Default: 10,000, or `max_connections` where that is less.
    pub max_connections_per_address: usize,
}

/// `[tls]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// At least one. The first one also answers clients that send no server name.
    pub certificates: Vec<CertificateFiles>,
}

/// One certificate chain and its private key, both PEM files, paths already resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Leaf first, then intermediates.
    pub chain: PathBuf,
    /// PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// Where the pair stands in the file.
    pub place: Place,
}
