//! Several servers that belong together. A shell runs them, and they end with it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::{free_port, server, write as write_file};
use crate::server::{as_nobody_special, give_away};

/// Writes the shell's script; a run is a configuration and further arguments.
pub(super) fn write(files: &Path, runs: &[String]) {
    let mut script = String::from("servers=\ntrap 'kill $servers 2>/dev/null' TERM\n");
    let server = server(files);
    for run in runs {
        // Each ends with the shell, however that ends.
        let _ =
            writeln!(script, "setpriv --pdeathsig KILL {} {run} >/dev/null &", server.display());
        script.push_str("servers=\"$servers $!\"\n");
    }
    script.push_str("echo $$ >pid\nwait\nwait\n");
    write_file(files, "run.sh", &script);
    // Sentinels and cluster nodes write their state back.
    for entry in std::fs::read_dir(files).expect("a server's folder").flatten() {
        give_away(&entry.path());
    }
}

/// The command that runs it.
pub(super) fn command(files: &Path) -> Command {
    let mut command = as_nobody_special("sh");
    command.arg(files.join("run.sh"));
    command
}

/// How a server of the group listens on the port by which the others and clients know it. Where that speaks
/// TLS there is a plain one as well, to ask it things.
pub(super) fn listen(files: &Path, port: u16, speaks: Speaks) -> String {
    match speaks {
        Speaks::Plainly => format!("port {port}\n"),
        Speaks::Tls => {
            let plain = free_port();
            write_file(files, &format!("{port}.plain"), &plain.to_string());
            let settings = super::listen(files, plain, port);
            format!("{settings}tls-replication yes\ntls-cluster yes\n")
        }
    }
}

/// Where the server that is known by `port` can be asked things.
pub(super) fn plain_port(files: &Path, port: u16) -> u16 {
    let plain = std::fs::read_to_string(files.join(format!("{port}.plain")));
    plain.map_or(port, |plain| plain.parse().expect("a number"))
}

/// What the servers of a group speak.
#[derive(Debug, Clone, Copy)]
pub(super) enum Speaks {
    Plainly,
    Tls,
}

/// How a group speaks that has certificates or none; makes them.
pub(super) fn certified(files: &Path, tls: bool) -> Speaks {
    if !tls {
        return Speaks::Plainly;
    }
    super::make_certificates(files);
    Speaks::Tls
}

/// Keeps ports as files `NAME-N`.
pub(super) fn write_ports(files: &Path, name: &str, ports: &[u16]) {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    for (n, port) in ports.iter().enumerate() {
        write_file(files, &format!("{name}-{n}"), port);
    }
}

/// Forty hexadecimal digits.
pub(super) fn id(n: usize) -> String {
    format!("{:040x}", n + 1)
}
