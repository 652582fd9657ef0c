//! Telling the owner of an account that a browser signed in which had not done so before.

use bitrix_id_auth_core::store::{Account, AddressProof, Attempt, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;

use super::failure::Failure;
use super::not_me;
use super::outgoing::queue;
use super::person::Started;
use super::visit::Visit;
use crate::pages::mail::people::{NewDevice, new_device};

/// Queues the mail, if there is reason for one. The sign-in has happened and goes on without it.
pub(super) async fn tell(visit: &Visit, account: &Account, started: &Started) {
    if let Err(error) = try_to_tell(visit, account, started).await {
        let request_id = visit.request_id.as_str();
        tracing::error!(request_id, "the mail about a new device was not queued: {error}");
    }
}

async fn try_to_tell(visit: &Visit, account: &Account, started: &Started) -> Result<(), Failure> {
    let reachable = visit.snapshot.config.mail.is_some() && account.proof != AddressProof::None;
    if started.known
        || !reachable
        || !is_used(visit, account, started).await?
        || !counted(visit, account).await?
    {
        return Ok(());
    }
    let url = not_me::link(visit, account, started).await?;
    let about = NewDevice {
        at: visit.now(),
        time_zone: account.time_zone.as_deref(),
        user_agent: &visit.user_agent,
        address: &visit.client_ip.to_canonical().to_string(),
        not_me_url: &url,
    };
    let brand = visit.snapshot.config.identity.name.as_str();
    Ok(queue(visit, &account.email, new_device(visit.lang_of(account), brand, &about)).await?)
}

/// Whether the account has been somebody's for a while: a person who has just signed up knows.
async fn is_used(visit: &Visit, account: &Account, started: &Started) -> Result<bool, StoreError> {
    if visit.now() - account.created_at >= A_DAY_SECONDS {
        return Ok(true);
    }
    // Not among the newest events: failed attempts, which anybody can cause, push a success out of them.
    visit.hub().directory.signed_in_before(account.id, started.session).await
}

/// Who has the password and throws cookies away may not fill the owner's mailbox.
async fn counted(visit: &Visit, account: &Account) -> Result<bool, StoreError> {
    let key = attempt_key("device-mail/account", &[&account.id.to_string()]);
    let attempt = visit.hub().sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?;
    Ok(attempt == Attempt::Allowed)
}

const A_DAY_SECONDS: i64 = 24 * 3600;
const PER_ACCOUNT: Quota = Quota { limit: 10, window: 3600 };
