//! `/profile/security`: a new password for all portals, for who knows the current one. Ends every other
//! session. Who has no password yet gets the first one by recovery.

use std::time::Duration;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::password::{PasswordError, WeakPassword};
use bitrix_id_auth_core::store::StoreError;
use http::StatusCode;

use super::browser::Browser;
use super::device::Device;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::Form;
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::own_password::{self, Checked};
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
    let generation = match change(&visit, &person, current, new).await? {
        Changed::Done { generation } => generation,
        Changed::Refused(error) => return page(&visit, &person, false, Some(error)).await,
        Changed::TooMany { retry_after } => {
            let error = SecurityError::TooMany { minutes: minutes_of(retry_after) };
            let reply = page(&visit, &person, false, Some(error)).await?;
            return Ok(reply.retry_after(retry_after));
        }
    };
    let event = event(&visit, audit::PASSWORD_CHANGED).with_account(person.account.id);
    record(&visit, event).await;
    notice::send(&visit, &person.account).await;
    keep_this_one(&visit, &person, generation).await?;
    end_latecomers(&visit, &person).await;
    let key = &visit.hub().device_secret;
    let known = Device::read(&visit.cookies, key);
    let known = known.with_mark(person.account.id, generation, key)?.cookie(key);
    Ok(Reply::see_other(&visit.identity_url("/profile/security"))
        .cookie(known)
        .cookies(Flash::PasswordChanged.leave(&visit, session)))
}

/// The change has put an end to all sessions. Lets the one it was made in go on; if the store fails again
/// and again, the person signs in with the new password.
async fn keep_this_one(
    visit: &Visit,
    person: &SignedIn,
    generation: u32,
) -> Result<(), StoreError> {
    let (sessions, id) = (&visit.hub().sessions, person.session.id);
    for _ in 1..TRIES {
        if sessions.keep_session(id, generation).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    sessions.keep_session(id, generation).await.map(drop)
}

/// Ends what signed in with the old password while it was being changed. Its sessions are refused already
/// wherever they are looked up, and get no new tokens; this takes from it those of the moments between,
/// which would end by themselves within minutes.
async fn end_latecomers(visit: &Visit, person: &SignedIn) {
    if let Err(error) = end_others(visit, person).await {
        tracing::error!(request_id = visit.request_id, "latecomers were not ended: {error}");
    }
}

enum Changed {
    Done {
        /// Of the account since.
        generation: u32,
    },
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
    match own_password::check(visit, &account.email, Some(account), current, PURPOSE).await? {
        Checked::Right => {}
        Checked::Wrong => return Ok(Changed::Refused(SecurityError::CurrentNoMatch)),
        Checked::TooMany { retry_after } => return Ok(Changed::TooMany { retry_after }),
        Checked::Busy => return Ok(Changed::Refused(SecurityError::Busy)),
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
    // Before the change, which puts an end to all sessions by itself but not to the tokens that portals have
    // from them: should this process die right after it, the thief's are refused all the same. If this
    // fails nothing has changed.
    end_others(visit, person).await?;
    // With it go checkwords that are still in somebody's mailbox.
    let expected = account.password_hash.as_deref().unwrap_or_default();
    let changed = hub.directory.change_password(account.id, expected, &hash, visit.now()).await?;
    let refused = Changed::Refused(SecurityError::CurrentNoMatch);
    Ok(changed.map_or(refused, |generation| Changed::Done { generation }))
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

/// In the audit table.
const PURPOSE: &str = "password_change";
/// At what is left to do after the change.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
