//! PostgreSQL: a database for each test.

pub mod installation;
mod replica;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustix::process::Signal;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::server::{Kind, Server, as_nobody_special, give_away};
use installation::{SUPERUSER, port, program};

/// An empty database on the server that all tests share.
pub async fn database() -> TestDatabase {
    shared().await.database("").await
}

/// A copy of a database that `make` has filled, given its address: `make` runs once as long as the server
/// does, for the first who asks under that `name`. A copy is quicker than making the same anew.
pub async fn database_like<F: Future<Output = ()>>(
    name: &str,
    make: impl FnOnce(String) -> F,
) -> TestDatabase {
    let server = shared().await;
    server.make_template(name, make).await;
    server.database(&format!("TEMPLATE {name}")).await
}

/// The same, of another collation or encoding: `options` is what follows `CREATE DATABASE name`.
pub async fn database_with(options: &str) -> TestDatabase {
    shared().await.database(options).await
}

/// The server that all tests share.
pub async fn shared() -> TestPostgres {
    let server = spawn_blocking(Server::shared::<Postgres>).await.expect("a server starts");
    TestPostgres { server: Arc::new(server) }
}

/// A server for tests that stop, pause or otherwise trouble it.
pub async fn own() -> TestPostgres {
    let server = spawn_blocking(Server::own::<Postgres>).await.expect("a server starts");
    TestPostgres { server: Arc::new(server) }
}

/// A running server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestPostgres {
    server: Arc<Server>,
}

impl TestPostgres {
    /// A new database; `options` follow `CREATE DATABASE name`.
    pub async fn database(&self, options: &str) -> TestDatabase {
        let name = format!("test_{}", Uuid::now_v7().simple());
        // Without fsync a copy of files is ten times quicker than one by way of the log.
        let create = format!("CREATE DATABASE {name} {options} STRATEGY FILE_COPY");
        self.execute(&create).await;
        TestDatabase { server: self.clone(), name }
    }

    async fn make_template<F: Future<Output = ()>>(
        &self,
        name: &str,
        make: impl FnOnce(String) -> F,
    ) {
        let mut connection = self.connect("postgres").await;
        let there = "SELECT 1 FROM pg_database WHERE datname = $1";
        let locked = "SELECT pg_advisory_lock(hashtext($1))";
        for look in [there, locked, there] {
            let query = sqlx::query(look).bind(name.to_owned());
            let found = query.fetch_optional(&mut connection).await.expect("an answer");
            if look == there && found.is_some() {
                return;
            }
        }
        // The lock ends with the connection.
        let made = self.database("").await;
        make(made.url()).await;
        self.execute(&format!("ALTER DATABASE {} RENAME TO {name}", made.name)).await;
        // Its name is another now: dropping the handle finds nothing to drop.
        connection.close().await.expect("a connection closes");
    }

    /// Runs statements as the superuser, outside of any test's database.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.connect("postgres").await;
        let text = sqlx::AssertSqlSafe(sql);
        sqlx::raw_sql(text).execute(&mut connection).await.expect("SQL that works");
        connection.close().await.expect("a connection closes");
    }

    /// A connection as the superuser.
    pub async fn connect(&self, database: &str) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass()
            .host(HOST)
            .port(self.port())
            .username(SUPERUSER)
            .database(database)
            .ssl_mode(PgSslMode::Disable);
        options.connect().await.expect("the test server answers")
    }

    /// The port it listens on, of 127.0.0.1.
    pub fn port(&self) -> u16 {
        port(&self.server.files())
    }

    /// The authority that vouches for it, for 127.0.0.1 and no name, as a PEM file.
    pub fn authority(&self) -> PathBuf {
        self.server.files().join("ca.pem")
    }

    /// The folder that all of its files are in.
    pub fn files(&self) -> PathBuf {
        self.server.files()
    }

    /// Starts it anew with this in the environment of its processes.
    pub async fn restart_with(&self, environment: Vec<(String, String)>) {
        self.blocking(move |server| {
            server.stop::<Postgres>();
            server.set_environment(&environment);
            server.start::<Postgres>();
        })
        .await;
    }

    /// The directory of its unix socket.
    pub fn socket(&self) -> PathBuf {
        self.server.files().join("socket")
    }

    /// Ends it in an orderly way.
    pub async fn stop(&self) {
        self.blocking(|server| server.stop::<Postgres>()).await;
    }

    /// Ends it as a crash does.
    pub async fn kill(&self) {
        self.blocking(|server| server.kill::<Postgres>()).await;
    }

    /// Starts it again.
    pub async fn start(&self) {
        self.blocking(|server| server.start::<Postgres>()).await;
    }

    /// Stops it in the middle of what it does, with its connections open.
    pub async fn pause(&self) {
        self.blocking(|server| server.pause::<Postgres>()).await;
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        self.blocking(|server| server.resume::<Postgres>()).await;
    }

    async fn blocking(&self, act: impl FnOnce(&Server) + Send + 'static) {
        let server = self.server.clone();
        spawn_blocking(move || act(&server)).await.expect("a server does as it is told");
    }
}

