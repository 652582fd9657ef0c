//! Two gateways with their accounts in PostgreSQL and their sessions in Redis, as a network of portals has them.

use bitrix_id_test_servers::postgres::{self, TestDatabase, TestPostgres};

use crate::config_text::quoted;
use crate::gateway::Setup;
use crate::sibling::Sibling;
use crate::stage::Stage;

/// The gateways and their database; whoever starts them holds the Redis.
pub struct Fleet {
    /// The first gateway, with the portals.
    pub stage: Stage,
    /// The second.
    pub sibling: Sibling,
    /// Their database server.
    pub postgres: TestPostgres,
    /// Their database there.
    pub database: TestDatabase,
}

impl Fleet {
    /// Starts both, with sessions where `store.sessions` says.
    pub async fn start(sessions: &str) -> Self {
        Self::with(sessions, |_| {}).await
    }

    /// The same after `change` had a hand in the configuration of both.
    pub async fn with(sessions: &str, change: impl FnOnce(&mut Setup)) -> Self {
        let postgres = postgres::own().await;
        let database = database(&postgres).await;
        let stage = Stage::with(|setup| {
            directory_in(setup, &database);
            setup.config.set("store", "sessions", quoted(sessions));
            change(setup);
        })
        .await;
        let sibling = Sibling::beside(&stage.gateway).await;
        Self { stage, sibling, postgres, database }
    }
}

/// A database on a server of the test's own, for a role that may do there what operators are told to allow.
pub async fn database(server: &TestPostgres) -> TestDatabase {
    let database = server.database("").await;
    let role = format!(
        "CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'; GRANT CREATE ON SCHEMA public TO {ROLE}"
    );
    database.execute(&role).await;
    database
}

/// Puts a gateway's directory there; its password is in a file.
pub fn directory_in(setup: &mut Setup, database: &TestDatabase) {
    directory_by(setup, database, database.server().port());
}

/// The same by way of another port of this machine, behind which that server is.
pub fn directory_by(setup: &mut Setup, database: &TestDatabase, port: u16) {
    let file = setup.folder().join("database-password");
    std::fs::write(file, format!("{PASSWORD}\n")).expect("the folder is ours");
    setup.config.set("store", "directory", quoted(&database.url_by(port, ROLE))).set(
        "store",
        "directory_password_file",
        "\"database-password\"",
    );
}

const ROLE: &str = "gateway";
const PASSWORD: &str = "open sesame";
