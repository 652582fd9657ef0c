//! The step of the code: the mail that brings it, the page that asks for it, and the address that is added.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{AddAddress, AddressProof, Holder, StoreError};

use super::Adding;
use crate::pages::mail::{self, addresses::Change};
use crate::pages::{AddressNews, CodeError, CodePurpose};
use crate::signin::browser::Browser;
use crate::signin::code_step::{self, Said};
use crate::signin::emails::{self, to_list, to_list_url};
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::{self, Flash};
use crate::signin::home::to_sign_in;
use crate::signin::mailed_code::{MailedCode, lifetime, lifetime_minutes};
use crate::signin::outgoing::{self, queue, queued_or_logged};
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::reply::Reply;
use crate::signin::sign_up::require_mail;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /profile/emails/confirm`
pub(crate) async fn show_code(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let found = transaction::find::<Adding>(&visit).await?;
    let Some((browser, adding)) = found.filter(|(_, adding)| adding.is_of(&person)) else {
        return Ok(to_list_url(&visit));
    };
    if Flash::read(&visit, Some(person.session.id)) == Some(Flash::CodeSent) {
        let page = code_page(&visit, &browser, &person, &adding, Said::Resent);
        return Ok(page.cookie(flash::clear()));
    }
    Ok(code_page(&visit, &browser, &person, &adding, Said::Nothing))
}

/// `POST /profile/emails/confirm`
pub(crate) async fn submit_code(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, adding) = match under_way(&visit, &fields).await? {
        Step::Go(step) => *step,
        Step::Answer(reply) => return Ok(reply),
    };
    let typed = fields.text("code");
    if let Some(error) = code_step::refused(&visit, &browser, &person, &adding.code, typed).await? {
        return Ok(code_page(&visit, &browser, &person, &adding, Said::Error(error)));
    }
    let (account, generation) = (person.account.id, adding.generation);
    let outcome = visit
        .change()
        .add_address(account, generation, &adding.address, AddressProof::Mail)
        .await?;
    visit.refuse_ended().await;
    let first = transaction::take::<Adding>(&visit, &browser).await?.is_some();
    let news = match outcome {
        AddAddress::Added | AddAddress::InsteadOf(_) if first => {
            let event = event(&visit, audit::EMAIL_ADDED).with_account(person.account.id);
            record(&visit, event).await;
            let change = Change::Added(&adding.address);
            emails::tell(&visit, &person, &person.account.email, change).await;
            AddressNews::Added(adding.address)
        }
        // A second press of the button: told and recorded already.
        AddAddress::Added | AddAddress::InsteadOf(_) => AddressNews::Added(adding.address),
        // Another account has proved it since the mail went out.
        AddAddress::Taken(_) => AddressNews::Elsewhere(adding.address),
        // Signed out everywhere while the code was being looked at.
        AddAddress::Outdated => return Ok(to_list_url(&visit)),
    };
    Ok(to_list(&visit, &person, &Flash::Addresses(news)))
}

/// `POST /profile/emails/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, mut adding) = match under_way(&visit, &fields).await? {
        Step::Go(step) => *step,
        Step::Answer(reply) => return Ok(reply),
    };
    let wait =
        code_step::wait_for_mail(&visit, &person, Some(&adding.code), &adding.address).await?;
    if let Some(wait) = wait {
        let said = Said::Error(CodeError::ResendTooSoon);
        return Ok(code_page(&visit, &browser, &person, &adding, said).retry_after(wait));
    }
    let (code, digits) = MailedCode::new(&visit, &browser)?;
    adding.code = code;
    if !send_code(&visit, &person, &adding, &digits).await {
        let said = Said::Error(CodeError::MailFailed);
        return Ok(
            code_page(&visit, &browser, &person, &adding, said).retry_after(RETRY_AFTER_SECONDS)
        );
    }
    transaction::store(&visit, &browser, &adding, lifetime(&visit)).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/emails/confirm"))
        .cookies(Flash::CodeSent.leave(&visit, Some(person.session.id))))
}

/// `POST /profile/emails/cancel`
pub(crate) async fn cancel(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, adding) = match under_way(&visit, &fields).await? {
        Step::Go(step) => *step,
        Step::Answer(reply) => return Ok(reply),
    };
    transaction::take::<Adding>(&visit, &browser).await?;
    Ok(to_list(&visit, &person, &Flash::Addresses(AddressNews::Cancelled(adding.address))))
}

/// What every POST about a code begins with.
enum Step {
    Go(Box<(SignedIn, Browser, Adding)>),
    Answer(Reply),
}

async fn under_way(visit: &Visit, fields: &Pairs) -> Result<Step, Failure> {
    require_mail(visit)?;
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(visit).await? else {
        return Ok(Step::Answer(to_list_url(visit)));
    };
    let session = Some(person.session.id);
    let Some(browser) = Browser::of_form(visit, session, fields.text("csrf")) else {
        let found = transaction::find::<Adding>(visit).await?;
        return Ok(Step::Answer(match found.filter(|(_, adding)| adding.is_of(&person)) {
            Some((browser, adding)) => {
                let said = Said::Error(CodeError::Expired);
                code_page(visit, &browser, &person, &adding, said)
            }
            None => to_list_url(visit),
        }));
    };
    let found = transaction::peek::<Adding>(visit, &browser).await?;
    Ok(match found.filter(|adding| adding.is_of(&person)) {
        Some(adding) => Step::Go(Box::new((person, browser, adding))),
        None => Step::Answer(to_list_url(visit)),
    })
}

/// Queues the code, or, for an address that another account has proved, the mail that says so. False: the
/// directory took no mail, which is in the log.
pub(super) async fn send_code(
    visit: &Visit,
    person: &SignedIn,
    adding: &Adding,
    code: &str,
) -> bool {
    queued_or_logged(visit, try_send_code(visit, person, adding, code).await, outgoing::MAIL)
}

async fn try_send_code(
    visit: &Visit,
    person: &SignedIn,
    adding: &Adding,
    code: &str,
) -> Result<(), StoreError> {
    let brand = visit.snapshot.config.identity.name.as_str();
    let directory = &visit.hub().directory;
    let owner = match directory.holder(&adding.address).await? {
        Holder::Proved(owner) => owner,
        // The same work, for an answer in the same time.
        Holder::None | Holder::Unproved(_) => person.account.id,
    };
    let other = directory.account(owner).await?.filter(|owner| owner.id != person.account.id);
    let body = match other {
        Some(owner) => {
            let lang = visit.lang_of(&owner);
            mail::addresses::held_elsewhere(lang, brand, &visit.identity_url("/profile/merge"))
        }
        None => {
            let lang = visit.lang_of(&person.account);
            mail::addresses::add_address(lang, brand, code, lifetime_minutes(visit))
        }
    };
    queue(visit, &adding.address, body).await
}

fn code_page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    adding: &Adding,
    said: Said,
) -> Reply {
    let Adding { code, address, .. } = adding;
    code_step::page(visit, browser, person, CodePurpose::AddAddress, address, code, said)
}
