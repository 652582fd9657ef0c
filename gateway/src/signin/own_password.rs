//! The signed-in person's own password, asked for once more. Counted as a sign-in is: a session may be an
//! unattended browser's.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::password::{PasswordError, Verification};
use bitrix_id_auth_core::store::{Account, Attempt};

use super::device;
use super::failure::Failure;
use super::person::{event, record, record_seldom};
use super::visit::Visit;

/// Outcome of looking at a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is the account's.
    Right,
    /// It is not.
    Wrong,
    /// Attempts are limited: it was not looked at.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// The hashing queue is full.
    Busy,
}

/// Compares `typed` with the password of `account`; with `None` the work is done in vain and the answer is
/// no. `address` is what attempts are counted under: canonical, whether or not anybody has it. `purpose`
/// goes into the audit table.
///
/// # Errors
/// [`Failure::Store`]: it was not looked at. [`Failure::Internal`].
pub(super) async fn check(
    visit: &Visit,
    address: &str,
    account: Option<&Account>,
    typed: &str,
    purpose: &'static str,
) -> Result<Checked, Failure> {
    let hub = visit.hub();
    let known = device::known(visit, account).await?;
    let (throttle, known) = (&visit.app.throttle, known.as_deref());
    let attempt = throttle.before(address, visit.client_ip, known, visit.now_ms).await?;
    let about = |action| {
        let event = event(visit, action).with_detail(purpose);
        match account {
            Some(account) => event.with_account(account.id),
            None => event,
        }
    };
    if let Attempt::Refused { retry_after } = attempt {
        record_seldom(visit, about(audit::SIGN_IN_THROTTLED)).await;
        return Ok(Checked::TooMany { retry_after });
    }
    let stored = account.and_then(|account| account.password_hash.as_deref());
    let matched = match hub.passwords.load_full().verify(stored, typed).await {
        Ok(verification) => stored.is_some() && verification != Verification::NoMatch,
        Err(PasswordError::TooLong) => false,
        Err(PasswordError::Busy) => return Ok(Checked::Busy),
        Err(error @ PasswordError::Internal(_)) => return Err(error.into()),
    };
    if !matched {
        record(visit, about(audit::SIGN_IN_FAILED)).await;
        return Ok(Checked::Wrong);
    }
    if let Err(error) = throttle.succeeded(address, visit.client_ip, known).await {
        tracing::warn!(request_id = visit.request_id, "attempts were not forgotten: {error}");
    }
    Ok(Checked::Right)
}
