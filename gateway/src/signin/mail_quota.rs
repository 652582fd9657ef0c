//! How many mails may be asked for, by whom.
//!
//! A stranger may type any address. What strangers use up must not keep a mail from its owner, so whoever has
//! shown something of an account first is counted apart: in buckets that only they can fill.

use bitrix_id_auth_core::store::{Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};

use super::person::SignedIn;
use super::visit::Visit;

/// Counts a mail that a stranger asks for, by client network and by mailbox.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn of_stranger(visit: &Visit, address: &str) -> Result<Attempt, StoreError> {
    let network = client_network(visit.client_ip).to_string();
    let buckets = [
        (attempt_key("sign-up/network", &[&network]), PER_NETWORK),
        (attempt_key("sign-up/mailbox", &[address]), PER_MAILBOX),
    ];
    count(visit, &buckets).await
}

/// Counts a mail that a signed-in person asks for from within the account, by session and by account, for
/// each address it goes to.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn of_person(
    visit: &Visit,
    person: &SignedIn,
    address: &str,
) -> Result<Attempt, StoreError> {
    let (session, account) = (person.session.id.to_string(), person.account.id.to_string());
    let buckets = [
        (attempt_key("own-mail/session", &[&session, address]), PER_MAILBOX),
        (attempt_key("own-mail/account", &[&account, address]), PER_ACCOUNT_AND_MAILBOX),
    ];
    count(visit, &buckets).await
}

/// Counts a mail to an address for which a portal's password has been typed.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn of_portal_password(
    visit: &Visit,
    address: &str,
) -> Result<Attempt, StoreError> {
    count(visit, &[(attempt_key("portal-password/mailbox", &[address]), PER_MAILBOX)]).await
}

async fn count(visit: &Visit, buckets: &[([u8; 32], Quota)]) -> Result<Attempt, StoreError> {
    for (key, quota) in buckets {
        let attempt = visit.hub().sessions.count_attempt(key, *quota, visit.now_ms).await?;
        if attempt != Attempt::Allowed {
            return Ok(attempt);
        }
    }
    Ok(Attempt::Allowed)
}

/// Sign-ups and codes asked for from one network: a school or an office may share an address.
const PER_NETWORK: Quota = Quota { limit: 30, window: 3600 };
/// Mails to one address: with five tries each, a guess at a code has one chance in forty thousand per hour.
const PER_MAILBOX: Quota = Quota { limit: 5, window: 3600 };
/// The same over all sessions of an account, so that a thief's leaves something to the owner's.
const PER_ACCOUNT_AND_MAILBOX: Quota = Quota { limit: 15, window: 3600 };
