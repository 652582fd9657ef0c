//! Mails about links. One that cannot be queued is in the log and keeps nobody.

use bitrix_id_auth_core::store::Account;

use crate::pages::mail;
use crate::signin::outgoing;
use crate::signin::visit::Visit;

/// An account came into being by a provider's word.
pub(super) async fn created(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let home = visit.identity_url("/");
    let body = mail::signed_up(visit.lang_of(account), brand, &home);
    outgoing::notice(visit, &account.email, body).await;
}

/// A provider's account opens this one from now on.
pub(in crate::signin) async fn linked(visit: &Visit, account: &Account, provider: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let page = visit.identity_url("/profile/social");
    let body = mail::social::linked(visit.lang_of(account), brand, provider, &page);
    // To the stored address, whatever the provider says.
    outgoing::notice(visit, &account.email, body).await;
}

/// It no longer does.
pub(super) async fn unlinked(visit: &Visit, account: &Account, provider: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let page = visit.identity_url("/profile/social");
    let body = mail::social::unlinked(visit.lang_of(account), brand, provider, &page);
    outgoing::notice(visit, &account.email, body).await;
}
