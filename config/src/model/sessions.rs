//! Where sessions are kept.

use crate::secret::Secret;

/// `store.sessions`.
#[derive(Debug, Clone)]
pub enum SessionsStore {
    /// In the directory's own database.
    Embedded,
    /// In Redis or Valkey.
    Redis(Box<Redis>),
}

/// How Redis is reached.
#[derive(Debug, Clone)]
pub struct Redis {
    /// Which servers, and how they belong together.
    pub servers: RedisServers,
    /// TLS to every one of them, sentinels included.
    pub tls: bool,
    /// PEM text of the authorities that alone may vouch for the servers.
    pub ca: Option<String>,
    /// ACL user; `None` is the user `default`.
    pub user: Option<String>,
    /// From `sessions_password_file`.
    pub password: Option<Secret>,
    /// From `sessions_sentinel_password_file`: what the sentinels themselves ask for.
    pub sentinel_password: Option<Secret>,
}

/// How the servers belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisServers {
    /// One server, or one address behind which somebody else sees to it that there is one.
    Single {
        /// The server.
        server: RedisAddress,
        /// Number of the database.
        database: u16,
    },
    /// Sentinels that know which server is the primary.
    Sentinel {
        /// Any of the sentinels.
        sentinels: Vec<RedisAddress>,
        /// The name under which they watch the primary.
        service: String,
        /// Number of the database on the primary.
        database: u16,
    },
    /// Redis Cluster.
    Cluster {
        /// Any of the nodes: they know the others.
        nodes: Vec<RedisAddress>,
    },
}

/// A server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisAddress {
    /// Name or address; an IPv6 address has no brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}
