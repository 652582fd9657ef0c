//! The seam to whatever carries a mail away: an SMTP relay, or a directory in development.
//!
//! Mails wait in the directory ([`crate::store::Directory::queue_mail`]); a worker takes them and hands
//! each to a [`Mailer`]. The error says whether the worker should try again.

use async_trait::async_trait;

use crate::store::QueuedMail;

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The relay is away, slow, busy or said 4xx: try again later.
    #[error("the mail was not taken for now: {0}")]
    Temporary(String),
    /// The relay said 5xx, or the mail cannot be written: trying again will not help.
    #[error("the mail was refused: {0}")]
    Permanent(String),
}

/// Hands mails over, one at a time.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands `mail` over. `Ok` means that the other side took responsibility for it.
    ///
    /// Implementations have a deadline of their own and never log the body: it holds codes.
    ///
    /// # Errors
    ///
    /// [`MailError::Temporary`] where a later attempt may succeed, [`MailError::Permanent`] where not.
    async fn send(&self, mail: &QueuedMail) -> Result<(), MailError>;
}
