//! `/profile/security`: a new password for all portals, for who knows the current one. Ends every other
//! session. Who has no password yet gets the first one by recovery.

use std::time::Duration;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::password::{PasswordError, Verification, WeakPassword};
use bitrix_id_auth_core::store::{Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;
use http::StatusCode;

use super::browser::Browser;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::Form;
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::password_rules::check_password;
use super::person::{self, SignedIn, event, record};
use super::portals;
use super::profile::to_profile_sign_in;
use super::recovery::notice;
use super::reply::Reply;
use super::sessions::end_others;
use super::sign_in::minutes_of;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Security, SecurityError};

/// `GET /profile/security`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let changed = Flash::read(&visit, Some(person.session.id)) == Some(Flash::PasswordChanged);
    let reply = page(&visit, &person, changed, None).await?;
    Ok(if changed { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/security`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, false, Some(SecurityError::Expired)).await;
    }
    let (current, new) = (fields.text("current"), fields.text("password"));
    if new != fields.text("again") {
        return page(&visit, &person, false, Some(SecurityError::NewDiffers)).await;
    }
    match change(&visit, &person, current, new).await? {
        Changed::Done => {}
        Changed::Refused(error) => return page(&visit, &person, false, Some(error)).await,
        Changed::TooMany { retry_after } => {
            let error = SecurityError::TooMany { minutes: minutes_of(retry_after) };
            let reply = page(&visit, &person, false, Some(error)).await?;
            return Ok(reply.retry_after(retry_after));
        }
    }
    let event = event(&visit, audit::PASSWORD_CHANGED).with_account(person.account.id);
    record(&visit, event).await;
    notice::send(&visit, &person.account).await;
    end_latecomers(&visit, &person).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/security"))
        .cookies(Flash::PasswordChanged.leave(&visit, session)))
}

/// Ends what signed in with the old password while it was being changed. The other sessions are gone by
/// now, so a store that fails again and again leaves at most a session that began this very second; it is
/// an error all the same.
async fn end_latecomers(visit: &Visit, person: &SignedIn) -> Result<(), StoreError> {
    for _ in 1..TRIES {
        if end_others(visit, person).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    end_others(visit, person).await.map(drop)
}

enum Changed {
    Done,
    Refused(SecurityError),
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
}

/// Checks the current password, ends the other sessions, then replaces the hash if nobody else has done
/// so meanwhile.
async fn change(
    visit: &Visit,
    person: &SignedIn,
    current: &str,
    new: &str,
) -> Result<Changed, Failure> {
    let hub = visit.hub();
    let account = &person.account;
    let key = attempt_key("password-change/account", &[&account.id.to_string()]);
    let attempt = hub.sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = attempt {
        return Ok(Changed::TooMany { retry_after });
    }
    let stored = account.password_hash.as_deref();
    let verified = match hub.passwords.load_full().verify(stored, current).await {
        Ok(verification) => stored.is_some() && verification != Verification::NoMatch,
        Err(PasswordError::TooLong) => false,
        Err(PasswordError::Busy) => return Ok(Changed::Refused(SecurityError::Busy)),
        Err(error @ PasswordError::Internal(_)) => return Err(error.into()),
    };
    if !verified {
        return Ok(Changed::Refused(SecurityError::CurrentNoMatch));
    }
    if new == current {
        return Ok(Changed::Refused(SecurityError::NewIsCurrent));
    }
    // After the current one: who does not know it learns nothing here about what would be taken.
    let about = [account.email.as_str(), account.name.as_str()];
    match check_password(visit, new, &about).await {
        Ok(Ok(())) => {}
        Ok(Err(weak)) => return Ok(Changed::Refused(weak.into())),
        Err(PasswordError::Busy) => return Ok(Changed::Refused(SecurityError::Busy)),
        Err(error) => return Err(error.into()),
    }
    let hash = match hub.passwords.load_full().hash(new).await {
        Ok(hash) => hash,
        Err(PasswordError::Busy) => return Ok(Changed::Refused(SecurityError::Busy)),
        Err(error) => return Err(error.into()),
    };
    // Before the change: if this fails nothing has changed, whereas a changed password with the thief's
    // session still alive would be taken for safety.
    end_others(visit, person).await?;
    // With it go checkwords that are still in somebody's mailbox.
    let expected = stored.unwrap_or_default();
    if !hub.directory.change_password(account.id, expected, &hash, visit.now()).await? {
        return Ok(Changed::Refused(SecurityError::CurrentNoMatch));
    }
    // The password is changed: the counter is not worth an error, it empties by itself.
    if let Err(error) = hub.sessions.clear_attempts(&key).await {
        tracing::warn!(request_id = visit.request_id, "attempts were not forgotten: {error}");
    }
    Ok(Changed::Done)
}

impl From<WeakPassword> for SecurityError {
    fn from(weak: WeakPassword) -> Self {
        match weak {
            WeakPassword::TooShort { .. } => Self::NewTooShort,
            WeakPassword::TooLong => Self::NewTooLong,
            WeakPassword::Common => Self::NewCommon,
            WeakPassword::LikeEmail => Self::NewIsEmail,
            WeakPassword::Guessable => Self::NewGuessable,
        }
    }
}

async fn page(
    visit: &Visit,
    person: &SignedIn,
    changed: bool,
    error: Option<SecurityError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let view = Security {
        person: person.person(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        min_length: visit.snapshot.config.passwords.min_length,
        portals: portals::of(visit, person.account.id).await?.len(),
        has_password: person.account.password_hash.is_some(),
        recovery: visit.snapshot.config.mail.is_some(),
        changed,
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(SecurityError::Expired) => StatusCode::FORBIDDEN,
        Some(SecurityError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SecurityError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(
            SecurityError::CurrentNoMatch
            | SecurityError::NewTooShort
            | SecurityError::NewTooLong
            | SecurityError::NewCommon
            | SecurityError::NewIsEmail
            | SecurityError::NewGuessable
            | SecurityError::NewDiffers
            | SecurityError::NewIsCurrent,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = visit.frame_at("/profile/security");
    let reply =
        Reply::page(pages::security(&frame, &view)).status(status).cookies(browser.cookie());
    Ok(match error {
        Some(SecurityError::Busy) => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    })
}

/// Guesses at the current password from within a session, which may be an unattended browser's.
const PER_ACCOUNT: Quota = Quota { limit: 10, window: 15 * 60 };
/// At ending latecomers.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
