//! The mails about who is let into a portal: to whom, in which language, with which link.

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{
    Account, AccountState, AddressProof, Attempt, QueuedMail, Quota, StoreError,
};
use bitrix_id_auth_core::throttle::attempt_key;
use bitrix_id_config::model::Portal;

use super::outgoing::{addressed, queue};
use super::people::path_of;
use super::visit::Visit;
use crate::pages::mail::access;

/// Tells the owners of a portal that somebody asks to be let in. The request stands already, so what keeps
/// a mail from being queued is logged.
pub(super) async fn tell_owners(visit: &Visit, portal: &Portal, owners: &[Account]) {
    if let Err(error) = try_tell_owners(visit, portal, owners).await {
        tracing::error!(request_id = visit.request_id, "owners were not told: {error}");
    }
}

async fn try_tell_owners(
    visit: &Visit,
    portal: &Portal,
    owners: &[Account],
) -> Result<(), StoreError> {
    let key = attempt_key("access-asked/portal", &[&portal.id]);
    let sessions = &visit.hub().sessions;
    if sessions.count_attempt(&key, PER_PORTAL, visit.now_ms).await? != Attempt::Allowed {
        // Their page shows the request all the same.
        tracing::info!(portal = portal.id, "its owners were told of requests often enough");
        return Ok(());
    }
    let url = visit.identity_url(&path_of(portal));
    for owner in owners {
        let body = access::access_asked(
            visit.lang_of(owner),
            brand(visit),
            &visit.portal_name(portal),
            &url,
        );
        queue(visit, &owner.email, body).await?;
    }
    Ok(())
}

/// Tells whoever asked what an owner said. Logged if it fails: the answer stands already.
pub(super) async fn tell_requester(
    visit: &Visit,
    portal: &Portal,
    requester: AccountId,
    approved: bool,
) {
    if let Err(error) = try_tell_requester(visit, portal, requester, approved).await {
        tracing::error!(request_id = visit.request_id, "a requester was not told: {error}");
    }
}

async fn try_tell_requester(
    visit: &Visit,
    portal: &Portal,
    requester: AccountId,
    approved: bool,
) -> Result<(), StoreError> {
    let account = visit.hub().directory.account(requester).await?;
    let reachable = |account: &Account| {
        account.state == AccountState::Active && account.proof != AddressProof::None
    };
    let Some(account) = account.filter(reachable) else {
        return Ok(());
    };
    let (lang, name) = (visit.lang_of(&account), visit.portal_name(portal));
    let body = if approved {
        access::access_granted(lang, brand(visit), &name, &visit.portal_url(portal))
    } else {
        access::access_declined(lang, brand(visit), &name, &visit.identity_url("/"))
    };
    queue(visit, &account.email, body).await
}

/// The mail that brings an invitation, to be queued with it.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn invitation(
    visit: &Visit,
    portal: &Portal,
    to: &str,
    days: u32,
    url: &str,
) -> Result<QueuedMail, StoreError> {
    let account = visit.hub().directory.account_by_email(to).await?;
    let lang = account.map_or(visit.lang, |account| visit.lang_of(&account));
    let name = visit.portal_name(portal);
    Ok(addressed(to, access::invitation(lang, brand(visit), &name, days, url)))
}

fn brand(visit: &Visit) -> &str {
    &visit.snapshot.config.identity.name
}

/// Mails about requests for one portal, to all its owners at once.
const PER_PORTAL: Quota = Quota { limit: 20, window: 3600 };
