//! Notices that configuration files changed, however they were written.
//!
//! Editors rename a new file into place, Kubernetes swaps a symbolic link above it, network file systems
//! report nothing at all. Asking for each file's identity twice a second sees all of these and costs a few
//! system calls.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bitrix_id_config::model::Config;

/// What the files looked like at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    files: Vec<(PathBuf, Option<Identity>)>,
}

/// Device, inode, size and change time: a file written anew differs in one of them.
type Identity = (u64, u64, u64, i64, i64);

/// Whether a file in an include directory could be one of the configuration's: by its ending, since a
/// database or a log may live beside them and change all the time.
fn is_included_kind(path: &Path, config: &Config) -> bool {
    let ending = path.extension();
    ending == Some("toml".as_ref()) || config.files.iter().any(|file| file.extension() == ending)
}

impl Stamp {
    /// This stamp with the identities that `earlier` saw: what changed since then differs from now. A file that
    /// it did not know has none: when that one was read cannot be told.
    pub(crate) fn read_in(mut self, earlier: &Self) -> Self {
        for (path, identity) in &mut self.files {
            let before = earlier.files.iter().find(|(known, _)| known == path);
            *identity = before.and_then(|(_, identity)| *identity);
        }
        self
    }

    /// Looks at every file of a configuration and at the directories it includes from.
    pub(crate) fn of(config: &Config, main: &Path) -> Self {
        let mut paths: Vec<PathBuf> = config.files.clone();
        paths.push(main.to_owned());
        for directory in &config.include_directories {
            let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
            paths.extend(
                entries.map(|entry| entry.path()).filter(|path| is_included_kind(path, config)),
            );
        }
        paths.sort();
        paths.dedup();
        Self {
            files: paths
                .into_iter()
                .map(|path| {
                    let identity = std::fs::metadata(&path).ok().map(|metadata| {
                        (
                            metadata.dev(),
                            metadata.ino(),
                            metadata.size(),
                            metadata.mtime(),
                            metadata.mtime_nsec(),
                        )
                    });
                    (path, identity)
                })
                .collect(),
        }
    }
}
