//! What follows from a provider's word: the decision, done.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email::local_part;
use bitrix_id_auth_core::linking::{self, LinkStep, Step, Subject, Word, decide, decide_link};
use bitrix_id_auth_core::oauth::{Asserted, title};
use bitrix_id_auth_core::store::links::{CreateLinked, LinkOutcome, NewLink};
use bitrix_id_auth_core::store::{Account, AddressProof, Holder, NewAccount, StoreError};
use bitrix_id_config::model::Social;

use super::waiting::{self, Matter, Waiting};
use super::{failed, notice};
use crate::pages::{SocialNews, SocialProblem};
use crate::signin::browser::Browser;
use crate::signin::enter::{SOCIAL, enter};
use crate::signin::failure::{Answer, Failure};
use crate::signin::flash::Flash;
use crate::signin::keep::{self, Way};
use crate::signin::person::{SignedIn, event, record};
use crate::signin::reply::Reply;
use crate::signin::visit::Visit;
use crate::signin::welcome::{self, Begin};

/// Somebody who is not signed in came back as this.
///
/// # Errors
/// [`Failure::Store`]; also when the store contradicts itself, before anything is written.
pub(super) async fn sign_in(
    visit: &Visit,
    social: &Social,
    asserted: Asserted,
    state: Option<&str>,
) -> Answer {
    // What changes in between is decided anew.
    for _ in 0..TRIES {
        let (step, account) = next(visit, social, &asserted).await?;
        if let Some(answer) = take(visit, social, &asserted, state, step, account).await? {
            return Ok(answer);
        }
    }
    Err(Failure::Internal("a link or an address changed again and again".into()))
}

/// The decision on what the store says now, and the account it is about.
async fn next(
    visit: &Visit,
    social: &Social,
    asserted: &Asserted,
) -> Result<(Step, Option<Account>), Failure> {
    let holder = holder(visit, social, asserted.link.email.as_deref()).await?;
    let directory = &visit.hub().directory;
    let linked = directory.linked(&asserted.link.issuer, &asserted.link.subject).await?;
    let subject = Subject::of(linked.map(|link| link.account), holder, None);
    let step = decide(holder, asserted.word, subject);
    let account = match step.account() {
        Some(id) => directory.account(id).await?,
        None => None,
    };
    Ok((step.with_state(account.as_ref().map(|account| account.state)), account))
}

async fn holder(visit: &Visit, social: &Social, email: Option<&str>) -> Result<Holder, Failure> {
    let Some(email) = email else { return Ok(Holder::None) };
    let directory = &visit.hub().directory;
    let proved_by = directory.account_by_email(email).await?.map(|account| account.id);
    let held = directory.holder(email).await?;
    match linking::holder(held, proved_by) {
        Ok(holder) => Ok(holder),
        Err(contradiction) => {
            let event = event(visit, audit::SIGN_IN_FAILED);
            record(visit, event.with_detail(&format!("{} contradiction", social.id))).await;
            Err(StoreError::Corrupt(contradiction.to_string()).into())
        }
    }
}

/// `None`: what the step was decided on is no longer so.
async fn take(
    visit: &Visit,
    social: &Social,
    asserted: &Asserted,
    state: Option<&str>,
    step: Step,
    account: Option<Account>,
) -> Result<Option<Reply>, Failure> {
    let browser = Browser::of(visit)?;
    let waits = |matter| {
        let state = state.map(str::to_owned);
        Waiting { link: asserted.link.clone(), provider: title(social), state, matter }
    };
    match step {
        Step::SignIn(_) => {
            let Some(account) = account else { return Ok(None) };
            enter_linked(visit, &account, &asserted.link, state).await
        }
        Step::CreateAccount if !may_join(visit, asserted).await? => {
            create(visit, asserted, state).await
        }
        Step::CreateAccount | Step::Prove | Step::ProveToLink(_) | Step::ProveFirst(_) => {
            match asserted.link.email.clone() {
                Some(email) => {
                    let begin = prove(&asserted.link, title(social), email, state);
                    welcome::begin(visit, &browser, begin).await.map(Some)
                }
                None => waiting::ask(visit, &browser, &waits(Matter::Address)).await.map(Some),
            }
        }
        Step::Confirm(account) => {
            waiting::ask(visit, &browser, &waits(Matter::Confirm(account))).await.map(Some)
        }
        Step::BelongsTo(account) => {
            // Whoever it is, at the provider: the account is that of the address.
            let event = event(visit, audit::LINK_REFUSED)
                .with_account(account)
                .with_actor(audit::Actor::Unknown);
            record(visit, event.with_detail(&format!("{} elsewhere", social.id))).await;
            waiting::ask(visit, &browser, &waits(Matter::BelongsTo(account))).await.map(Some)
        }
        Step::AskToStay(_) => {
            let Some(account) = account else { return Ok(None) };
            if !leads_to(visit, &asserted.link, &account).await? {
                return Ok(None);
            }
            used(visit, &asserted.link).await;
            keep::begin(visit, &browser, &account, Way::by(&asserted.link), state).await.map(Some)
        }
        Step::Refuse(account) => {
            visit.hub().telemetry.metrics.sign_in("social", "refused");
            let event = event(visit, audit::SIGN_IN_FAILED).with_account(account);
            record(visit, event.with_detail(&format!("{} account", social.id))).await;
            failed(visit, social, SocialProblem::NotAllowed, state).map(Some)
        }
    }
}

