//! `/confirm`: whoever is about to make a weighty change shows once more who they are, by the current
//! password or by a code that is mailed to the primary address.
//!
//! It gives no new session; the one there is counts as fresh for some minutes ([`super::fresh`]).

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{Account, AddressProof};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::code_step::{self, Said};
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs, Query};
use super::flash::{self, Flash};
use super::fresh;
use super::home::to_sign_in;
use super::hop::{self, Destination};
use super::mailed_code::{MailedCode, lifetime, lifetime_minutes};
use super::outgoing::{self, queue_or_log};
use super::own_password::{self, Checked};
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::mail;
use crate::pages::{self, CodeError, CodePurpose, ConfirmError, ConfirmIdentity};

/// A code on its way to the primary address.
#[derive(Serialize, Deserialize)]
struct Confirming {
    code: MailedCode,
    /// The session that asked; the code confirms no other.
    session: bitrix_id_auth_core::identity::SessionId,
    /// Where the mail went.
    address: String,
    /// Where to go on to.
    state: Option<String>,
}

impl Transaction for Confirming {
    const KIND: &'static str = "confirm-identity";
}

/// `GET /confirm?state=…`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let state = query.optional("state");
    if fresh::is_fresh(&visit, &person) {
        return Ok(go_on(&visit, state));
    }
    page(&visit, &person, state, None)
}

/// `POST /confirm`: the password.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let person = match begin(&visit, &fields).await? {
        Begun::Go(person, _) => person,
        Begun::Answer(reply) => return Ok(reply),
    };
    let state = fields.optional("state");
    let account = &person.account;
    let typed = fields.text("password");
    let error =
        match own_password::check(&visit, &account.email, Some(account), typed, PURPOSE).await? {
            Checked::Right => return confirm(&visit, &person, state).await,
            Checked::Wrong => return page(&visit, &person, state, Some(ConfirmError::NoMatch)),
            Checked::Busy => {
                let reply = page(&visit, &person, state, Some(ConfirmError::Busy))?;
                return Ok(reply.retry_after(RETRY_AFTER_SECONDS));
            }
            Checked::TooMany { retry_after } => retry_after,
        };
    let too_many = ConfirmError::TooMany { minutes: minutes_of(error) };
    Ok(page(&visit, &person, state, Some(too_many))?.retry_after(error))
}

/// `POST /confirm/send`: a code instead, or another one.
pub(crate) async fn send(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser) = match begin(&visit, &fields).await? {
        Begun::Go(person, browser) => (person, browser),
        Begun::Answer(reply) => return Ok(reply),
    };
    if !takes_code(&visit, &person.account) {
        return Err(Failure::NotFound);
    }
    let earlier = own(&visit, &browser, &person).await?;
    let state = earlier.as_ref().and_then(|earlier| earlier.state.clone());
    let state = fields.optional("state").map(str::to_owned).or(state);
    let address = person.account.email.clone();
    let code = earlier.as_ref().map(|earlier| &earlier.code);
    let wait = code_step::wait_for_mail(&visit, &person, code, &address).await?;
    if let Some(wait) = wait {
        return Ok(match earlier {
            Some(earlier) => code_page(
                &visit,
                &browser,
                &person,
                &earlier,
                Said::Error(CodeError::ResendTooSoon),
            ),
            None => page(
                &visit,
                &person,
                state.as_deref(),
                Some(ConfirmError::TooMany { minutes: minutes_of(wait) }),
            )?
            .status(StatusCode::TOO_MANY_REQUESTS),
        }
        .retry_after(wait));
    }
    let (kept, code) = MailedCode::new(&visit, &browser)?;
    let confirming = Confirming { code: kept, session: person.session.id, address, state };
    transaction::store(&visit, &browser, &confirming, lifetime(&visit)).await?;
    let lang = visit.lang_of(&person.account);
    let brand = visit.snapshot.config.identity.name.as_str();
    let letter = mail::addresses::confirm_identity(lang, brand, &code, lifetime_minutes(&visit));
    if !queue_or_log(&visit, &confirming.address, letter, outgoing::MAIL).await {
        let said = Said::Error(CodeError::MailFailed);
        return Ok(code_page(&visit, &browser, &person, &confirming, said)
            .retry_after(RETRY_AFTER_SECONDS));
    }
    let reply = Reply::see_other(&visit.identity_url("/confirm/code"));
    Ok(if earlier.is_some() {
        reply.cookies(Flash::CodeSent.leave(&visit, Some(person.session.id)))
    } else {
        reply
    })
}

