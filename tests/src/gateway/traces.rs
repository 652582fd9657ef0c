//! What a gateway runs on and leaves behind: configuration, certificates, logs, database, mails.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::TestGateway;
use crate::config_text::ConfigText;
use crate::logs::access_log;
use crate::pki::{Authority, Leaf};
use crate::poll::until;

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
