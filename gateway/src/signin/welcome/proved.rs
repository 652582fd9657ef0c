//! The right code came back: whose address it is now, and what follows.

use bitrix_id_auth_core::accounts::NewOwner;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::links::{LinkOutcome, NewLink};
use bitrix_id_auth_core::store::{
    Account, AccountState, AddressProof, Holder, NewAccount, StoreError,
};

use super::{Proving, Purpose, end, notice};
use crate::signin::browser::Browser;
use crate::signin::enter::{MAILED_CODE, Method, WELCOME, enter};
use crate::signin::failure::{Answer, Failure};
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::person::{event, record};
use crate::signin::portal_password;
use crate::signin::reply::Reply;
use crate::signin::social;
use crate::signin::transaction;
use crate::signin::visit::Visit;

/// Finds or makes the account, as things stand now and not as they stood when the proof began, and signs
/// in to it.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn go_on(visit: &Visit, browser: &Browser, proving: Proving) -> Answer {
    let Some(owner) = owner(visit, &proving).await? else {
        return Ok(end::refused(visit));
    };
    let account = &owner.account;
    if let Purpose::Link { link, provider } = &proving.purpose {
        let (directory, generation) = (&visit.hub().directory, account.generation);
        match directory.link(account.id, generation, link.clone(), visit.now()).await? {
            LinkOutcome::Linked => {
                linked(visit, account, link).await;
                if !owner.created {
                    social::notice::linked(visit, account, provider).await;
                }
            }
            LinkOutcome::Elsewhere(_) => return Ok(end::linked_elsewhere(visit, provider)),
            LinkOutcome::Refused | LinkOutcome::Outdated => return Ok(end::refused(visit)),
        }
    }
    // Spent after that: a store that fails in between costs the person nothing, and of two that come at
    // once one goes on.
    let state = proving.state.as_deref();
    if transaction::take::<Proving>(visit, browser).await?.is_none() {
        return Ok(sign_in(visit, state));
    }
    if let Purpose::PortalPassword { keys, password_hash } = &proving.purpose {
        portal_password::used(visit, &proving.email, keys, password_hash).await;
    }
    owner.tell(visit, &proving).await;
    let Some(entered) = enter(visit, account, owner.method, state).await? else {
        return Ok(sign_in(visit, state));
    };
    // Told once, on the page that joins.
    let taken = owner.created && account.password_hash.is_some();
    let taken = taken.then(|| Flash::PasswordTaken.leave(visit, None));
    Ok(entered.cookies(taken.flatten()))
}

/// Who has proved the address by now.
struct Owner {
    account: Account,
    /// The account was made just now.
    created: bool,
    /// How its owner signs in by this.
    method: Method,
}

/// `None`: the account that has proved the address may not sign in.
async fn owner(visit: &Visit, proving: &Proving) -> Result<Option<Owner>, Failure> {
    // An address that changes hands in between is decided anew.
    for _ in 0..TRIES {
        if let Holder::Proved(holder) = visit.hub().directory.holder(&proving.email).await? {
            return Ok(existing(visit, holder, &proving.email).await?);
        }
        let password_hash = match &proving.purpose {
            Purpose::PortalPassword { password_hash, .. } => Some(password_hash.clone()),
            Purpose::Link { .. } => None,
        };
        let method = if password_hash.is_some() { WELCOME } else { MAILED_CODE };
        let new = NewAccount {
            email: proving.email.clone(),
            proof: AddressProof::Mail,
            name: proving.name.clone(),
            password_hash,
            language: Some(proving.language.clone()),
        };
        if let NewOwner::Account(account) = visit.change().create_account(new).await? {
            visit.refuse_ended().await;
            return Ok(Some(Owner { account, created: true, method }));
        }
    }
    Err(Failure::Internal("an address changed hands again and again".into()))
}

async fn existing(
    visit: &Visit,
    holder: bitrix_id_auth_core::identity::AccountId,
    email: &str,
) -> Result<Option<Owner>, StoreError> {
    let directory = &visit.hub().directory;
    let account = directory.account(holder).await?;
    let generation = account.map_or(0, |account| account.generation);
    let held = directory.addresses(holder).await?;
    let proof = held.iter().find(|held| held.address == email).map(|held| held.proof);
    if proof.is_some_and(|proof| proof < AddressProof::Mail) {
        visit.change().add_address(holder, generation, email, AddressProof::Mail).await?;
        visit.refuse_ended().await;
    }
    let account = directory.account(holder).await?;
    let account = account.filter(|account| account.state == AccountState::Active);
    Ok(account.map(|account| Owner { account, created: false, method: MAILED_CODE }))
}

impl Owner {
    /// The audit table, and a mail where an account came into being.
    async fn tell(&self, visit: &Visit, proving: &Proving) {
        let about = |action| event(visit, action).with_account(self.account.id);
        record(visit, about(audit::EMAIL_CONFIRMED).with_detail(proving.reason())).await;
        if self.created {
            record(visit, about(audit::ACCOUNT_CREATED)).await;
            notice::created(visit, &self.account).await;
        }
    }
}

async fn linked(visit: &Visit, account: &Account, link: &NewLink) {
    let event = event(visit, audit::LINK_ADDED).with_account(account.id);
    record(visit, event.with_detail(&link.provider)).await;
}

fn sign_in(visit: &Visit, state: Option<&str>) -> Reply {
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state)))
}

/// At finding out whose address it is.
const TRIES: u32 = 3;
