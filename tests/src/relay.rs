//! A mail relay: a real SMTP server in a process of its own (`tests/mail/relay.mjs`).

use std::collections::HashSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::pki::Authority;
use crate::poll::{STEP, eventually, until};

/// A running relay. Ends with its handle.
pub struct Relay {
    stdin: ChildStdin,
    events: Arc<Mutex<Vec<Value>>>,
    _child: Child,
}

/// How a relay is spoken to.
#[derive(Debug, Clone, Copy)]
pub enum RelayTls {
    /// Offered after the greeting.
    StartTls,
    /// From the first byte.
    Implicit,
    /// Not at all.
    None,
}

/// Who may hand mail over, where TLS is spoken.
pub const RELAY_USER: &str = "bitrix-id";
/// The password of [`RELAY_USER`].
pub const RELAY_PASSWORD: &str = "a password of the relay";

impl Relay {
    /// Starts one on `port` of this machine, with a certificate for `localhost`, and waits until it listens.
    pub async fn start(port: u16, tls: RelayTls, authority: &Authority, folder: &Path) -> Self {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("mail");
        assert!(
            scripts.join("node_modules").is_dir(),
            "the relay's packages are missing: run `npm ci` in {}",
            scripts.display()
        );
        authority.issue(&["localhost"]).write(folder, "relay");
        let mut options = json!({
            "port": port,
            "key": folder.join("relay-key.pem"),
            "cert": folder.join("relay.pem"),
            "user": RELAY_USER,
            "password": RELAY_PASSWORD,
            "tls": "starttls",
        });
        match tls {
            RelayTls::StartTls => {}
            RelayTls::Implicit => options["tls"] = "implicit".into(),
            RelayTls::None => options = json!({ "port": port, "tls": "none" }),
        }
        let mut child = Command::new("node")
            .arg("relay.mjs")
            .arg(options.to_string())
            .current_dir(scripts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js starts");
        let stdin = child.stdin.take().expect("piped above");
        let stdout = child.stdout.take().expect("piped above");
        let events: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = events.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                kept.lock().unwrap().push(serde_json::from_str(&line).expect("an event"));
            }
        });
        let relay = Self { stdin, events, _child: child };
        until(STEP, "the relay listens", || async { !relay.of_kind("ready").is_empty() }).await;
        relay
    }

    /// The next `times` recipients are answered with this code.
    pub async fn answer(&mut self, code: u16, times: u32) {
        self.order(&json!({ "answer": code, "times": times })).await;
    }

    /// The next message is taken only after this time.
    pub async fn delay(&mut self, delay: Duration) {
        self.order(&json!({ "delay": delay.as_millis() as u64, "times": 1 })).await;
    }

    async fn order(&mut self, order: &Value) {
        self.stdin.write_all(format!("{order}\n").as_bytes()).await.expect("the relay reads");
    }

    /// Messages taken so far.
    pub fn mails(&self) -> Vec<Value> {
        self.of_kind("mail")
    }

    /// Codes of refusals so far.
    pub fn refusals(&self) -> Vec<Value> {
        self.of_kind("refused")
    }

    fn of_kind(&self, kind: &str) -> Vec<Value> {
        self.events.lock().unwrap().iter().filter_map(|event| event.get(kind).cloned()).collect()
    }

    /// The message to this address. Panics when there is a second one with another id.
    pub async fn mail_to(&self, address: &str) -> Value {
        let to = |mail: &Value| mail["to"][0] == address;
        let mail =
            eventually(STEP, "a mail at the relay", || async { self.mails().into_iter().find(to) });
        let mail = mail.await;
        let ids: HashSet<String> = self
            .mails()
            .iter()
            .filter(|mail| to(mail))
            .map(|mail| mail["id"].to_string())
            .collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        mail
    }
}
