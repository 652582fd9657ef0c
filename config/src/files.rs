//! Every file that a configuration is made of, read once and hashed.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use serde_spanned::Spanned;

use crate::read::Field;
use crate::report::{Refused, Scope};
use crate::secret::Secret;

/// The files read so far.
pub(crate) struct Files {
    read: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
    digest: Context,
}

impl Files {
    pub(crate) fn new() -> Self {
        Self { read: Vec::new(), seen: HashSet::new(), digest: Context::new(&SHA256) }
    }

    /// The bytes of a file of at most `limit` bytes. It counts as part of the configuration whether
    /// or not it can be read: a missing one that appears later changes the outcome.
    pub(crate) fn read(&mut self, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let first_time = self.seen.insert(path.to_path_buf());
        if first_time {
            self.read.push(path.to_path_buf());
        }
        let bytes = read(path, limit)?;
        if first_time {
            // The length keeps "ab" + "c" and "a" + "bc" apart.
            self.digest.update(&(bytes.len() as u64).to_be_bytes());
            self.digest.update(&bytes);
        }
        Ok(bytes)
    }

    /// The secret in the file that `written` names.
    pub(crate) fn secret(
        &mut self,
        written: &Spanned<String>,
        key: &str,
        min_length: usize,
        scope: Scope<'_>,
    ) -> Result<Secret, Refused> {
        let path = scope.path(written, key)?;
        let shown = path.display();
        let bytes = self.read(&path, LARGEST_SECRET).map_err(|error| {
            scope.refuse(&written.span(), format!("{key}: cannot read {shown}: {error}"))
        })?;
        Secret::from_bytes(&bytes, min_length).map_err(|error| {
            scope.refuse(&written.span(), format!("{key}: the file {shown} {error}"))
        })
    }

    /// The password in the file that `field` names, if it does. How long one is, is its server's affair.
    pub(crate) fn password(
        &mut self,
        field: &Field<Spanned<String>>,
        key: &str,
        scope: Scope<'_>,
    ) -> Result<Option<Secret>, Refused> {
        let Some(written) = field.optional()? else { return Ok(None) };
        self.secret(written, key, 1, scope).map(Some)
    }

    /// The PEM text of the authorities' certificates in the file that `field` names, if it does.
    pub(crate) fn authorities(
        &mut self,
        field: &Field<Spanned<String>>,
        key: &str,
        scope: Scope<'_>,
    ) -> Result<Option<String>, Refused> {
        let Some(written) = field.optional()? else { return Ok(None) };
        let path = scope.path(written, key)?;
        let shown = path.display();
        let bytes = self.read(&path, LARGEST_PEM).map_err(|error| {
            scope.refuse(&written.span(), format!("{key}: cannot read {shown}: {error}"))
        })?;
        match String::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Ok(Some(text)),
            _ => {
                let message = format!("{key}: the file {shown} holds no PEM certificate");
                Err(scope.refuse(&written.span(), message))
            }
        }
    }

    /// The files in the order read.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.read
    }

    /// The files in the order read, and the hash over their bytes in lower-case hex.
    pub(crate) fn finish(self) -> (Vec<PathBuf>, String) {
        let digest = self.digest.finish();
        let hex = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.read, hex)
    }
}

/// Why a file cannot be used. Displayed after its path.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Larger than its use allows.
    #[error("it is larger than {}", crate::units::format_size(*limit))]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The system says no.
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells a full file from one that is too large, also where the size
    // is not known beforehand.
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(bytes)
}

// The usual mistakes without the error numbers that `io::Error` prints.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// Room for a long private key.
const LARGEST_SECRET: u64 = 64 << 10;
/// Room for a bundle of certificates.
pub(crate) const LARGEST_PEM: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn hash_of(contents: &[(&str, &str)]) -> String {
        let directory = tempfile::tempdir().unwrap();
        let mut files = Files::new();
        for (name, content) in contents {
            let path = directory.path().join(name);
            fs::write(&path, content).unwrap();
            files.read(&path, 100).unwrap();
        }
        files.finish().1
    }

    #[test]
    fn the_hash_tells_contents_apart_and_ignores_names() {
        assert_eq!(hash_of(&[("a", "x"), ("b", "y")]), hash_of(&[("c", "x"), ("d", "y")]));
        assert_ne!(hash_of(&[("a", "ab"), ("b", "c")]), hash_of(&[("a", "a"), ("b", "bc")]));
        assert_ne!(hash_of(&[("a", "x"), ("b", "y")]), hash_of(&[("a", "y"), ("b", "x")]));
        assert_eq!(hash_of(&[("a", "x"), ("a", "x")]), hash_of(&[("a", "x")]));
    }

    #[test]
    fn a_file_over_its_limit_is_not_read_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("large");
        fs::write(&path, "12345").unwrap();
        assert!(Files::new().read(&path, 5).is_ok());
        let error = Files::new().read(&path, 4).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4B");
        let endless = Files::new().read(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(endless.to_string(), "it is larger than 1MiB");
    }
}
