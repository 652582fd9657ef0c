//! Commands as they are typed, on a store of their own.

mod accounts;
mod directories;
mod health;
mod imports;
mod keys;
mod merges;
mod portals;
mod profiles;
mod queues;

use std::path::PathBuf;

use bitrix_id_auth_core::store::{SqlStore, open_sqlite};
use clap::CommandFactory;
use serde_json::Value;

use super::*;

/// A configuration and an empty store in a folder that goes with it.
struct Desk {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bitrix-id.toml");
        std::fs::write(&config, CONFIG).unwrap();
        Self { folder, config }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command that shall end well; returns its stdout.
    fn run(&self, arguments: &[&str]) -> String {
        let (outcome, out) =
            self.try_run(arguments).unwrap_or_else(|error| panic!("{}", describe(&error)));
        assert_eq!(outcome, Outcome::Done, "{out}");
        out
    }

    /// Runs a command that shall fail; returns its error.
    fn refuse(&self, arguments: &[&str]) -> String {
        match self.try_run(arguments) {
            Err(error) => describe(&error),
            Ok((_, out)) => panic!("{arguments:?} went through: {out}"),
        }
    }

    fn try_run(&self, arguments: &[&str]) -> anyhow::Result<(Outcome, String)> {
        let config = self.config.to_str().unwrap();
        let file = ["--config", config];
        let cli = Cli::try_parse_from(["bitrix-id"].iter().chain(arguments).chain(&file))?;
        let mut out = Vec::new();
        let outcome = cli.run(&mut out)?;
        Ok((outcome, String::from_utf8(out)?))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.run(&arguments)).unwrap()
    }

    /// Looks into the store behind the commands' back.
    fn look<T>(&self, look: impl AsyncFnOnce(SqlStore) -> T) -> T {
        let file = self.path("data/bitrix-id.db");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { look(open_sqlite(&file).await.unwrap()).await })
    }
}

const CONFIG: &str = r#"
[server]
http = ["127.0.0.1:8080"]

[identity]
url = "http://id.example.localhost:8080"
token_lifetime = "10m"

[store]
directory = "sqlite:data/bitrix-id.db"

[[portal]]
id = "acme"
title = "Acme Inc."
hosts = ["acme.example.localhost"]
upstreams = ["http://127.0.0.1:8000"]
"#;

#[test]
fn every_command_has_consistent_help() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_takes_a_configuration_file() {
    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, bool)>) {
        let path = format!("{path} {}", command.get_name());
        if command.get_subcommands().next().is_none() {
            let has = command.get_arguments().any(|argument| argument.get_long() == Some("config"));
            found.push((path.clone(), has));
        }
        for sub in command.get_subcommands() {
            leaves(sub, &path, found);
        }
    }
    let mut found = Vec::new();
    leaves(&Cli::command(), "", &mut found);
    let without: Vec<_> = found.iter().filter(|(_, has)| !has).map(|(path, _)| path).collect();
    assert_eq!(without, [" bitrix-id demo"]);
    assert_eq!(found.len(), 29, "{found:?}");
}

#[test]
fn an_error_is_told_once() {
    let error = anyhow::anyhow!("no such file").context("a.toml: no such file").context("loading");
    assert_eq!(describe(&error), "loading: a.toml: no such file");
}

#[test]
fn check_finds_nothing_wrong_with_a_good_file() {
    assert_eq!(Desk::new().run(&["check"]), "");
}

#[test]
fn check_prints_every_problem_to_stdout() {
    let desk = Desk::new();
    let broken = CONFIG.replace("title", "titel").replace("10m", "10");
    std::fs::write(&desk.config, broken).unwrap();
    let (outcome, out) = desk.try_run(&["check"]).unwrap();
    assert_eq!(outcome, Outcome::Problem);
    assert!(out.contains("bitrix-id.toml:7:") && out.contains("titel"), "{out}");
}

#[test]
fn check_names_the_key_of_a_certificate_that_cannot_be_used() {
    let desk = Desk::new();
    for name in ["chain.pem", "key.pem"] {
        std::fs::write(desk.path(name), "not PEM").unwrap();
    }
    let tls = "[tls]\ncertificates = [{ chain = \"chain.pem\", key = \"key.pem\" }]\n";
    let config = CONFIG.replace("[server]", "[server]\nhttps = [\"127.0.0.1:8443\"]");
    let config = config.replace("http://id.example.localhost:8080", "https://id.example.localhost");
    std::fs::write(&desk.config, format!("{config}{tls}")).unwrap();
    let (outcome, out) = desk.try_run(&["check"]).unwrap();
    assert_eq!(outcome, Outcome::Problem);
    assert!(out.contains(": tls.certificates: ") && out.contains("holds no certificate"), "{out}");
}

#[test]
fn a_command_with_a_broken_file_says_where_it_is_broken() {
    let desk = Desk::new();
    std::fs::write(&desk.config, "[server").unwrap();
    let error = desk.refuse(&["keys", "list"]);
    assert!(error.contains("bitrix-id.toml:1:"), "{error}");
}

#[test]
fn check_opens_no_store() {
    let desk = Desk::new();
    desk.run(&["check"]);
    assert!(!desk.path("data").exists());
}
