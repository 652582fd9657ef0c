//! A running gateway with a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{self, Outcome};
use crate::client::browser::Browser;
use crate::client::h2::H2Connection;
use crate::client::raw::RawConnection;
use crate::client::raw_h2::RawH2;
use crate::client::response::Response;
use crate::client::websocket::WebSocket;
use crate::config_text::{ConfigText, quoted};
use crate::load::Target;
use crate::logs::access_log;
use crate::pki::{Authority, Leaf};
use crate::poll::{STEP, until};
use crate::ports::PortLease;
use crate::process::Process;

/// Someone who can sign in.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Address.
    pub email: &'static str,
    /// Display name.
    pub name: &'static str,
    /// Password.
    pub password: &'static str,
    /// Portals with a profile.
    pub portals: &'static [&'static str],
}

/// What a gateway is started with.
pub struct Setup {
    /// The configuration; listeners, certificates, identity and store are filled in already.
    pub config: ConfigText,
    /// Names in the certificate.
    pub names: Vec<String>,
    /// Accounts made before the start.
    pub people: Vec<Person>,
    /// The trust store for TLS upstreams; the test authority if not set.
    pub trust: Option<PathBuf>,
    folder: TempDir,
    authority: Authority,
    https: PortLease,
    http: PortLease,
    admin: PortLease,
    identity_host: String,
}

/// A running gateway. Ends with its handle.
pub struct TestGateway {
    folder: TempDir,
    authority: Authority,
    https: PortLease,
    http: PortLease,
    admin: PortLease,
    identity_host: String,
    config: ConfigText,
    environment: Vec<(String, String)>,
    processes: Vec<Process>,
}

impl Setup {
    /// A gateway whose Bitrix ID is at `identity_host`, without portals.
    pub fn new(identity_host: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("bitrix-id-").tempdir().expect("a folder");
        let (https, http, admin) = (PortLease::take(), PortLease::take(), PortLease::take());
        let mut config = ConfigText::default();
        config
            .set("server", "https", format!("[\"{}\"]", https.address()))
            .set("server", "admin", quoted(&admin.address().to_string()))
            .set("tls", "certificates", "[{ chain = \"tls.pem\", key = \"tls-key.pem\" }]")
            .set("identity", "url", quoted(&format!("https://{identity_host}:{}", https.port())))
            .set("store", "directory", "\"sqlite:data/bitrix-id.db\"")
            .set("mail", "from", "\"Bitrix ID <no-reply@bitrix24.localhost>\"")
            .set("mail", "outbox", "\"data/outbox\"");
        Self {
            config,
            names: Vec::new(),
            people: Vec::new(),
            trust: None,
            folder,
            authority: Authority::new("Bitrix ID test authority"),
            https,
            http,
            admin,
            identity_host: identity_host.to_owned(),
        }
    }

    /// The authority that clients trust, and the gateway too for its TLS upstreams.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The folder of the configuration file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the plain listener as well.
    pub fn with_http(&mut self) -> &mut Self {
        let address = self.http.address();
        self.config.set("server", "http", format!("[\"{address}\"]"));
        self
    }

    /// Writes files, makes the accounts, starts the gateway and waits until it is ready.
    pub async fn start(self) -> TestGateway {
        let people = self.people.clone();
        let mut gateway = self.prepare();
        for person in people {
            gateway.create_account(&person).await;
        }
        gateway.start_process(&[]);
        gateway.wait_ready().await;
        gateway
    }

    /// Writes files but starts nothing.
    pub fn prepare(self) -> TestGateway {
        let folder = self.folder.path();
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        self.authority.issue(&names).write(folder, "tls");
        std::fs::write(folder.join("ca.pem"), self.authority.pem()).expect("CA written");
        std::fs::write(folder.join("gateway.toml"), self.config.render()).expect("config written");
        std::fs::create_dir_all(folder.join("data")).expect("a data folder");
        // What OpenSSL reads, the gateway's TLS client reads as well.
        let trusted = self.trust.unwrap_or_else(|| folder.join("ca.pem")).display().to_string();
        let environment = vec![("SSL_CERT_FILE".to_owned(), trusted)];
        TestGateway {
            folder: self.folder,
            authority: self.authority,
            https: self.https,
            http: self.http,
            admin: self.admin,
            identity_host: self.identity_host,
            config: self.config,
            environment,
            processes: Vec::new(),
        }
    }
}

