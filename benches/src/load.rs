//! Load by programs made for it, on a core of their own.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// What is asked, again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Path.
    pub path: String,
    /// Name and value; `Host` is among them.
    pub fields: Vec<(&'static str, String)>,
}

/// The core of the load and of the upstream.
pub(crate) const LOAD_CORE: &str = "1";
/// The core of what is measured.
pub(crate) const PROXY_CORE: &str = "0";
/// Connections.
const CONNECTIONS: &str = "64";

/// HTTP/1.1 keep-alive on 64 connections; the number of answers. `status` other than 200 is what refusals
/// are measured by.
pub(crate) fn wrk(address: SocketAddr, request: &Request, span: Duration, refused: bool) -> u64 {
    let mut command = pinned("wrk");
    command.args(["-t1", "-c", CONNECTIONS, "-d", &format!("{}s", span.as_secs())]);
    for (name, value) in &request.fields {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    let text = output(command.arg(format!("http://{address}{}", request.path)));
    let bad = text.lines().any(|line| line.contains("Non-2xx") || line.contains("Socket errors"));
    assert!(bad == refused, "{text}");
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "));
    requests.and_then(|(count, _)| count.parse().ok()).expect("wrk counts requests")
}

/// A command on the core of the load.
pub(crate) fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", LOAD_CORE, program]);
    command
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
