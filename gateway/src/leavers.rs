//! Deleting the accounts whose owners wanted it and whose time has come.

use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::store::{AuditEvent, StoreError};

use crate::hub::Hub;

/// Deletes those that are due, a few at a time. Any number of processes may do so at once: each account is
/// deleted by one of them.
///
/// # Errors
/// [`StoreError`]; what is left is deleted the next time.
pub(crate) async fn delete_due(hub: &Hub) -> Result<(), StoreError> {
    let now_ms = hub.clock.now_ms();
    let due = hub.directory.leavers_due(now_ms.div_euclid(1000), AT_A_TIME).await?;
    let change = AccountChange {
        directory: hub.directory.as_ref(),
        sessions: hub.sessions.as_ref(),
        now_ms,
    };
    for account in due {
        if change.delete_leaver(account).await? {
            let event = AuditEvent::new(audit::ACCOUNT_DELETED, now_ms)
                .with_account(account)
                .with_actor(Actor::System)
                .with_detail("its owner asked for it");
            hub.directory.record(event).await?;
            tracing::info!(subject = %account, "an account was deleted, as its owner asked");
        }
    }
    Ok(())
}

/// Keeps a round short; the rest follows with the next one.
const AT_A_TIME: u32 = 20;
