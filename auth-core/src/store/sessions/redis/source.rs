//! Where connections come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bitrix_id_config::model::{Redis, RedisAddress, RedisServers};
use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates, TlsMode, Value,
};
use tokio::sync::Mutex;
use tokio::task::AbortHandle;

use super::failure::is_away;
use super::stream::{Opener, Taken};

/// Makes connections to whichever server is to be asked.
pub(super) struct Source {
    servers: Servers,
    opener: Opener,
}

enum Servers {
    Single(Client),
    /// One for commands and one for messages: each is asked one at a time, and keeps connections to the
    /// sentinels.
    Sentinel(Box<[Mutex<SentinelClient>; 2]>),
    Cluster {
        client: Box<ClusterClient>,
        /// Any node passes messages on; asked in turn.
        nodes: Vec<Client>,
        next: AtomicUsize,
    },
}

/// An open way. Clones share it.
#[derive(Clone)]
pub(super) enum Connection {
    Single { connection: MultiplexedConnection, taken: Taken, _driver: Arc<Task> },
    Cluster(ClusterConnection),
}

/// Ends with its handle.
pub(super) struct Task(pub(super) AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    pub(super) async fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Single { connection, taken, .. } => {
                let answer = connection.req_packed_command(command).await;
                if answer.is_ok() {
                    taken.answered();
                }
                answer
            }
            Self::Cluster(connection) => connection.req_packed_command(command).await,
        }
    }
}

impl Source {
    /// Connects to nothing yet.
    pub(super) fn new(settings: &Redis) -> RedisResult<Self> {
        let opener = Opener::new(settings)?;
        let servers = match &settings.servers {
            RedisServers::Single { server, database } => {
                Servers::Single(client(settings, server, *database)?)
            }
            RedisServers::Sentinel { sentinels, service, database } => {
                let client = || sentinel(settings, sentinels, service, *database).map(Mutex::new);
                Servers::Sentinel(Box::new([client()?, client()?]))
            }
            RedisServers::Cluster { nodes } => {
                let client = Box::new(cluster(settings, nodes)?);
                let nodes: RedisResult<_> =
                    nodes.iter().map(|node| self::client(settings, node, 0)).collect();
                Servers::Cluster { client, nodes: nodes?, next: AtomicUsize::new(0) }
            }
        };
        Ok(Self { servers, opener })
    }

    pub(super) async fn connect(&self) -> RedisResult<Connection> {
        let client = match &self.servers {
            Servers::Single(client) => client.clone(),
            Servers::Sentinel(clients) => clients[0].lock().await.async_get_client().await?,
            Servers::Cluster { client, nodes, .. } => {
                return match client.get_async_connection().await {
                    Ok(connection) => Ok(Connection::Cluster(connection)),
                    Err(error) => Err(self.what_nodes_say(nodes).await.unwrap_or(error)),
                };
            }
        };
        self.connect_to(&client).await
    }

    /// Why a cluster cannot be connected to: its client has one kind of error for whatever kept it from every
    /// node. What somebody has to set right goes before what passes.
    async fn what_nodes_say(&self, nodes: &[Client]) -> Option<RedisError> {
        let mut passing = None;
        for node in nodes.iter().take(ASKED_FOR_REASONS) {
            match self.connect_to(node).await {
                Err(error) if is_away(&error) => passing = Some(error),
                Err(error) => return Some(error),
                Ok(_) => {}
            }
        }
        passing
    }

