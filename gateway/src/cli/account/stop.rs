//! `bitrix-id account disable`, `enable`, `revoke-sessions` and `delete`.
//!
//! Order matters: first nobody can sign in any more, then sessions end and a running gateway is told to refuse
//! the tokens still in circulation. A command that fails half-way can be run again.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{Account, AccountState};

use super::unmerge::check_not_merged;
use crate::cli::check::counted;
use crate::cli::print;
use crate::cli::workplace::Workplace;

pub(super) async fn disable(place: &Workplace, account: Account) -> anyhow::Result<()> {
    check_not_merged(&account)?;
    place.stores.directory.set_account_state(account.id, AccountState::Disabled).await?;
    let ended = place.change().end_everything(account.id).await?;
    place.audit(audit::ACCOUNT_DISABLED, |event| event.with_account(account.id)).await?;
    let email = print::plain(&account.email);
    eprintln!("{email} cannot sign in any more; {} ended.", counted(ended, "session"));
    Ok(())
}

pub(super) async fn enable(place: &Workplace, account: Account) -> anyhow::Result<()> {
    check_not_merged(&account)?;
    place.stores.directory.set_account_state(account.id, AccountState::Active).await?;
    place.audit(audit::ACCOUNT_ENABLED, |event| event.with_account(account.id)).await?;
    eprintln!("{} can sign in.", print::plain(&account.email));
    Ok(())
}

pub(super) async fn revoke_sessions(place: &Workplace, account: Account) -> anyhow::Result<()> {
    let ended = place.change().end_everything(account.id).await?;
    place.audit(audit::SESSIONS_REVOKED, |event| event.with_account(account.id)).await?;
    eprintln!("{}: {} ended.", print::plain(&account.email), counted(ended, "session"));
    Ok(())
}

pub(super) async fn delete(place: &Workplace, account: Account) -> anyhow::Result<()> {
    check_not_merged(&account)?;
    place.stores.directory.set_account_state(account.id, AccountState::Disabled).await?;
    let ended = place.change().end_everything(account.id).await?;
    place.stores.directory.delete_account(account.id, place.now()).await?;
    place.audit(audit::ACCOUNT_DELETED, |event| event.with_account(account.id)).await?;
    let email = print::plain(&account.email);
    eprintln!("{email} is deleted; {} ended.", counted(ended, "session"));
    Ok(())
}
