//! Finding a server's programs, and running them as somebody who is not root.

use std::ffi::OsStr;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::geteuid;

/// A program in one of `folders` or on the search path.
pub fn find_program(name: &str, folders: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = folders.into_iter().chain(on_path).map(|folder| folder.join(name));
    found.into_iter().find(|program| program.is_file())
}

/// `program` as it is, or, when we are root, as an account without rights: some servers refuse root.
pub fn as_nobody_special(program: impl AsRef<OsStr>) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let account = UNPRIVILEGED.to_string();
    command
        .arg(format!("--reuid={account}"))
        .arg(format!("--regid={account}"))
        .arg("--clear-groups")
        .arg(program);
    command
}

/// Hands a folder or a file to that account.
pub fn give_away(path: &Path) {
    if geteuid().is_root() {
        let given = lchown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED));
        given.expect("root gives a file away");
    }
}

/// `nobody` on Debian and on most others; it need not have a name.
const UNPRIVILEGED: u32 = 65534;