    async fn connect_to(&self, client: &Client) -> RedisResult<Connection> {
        let stream = self.opener.open(client).await?;
        let taken = stream.taken.clone();
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER_TIMEOUT));
        let redis = client.get_connection_info().redis_settings();
        let (connection, driver) =
            MultiplexedConnection::new_with_config(redis, stream, config).await?;
        taken.answered();
        let _driver = Arc::new(Task(tokio::spawn(driver).abort_handle()));
        Ok(Connection::Single { connection, taken, _driver })
    }

    /// Messages from a server that passes them on.
    pub(super) async fn listen(&self) -> RedisResult<(PubSub, Taken)> {
        let client = match &self.servers {
            Servers::Single(client) => client.clone(),
            Servers::Sentinel(clients) => clients[1].lock().await.async_get_client().await?,
            Servers::Cluster { nodes, next, .. } => {
                // A cluster without nodes does not get through the configuration's checks.
                let turn = next.fetch_add(1, Ordering::Relaxed) % nodes.len().max(1);
                let none = (redis::ErrorKind::InvalidClientConfig, "no node is named");
                nodes.get(turn).cloned().ok_or(none)?
            }
        };
        let stream = self.opener.open(&client).await?;
        let taken = stream.taken.clone();
        let redis = client.get_connection_info().redis_settings();
        Ok((PubSub::new(redis, stream).await?, taken))
    }

    /// How long a connection may fail before it is left.
    pub(super) fn patience(&self) -> Duration {
        match self.servers {
            Servers::Single(_) | Servers::Sentinel(_) => Duration::ZERO,
            Servers::Cluster { .. } => CLUSTER_PATIENCE,
        }
    }
}

fn client(settings: &Redis, server: &RedisAddress, database: u16) -> RedisResult<Client> {
    Client::open(connection_info(settings, server, database)?)
}

fn connection_info(
    settings: &Redis,
    server: &RedisAddress,
    database: u16,
) -> RedisResult<ConnectionInfo> {
    let mut redis =
        RedisConnectionInfo::default().set_db(i64::from(database)).set_skip_set_lib_name();
    if let Some(user) = &settings.user {
        redis = redis.set_username(user);
    }
    if let Some(password) = &settings.password {
        redis = redis.set_password(password.expose());
    }
    let info = address(settings, server).into_connection_info()?;
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp()))
}

fn sentinel(
    settings: &Redis,
    sentinels: &[RedisAddress],
    service: &str,
    database: u16,
) -> RedisResult<SentinelClient> {
    let addresses = sentinels.iter().map(|sentinel| address(settings, sentinel));
    let mut builder = SentinelClientBuilder::new(addresses, service, SentinelServerType::Master)?
        .set_client_to_redis_db(i64::from(database))
        .set_client_to_redis_tcp_settings(tcp())
        .set_client_to_sentinel_tcp_settings(tcp());
    if let Some(user) = &settings.user {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = &settings.password {
        builder = builder.set_client_to_redis_password(password.expose());
    }
    if let Some(password) = &settings.sentinel_password {
        builder = builder.set_client_to_sentinel_password(password.expose());
    }
    if settings.tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_redis_certificates(certificates(settings))
            .set_client_to_sentinel_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_certificates(certificates(settings));
    }
    builder.build()
}

fn cluster(settings: &Redis, nodes: &[RedisAddress]) -> RedisResult<ClusterClient> {
    let infos: RedisResult<Vec<_>> =
        nodes.iter().map(|node| connection_info(settings, node, 0)).collect();
    let mut builder = ClusterClientBuilder::new(infos?)
        .tcp_settings(tcp())
        .connection_timeout(CONNECT_TIMEOUT)
        .response_timeout(ANSWER_TIMEOUT)
        .overall_response_timeout(Some(CLUSTER_ANSWER_TIMEOUT))
        .retries(3)
        .min_retry_wait(10)
        .max_retry_wait(200);
    if settings.tls {
        builder = builder.tls(TlsMode::Secure).certs(certificates(settings));
    }
    builder.build()
}

fn address(settings: &Redis, server: &RedisAddress) -> ConnectionAddr {
    let RedisAddress { host, port } = server.clone();
    if settings.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    }
}

fn certificates(settings: &Redis) -> TlsCertificates {
    let root_cert = settings.ca.as_ref().map(|pem| pem.clone().into_bytes());
    TlsCertificates { client_tls: None, root_cert }
}

// As for our own streams.
fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

/// Of sentinels and of a cluster's nodes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// For one command. A server that forks to save, or flushes its log to a busy disk, pauses for some hundred
/// milliseconds and is not broken; two commands still fit the deadline of a call.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Likewise with the cluster's redirections.
const CLUSTER_ANSWER_TIMEOUT: Duration = Duration::from_millis(1500);

const CLUSTER_PATIENCE: Duration = Duration::from_secs(2);

/// Nodes that are asked why a cluster cannot be connected to.
const ASKED_FOR_REASONS: usize = 3;
