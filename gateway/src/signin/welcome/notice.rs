//! Mails that tell what was joined. A mail that cannot be queued is in the log and keeps nobody.

use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};

use crate::pages::Lang;
use crate::pages::mail::{self, MailBody};
use crate::signin::sign_up::queue;
use crate::signin::visit::Visit;

/// A Bitrix ID came into being.
pub(super) async fn created(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let notice = mail::signed_up(language(visit, account), brand, &visit.identity_url("/"));
    told(visit, queue(visit, &account.email, notice).await);
}

/// These portals' records were joined.
pub(in crate::signin) async fn joined(visit: &Visit, account: &Account, titles: &[String]) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let link = visit.identity_url("/profile/portals");
    let notice = mail::joined(language(visit, account), brand, titles, &link);
    told(visit, to_all(visit, account, &notice).await);
}

/// The join on this portal was undone.
pub(in crate::signin) async fn unjoined(visit: &Visit, account: &Account, title: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let link = visit.identity_url("/profile/portals");
    let notice = mail::unjoined(language(visit, account), brand, title, &link);
    told(visit, to_all(visit, account, &notice).await);
}

async fn to_all(visit: &Visit, account: &Account, notice: &MailBody) -> Result<(), StoreError> {
    if visit.snapshot.config.mail.is_none() {
        return Ok(());
    }
    for held in visit.hub().directory.addresses(account.id).await? {
        if held.proof > AddressProof::None {
            queue(visit, &held.address, notice.clone()).await?;
        }
    }
    Ok(())
}

fn language(visit: &Visit, account: &Account) -> Lang {
    account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visit.lang)
}

fn told(visit: &Visit, queued: Result<(), StoreError>) {
    if let Err(error) = queued {
        tracing::warn!(request_id = visit.request_id, "a notice was not queued: {error}");
    }
}
