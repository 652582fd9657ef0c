//! The gateway's process: where the binary is, starting it, signals, memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::poll::within;

/// A running `bitrix-id`, killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pid: u32,
    /// Where its stdout goes.
    pub stdout: PathBuf,
    /// Where its stderr goes.
    pub stderr: PathBuf,
}

impl Process {
    /// Starts the binary with output to `<stem>.out` and `<stem>.err` in `folder`.
    pub fn start(
        arguments: &[&str],
        folder: &Path,
        stem: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        Self::start_under(&[], arguments, folder, stem, environment)
    }

    /// The same with another build of `bitrix-id`.
    pub fn start_build(
        build: &Path,
        arguments: &[&str],
        folder: &Path,
        stem: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        Self::spawn(command_of(Command::new(build), arguments, environment), folder, stem)
    }

    /// The same, started by another program: `launcher` is its command line, ours follows.
    pub fn start_under(
        launcher: &[String],
        arguments: &[&str],
        folder: &Path,
        stem: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        Self::spawn(command_under(launcher, arguments, environment), folder, stem)
    }

    fn spawn(mut command: Command, folder: &Path, stem: &str) -> Self {
        let stdout = folder.join(format!("{stem}.out"));
        let stderr = folder.join(format!("{stem}.err"));
        let child = command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).expect("a file for stdout"))
            .stderr(File::create(&stderr).expect("a file for stderr"))
            .spawn()
            .expect("the binary starts");
        let pid = child.id().expect("just started");
        Self { child, pid, stdout, stderr }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid).expect("a pid")).expect("not zero");
        kill_process(pid, signal).expect("the signal is delivered");
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours")
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> ExitStatus {
        within(limit, "the process ends", self.child.wait()).await.expect("a child of ours")
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a VmRSS line");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }

    /// Open file descriptors.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid)).expect("it runs").count()
    }

    /// What it has written to stderr so far.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.stderr).unwrap_or_default()).into_owned()
    }
}

/// The binary with its arguments, ended with its handle.
pub fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    command_under(&[], arguments, environment)
}

fn command_under(launcher: &[String], arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let command = match launcher {
        [] => Command::new(binary()),
        [program, rest @ ..] => {
            let mut command = Command::new(program);
            command.args(rest).arg(binary());
            command
        }
    };
    command_of(command, arguments, environment)
}

fn command_of(mut command: Command, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    command.args(arguments).envs(environment.iter().copied()).kill_on_drop(true);
    command
}

/// `bitrix-id` as its next version might be, of the same build: `gateway/examples/next-version`.
pub fn next_version() -> PathBuf {
    let program = binary().with_file_name("examples").join("next-version");
    assert!(program.is_file(), "{}: run `make build` first", program.display());
    program
}

/// `BITRIX_ID_BIN`, or `bitrix-id` of the same build as this test.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("BITRIX_ID_BIN") {
        return named.into();
    }
    let own = std::env::current_exe().expect("a running program has a path");
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join("bitrix-id"));
    let found = found.into_iter().find(|candidate| candidate.is_file());
    found.expect("target/<profile>/bitrix-id: run `cargo build` first, or set BITRIX_ID_BIN")
}
