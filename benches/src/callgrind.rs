//! A program under callgrind: instructions that it executes in user mode, all threads added up.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The command line before the program's own. The counts go to `<stem>.callgrind` in `folder`.
pub(crate) fn launcher(folder: &Path, stem: &str) -> Vec<String> {
    let out = folder.join(format!("{stem}.callgrind"));
    let mut launcher: Vec<String> =
        ["valgrind", "--quiet", "--tool=callgrind"].map(str::to_owned).to_vec();
    launcher.push(format!("--callgrind-out-file={}", out.display()));
    launcher
}

/// Forgets what process `pid` has counted so far.
pub(crate) fn zero(pid: u32) {
    control(pid, "--zero");
}

/// Writes the counts since [`zero`] or the last dump; gives their sum and the file.
pub(crate) fn dump(pid: u32, folder: &Path, stem: &str) -> (u64, PathBuf) {
    control(pid, "--dump");
    // Dumps are numbered from 1.
    let part = |number: u32| folder.join(format!("{stem}.callgrind.{number}"));
    let last = (1..).take_while(|number| part(*number).is_file()).last();
    let file = part(last.expect("callgrind has written a dump"));
    let text = std::fs::read_to_string(&file).expect("callgrind has written its counts");
    let line = text.lines().find_map(|line| line.strip_prefix("summary:"));
    let sum = line.and_then(|line| line.trim().parse().ok());
    (sum.expect("a line `summary: N`"), file)
}

fn control(pid: u32, action: &str) {
    let output = Command::new("callgrind_control")
        .args([action, &pid.to_string()])
        .stdin(Stdio::null())
        .output()
        .expect("callgrind_control is installed with valgrind");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
