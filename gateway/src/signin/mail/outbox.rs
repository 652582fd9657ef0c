//! Mail into a directory, one file each, for development.

use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bitrix_id_auth_core::mailer::{MailError, Mailer};
use bitrix_id_auth_core::store::QueuedMail;
use lettre::message::Mailbox;
use time::OffsetDateTime;
use time::macros::format_description;

use super::message::{message, sender};

/// Writes `<time>-<id>.eml` files.
pub(super) struct Outbox {
    from: Mailbox,
    directory: PathBuf,
}

impl Outbox {
    /// Into `directory`, which is made when the first mail comes.
    ///
    /// # Errors
    /// [`MailError::Permanent`]: `from` is no address.
    pub(super) fn new(from: &str, directory: &Path) -> Result<Self, MailError> {
        Ok(Self { from: sender(from)?, directory: directory.to_owned() })
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: &QueuedMail) -> Result<(), MailError> {
        let bytes = message(&self.from, mail)?.formatted();
        // The mail's own time: a mail that is written twice replaces itself.
        let name = format!("{}-{}", queued_at(mail), mail.id);
        let written = write(&self.directory, &name, &bytes).await;
        written.map_err(|error| MailError::Temporary(error.to_string()))
    }
}

/// Whoever looks sees the whole file or none.
async fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    tokio::fs::create_dir_all(directory).await?;
    let part = directory.join(format!(".{name}.part"));
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, directory.join(format!("{name}.eml"))).await
}

/// When the mail was queued, as its id (UUIDv7) says; sorts as text.
fn queued_at(mail: &QueuedMail) -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let (seconds, _) = mail.id.get_timestamp().map_or((0, 0), |stamp| stamp.to_unix());
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "unknown".into())
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::mail;
    use super::*;

    #[tokio::test]
    async fn a_mail_becomes_one_file_however_often_it_is_sent() {
        let directory = tempfile::tempdir().unwrap();
        let outbox = Outbox::new("a@id.example", &directory.path().join("outbox")).unwrap();
        let mail = QueuedMail { id: uuid::Uuid::now_v7(), ..mail("Your code") };
        outbox.send(&mail).await.unwrap();
        outbox.send(&mail).await.unwrap();
        let names: Vec<String> = std::fs::read_dir(directory.path().join("outbox"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 1, "{names:?}");
        assert!(names[0].starts_with("20") && names[0].ends_with(&format!("-{}.eml", mail.id)));
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_written_is_tried_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let outbox = Outbox::new("a@id.example", file.path()).unwrap();
        assert!(matches!(outbox.send(&mail("x")).await, Err(MailError::Temporary(_))));
    }
}
