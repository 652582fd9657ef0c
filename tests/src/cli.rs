//! Running a command of `bitrix-id` to its end.

use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use crate::poll::{STEP, within};
use crate::process::command;

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Its results.
    pub stdout: String,
    /// Its messages.
    pub stderr: String,
}

impl Outcome {
    /// Panics unless it ended well.
    #[must_use]
    pub fn expect_success(self) -> Self {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// Runs `bitrix-id` with these arguments and this text on stdin.
pub async fn run(arguments: &[&str], stdin: &str, environment: &[(&str, &str)]) -> Outcome {
    let mut child = command(arguments, environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut pipe = child.stdin.take().expect("piped above");
    // A command that reads no stdin may be gone already; its outcome tells what happened.
    let _ = pipe.write_all(stdin.as_bytes()).await;
    drop(pipe);
    let output = within(STEP, "the command ends", child.wait_with_output()).await.expect("it ran");
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