/// Processes.
impl TestGateway {
    /// Starts another process on the same folder, with further arguments of `serve`.
    pub fn start_process(&mut self, arguments: &[&str]) {
        let config = self.config_path().display().to_string();
        let mut all = vec!["serve", "--config", &config];
        all.extend_from_slice(arguments);
        let stem = format!("gateway-{}", self.processes.len());
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.processes.push(Process::start(&all, self.folder.path(), &stem, &environment));
    }

    /// Waits until the admin listener says ready.
    pub async fn wait_ready(&mut self) {
        let deadline = std::time::Instant::now() + STEP;
        loop {
            if let Some(status) = self.process_mut().ended() {
                panic!("the gateway ended with {status}: {}", self.process().errors());
            }
            if let Ok(answer) = self.try_admin("GET", "/health/ready", "").await
                && answer.status == 200
            {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "not ready: {}", self.process().errors());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The newest process.
    pub fn process(&self) -> &Process {
        self.processes.last().expect("started")
    }

    /// The newest process.
    pub fn process_mut(&mut self) -> &mut Process {
        self.processes.last_mut().expect("started")
    }

    /// All processes, oldest first.
    pub fn processes(&mut self) -> &mut Vec<Process> {
        &mut self.processes
    }

    /// SIGTERM, and how it ended.
    pub async fn stop(&mut self) -> ExitStatus {
        self.process().signal(Signal::TERM);
        self.process_mut().wait(Duration::from_secs(40)).await
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        self.process().signal(Signal::KILL);
        self.process_mut().wait(STEP).await;
    }

    /// Starts again on the same data and waits until it is ready.
    pub async fn start_again(&mut self) {
        self.start_process(&[]);
        self.wait_ready().await;
    }

    /// Runs a command against this configuration.
    pub async fn cli(&self, arguments: &[&str], stdin: &str) -> Outcome {
        let config = self.config_path().display().to_string();
        let mut all = arguments.to_vec();
        all.extend_from_slice(&["--config", &config]);
        cli::run(&all, stdin, &[]).await
    }

    /// Makes an account as an operator does.
    pub async fn create_account(&self, person: &Person) {
        let mut arguments =
            vec!["account", "create", person.email, "--name", person.name, "--password-stdin"];
        for portal in person.portals {
            arguments.extend_from_slice(&["--portal", portal]);
        }
        let _ = self.cli(&arguments, &format!("{}\n", person.password)).await.expect_success();
    }
}

/// Configuration.
impl TestGateway {
    /// The configuration as last written.
    pub fn config(&self) -> ConfigText {
        self.config.clone()
    }

    /// Where it is.
    pub fn config_path(&self) -> PathBuf {
        self.folder.path().join("gateway.toml")
    }

    /// The folder it lies in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Overwrites the file in place; the gateway sees it by itself.
    pub fn write_config(&mut self, config: ConfigText) {
        std::fs::write(self.config_path(), config.render()).expect("config written");
        self.config = config;
    }

    /// `GET /config` of the admin listener.
    pub async fn status(&self) -> Value {
        self.admin("GET", "/config").await.json()
    }

    /// The generation in force.
    pub async fn generation(&self) -> u64 {
        self.status().await["generation"].as_u64().expect("a generation")
    }

    /// Waits until a newer configuration than `before` is in force.
    pub async fn wait_generation_after(&self, before: u64) {
        let limit = Duration::from_secs(5);
        until(limit, "a new configuration in force", || async { self.generation().await > before })
            .await;
    }

    /// Writes a configuration and waits until it is in force.
    pub async fn apply(&mut self, config: ConfigText) {
        let before = self.generation().await;
        self.write_config(config);
        self.wait_generation_after(before).await;
    }

    /// Replaces certificate and key files.
    pub fn write_certificate(&self, leaf: &Leaf) {
        leaf.write(self.folder.path(), "tls");
    }

    /// The authority that signed its certificate.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

/// Ways in.
impl TestGateway {
    /// The TLS listener.
    pub fn https(&self) -> SocketAddr {
        self.https.address()
    }

    /// The plain listener, if opened.
    pub fn http(&self) -> SocketAddr {
        self.http.address()
    }

    /// The admin listener.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// `https://host:port` and a path.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.https.port())
    }

    /// `host:port`, as a browser says it in `Host`.
    pub fn authority_of(&self, host: &str) -> String {
        format!("{host}:{}", self.https.port())
    }

    /// The URL of a path on the Bitrix ID host.
    pub fn identity_url(&self, path: &str) -> String {
        self.url(&self.identity_host, path)
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.authority)
    }

    /// A raw HTTP/1.1 connection with `host` as server name.
    pub async fn raw(&self, host: &str) -> RawConnection {
        let config = self.authority.client(&[b"http/1.1"]);
        RawConnection::tls(self.https(), host, config).await.expect("a connection")
    }

    /// One request over a connection of its own; `fields` are whole lines without line ends.
    pub async fn send(&self, host: &str, line: &str, fields: &[&str], body: &str) -> Response {
        let method = line.split(' ').next().unwrap_or_default();
        let request = self.request(host, line, fields, body);
        let answer = self.raw(host).await.exchange(method, request).await;
        answer.unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The bytes of such a request.
    pub fn request(&self, host: &str, line: &str, fields: &[&str], body: &str) -> String {
        let mut request = format!("{line} HTTP/1.1\r\nHost: {}\r\n", self.authority_of(host));
        for field in fields {
            request.push_str(field);
            request.push_str("\r\n");
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request + "\r\n" + body
    }

    /// An HTTP/2 connection with `host` as server name and authority.
    pub async fn h2(&self, host: &str) -> H2Connection {
        let config = self.authority.client(&[b"h2"]);
        H2Connection::open(self.https(), host, &self.authority_of(host), config)
            .await
            .expect("HTTP/2")
    }

    /// HTTP/2 frame by frame.
    pub async fn raw_h2(&self, host: &str) -> RawH2 {
        RawH2::open(self.https(), host, self.authority.client(&[b"h2"])).await.expect("HTTP/2")
    }

    /// Asks a portal for a WebSocket; `Err` is the refusal.
    ///
    /// # Errors
    /// Any answer but 101.
    pub async fn websocket(
        &self,
        host: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<WebSocket, Box<Response>> {
        WebSocket::open(self.raw(host).await, &self.authority_of(host), path, fields).await
    }

    /// Load on a path that needs no sign-in, or with these header lines one that does.
    pub fn target(&self, host: &str, path: &str, fields: &[&str]) -> Target {
        Target {
            address: self.https(),
            host: host.to_owned(),
            tls: self.authority.client(&[b"http/1.1"]),
            request: self.request(host, &format!("GET {path}"), fields, ""),
            requests_per_connection: 50,
            until_refused: false,
        }
    }

    /// A request to the admin listener.
    pub async fn admin(&self, method: &str, path: &str) -> Response {
        self.admin_with(method, path, "").await
    }

    /// The same with further header lines, each with its line end.
    pub async fn admin_with(&self, method: &str, path: &str, fields: &str) -> Response {
        let answer = self.try_admin(method, path, fields).await;
        answer
            .unwrap_or_else(|error| panic!("{method} {path}: {error}; {}", self.process().errors()))
    }

    async fn try_admin(&self, method: &str, path: &str, fields: &str) -> std::io::Result<Response> {
        let mut connection = RawConnection::plain(self.admin.address()).await?;
        let length = if method == "POST" { "Content-Length: 0\r\n" } else { "" };
        let host = if fields.to_ascii_lowercase().starts_with("host:") {
            String::new()
        } else {
            format!("Host: {}\r\n", self.admin.address())
        };
        let request =
            format!("{method} {path} HTTP/1.1\r\n{host}{length}Connection: close\r\n{fields}\r\n");
        connection.exchange(method, request).await
    }

    /// `/metrics`.
    pub async fn metrics(&self) -> String {
        self.admin("GET", "/metrics").await.text()
    }
}

/// What it leaves behind.
impl TestGateway {
    /// The access log of all its processes, oldest first.
    pub fn access_log(&self) -> Vec<Value> {
        self.processes.iter().flat_map(|process| access_log(&process.stdout)).collect()
    }

    /// Waits for the log line of the request to a path.
    pub async fn logged(&self, path: &str) -> Value {
        crate::poll::eventually(Duration::from_secs(5), "the access log line", || async {
            self.access_log().into_iter().find(|line| line["path"] == path)
        })
        .await
    }

    /// Everything its processes wrote, stdout and stderr.
    pub fn output(&self) -> String {
        let read = |path: &Path| {
            String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
        };
        self.processes
            .iter()
            .map(|process| read(&process.stdout) + &read(&process.stderr))
            .collect()
    }

    /// Its SQLite file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/bitrix-id.db")
    }

    /// The mails in its outbox, oldest first.
    pub fn mails(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder.path().join("data/outbox"))
            .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
            .unwrap_or_default();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).expect("a mail")).collect()
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for process in &self.processes {
                let errors = process.errors();
                let tail = errors.len().saturating_sub(6000);
                let tail =
                    errors.char_indices().map(|(at, _)| at).find(|at| *at >= tail).unwrap_or(0);
                eprintln!("--- stderr of gateway {}:\n{}", process.pid(), &errors[tail..]);
            }
        }
    }
}
