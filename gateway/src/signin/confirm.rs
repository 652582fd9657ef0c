//! `/sign-up/confirm` and `/sign-up/resend`: the code of the mail makes the account.

use bitrix_id_auth_core::accounts::NewOwner;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{Account, AddressProof, Attempt, NewAccount};
use http::StatusCode;

use super::browser::Browser;
use super::enter::{self, SIGN_UP};
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs};
use super::flash::{self, Flash};
use super::hop;
use super::mail_quota;
use super::mailed_code::{MailedCode, Tried};
use super::outgoing;
use super::pending::Pending;
use super::person::{self, event, record};
use super::reply::Reply;
use super::sign_up::{require_mail, send_code};
use super::transaction;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, CodeError, ConfirmCode, mail};

/// `GET /sign-up/confirm`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    require_mail(&visit)?;
    if let Some(person) = person::signed_in(&visit).await? {
        return hop::go_on(&visit, &person, None);
    }
    let Some((browser, pending)) = transaction::find::<Pending>(&visit).await? else {
        return Ok(start_over(&visit, None));
    };
    Ok(match Flash::read(&visit, None) {
        Some(Flash::CodeSent) => {
            page(&visit, &browser, &pending, Note::Resent).cookie(flash::clear())
        }
        _ => page(&visit, &browser, &pending, Note::Nothing),
    })
}

/// `POST /sign-up/confirm`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, pending) = match under_way(&visit, &fields).await? {
        Step::Go(browser, pending) => (browser, pending),
        Step::Answer(reply) => return Ok(reply),
    };
    let refuse = |error| Ok(page(&visit, &browser, &pending, Note::Error(error)));
    match pending.code.try_code(&visit, &browser, None, fields.text("code")).await? {
        Tried::Right => {}
        Tried::Expired => return refuse(CodeError::CodeExpired),
        Tried::TooOften => return refuse(CodeError::TooMany),
        Tried::Wrong => {
            visit.hub().telemetry.metrics.sign_in("sign_up", "no_match");
            return refuse(CodeError::NoMatch);
        }
    }
    // The address is unique, so of two that come at once one creates. Spent after that: a store that
    // fails in between costs the person nothing.
    let created = create(&visit, &pending).await?;
    transaction::take::<Pending>(&visit, &browser).await?;
    match created {
        Some(account) => enter(&visit, &account, pending.state.as_deref()).await,
        // The address got a Bitrix ID since the mail went out; this person can sign in to it.
        None => Ok(sign_in_instead(&visit, pending.state.as_deref())),
    }
}

/// `POST /sign-up/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, mut pending) = match under_way(&visit, &fields).await? {
        Step::Go(browser, pending) => (browser, pending),
        Step::Answer(reply) => return Ok(reply),
    };
    if pending.code.resend_in(visit.now()) > 0 {
        let wait = pending.code.resend_in(visit.now());
        let note = Note::Error(CodeError::ResendTooSoon);
        return Ok(page(&visit, &browser, &pending, note).retry_after(wait));
    }
    if let Attempt::Refused { retry_after } =
        mail_quota::of_stranger(&visit, &pending.email).await?
    {
        let note = Note::Error(CodeError::ResendTooSoon);
        return Ok(page(&visit, &browser, &pending, note).retry_after(retry_after));
    }
    let (kept, code) = MailedCode::new(&visit, &browser)?;
    pending.code = kept;
    if !send_code(&visit, &pending, &code).await {
        let note = Note::Error(CodeError::MailFailed);
        return Ok(page(&visit, &browser, &pending, note).retry_after(RETRY_AFTER_SECONDS));
    }
    pending.store(&visit, &browser).await?;
    Ok(Reply::see_other(&visit.identity_url("/sign-up/confirm"))
        .cookies(Flash::CodeSent.leave(&visit, None)))
}

/// What both POSTs begin with.
enum Step {
    /// A sign-up under way in this browser.
    Go(Browser, Pending),
    /// Something else to say first.
    Answer(Reply),
}

async fn under_way(visit: &Visit, fields: &Pairs) -> Result<Step, Failure> {
    require_mail(visit)?;
    visit.require_same_origin()?;
    let state = fields.optional("state");
    if person::signed_in(visit).await?.is_some() {
        return Ok(Step::Answer(hop::go_on_after_form(visit, state)));
    }
    let Some(browser) = Browser::of_form(visit, None, fields.text("csrf")) else {
        return Ok(Step::Answer(match transaction::find::<Pending>(visit).await? {
            Some((browser, pending)) => {
                page(visit, &browser, &pending, Note::Error(CodeError::Expired))
            }
            None => start_over(visit, state),
        }));
    };
    Ok(match transaction::peek::<Pending>(visit, &browser).await? {
        Some(pending) => Step::Go(browser, pending),
        None => Step::Answer(start_over(visit, state)),
    })
}

/// The account, or `None` when the address was taken meanwhile.
async fn create(visit: &Visit, pending: &Pending) -> Result<Option<Account>, Failure> {
    let new = NewAccount {
        email: pending.email.clone(),
        proof: AddressProof::Mail,
        name: pending.name.clone(),
        password_hash: Some(pending.password_hash.clone()),
        language: Some(pending.language.clone()),
    };
    match visit.change().create_account(new).await? {
        NewOwner::Account(account) => {
            visit.refuse_ended().await;
            Ok(Some(account))
        }
        NewOwner::Taken(_) => Ok(None),
    }
}

async fn enter(visit: &Visit, account: &Account, state: Option<&str>) -> Answer {
    for action in [audit::EMAIL_CONFIRMED, audit::ACCOUNT_CREATED] {
        record(visit, event(visit, action).with_account(account.id)).await;
    }
    let brand = visit.snapshot.config.identity.name.as_str();
    let notice = mail::signed_up(visit.lang, brand, &visit.identity_url("/"));
    outgoing::notice(visit, &account.email, notice).await;
    let entered = enter::enter(visit, account, SIGN_UP, state).await?;
    Ok(entered.unwrap_or_else(|| sign_in_instead(visit, state)))
}

fn sign_in_instead(visit: &Visit, state: Option<&str>) -> Reply {
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state)))
}

fn start_over(visit: &Visit, state: Option<&str>) -> Reply {
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-up", state)))
}

/// What the page says besides asking for the code.
#[derive(Debug, Clone, Copy)]
enum Note {
    Nothing,
    Resent,
    Error(CodeError),
}

fn page(visit: &Visit, browser: &Browser, pending: &Pending, note: Note) -> Reply {
    let (error, resent) = match note {
        Note::Nothing => (None, false),
        Note::Resent => (None, true),
        Note::Error(error) => (Some(error), false),
    };
    let view = ConfirmCode {
        email: pending.email.clone(),
        state: pending.state.clone(),
        csrf: browser.form_value(visit, None),
        error,
        resent,
        resend_in_seconds: pending.code.resend_in(visit.now()),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(CodeError::NoMatch | CodeError::CodeExpired | CodeError::TooMany) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(CodeError::ResendTooSoon) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(CodeError::Expired) => StatusCode::FORBIDDEN,
    };
    Reply::page(pages::confirm_code(&visit.frame_at("/sign-up/confirm"), &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie())
}
