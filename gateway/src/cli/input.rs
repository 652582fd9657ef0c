//! What a command is given: files to read, and ids.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use anyhow::anyhow;
use uuid::Uuid;

/// Opens `file` to read; `purpose` says what it should have been.
pub(super) fn open(file: &Path, purpose: &str) -> anyhow::Result<File> {
    let opened = File::open(file).and_then(|opened| {
        // Opening a directory works; only reading it does not.
        if opened.metadata()?.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(opened) }
    });
    opened.map_err(|error| refused(file, &error, purpose))
}

/// Why `file` cannot be read, and what to do.
pub(super) fn refused(file: &Path, error: &io::Error, purpose: &str) -> anyhow::Error {
    let file = super::print::plain(&file.display().to_string());
    match error.kind() {
        ErrorKind::NotFound => anyhow!("{file}: there is no such file; name {purpose}"),
        ErrorKind::IsADirectory => anyhow!("{file}: it is a directory; name {purpose}"),
        ErrorKind::InvalidData => anyhow!("{file}: it is not UTF-8 text; name {purpose}"),
        ErrorKind::PermissionDenied => anyhow!(
            "{file}: permission denied; let the user who runs this command read it, or pipe it in with `-`"
        ),
        _ => anyhow!("{file}: {error}"),
    }
}

/// The id of a mail or a notice.
pub(super) fn id(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| "it is no id; the list begins each line with one".to_owned())
}
