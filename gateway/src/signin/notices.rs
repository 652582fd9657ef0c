//! Telling portals what happened to their people.

use bitrix_id_auth_core::identity::{AccountId, SessionId};
use bitrix_id_auth_core::store::notices::Notice;

use super::visit::Visit;

/// Queues a notice for every portal on which the account has a profile and that wants to know. What it
/// tells of has happened already, so a store that does not take it is logged and the request goes on.
pub(crate) async fn tell(visit: &Visit, account: AccountId, notice: Notice) {
    let event = notice.event.name();
    let kept = visit.hub().directory.notify(account, notice, visit.now_ms).await;
    visit.app.notice_bell.notify_one();
    if let Err(error) = kept {
        let request_id = visit.request_id.as_str();
        tracing::error!(request_id, event, "portals were not told: {error}");
    }
}

/// A session of the account was ended before its time.
pub(crate) async fn session_ended(visit: &Visit, account: AccountId, session: SessionId) {
    tell(visit, account, Notice::sessions_ended(account, &[session], false)).await;
}
