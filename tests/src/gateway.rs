//! A running gateway with a folder of its own.

mod traces;
mod ways_in;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::cli::{self, Outcome};
use crate::config_text::{ConfigText, quoted};
use crate::pki::Authority;
use crate::poll::STEP;
use crate::ports::PortLease;
use crate::process::{Process, binary};

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
    /// Further variables in the environment of the gateway.
    pub environment: Vec<(String, String)>,
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
    build: PathBuf,
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
            environment: Vec::new(),
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

    /// The URL of a path on the Bitrix ID host.
    pub fn identity_url(&self, path: &str) -> String {
        format!("https://{}:{}{path}", self.identity_host, self.https.port())
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
        let mut environment = vec![("SSL_CERT_FILE".to_owned(), trusted)];
        environment.extend(self.environment);
        TestGateway {
            folder: self.folder,
            authority: self.authority,
            https: self.https,
            http: self.http,
            admin: self.admin,
            identity_host: self.identity_host,
            config: self.config,
            environment,
            build: binary(),
            processes: Vec::new(),
        }
    }
}

/// Processes.
impl TestGateway {
    /// A variable in the environment of the processes started from now on.
    pub fn set_environment(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Those variables.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// What is started from now on: another build of `bitrix-id`.
    pub fn install(&mut self, build: PathBuf) {
        self.build = build;
    }

    /// Starts another process on the same folder, with further arguments of `serve`.
    pub fn start_process(&mut self, arguments: &[&str]) {
        self.start_with(&[], arguments);
    }

    /// Starts it by another program, such as a profiler; `launcher` is that program's command line.
    pub fn start_process_under(&mut self, launcher: &[String]) {
        self.start_with(launcher, &[]);
    }

    fn start_with(&mut self, launcher: &[String], arguments: &[&str]) {
        let config = self.config_path().display().to_string();
        let mut all = vec!["serve", "--config", &config];
        all.extend_from_slice(arguments);
        let stem = format!("gateway-{}", self.processes.len());
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let folder = self.folder.path();
        let process = match launcher {
            [] => Process::start_build(&self.build, &all, folder, &stem, &environment),
            launcher => Process::start_under(launcher, &all, folder, &stem, &environment),
        };
        self.processes.push(process);
    }

    /// Waits until the admin listener says ready.
    pub async fn wait_ready(&mut self) {
        self.wait_ready_for(STEP).await;
    }

    /// The same for a gateway that starts slowly.
    pub async fn wait_ready_for(&mut self, limit: Duration) {
        let deadline = std::time::Instant::now() + limit;
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
            tokio::time::sleep(Duration::from_millis(3)).await;
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
