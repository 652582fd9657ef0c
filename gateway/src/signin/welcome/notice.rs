//! Mails that tell what was joined. A mail that cannot be queued is in the log and keeps nobody.

use bitrix_id_auth_core::store::Account;

use crate::pages::mail;
use crate::signin::outgoing;
use crate::signin::visit::Visit;

/// A Bitrix ID came into being. If it has a password, that is the one of a portal that was typed just now.
pub(super) async fn created(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let (lang, home_url) = (visit.lang_of(account), visit.identity_url("/"));
    let notice = match account.password_hash {
        Some(_) => mail::welcomed(lang, brand, &home_url),
        None => mail::signed_up(lang, brand, &home_url),
    };
    outgoing::notice(visit, &account.email, notice).await;
}

/// These portals' records were joined.
pub(in crate::signin) async fn joined(visit: &Visit, account: &Account, titles: &[String]) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let link = visit.identity_url("/profile/portals");
    let notice = mail::joined(visit.lang_of(account), brand, titles, &link);
    outgoing::notice_to_all(visit, account, &notice).await;
}

/// The join on this portal was undone.
pub(in crate::signin) async fn unjoined(visit: &Visit, account: &Account, title: &str) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let link = visit.identity_url("/profile/portals");
    let notice = mail::unjoined(visit.lang_of(account), brand, title, &link);
    outgoing::notice_to_all(visit, account, &notice).await;
}
