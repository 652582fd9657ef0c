//! Values read from a file, never printed.

use std::fmt;
use std::sync::Arc;

/// Text that must not reach a log, a page or a debug print.
///
/// A configuration names the file a secret is in, never the secret; `Debug` prints `[redacted]` and
/// there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps `text` as it is.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret itself: hand it on, and keep it out of every message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret in a file's bytes: UTF-8, without one line end at its end.
    ///
    /// # Errors
    /// [`SecretError`] when nothing usable is left. Its text never quotes the bytes.
    pub(crate) fn from_bytes(bytes: &[u8], min_length: usize) -> Result<Self, SecretError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SecretError::NotText)?;
        // Editors and `echo` end a file with a line end that is no part of the secret; more than one
        // is somebody's intention or mistake, and is not ours to guess.
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(SecretError::Empty);
        }
        if text.contains('\0') {
            return Err(SecretError::NotText);
        }
        if text.chars().count() < min_length {
            return Err(SecretError::TooShort { min_length });
        }
        Ok(Self::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a file holds no usable secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    /// Nothing, or white space only.
    #[error("is empty")]
    Empty,
    /// Fewer characters than its use asks for.
    #[error("holds fewer than {min_length} characters")]
    TooShort {
        /// In code points.
        min_length: usize,
    },
    /// Not UTF-8, or with a zero byte.
    #[error("is not UTF-8 text")]
    NotText,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some([redacted])");
    }

    #[test]
    fn one_line_end_is_trimmed_and_nothing_else() {
        for (bytes, expected) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            ("abc\r\n", "abc"),
            ("abc\n\n", "abc\n"),
            (" abc ", " abc "),
            ("line one\nline two\n", "line one\nline two"),
        ] {
            let secret = Secret::from_bytes(bytes.as_bytes(), 1).unwrap();
            assert_eq!(secret.expose(), expected);
        }
    }

    #[test]
    fn unusable_secrets_are_refused() {
        assert_eq!(Secret::from_bytes(b"", 1), Err(SecretError::Empty));
        assert_eq!(Secret::from_bytes(b"\n", 1), Err(SecretError::Empty));
        assert_eq!(Secret::from_bytes(b" \t\r\n", 1), Err(SecretError::Empty));
        assert_eq!(Secret::from_bytes(b"\xff\xfe", 1), Err(SecretError::NotText));
        assert_eq!(Secret::from_bytes(b"a\0b", 1), Err(SecretError::NotText));
        let too_short = Err(SecretError::TooShort { min_length: 8 });
        assert_eq!(Secret::from_bytes(b"1234567\n", 8), too_short);
        assert!(Secret::from_bytes("ключключ".as_bytes(), 8).is_ok());
    }
}
