//! The mails that say that a password was set.

use bitrix_id_auth_core::store::Account;

use super::also;
use crate::pages::mail::{self, PasswordChanged};
use crate::signin::outgoing;
use crate::signin::visit::Visit;

/// Tells every address the account has proved that its password was changed, with when and from where. The
/// change has happened: a mail that is not queued is logged.
pub(in crate::signin) async fn send(visit: &Visit, account: &Account) {
    let also = also::opens(visit, account).await.unwrap_or_else(|error| {
        let request_id = visit.request_id.as_str();
        tracing::error!(request_id, "a notice does not say what else opens the account: {error}");
        Vec::new()
    });
    let facts = PasswordChanged {
        also,
        at: visit.now(),
        zone: account.time_zone.clone(),
        user_agent: visit.user_agent.clone(),
        network: visit.client_ip.to_canonical().to_string(),
        recover_url: visit.identity_url("/forgot-password"),
    };
    let brand = visit.snapshot.config.identity.name.as_str();
    let body = mail::password_changed(visit.lang_of(account), brand, &facts);
    outgoing::notice_to_all(visit, account, &body).await;
}

/// Tells the address of an account that recovery has made.
pub(super) async fn welcome(visit: &Visit, account: &Account) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let body = mail::signed_up(visit.lang_of(account), brand, &visit.identity_url("/"));
    outgoing::notice(visit, &account.email, body).await;
}
