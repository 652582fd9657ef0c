//! Load by programs made for it, on a core of their own.

use std::net::SocketAddr;
use std::path::Path;
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
    requests_of(&text)
}

/// The same on every core, and the 99th percentile of how long answers took.
pub(crate) fn wrk_with_latency(
    address: SocketAddr,
    request: &Request,
    span: Duration,
) -> (u64, Duration) {
    let mut command = Command::new("wrk");
    command.args(["-t1", "--latency", "-c", CONNECTIONS, "-d", &format!("{}s", span.as_secs())]);
    for (name, value) in &request.fields {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    let text = output(command.arg(format!("http://{address}{}", request.path)));
    assert!(!text.contains("Non-2xx") && !text.contains("Socket errors"), "{text}");
    let p99 = text.lines().find_map(|line| line.trim().strip_prefix("99%"));
    (requests_of(&text), p99.and_then(|text| wrk_time(text.trim())).expect("a 99th percentile"))
}

/// `812.00us`, `3.97ms` or `1.02s`.
fn wrk_time(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        "us" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => return None,
    };
    Some(Duration::from_secs_f64(seconds))
}

/// The same with a cookie of its own for each request: `script` is a program for wrk, and these are its
/// arguments.
pub(crate) fn wrk_script(
    address: SocketAddr,
    script: &Path,
    arguments: &[&str],
    span: Duration,
) -> u64 {
    let mut command = pinned("wrk");
    command.args(["-t1", "-c", CONNECTIONS, "-d", &format!("{}s", span.as_secs()), "-s"]);
    command.arg(script).arg(format!("http://{address}/")).arg("--").args(arguments);
    let text = output(&mut command);
    let bad = text.lines().any(|line| line.contains("Non-2xx") || line.contains("Socket errors"));
    assert!(!bad, "{text}");
    requests_of(&text)
}

/// HTTP/2 over TLS on 16 connections with four streams each, unless `amount` has options that say
/// otherwise; the number of answers. `status` is that of every one, by its first digit.
pub(crate) fn h2load(address: SocketAddr, request: &Request, status: u8, amount: &[&str]) -> u64 {
    let mut command = pinned("h2load");
    command.args(["-t1", "-c16", "-m4"]).args(amount);
    for (name, value) in request.fields.iter().filter(|(name, _)| *name != "Host") {
        command.args(["-H", &format!("{}: {value}", name.to_ascii_lowercase())]);
    }
    // The authority is the portal's whatever the port.
    for (_, authority) in request.fields.iter().filter(|(name, _)| *name == "Host") {
        command.args(["-H", &format!(":authority: {authority}")]);
    }
    let text = output(command.arg(format!("https://{address}{}", request.path)));
    let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
    assert_eq!(line("Application protocol: "), Some("h2"), "{text}");
    let codes = line("status codes: ").expect("h2load counts status codes");
    let count_of = |piece: &str| {
        let (count, class) = piece.trim().split_once(' ')?;
        class.starts_with(char::from(b'0' + status)).then(|| count.parse::<u64>().ok())?
    };
    let answers = codes.split(',').find_map(count_of).expect("a count of the class");
    let others = codes.split(',').filter(|piece| !piece.trim().starts_with("0 ")).count();
    assert!(answers > 0 && others == 1, "not {status}xx alone: {text}");
    answers
}

/// A command on the core of the load.
pub(crate) fn pinned(program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", LOAD_CORE, program]);
    command
}

fn requests_of(text: &str) -> u64 {
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "));
    requests.and_then(|(count, _)| count.parse().ok()).expect("wrk counts requests")
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_wrk_are_read_in_every_unit() {
        for (text, micros) in [("812.00us", 812), ("3.97ms", 3970), ("1.02s", 1_020_000)] {
            assert_eq!(wrk_time(text), Some(Duration::from_micros(micros)), "{text}");
        }
        assert_eq!(wrk_time("1.02m"), None);
    }
}
