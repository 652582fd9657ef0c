//! `/confirm`: whoever is about to make a weighty change shows once more who they are, by the current
//! password or by a code that is mailed to the primary address.
//!
//! It gives no new session; the one there is counts as fresh for some minutes ([`super::fresh`]).

mod code;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::{Account, AddressProof};
use http::StatusCode;

use super::browser::Browser;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs, Query};
use super::flash::Flash;
use super::fresh;
use super::home::to_sign_in;
use super::hop::{self, Destination};
use super::own_password::{self, Checked};
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, ConfirmError, ConfirmIdentity};

pub(crate) use code::{send, show as show_code, submit as submit_code};

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
