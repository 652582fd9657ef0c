//! Mail on its way out: put into the directory's queue here, sent by the worker ([`super::mail`]).

use bitrix_id_auth_core::store::{Account, AddressProof, QueuedMail, StoreError};
use uuid::Uuid;

use super::visit::Visit;
use crate::pages::mail::MailBody;

/// Queues a mail durably and wakes the worker.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn queue(visit: &Visit, to: &str, body: MailBody) -> Result<(), StoreError> {
    visit.hub().directory.queue_mail(addressed(to, body), visit.now()).await?;
    visit.app.mail_bell.notify_one();
    Ok(())
}

/// A mail as the queue takes it. Whoever queues it together with something else wakes the worker then.
pub(super) fn addressed(to: &str, body: MailBody) -> QueuedMail {
    QueuedMail {
        id: Uuid::now_v7(),
        to: to.to_owned(),
        subject: body.subject,
        text: body.text,
        html: body.html,
        attempts: 0,
    }
}

/// Queues a mail to every address that the account has proved; nothing without a way to send mail.
///
/// # Errors
/// [`StoreError`]: some addresses may have theirs.
pub(super) async fn to_all_proved(
    visit: &Visit,
    account: &Account,
    body: &MailBody,
) -> Result<(), StoreError> {
    if visit.snapshot.config.mail.is_none() {
        return Ok(());
    }
    for held in visit.hub().directory.addresses(account.id).await? {
        if held.proof != AddressProof::None {
            queue(visit, &held.address, body.clone()).await?;
        }
    }
    Ok(())
}

/// Queues a mail about something that has happened and stands without it; nothing without a way to send
/// mail.
pub(super) async fn notice(visit: &Visit, to: &str, body: MailBody) {
    if visit.snapshot.config.mail.is_some() {
        queue_or_log(visit, to, body, NOTICE).await;
    }
}

/// As [`notice`], to every address that the account has proved.
pub(super) async fn notice_to_all(visit: &Visit, account: &Account, body: &MailBody) {
    queued_or_logged(visit, to_all_proved(visit, account, body).await, NOTICE);
}

/// Queues a mail. False: the directory took it not, which is in the log as of `what`.
pub(super) async fn queue_or_log(visit: &Visit, to: &str, body: MailBody, what: &str) -> bool {
    queued_or_logged(visit, queue(visit, to, body).await, what)
}

/// Whether a mail was queued; if not, that is in the log as of `what`.
#[expect(clippy::needless_pass_by_value, reason = "an outcome, handed over")]
pub(super) fn queued_or_logged(visit: &Visit, queued: Result<(), StoreError>, what: &str) -> bool {
    if let Err(error) = &queued {
        tracing::error!(request_id = visit.request_id, "{what} was not queued: {error}");
    }
    queued.is_ok()
}

/// In the log: a mail that somebody waits for.
pub(super) const MAIL: &str = "a mail";
/// In the log: a mail that tells what happened.
const NOTICE: &str = "a notice";
