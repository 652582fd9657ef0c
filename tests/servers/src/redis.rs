//! Redis: one server, a cluster, or a primary that sentinels watch.
//!
//! Tests that share a server begin their keys with [`namespace`]. What is kept is gone with the process,
//! except on a server of a test's own, which keeps it on disk so that it is there after a restart.

mod cluster;
mod script;
mod sentinel;

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustix::process::Signal;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::server::{Kind, Server, as_nobody_special, find_program};

pub use cluster::{TestCluster, cluster, own_cluster, tls_cluster};
pub use sentinel::{TestSentinel, own_sentinel, sentinel, tls_sentinel};

/// The server that all tests share.
pub async fn shared() -> TestRedis {
    let server = spawn_blocking(Server::shared::<Shared>).await.expect("a server starts");
    TestRedis { server: Arc::new(server) }
}

/// A server for tests that stop, pause or otherwise trouble it.
pub async fn own() -> TestRedis {
    let server = spawn_blocking(Server::own::<Own>).await.expect("a server starts");
    TestRedis { server: Arc::new(server) }
}

/// How the keys of one test begin.
pub fn namespace() -> String {
    format!("test-{}", Uuid::now_v7().simple())
}

/// A running server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TestRedis {
    server: Arc<Server>,
}

impl TestRedis {
    /// The port it listens on, of 127.0.0.1.
    pub fn port(&self) -> u16 {
        port(&self.server.files(), "port")
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// The port on which it speaks TLS; [`Self::authority`] vouches for `localhost`. Only of an own server.
    pub fn tls_port(&self) -> u16 {
        port(&self.server.files(), "tls-port")
    }

    /// PEM text of the authority behind its certificate.
    pub fn authority(&self) -> String {
        fs::read_to_string(self.server.files().join("ca.pem")).expect("an own server's authority")
    }

    /// What it answers to a command written in one line: everything that comes with the first packet.
    pub fn ask(&self, command: &str) -> String {
        ask(self.port(), command).expect("the test server answers")
    }

    /// The same where it may be down.
    ///
    /// # Errors
    /// Whatever its socket says.
    pub fn try_ask(&self, command: &str) -> std::io::Result<String> {
        ask(self.port(), command)
    }

    /// Ends it in an orderly way.
    pub async fn stop(&self) {
        self.blocking(|server| server.stop::<Own>()).await;
    }

    /// Ends it as a crash does.
    pub async fn kill(&self) {
        self.blocking(|server| server.kill::<Own>()).await;
    }

    /// Starts it again.
    pub async fn start(&self) {
        self.blocking(|server| server.start::<Own>()).await;
    }

    /// Stops it in the middle of what it does, with its connections open.
    pub async fn pause(&self) {
        self.blocking(|server| server.pause::<Own>()).await;
    }

    /// Lets it go on.
    pub async fn resume(&self) {
        self.blocking(|server| server.resume::<Own>()).await;
    }

    async fn blocking(&self, act: impl FnOnce(&Server) + Send + 'static) {
        let server = self.server.clone();
        assert!(!server.is_shared(), "others use this server too");
        spawn_blocking(move || act(&server)).await.expect("a server does as it is told");
    }
}

#[derive(Debug)]
struct Shared;

impl Kind for Shared {
    const NAME: &'static str = "redis";
    const STOP: Signal = Signal::TERM;

    fn prepare(files: &Path) {
        write(files, "port", &free_port().to_string());
        let settings = format!("port {}\n{IN_MEMORY}", port(files, "port"));
        write(files, "redis.conf", &configuration(files, "pid", &settings));
    }

    fn command(files: &Path) -> Command {
        let mut command = as_nobody_special(server(files));
        command.arg(files.join("redis.conf"));
        command
    }

    fn pid_file(files: &Path) -> PathBuf {
        files.join("pid")
    }

    fn is_ready(files: &Path) -> bool {
        answers(port(files, "port"))
    }
}

/// As [`Shared`], with TLS on a second port and what it is given on disk.
#[derive(Debug)]
struct Own;

impl Kind for Own {
    const NAME: &'static str = "redis";
    const STOP: Signal = Signal::TERM;

    fn prepare(files: &Path) {
        write(files, "port", &free_port().to_string());
        write(files, "tls-port", &free_port().to_string());
        make_certificates(files);
        let listening = listen(files, port(files, "port"), port(files, "tls-port"));
        let settings = format!("{listening}appendonly yes\nappendfsync always\nsave \"\"\n");
        write(files, "redis.conf", &configuration(files, "pid", &settings));
    }

    fn command(files: &Path) -> Command {
        Shared::command(files)
    }

    fn pid_file(files: &Path) -> PathBuf {
        Shared::pid_file(files)
    }

    fn is_ready(files: &Path) -> bool {
        Shared::is_ready(files)
    }
}

/// A server's configuration: it works in `files` and writes its process id to `pid` there.
fn configuration(files: &Path, pid: &str, settings: &str) -> String {
    let (folder, pid) = (files.display(), files.join(pid));
    format!("bind 127.0.0.1\ndir {folder}\npidfile {}\n{settings}", pid.display())
}

/// The settings of a server with a plain port and one where it speaks TLS.
fn listen(files: &Path, plain: u16, tls: u16) -> String {
    let at = |name: &str| files.join(name).display().to_string();
    let (ca, certificate, key) = (at("ca.pem"), at("server.pem"), at("server.key"));
    format!(
        "port {plain}\ntls-port {tls}\ntls-auth-clients no\ntls-ca-cert-file {ca}\n\
         tls-cert-file {certificate}\ntls-key-file {key}\n"
    )
}

fn make_certificates(files: &Path) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::new(Vec::new()).expect("an authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Unlike the server's: OpenSSL takes a certificate for self-signed whose subject is its issuer.
    ca.distinguished_name.push(DnType::CommonName, "test authority");
    let ca_certificate = ca.self_signed(&ca_key).expect("an authority's certificate");
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).expect("names").signed_by(&key, &issuer);
    write(files, "ca.pem", &ca_certificate.pem());
    write(files, "server.pem", &leaf.expect("a certificate").pem());
    write(files, "server.key", &key.serialize_pem());
}

fn write(files: &Path, name: &str, text: &str) {
    fs::write(files.join(name), text).expect("a server's file");
}

fn port(files: &Path, name: &str) -> u16 {
    let port = fs::read_to_string(files.join(name)).expect("a port");
    port.parse().expect("a number")
}

/// One whose neighbour ten thousand further on is free as well: nodes of a cluster talk there.
fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let bus = port.checked_add(10_000);
        if bus.is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok()) {
            return port;
        }
    }
}

fn answers(port: u16) -> bool {
    ask(port, "PING").is_ok_and(|answer| answer.starts_with("+PONG"))
}

fn ask(port: u16, command: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    connection.write_all(format!("{command}\r\n").as_bytes())?;
    let mut answer = vec![0; 1 << 16];
    let length = connection.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// The server's program, to be run in `files`.
fn server(files: &Path) -> PathBuf {
    let found = ["redis-server", "valkey-server"].iter().find_map(|name| find_program(name, None));
    if let Some(program) = found {
        return program;
    }
    // One program under several names. Debian's redis-server would set up a server; redis-tools has the
    // program alone, under another of its names.
    let program = find_program("redis-check-rdb", None);
    let program = program.expect("Redis is missing: scripts/setup.sh test installs it");
    let link = files.join("redis-server");
    if !link.exists() {
        std::os::unix::fs::symlink(program, &link).expect("a name for the server's program");
    }
    link
}

const IN_MEMORY: &str = "save \"\"\nappendonly no\n";