/// `GET /confirm/code`
pub(crate) async fn show_code(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let found = transaction::find::<Confirming>(&visit).await?;
    let Some((browser, confirming)) = found.filter(|(_, c)| c.session == person.session.id) else {
        return Ok(Reply::see_other(&visit.identity_url("/confirm")));
    };
    if Flash::read(&visit, Some(person.session.id)) == Some(Flash::CodeSent) {
        let page = code_page(&visit, &browser, &person, &confirming, Said::Resent);
        return Ok(page.cookie(flash::clear()));
    }
    Ok(code_page(&visit, &browser, &person, &confirming, Said::Nothing))
}

/// `POST /confirm/code`
pub(crate) async fn submit_code(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser) = match begin(&visit, &fields).await? {
        Begun::Go(person, browser) => (person, browser),
        Begun::Answer(reply) => return Ok(reply),
    };
    let Some(confirming) = own(&visit, &browser, &person).await? else {
        return Ok(Reply::see_other(&visit.identity_url("/confirm")));
    };
    let typed = fields.text("code");
    let code = &confirming.code;
    if let Some(error) = code_step::refused(&visit, &browser, &person, code, typed).await? {
        return Ok(code_page(&visit, &browser, &person, &confirming, Said::Error(error)));
    }
    // A primary address that changed meanwhile: the code proves one that is no longer asked about.
    let spent = transaction::take::<Confirming>(&visit, &browser).await?.is_some();
    if !spent || confirming.address != person.account.email {
        let path = hop::with_state("/confirm", confirming.state.as_deref());
        return Ok(Reply::see_other(&visit.identity_url(&path)));
    }
    confirm(&visit, &person, confirming.state.as_deref()).await
}

/// What every POST begins with.
enum Begun {
    Go(Box<SignedIn>, Browser),
    Answer(Reply),
}

async fn begin(visit: &Visit, fields: &Pairs) -> Result<Begun, Failure> {
    visit.require_same_origin()?;
    let state = fields.optional("state");
    let Some(person) = person::signed_in(visit).await? else {
        let path = hop::with_state("/confirm", state);
        return Ok(Begun::Answer(Reply::see_other(&visit.identity_url(&path))));
    };
    match Browser::of_form(visit, Some(person.session.id), fields.text("csrf")) {
        Some(browser) => Ok(Begun::Go(Box::new(person), browser)),
        None => {
            let reply = page(visit, &person, state, Some(ConfirmError::Expired))?;
            Ok(Begun::Answer(reply))
        }
    }
}

async fn own(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
) -> Result<Option<Confirming>, Failure> {
    let found = transaction::peek::<Confirming>(visit, browser).await?;
    Ok(found.filter(|confirming| confirming.session == person.session.id))
}

async fn confirm(visit: &Visit, person: &SignedIn, state: Option<&str>) -> Answer {
    let session = person.session.id;
    if !visit.hub().sessions.confirm_session(session, visit.now()).await? {
        // It ended while the person was typing.
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state))));
    }
    let event = event(visit, audit::SESSION_CONFIRMED).with_account(person.account.id);
    record(visit, event.with_session(session)).await;
    Ok(go_on(visit, state).cookies(Flash::Confirmed.leave(visit, Some(session))))
}

/// To a page of this host and nowhere else.
fn go_on(visit: &Visit, state: Option<&str>) -> Reply {
    let target = match hop::destination(visit, state) {
        Destination::Own(target) => target,
        Destination::Home | Destination::Portal(_) | Destination::Again(_) => "/".to_owned(),
    };
    Reply::see_other(&visit.identity_url(&target))
}

/// Mail must work, and the address must be the person's for certain.
fn takes_code(visit: &Visit, account: &Account) -> bool {
    visit.snapshot.config.mail.is_some() && account.proof != AddressProof::None
}

fn code_page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    confirming: &Confirming,
    said: Said,
) -> Reply {
    let Confirming { code, address, .. } = confirming;
    code_step::page(visit, browser, person, CodePurpose::Confirm, address, code, said)
}

fn page(
    visit: &Visit,
    person: &SignedIn,
    state: Option<&str>,
    error: Option<ConfirmError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let view = ConfirmIdentity {
        email: person.account.email.clone(),
        by_password: person.account.password_hash.is_some(),
        by_code: takes_code(visit, &person.account),
        state: state.map(str::to_owned),
        csrf: browser.form_value(visit, Some(person.session.id)),
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(ConfirmError::NoMatch) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(ConfirmError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(ConfirmError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(ConfirmError::Expired) => StatusCode::FORBIDDEN,
    };
    let frame = visit.frame_at(&hop::with_state("/confirm", state));
    Ok(Reply::page(pages::confirm_identity(&frame, &view)).status(status).cookies(browser.cookie()))
}

/// In the audit table.
const PURPOSE: &str = "confirm";
