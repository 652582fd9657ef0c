//! How many mails may be asked for, by whom.
//!
//! A stranger may type any address. What strangers use up must not keep a mail from its owner, so whoever has
//! shown something of an account first is counted apart: in buckets that only they can fill. For the same
//! reason a form that sends nothing costs those nothing whose addresses stand in it.

use std::sync::Arc;

use bitrix_id_auth_core::store::{Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};
use tokio::runtime::Handle;

use super::people::Owner;
use super::person::SignedIn;
use super::visit::Visit;
use crate::hub::Hub;

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

async fn count(visit: &Visit, buckets: &[Bucket]) -> Result<Attempt, StoreError> {
    for (key, quota) in buckets {
        let attempt = visit.hub().sessions.count_attempt(key, *quota, visit.now_ms).await?;
        if attempt != Attempt::Allowed {
            return Ok(attempt);
        }
    }
    Ok(Attempt::Allowed)
}

/// Counts a mail to each of these addresses by owner, portal and mailbox; the seconds to wait if one of them
/// is one too many. Then the counts of portal and mailboxes are as before; the owner's keep the try.
///
/// # Errors
/// [`StoreError`]; what it says of the counts holds then as well.
pub(super) async fn of_invitations(
    visit: &Visit,
    owner: &Owner,
    addresses: &[String],
) -> Result<Result<Counted, u32>, StoreError> {
    let (account, portal) = (owner.person.account.id.to_string(), owner.portal.id.as_str());
    // First, so that a form that is left while it is counted costs its sender as much as others.
    for _ in addresses {
        let key = attempt_key("invite/account", &[&account]);
        let attempt =
            visit.hub().sessions.count_attempt(&key, PER_INVITING_ACCOUNT, visit.now_ms).await?;
        if let Attempt::Refused { retry_after } = attempt {
            return Ok(Err(retry_after));
        }
    }
    let mut counted = Counted { hub: visit.app.hub.clone(), buckets: Vec::new(), stands: false };
    for address in addresses {
        let buckets = [
            (attempt_key("invite/portal", &[portal]), PER_INVITING_PORTAL),
            (attempt_key("invite/mailbox", &[address]), PER_INVITED_MAILBOX),
        ];
        for bucket in buckets {
            if let Attempt::Refused { retry_after } = counted.count(bucket, visit.now_ms).await? {
                counted.give_back().await;
                return Ok(Err(retry_after));
            }
        }
    }
    Ok(Ok(counted))
}

/// Attempts that are given back if it comes to nothing, also because the visitor hangs up or a store fails.
#[must_use]
pub(super) struct Counted {
    hub: Arc<Hub>,
    buckets: Vec<Bucket>,
    stands: bool,
}

impl Counted {
    /// From here on the mails may be out without anybody here to hear of it, so the counts stand.
    pub(super) fn begin(&mut self) {
        self.stands = true;
    }

    /// Nothing was sent.
    pub(super) async fn give_back(mut self) {
        while let Some(bucket) = self.buckets.last() {
            forgive(&self.hub, bucket).await;
            self.buckets.pop();
        }
    }

    async fn count(&mut self, bucket: Bucket, now_ms: i64) -> Result<Attempt, StoreError> {
        let attempt = self.hub.sessions.count_attempt(&bucket.0, bucket.1, now_ms).await?;
        if attempt == Attempt::Allowed {
            self.buckets.push(bucket);
        }
        Ok(attempt)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let (hub, buckets) = (self.hub.clone(), std::mem::take(&mut self.buckets));
        if self.stands || buckets.is_empty() {
            return;
        }
        // None: the process ends.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                for bucket in &buckets {
                    forgive(&hub, bucket).await;
                }
            });
        }
    }
}

async fn forgive(hub: &Hub, (key, quota): &Bucket) {
    if let Err(error) = hub.sessions.forgive_attempt(key, *quota).await {
        tracing::warn!("an attempt was not given back: {error}");
    }
}

type Bucket = ([u8; 32], Quota);

/// Anybody can create a portal and would then have mail sent from here.
const PER_INVITING_ACCOUNT: Quota = Quota { limit: 60, window: 24 * 3600 };
const PER_INVITING_PORTAL: Quota = Quota { limit: 100, window: 24 * 3600 };
/// From all portals together.
const PER_INVITED_MAILBOX: Quota = Quota { limit: 5, window: 24 * 3600 };
/// Sign-ups and codes asked for from one network: a school or an office may share an address.
const PER_NETWORK: Quota = Quota { limit: 30, window: 3600 };
/// Mails to one address: with five tries each, a guess at a code has one chance in forty thousand per hour.
const PER_MAILBOX: Quota = Quota { limit: 5, window: 3600 };
/// The same over all sessions of an account, so that a thief's leaves something to the owner's.
const PER_ACCOUNT_AND_MAILBOX: Quota = Quota { limit: 15, window: 3600 };
