//! Mails about links. One that cannot be queued is in the log and keeps nobody.

use bitrix_id_auth_core::store::Account;

use crate::pages::Lang;
use crate::pages::mail::{self, MailBody};
use crate::signin::sign_up::queue;
use crate::signin::visit::Visit;

/// An account came into being by a provider's word.
pub(super) async fn created(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let home = visit.identity_url("/");
    tell(visit, account, mail::signed_up(language(visit, account), brand, &home)).await;
}

/// A provider's account opens this one from now on.
pub(in crate::signin) async fn linked(visit: &Visit, account: &Account, provider: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let page = visit.identity_url("/profile/social");
    let body = mail::social::linked(language(visit, account), brand, provider, &page);
    tell(visit, account, body).await;
}

/// It no longer does.
pub(super) async fn unlinked(visit: &Visit, account: &Account, provider: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let page = visit.identity_url("/profile/social");
    let body = mail::social::unlinked(language(visit, account), brand, provider, &page);
    tell(visit, account, body).await;
}

async fn tell(visit: &Visit, account: &Account, body: MailBody) {
    if visit.snapshot.config.mail.is_none() {
        return;
    }
    // To the stored address, whatever the provider says.
    if let Err(error) = queue(visit, &account.email, body).await {
        tracing::warn!(request_id = visit.request_id, "a notice was not queued: {error}");
    }
}

fn language(visit: &Visit, account: &Account) -> Lang {
    account.language.as_deref().and_then(Lang::from_tag).unwrap_or(visit.lang)
}
