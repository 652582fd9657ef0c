//! The demo's data folder: private to its owner, files replaced as a whole.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// An existing folder; its path is absolute.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// Who may read a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Readable {
    /// Everyone who gets into the folder.
    Public,
    /// The owner: keys and passwords.
    Private,
}

impl Folder {
    /// Makes the folder if it is not there.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.with_context(|| format!("the data folder {} cannot be made", path.display()))?;
        let path = fs::canonicalize(path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// `None` if the file is not there.
    pub(super) fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes beside the file and renames, so that an interrupted start leaves the old one or the new one.
    pub(super) fn write(
        &self,
        name: &str,
        text: &str,
        readable: Readable,
    ) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        write_whole(&path, text, readable).with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

fn write_whole(path: &Path, text: &str, readable: Readable) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mode = match readable {
        Readable::Public => 0o644,
        Readable::Private => 0o600,
    };
    let new = path.with_extension("new");
    // One that an interrupted start left may have another mode.
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn private_files_are_the_owners_alone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(&parent.path().join("demo")).unwrap();
        let key = folder.write("certs/key.pem", "secret", Readable::Private).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&key), 0o600);
        assert_eq!(mode(&folder.path("certs")), 0o700);
        assert_eq!(mode(folder.root()), 0o700);
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        assert_eq!(folder.read("a.txt").unwrap(), None);
        folder.write("a.txt", "one", Readable::Public).unwrap();
        folder.write("a.txt", "two", Readable::Public).unwrap();
        assert_eq!(folder.read("a.txt").unwrap().as_deref(), Some("two"));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
