//! How mail leaves.

use std::path::PathBuf;

use crate::secret::Secret;

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct Mail {
    /// `Name <address>` or a bare address, as written.
    pub from: String,
    /// SMTP or a directory.
    pub transport: MailTransport,
}

/// Where a mail goes.
#[derive(Debug, Clone)]
pub enum MailTransport {
    /// `smtp://user@host:587` (STARTTLS required unless the host is loopback) or `smtps://…:465`.
    Smtp {
        /// The URL without a password.
        url: String,
        /// From `smtp_password_file`.
        password: Option<Secret>,
        /// PEM text of the authorities that alone may vouch for the relay.
        ca: Option<String>,
    },
    /// Files named `<time>-<id>.eml` in this directory, for development.
    Outbox(PathBuf),
}
