//! `bitrix-id account disable`, `enable`, `revoke-sessions` and `delete`.
//!
//! Order matters: first nobody can sign in any more (or every older token is out of date), then the sessions end,
//! then a running gateway is told to refuse what is still in circulation. A command that fails half-way can be
//! run again.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{Account, AccountState, Directory, SessionStore};

use crate::cli::check::counted;
use crate::cli::print;
use crate::cli::workplace::Workplace;

pub(super) async fn disable(place: &Workplace, account: Account) -> anyhow::Result<()> {
    place.store.set_account_state(account.id, AccountState::Disabled).await?;
    let generation = generation(place, &account).await?;
    let ended = end_everything(place, account.id, generation).await?;
    place.audit(audit::ACCOUNT_DISABLED, |event| event.with_account(account.id)).await?;
    let email = print::plain(&account.email);
    eprintln!("{email} cannot sign in any more; {} ended.", counted(ended, "session"));
    Ok(())
}

pub(super) async fn enable(place: &Workplace, account: Account) -> anyhow::Result<()> {
    place.store.set_account_state(account.id, AccountState::Active).await?;
    place.audit(audit::ACCOUNT_ENABLED, |event| event.with_account(account.id)).await?;
    eprintln!("{} can sign in.", print::plain(&account.email));
    Ok(())
}

pub(super) async fn revoke_sessions(place: &Workplace, account: Account) -> anyhow::Result<()> {
    let generation = place.store.raise_generation(account.id).await?;
    let ended = end_everything(place, account.id, generation).await?;
    place.audit(audit::SESSIONS_REVOKED, |event| event.with_account(account.id)).await?;
    eprintln!("{}: {} ended.", print::plain(&account.email), counted(ended, "session"));
    Ok(())
}

pub(super) async fn delete(place: &Workplace, account: Account) -> anyhow::Result<()> {
    place.store.set_account_state(account.id, AccountState::Disabled).await?;
    let generation = generation(place, &account).await?;
    let ended = end_everything(place, account.id, generation).await?;
    place.store.delete_account(account.id).await?;
    place.audit(audit::ACCOUNT_DELETED, |event| event.with_account(account.id)).await?;
    let email = print::plain(&account.email);
    eprintln!("{email} is deleted; {} ended.", counted(ended, "session"));
    Ok(())
}

/// The generation after a change of state. An account that was disabled before keeps its own.
async fn generation(place: &Workplace, account: &Account) -> anyhow::Result<u32> {
    let current = place.store.account(account.id).await?;
    Ok(current.map_or(account.generation, |account| account.generation))
}

/// Ends the sessions and has every token of an older generation refused. Returns the number of sessions.
async fn end_everything(
    place: &Workplace,
    account: AccountId,
    minimum_generation: u32,
) -> anyhow::Result<usize> {
    let until = place.tokens_dead_at();
    let ended = place.store.end_sessions_of(account, None, until, place.now_ms()).await?;
    place.store.revoke_account(account, minimum_generation, until, place.now_ms()).await?;
    Ok(ended.len())
}
