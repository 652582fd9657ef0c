//! The page that asks a signed-in person for the code of a mail, shared by everything such a code proves.

use bitrix_id_auth_core::store::{Attempt, StoreError};
use http::StatusCode;

use super::browser::Browser;
use super::mail_quota;
use super::mailed_code::{MailedCode, Tried};
use super::person::SignedIn;
use super::reply::Reply;
use super::visit::Visit;
use crate::pages::{self, CodeError, CodePurpose, CodeStep};

/// What the page says besides asking for the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// A new mail is on its way.
    Resent,
    /// The code was not taken.
    Error(CodeError),
}

/// Looks at what was typed; `None`: it is right.
///
/// # Errors
/// [`StoreError`]: it was not looked at.
pub(super) async fn refused(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    code: &MailedCode,
    typed: &str,
) -> Result<Option<CodeError>, StoreError> {
    Ok(match code.try_code(visit, browser, Some(person.account.id), typed).await? {
        Tried::Right => None,
        Tried::Wrong => Some(CodeError::NoMatch),
        Tried::Expired => Some(CodeError::CodeExpired),
        Tried::TooOften => Some(CodeError::TooMany),
    })
}

/// Whether the person may have another mail sent to `address` now; else in how many seconds.
///
/// # Errors
/// [`StoreError`]: nothing was counted.
pub(super) async fn wait_for_mail(
    visit: &Visit,
    person: &SignedIn,
    earlier: Option<&MailedCode>,
    address: &str,
) -> Result<Option<u32>, StoreError> {
    let wait = earlier.map_or(0, |code| code.resend_in(visit.now()));
    if wait > 0 {
        return Ok(Some(wait));
    }
    Ok(match mail_quota::of_person(visit, person, address).await? {
        Attempt::Allowed => None,
        Attempt::Refused { retry_after } => Some(retry_after),
    })
}

/// The page.
pub(super) fn page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    purpose: CodePurpose,
    address: &str,
    code: &MailedCode,
    said: Said,
) -> Reply {
    let (error, resent) = match said {
        Said::Nothing => (None, false),
        Said::Resent => (None, true),
        Said::Error(error) => (Some(error), false),
    };
    let view = CodeStep {
        purpose,
        email: address.to_owned(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        error,
        resent,
        resend_in_seconds: code.resend_in(visit.now()),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(CodeError::NoMatch | CodeError::CodeExpired | CodeError::TooMany) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(CodeError::ResendTooSoon) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(CodeError::Expired) => StatusCode::FORBIDDEN,
    };
    Reply::page(pages::code_step(&visit.frame_at(purpose.path()), &view))
        .status(status)
        .cookies(browser.cookie())
}
