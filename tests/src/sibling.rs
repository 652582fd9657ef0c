//! Another gateway on a gateway's files, as behind one balancer: same port, on another address of this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;

use crate::client::browser::Browser;
use crate::client::raw::RawConnection;
use crate::client::response::Response;
use crate::client::websocket::WebSocket;
use crate::config_text::{ConfigText, quoted};
use crate::door::Door;
use crate::gateway::TestGateway;
use crate::load::Target;
use crate::pki::Authority;
use crate::poll::{STEP, until};
use crate::ports::PortLease;
use crate::process::{Process, binary};

/// A running gateway beside another. Ends with its handle.
pub struct Sibling {
    /// Where it listens.
    pub address: SocketAddr,
    admin: PortLease,
    authority: Authority,
    folder: PathBuf,
    config: ConfigText,
    environment: Vec<(String, String)>,
    build: PathBuf,
    processes: Vec<Process>,
}

impl Sibling {
    /// Starts one with the configuration of `gateway` and waits until it is ready.
    pub async fn beside(gateway: &TestGateway) -> Self {
        Self::with(gateway, |_| {}).await
    }

    /// The same after `change` had a hand in its configuration.
    pub async fn with(gateway: &TestGateway, change: impl FnOnce(&mut ConfigText)) -> Self {
        let admin = PortLease::take();
        let address = SocketAddr::from((ADDRESS, gateway.https().port()));
        let mut config = gateway.config();
        config
            .set("server", "https", format!("[\"{address}\"]"))
            .set("server", "admin", quoted(&admin.address().to_string()))
            .set("server", "runtime_directory", "\"data/run-2\"");
        change(&mut config);
        let folder = gateway.folder().to_owned();
        let authority = gateway.authority().clone();
        let environment = gateway.environment().to_vec();
        let (build, processes) = (binary(), Vec::new());
        let mut sibling =
            Self { address, admin, authority, folder, config, environment, build, processes };
        sibling.write_config(|_| {});
        sibling.start_again().await;
        sibling
    }

    /// Overwrites its configuration after `change` had a hand in it; the gateway sees it by itself.
    pub fn write_config(&mut self, change: impl FnOnce(&mut ConfigText)) {
        change(&mut self.config);
        let written = std::fs::write(self.folder.join(FILE), self.config.render());
        written.expect("the folder is ours");
    }

    /// What is started from now on: another build of `bitrix-id`.
    pub fn install(&mut self, build: PathBuf) {
        self.build = build;
    }

    /// Starts it on the same files and waits until it is ready.
    pub async fn start_again(&mut self) {
        self.start_process(&[]);
        self.wait_ready().await;
    }

    /// Starts a process, with further arguments of `serve`.
    pub fn start_process(&mut self, arguments: &[&str]) {
        let mut all = vec!["serve", "--config", FILE];
        all.extend_from_slice(arguments);
        let stem = format!("sibling-{}", self.processes.len());
        let environment: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let process = Process::start_build(&self.build, &all, &self.folder, &stem, &environment);
        self.processes.push(process);
    }

    /// Waits until its admin listener says ready.
    pub async fn wait_ready(&self) {
        until(STEP, "the other gateway is ready", async || self.is_ready().await).await;
    }

    /// Whether it says so.
    pub async fn is_ready(&self) -> bool {
        matches!(self.admin("/health/ready").await, Some(answer) if answer.status == 200)
    }

    /// The newest process.
    pub fn process(&self) -> &Process {
        self.processes.last().expect("started")
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        self.end(Signal::KILL).await;
    }

    /// SIGTERM, and waits for its end.
    pub async fn stop(&mut self) {
        self.end(Signal::TERM).await;
    }

    async fn end(&mut self, signal: Signal) {
        let process = self.processes.last_mut().expect("started");
        process.signal(signal);
        process.wait(Duration::from_secs(40)).await;
    }

    /// The admin listener.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// What its admin listener answers, if it does.
    pub async fn admin(&self, path: &str) -> Option<Response> {
        let mut connection = RawConnection::plain(self.admin.address()).await.ok()?;
        let host = self.admin.address();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        connection.exchange("GET", request).await.ok()
    }

    /// A raw HTTP/1.1 connection with `host` as server name.
    pub async fn raw(&self, host: &str) -> RawConnection {
        let tls = self.authority.client(&[b"http/1.1"]);
        RawConnection::tls(self.address, host, tls).await.expect("a connection")
    }

    /// A page of it with this line of cookies.
    pub async fn get(&self, host: &str, path: &str, cookie: &str) -> Response {
        let authority = format!("{host}:{}", self.address.port());
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\n{cookie}\r\nAccept: text/html\r\n\r\n"
        );
        let answer = self.raw(host).await.exchange("GET", request).await;
        answer.unwrap_or_else(|error| panic!("{error}: {}", self.process().errors()))
    }

    /// Asks it for a WebSocket, as [`TestGateway::websocket`].
    ///
    /// # Errors
    /// Any answer but 101.
    pub async fn websocket(
        &self,
        host: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<WebSocket, Box<Response>> {
        let authority = format!("{host}:{}", self.address.port());
        WebSocket::open(self.raw(host).await, &authority, path, fields).await
    }

    /// The gateway as clients find it.
    pub fn door(&self) -> Door {
        Door::new(self.address, self.admin.address(), &self.authority)
    }

    /// A new browser that finds every host here.
    pub fn browser(&self) -> Browser {
        Browser::on(ADDRESS, &self.authority)
    }

    /// The same load as a target of the first gateway.
    pub fn target(&self, like: &Target) -> Target {
        Target { address: self.address, ..like.clone() }
    }
}

const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const FILE: &str = "sibling.toml";
