//! The mails that say that a password was set.

use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};

use crate::pages::Lang;
use crate::pages::mail::{self, PasswordChanged};
use crate::signin::sign_up::queue;
use crate::signin::visit::Visit;

/// Tells every address the account has proved that its password was changed, with when and from where. The
/// change has happened: a mail that is not queued is logged.
pub(in crate::signin) async fn send(visit: &Visit, account: &Account) {
    if visit.snapshot.config.mail.is_none() {
        return;
    }
    log(visit, try_send(visit, account).await);
}

/// Tells the address of an account that recovery has made.
pub(super) async fn welcome(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let body = mail::signed_up(lang_of(visit, account), brand, &visit.identity_url("/"));
    log(visit, queue(visit, &account.email, body).await);
}

async fn try_send(visit: &Visit, account: &Account) -> Result<(), StoreError> {
    let facts = PasswordChanged {
        at: visit.now(),
        zone: account.time_zone.clone(),
        user_agent: visit.user_agent.clone(),
        network: visit.client_ip.to_canonical().to_string(),
        recover_url: visit.identity_url("/forgot-password"),
    };
    let brand = visit.snapshot.config.identity.name.as_str();
    let body = mail::password_changed(lang_of(visit, account), brand, &facts);
    let held = visit.hub().directory.addresses(account.id).await?;
    let proved = held.into_iter().filter(|address| address.proof != AddressProof::None);
    for address in proved.take(MOST_ADDRESSES) {
        queue(visit, &address.address, body.clone()).await?;
    }
    Ok(())
}

fn lang_of(visit: &Visit, account: &Account) -> Lang {
    account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visit.lang)
}

fn log(visit: &Visit, queued: Result<(), StoreError>) {
    if let Err(error) = queued {
        tracing::warn!(request_id = visit.request_id, "a notice was not queued: {error}");
    }
}

/// Nobody has more.
const MOST_ADDRESSES: usize = 20;
