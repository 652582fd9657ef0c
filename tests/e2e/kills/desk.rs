//! Commands that are killed.

use std::process::Stdio;
use std::time::Instant;

use bitrix_id_tests::cli::Outcome;
use bitrix_id_tests::gateway::TestGateway;
use bitrix_id_tests::poll::{STEP, within};
use bitrix_id_tests::process::command;

use super::moments::Moments;

/// Runs a command and kills it at the next moment; the first time, to learn how long it takes, not at all. `None`:
/// it was killed before its end.
pub(super) async fn kill(
    moments: &mut Moments,
    gateway: &TestGateway,
    arguments: &[&str],
) -> Option<Outcome> {
    let config = gateway.config_path().display().to_string();
    let mut all = arguments.to_vec();
    all.extend_from_slice(&["--config", &config]);
    let begun = Instant::now();
    let mut child = command(&all, &[])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    if let Some(delay) = moments.next()
        && tokio::time::timeout(delay, child.wait()).await.is_err()
    {
        child.start_kill().expect("a child of ours");
    }
    let output = within(STEP, "the command ends", child.wait_with_output()).await.expect("it ran");
    moments.took(output.status.code().is_some(), begun.elapsed());
    let outcome = Outcome {
        code: output.status.code()?,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    Some(outcome.expect_success())
}
