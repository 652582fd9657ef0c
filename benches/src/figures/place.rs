//! A gateway beside its stores, and a way to the stores past the gateway.

use std::sync::Arc;

use bitrix_id_auth_core::clock::SystemClock;
use bitrix_id_auth_core::store::{
    Directory, PostgresOptions, SessionStore, SqlStore, open_postgres, open_redis, open_sqlite,
};
use bitrix_id_config::{DirectoryStore, SessionsStore};
use bitrix_id_tests::config_text::PortalText;
use bitrix_id_tests::gateway::{Setup, TestGateway};

use super::servers::{Pairing, Servers};
use crate::scene::{ANNA, IDENTITY};
use crate::upstream;

/// A gateway that does not run yet, and servers that do.
pub(crate) struct Place {
    /// It listens in plain HTTP alone, as behind a TLS terminator, and believes what that says.
    pub gateway: TestGateway,
    /// Its stores.
    pub servers: Servers,
}

impl Place {
    /// Everything in place, with Anna's account and this many portals.
    pub(crate) async fn prepare(pairing: &Pairing, portals: u64) -> Self {
        let servers = Servers::start(pairing).await;
        let mut setup = Setup::new(IDENTITY);
        setup.names = vec!["*.bench.localhost".to_owned()];
        setup.with_http();
        setup.config.unset("server", "https").remove_table("tls");
        setup.config.set("server", "threads", "2");
        setup.config.set("server", "trusted_proxies", "[\"127.0.0.0/8\"]");
        servers.configure(&mut setup.config);
        let upstream = format!("http://{}", upstream::start().await);
        for number in 0..portals {
            setup.config.portal(PortalText::new(&portal(number), &host(number), &upstream));
        }
        let gateway = setup.prepare();
        gateway.create_account(&ANNA).await;
        Self { gateway, servers }
    }

    /// Starts the gateway and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        self.gateway.start_process(&[]);
        self.gateway.wait_ready_for(PATIENCE).await;
    }
}

/// Id of a portal.
pub(crate) fn portal(number: u64) -> String {
    format!("p{number}")
}

/// Its host.
pub(crate) fn host(number: u64) -> String {
    format!("p{number}.bench.localhost")
}

/// The stores as the gateway itself opens them.
pub(crate) struct Stores {
    /// Accounts and what belongs to them.
    pub directory: Arc<dyn Directory>,
    /// Sessions and what else is short-lived.
    pub sessions: Arc<dyn SessionStore>,
    database: Arc<SqlStore>,
}

impl Stores {
    pub(crate) async fn open(gateway: &TestGateway) -> Self {
        let config = bitrix_id_config::load(&gateway.config_path()).expect("the gateway reads it");
        let database = Arc::new(match &config.store.directory {
            DirectoryStore::Sqlite(path) => open_sqlite(path).await.expect("the file opens"),
            DirectoryStore::Postgres(server) => {
                let options = PostgresOptions {
                    url: server.url.parse().expect("a URL"),
                    password: None,
                    connections: server.connections,
                    replicas: Vec::new(),
                };
                open_postgres(options).await.expect("the server answers")
            }
        });
        let sessions: Arc<dyn SessionStore> = match &config.store.sessions {
            SessionsStore::Embedded => database.clone(),
            SessionsStore::Redis(redis) => {
                let store = open_redis(redis, NAMESPACE, Arc::new(SystemClock)).await;
                Arc::new(store.expect("Redis answers"))
            }
        };
        Self { directory: database.clone(), sessions, database }
    }

    pub(crate) async fn close(self) {
        self.database.close().await;
    }
}

/// The gateway's own.
const NAMESPACE: &str = "bitrix-id";
/// A start on a million accounts is a figure, not a fault.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);