/// A proof by mail of an address, which then gets the link.
pub(super) fn prove(link: &NewLink, provider: String, email: String, state: Option<&str>) -> Begin {
    Begin {
        name: name_for(link, &email),
        email,
        state: state.map(str::to_owned),
        purpose: welcome::Purpose::Link { link: link.clone(), provider },
    }
}

/// Signs in to the account that a link leads to; `None` when it leads elsewhere by now.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn enter_linked(
    visit: &Visit,
    account: &Account,
    link: &NewLink,
    state: Option<&str>,
) -> Result<Option<Reply>, Failure> {
    if !leads_to(visit, link, account).await? {
        return Ok(None);
    }
    used(visit, link).await;
    enter(visit, account, SOCIAL, state).await
}

async fn leads_to(visit: &Visit, link: &NewLink, account: &Account) -> Result<bool, StoreError> {
    let linked = visit.hub().directory.linked(&link.issuer, &link.subject).await?;
    Ok(linked.is_some_and(|linked| linked.account == account.id))
}

/// Remembers a sign-in by a link, which goes on without that.
pub(super) async fn used(visit: &Visit, link: &NewLink) {
    if let Err(error) = visit.hub().directory.touch_link(link, visit.now()).await {
        tracing::warn!(request_id = visit.request_id, "a link's last use was not kept: {error}");
    }
}

/// Whether portals know the address. A trusted word proves it for an account and not for joining, so the
/// mailed code comes first where there is something to join and mail to send it by.
async fn may_join(visit: &Visit, asserted: &Asserted) -> Result<bool, StoreError> {
    let Some(email) = asserted.link.email.clone().filter(|_| visit.snapshot.config.mail.is_some())
    else {
        return Ok(false);
    };
    Ok(!visit.hub().directory.free_profiles(&[email]).await?.is_empty())
}

/// On the provider's word, which is trusted for this address and proves it for an account, not for
/// joining profiles.
async fn create(
    visit: &Visit,
    asserted: &Asserted,
    state: Option<&str>,
) -> Result<Option<Reply>, Failure> {
    let (Some(email), Word::Trusted) = (asserted.link.email.clone(), asserted.word) else {
        return Ok(None);
    };
    let new = NewAccount {
        name: name_for(&asserted.link, &email),
        email,
        proof: AddressProof::Provider,
        password_hash: None,
        language: Some(visit.lang.tag().to_owned()),
    };
    let directory = &visit.hub().directory;
    let made = directory.create_linked_account(new, asserted.link.clone(), visit.now()).await?;
    let CreateLinked::Created(account) = made else { return Ok(None) };
    let about = |action| event(visit, action).with_account(account.id);
    record(visit, about(audit::ACCOUNT_CREATED)).await;
    record(visit, about(audit::LINK_ADDED).with_detail(&asserted.link.provider)).await;
    notice::created(visit, &account).await;
    used(visit, &asserted.link).await;
    enter(visit, &account, SOCIAL, state).await
}

/// The name at the provider, or what stands before the `@`.
fn name_for(link: &NewLink, email: &str) -> String {
    link.name.clone().unwrap_or_else(|| local_part(email).to_owned())
}

/// A signed-in person who asked for a link came back as this. `person` is who is signed in after the
/// provider was asked.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn link(
    visit: &Visit,
    social: &Social,
    person: &SignedIn,
    asserted: Asserted,
) -> Answer {
    let (directory, account, link) = (&visit.hub().directory, &person.account, asserted.link);
    let linked = directory.linked(&link.issuer, &link.subject).await?.map(|link| link.account);
    let news = match decide_link(account.id, linked) {
        LinkStep::Already => SocialNews::Already(title(social)),
        LinkStep::BelongsTo(_) => refused(visit, social, person).await,
        LinkStep::Link => {
            let (generation, now) = (person.session.generation, visit.now());
            match directory.link(account.id, generation, link.clone(), now).await? {
                LinkOutcome::Linked => {
                    added(visit, account, &link, &title(social)).await;
                    SocialNews::Linked(title(social))
                }
                LinkOutcome::Elsewhere(_) => refused(visit, social, person).await,
                LinkOutcome::Refused => {
                    refused(visit, social, person).await;
                    return failed(visit, social, SocialProblem::NotAllowed, None);
                }
                // To signing in.
                LinkOutcome::Outdated => {
                    return Ok(Reply::see_other(&visit.identity_url("/profile/social")));
                }
            }
        }
    };
    let session = Some(person.session.id);
    Ok(Reply::see_other(&visit.identity_url("/profile/social"))
        .cookies(Flash::Social(news).leave(visit, session)))
}

async fn refused(visit: &Visit, social: &Social, person: &SignedIn) -> SocialNews {
    let event = event(visit, audit::LINK_REFUSED).with_account(person.account.id);
    record(visit, event.with_detail(&format!("{} elsewhere", social.id))).await;
    SocialNews::Elsewhere(title(social))
}

/// Keeps that a link was made and tells its owner.
pub(super) async fn added(visit: &Visit, account: &Account, link: &NewLink, provider: &str) {
    let event = event(visit, audit::LINK_ADDED).with_account(account.id);
    record(visit, event.with_detail(&link.provider)).await;
    notice::linked(visit, account, provider).await;
}

/// At deciding on something that stands still.
const TRIES: u32 = 3;
