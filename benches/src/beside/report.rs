//! The table.

use std::fmt::{self, Write as _};
use std::process::Command;
use std::time::Duration;

/// Lines that others are compared with.
pub(crate) const BARE: &str = "bare pingora";
pub(crate) const GATEWAY: &str = "gateway, authenticated";
pub(crate) const REFUSED: &str = "gateway, 401";
pub(crate) const REDIRECTED: &str = "gateway, 302 to sign-in";

/// One subject's rounds.
pub(crate) struct Row {
    name: &'static str,
    /// CPU time per request.
    rounds: Vec<Duration>,
}

impl Row {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, rounds: Vec::new() }
    }

    pub(crate) fn add(&mut self, per_request: Duration) {
        self.rounds.push(per_request);
    }

    fn median(&self) -> f64 {
        let mut sorted = self.rounds.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map_or(f64::NAN, |middle| middle.as_secs_f64() * 1e6)
    }

    fn spread(&self) -> f64 {
        let micros =
            |duration: Option<&Duration>| duration.map_or(f64::NAN, |d| d.as_secs_f64() * 1e6);
        micros(self.rounds.iter().max()) - micros(self.rounds.iter().min())
    }
}

/// All of them.
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self(rows)
    }

    fn median(&self, name: &str) -> f64 {
        self.0.iter().find(|row| row.name == name).map_or(f64::NAN, Row::median)
    }

    /// The table as a document, with what it was measured on.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(
            "# Results\n\nWritten by `make bench`; docs/benchmarks.md says what the figures mean.\n\n",
        );
        for (what, command, arguments) in MACHINE {
            let _ = writeln!(text, "- {what}: {}", said(command, arguments));
        }
        let _ = write!(text, "\n{self}");
        text
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bare, gateway) = (self.median(BARE), self.median(GATEWAY));
        writeln!(
            f,
            "| HTTP/1.1, 64 connections, 100 bytes, one worker | CPU per request, µs | spread | ÷ bare pingora | gateway authenticated ÷ it |"
        )?;
        writeln!(f, "|---|---:|---:|---:|---:|")?;
        for row in &self.0 {
            let median = row.median();
            let (name, spread) = (row.name, row.spread());
            let (over_bare, gateway_over) = (median / bare, gateway / median);
            writeln!(
                f,
                "| {name} | {median:.1} | {spread:.1} | {over_bare:.2} | {gateway_over:.2} |"
            )?;
        }
        Ok(())
    }
}

/// The first line that a command prints.
pub(crate) fn said(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    let Ok(output) = output else { return "not installed".to_owned() };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // Where a program lies on this machine is nobody's business.
    let words = line.split_whitespace().filter(|word| !word.starts_with('/'));
    words.collect::<Vec<_>>().join(" ")
}

const MACHINE: [(&str, &str, &[&str]); 9] = [
    ("date", "date", &["-u", "+%Y-%m-%d"]),
    ("kernel", "uname", &["-sr"]),
    ("processors", "nproc", &[]),
    ("rustc", "rustc", &["--version"]),
    ("nginx", "nginx", &["-v"]),
    ("HAProxy", "haproxy", &["-v"]),
    ("Envoy", "envoy", &["--version"]),
    ("Traefik", "traefik", &["version"]),
    ("Caddy", "caddy", &["version"]),
];