/// A database of one test; dropped with this.
#[derive(Debug)]
pub struct TestDatabase {
    server: TestPostgres,
    name: String,
}

impl TestDatabase {
    /// Its address, without a password: none is asked for.
    pub fn url(&self) -> String {
        self.url_as(SUPERUSER)
    }

    /// Its address for another role, which is asked for its password.
    pub fn url_as(&self, role: &str) -> String {
        self.url_by(self.server.port(), role)
    }

    /// The same by way of another port, behind which the server is.
    pub fn url_by(&self, port: u16, role: &str) -> String {
        format!("postgres://{role}@{HOST}:{port}/{}", self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it is on.
    pub fn server(&self) -> &TestPostgres {
        &self.server
    }

    /// A connection as the superuser.
    pub async fn connect(&self) -> PgConnection {
        self.server.connect(&self.name).await
    }

    /// Runs statements in it as the superuser.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.connect().await;
        let text = sqlx::AssertSqlSafe(sql);
        sqlx::raw_sql(text).execute(&mut connection).await.expect("SQL that works");
        connection.close().await.expect("a connection closes");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A server of the test's own goes as a whole.
        if !self.server.server.is_shared() {
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // In a runtime of its own: this one may be ending. What cannot be dropped goes with the server.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                server.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        });
        let _ = dropped.join();
    }
}

/// The kind of server.
#[derive(Debug)]
struct Postgres;

impl Kind for Postgres {
    const NAME: &'static str = "postgres";
    // "Fast shutdown": open connections are ended.
    const STOP: Signal = Signal::INT;

    fn prepare(files: &Path) {
        installation::initialize(files);
        fs::write(files.join("data/pg_hba.conf"), ACCESS_RULES).expect("its access rules");
        certify(files);
        let socket = files.join("socket");
        fs::create_dir(&socket).expect("a folder for its socket");
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).expect("open to it");
    }

    fn command(files: &Path) -> Command {
        let mut command = as_nobody_special(program("postgres"));
        command.arg("-D").arg(files.join("data")).args(["-p", &port(files).to_string()]);
        let settings = [
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            // What a test writes need not outlive the machine.
            "fsync=off",
            "full_page_writes=off",
            "shared_buffers=64MB",
            "ssl=on",
            // Files among its own, which go with them also when it is killed.
            "dynamic_shared_memory_type=mmap",
            "min_wal_size=32MB",
            "max_wal_size=128MB",
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        for (setting, file) in [
            ("unix_socket_directories", "socket"),
            ("ssl_cert_file", "server.pem"),
            ("ssl_key_file", "server.key"),
        ] {
            command.arg("-c").arg(format!("{setting}={}", files.join(file).display()));
        }
        command
    }

    fn pid_file(files: &Path) -> PathBuf {
        installation::pid_file(files)
    }

    fn is_ready(files: &Path) -> bool {
        installation::is_ready(files)
    }
}

/// A certificate for this machine's address, from an authority that nobody else trusts.
fn certify(files: &Path) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let params = CertificateParams::new([HOST.to_owned()]).expect("its address");
    let key = KeyPair::generate().expect("a key");
    let leaf = params.signed_by(&key, &authority).expect("a certificate");
    for (name, text) in [
        ("ca.pem", authority.pem()),
        ("server.pem", leaf.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        let path = files.join(name);
        fs::write(&path, text).expect("a certificate's file");
        let mode = if name == "server.key" { 0o600 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
        give_away(&path);
    }
}

/// The superuser is trusted; every other role has to know its password.
const ACCESS_RULES: &str = "local all postgres trust
host all postgres 127.0.0.1/32 trust
host replication postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
";
const HOST: &str = "127.0.0.1";
