//! The mail worker: takes due mails from the directory's queue and hands each to the configured mailer.
//!
//! The queue is durable and shared, so a mail survives a restart and is sent by whichever process takes it
//! first. A mail that is not taken for now is tried again, later and later, for about an hour: what we send
//! is codes and notices, which are worth nothing after that. What is refused for good is kept as failed.

mod message;
mod outbox;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::mailer::{MailError, Mailer};
use bitrix_id_auth_core::store::{QueuedMail, StoreError};
use bitrix_id_config::model::{Mail, MailTransport};
use tokio::task::JoinSet;

use super::app::App;
use outbox::Outbox;
use smtp::Smtp;

/// Delivers mail until the process ends.
pub(super) async fn deliver(app: Arc<App>) {
    let mut current: Option<(u64, Option<Arc<dyn Mailer>>)> = None;
    loop {
        let snapshot = app.hub.snapshot.load_full();
        let mailer = match &current {
            Some((generation, mailer)) if *generation == snapshot.generation => mailer.clone(),
            _ => {
                let mailer = snapshot.config.mail.as_ref().and_then(mailer);
                current = Some((snapshot.generation, mailer.clone()));
                mailer
            }
        };
        let busy = match mailer {
            Some(mailer) => deliver_due(&app, &mailer).await.unwrap_or_else(|error| {
                tracing::warn!("the mail queue was not read: {error}");
                false
            }),
            None => false,
        };
        if !busy {
            let _bell_or_time = tokio::time::timeout(LOOK_EVERY, app.mail_bell.notified()).await;
        }
    }
}

/// The mailer of a configuration. One that cannot be made is reported and the mails wait.
pub(super) fn mailer(mail: &Mail) -> Option<Arc<dyn Mailer>> {
    let made: Result<Arc<dyn Mailer>, MailError> = match &mail.transport {
        MailTransport::Outbox(directory) => {
            Outbox::new(&mail.from, directory).map(|outbox| Arc::new(outbox) as _)
        }
        MailTransport::Smtp { url, password, ca } => {
            Smtp::new(&mail.from, url, password.as_ref(), ca.as_deref())
                .map(|smtp| Arc::new(smtp) as _)
        }
    };
    made.inspect_err(|error| tracing::error!("no mail can be sent: {error}")).ok()
}

/// Sends what is due, a few at once. True: there may be more.
pub(super) async fn deliver_due(
    app: &Arc<App>,
    mailer: &Arc<dyn Mailer>,
) -> Result<bool, StoreError> {
    let taken = app.hub.directory.take_mail(app.hub.clock.now(), AT_ONCE).await?;
    let busy = !taken.is_empty();
    let mut sending = JoinSet::new();
    for mail in taken {
        let (app, mailer) = (app.clone(), mailer.clone());
        sending.spawn(async move { deliver_one(&app, mailer.as_ref(), &mail).await });
    }
    while sending.join_next().await.is_some() {}
    Ok(busy)
}

async fn deliver_one(app: &App, mailer: &dyn Mailer, mail: &QueuedMail) {
    let sent = tokio::time::timeout(DEADLINE, mailer.send(mail)).await;
    let sent = sent.unwrap_or_else(|_| Err(MailError::Temporary("no answer in time".into())));
    let directory = &app.hub.directory;
    let kept = match sent {
        Ok(()) => directory.mail_sent(mail.id).await,
        Err(error) => {
            app.hub.telemetry.metrics.mail_failures.inc();
            let retry_at = retry_at(&error, mail.attempts, app.hub.clock.now());
            let (id, last) = (mail.id, retry_at.is_none());
            tracing::warn!(%id, last, "a mail was not sent: {error}");
            directory.mail_failed(mail.id, retry_at).await
        }
    };
    if let Err(error) = kept {
        // It comes back when its hiding ends: sent twice at worst, never lost.
        tracing::warn!(id = %mail.id, "the mail queue was not updated: {error}");
    }
}

/// When to try again after `attempts` attempts before this one; `None` gives up.
fn retry_at(error: &MailError, attempts: u32, now: UnixSeconds) -> Option<UnixSeconds> {
    match error {
        MailError::Permanent(_) => None,
        MailError::Temporary(_) => {
            let wait = RETRY_SECONDS.get(usize::try_from(attempts).ok()?)?;
            Some(now + wait)
        }
    }
}

/// An hour in all.
const RETRY_SECONDS: [i64; 8] = [10, 20, 60, 120, 300, 600, 1_200, 1_200];
/// A mail is hidden for 60 s once taken; each of these has to be done by then.
const AT_ONCE: u32 = 8;
const DEADLINE: Duration = Duration::from_secs(40);
/// Mails queued by another process ring no bell here.
const LOOK_EVERY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_again_for_an_hour_and_a_refused_one_never() {
        let busy = MailError::Temporary("busy".into());
        let waits: Vec<i64> = (0..)
            .map_while(|attempts| retry_at(&busy, attempts, 1_000))
            .map(|at| at - 1_000)
            .collect();
        assert!(waits.is_sorted());
        assert!((3_000..=3_900).contains(&waits.iter().sum::<i64>()));
        assert_eq!(retry_at(&MailError::Permanent("no such mailbox".into()), 0, 1_000), None);
    }
}
