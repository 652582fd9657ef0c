//! Answers requests, beside the visits that made them: only here is it looked at whose an address is, so no
//! visit takes longer for one address than for another. Requests and the mails that answer them are kept in
//! the directory and outlive a restart.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::store::recovery::{NewCheckword, RecoveryRequest};
use bitrix_id_auth_core::store::{Account, AccountState, AuditEvent, Holder, StoreError};

use super::checkword::Checkword;
use super::mail;
use crate::signin::app::App;

/// Answers until the process ends.
pub(in crate::signin) async fn answer(app: Arc<App>) {
    loop {
        let busy = answer_waiting(&app).await.unwrap_or_else(|error| {
            tracing::warn!("requests for checkwords were not answered: {error}");
            false
        });
        if let Err(error) = finish_resets(&app).await {
            tracing::error!("sessions from before a new password may be alive: {error}");
        }
        if !busy {
            let _bell_or_time =
                tokio::time::timeout(LOOK_EVERY, app.recovery_bell.notified()).await;
            // The visit that rang is answered before anything is looked up, whatever there is to find.
            tokio::time::sleep(LET_GO).await;
        }
    }
}

/// Answers the oldest requests. True: there may be more.
///
/// # Errors
/// [`StoreError`] of the first that failed; the others are answered all the same.
pub(in crate::signin) async fn answer_waiting(app: &App) -> Result<bool, StoreError> {
    let waiting = app.hub.directory.recovery_requests(AT_ONCE).await?;
    let mut failed = None;
    for request in &waiting {
        if let Err(error) = answer_one(app, request).await {
            failed.get_or_insert(error);
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(!waiting.is_empty()),
    }
}

async fn answer_one(app: &App, request: &RecoveryRequest) -> Result<(), StoreError> {
    let (directory, snapshot) = (&app.hub.directory, app.hub.snapshot.load_full());
    let now = app.hub.clock.now();
    let lifetime = whole_seconds(snapshot.config.identity.checkword_lifetime);
    // Nobody waits for it any more.
    let stale = now >= request.asked_at + lifetime;
    let Some(recipient) = recipient(app, request).await?.filter(|_| !stale) else {
        directory.answer_recovery(request, None, now).await?;
        return Ok(());
    };
    let account = recipient.as_ref();
    let checkword =
        Checkword::random().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mail =
        mail::write(app, &snapshot, &request.address, account, &request.language, &checkword)
            .await?;
    let account = account.map(|account| account.id);
    let new = NewCheckword { hash: checkword.hash(), account, expires_at: now + lifetime };
    if directory.answer_recovery(request, Some((new, mail)), now).await? {
        app.mail_bell.notify_one();
        let event = AuditEvent::new(audit::RECOVERY_MAILED, app.hub.clock.now_ms())
            .with_actor(Actor::System);
        let event = account.map_or(event.clone(), |account| event.with_account(account));
        directory.record(event).await?;
    }
    Ok(())
}

/// Who gets a checkword: `Some(None)` for somebody whom only portals know so far, or who has an account
/// that has not proved the address; `None` for nobody.
async fn recipient(
    app: &App,
    request: &RecoveryRequest,
) -> Result<Option<Option<Account>>, StoreError> {
    let directory = &app.hub.directory;
    match directory.holder(&request.address).await? {
        Holder::Proved(holder) => {
            let account = directory.account(holder).await?;
            let active = account.filter(|account| account.state == AccountState::Active);
            Ok(active.map(Some))
        }
        Holder::Unproved(_) => Ok(Some(None)),
        Holder::None => {
            let known = directory.free_profiles(std::slice::from_ref(&request.address)).await?;
            Ok((!known.is_empty()).then_some(None))
        }
    }
}

/// Ends what a visit that broke off has left.
///
/// # Errors
/// [`StoreError`].
pub(in crate::signin) async fn finish_resets(app: &App) -> Result<(), StoreError> {
    let hub = &app.hub;
    // A visit that is still about it ends them itself, and then starts a session that must live.
    let until = hub.clock.now() - PATIENCE_SECONDS;
    for reset in hub.directory.unfinished_resets(until).await? {
        let change = AccountChange {
            directory: hub.directory.as_ref(),
            sessions: hub.sessions.as_ref(),
            now_ms: hub.clock.now_ms(),
        };
        change.finish_reset(&reset).await?;
    }
    Ok(())
}

const AT_ONCE: u32 = 32;
/// Requests of another process ring no bell here.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Longer than the rest of a visit takes once it has rung.
const LET_GO: Duration = Duration::from_millis(100);
/// Longer than any visit may take.
const PATIENCE_SECONDS: i64 = 30;
