//! `/profile/emails`: the addresses of an account. Which one is primary, and which goes, takes a fresh
//! sign-in; [`super::add_address`] adds one, and [`super::remove_address`] takes one away.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::store::StoreError;
use http::StatusCode;

use super::add_address;
use super::browser::Browser;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs};
use super::flash::{self, Flash};
use super::fresh;
use super::home::to_sign_in;
use super::outgoing;
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::sign_in::LONGEST_ECHO;
use super::visit::{AtIdentity, Visit};
use super::welcome::join::{Waiting, waiting};
use crate::pages::mail::{self, addresses::Change};
use crate::pages::{self, AddressNews, Emails, EmailsError};

/// `GET /profile/emails`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let news = match Flash::read(&visit, Some(person.session.id)) {
        Some(Flash::Addresses(news)) => Some(news),
        Some(Flash::Confirmed) => Some(AddressNews::Confirmed),
        _ => None,
    };
    let told = news.is_some();
    let reply = page(&visit, &person, Shown { news, ..Shown::default() }).await?;
    Ok(if told { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/emails/primary`
pub(crate) async fn make_primary(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, address) = match begin(&visit, &fields).await? {
        Begun::Go(person, address) => (person, address),
        Begun::Answer(reply) => return Ok(reply),
    };
    if address == person.account.email {
        return Ok(to_list_url(&visit));
    }
    if !visit.change().set_primary_address(person.account.id, &address).await? {
        return refuse(&visit, &person, EmailsError::Gone).await;
    }
    visit.refuse_ended().await;
    let event = event(&visit, audit::EMAIL_PRIMARY_CHANGED).with_account(person.account.id);
    record(&visit, event).await;
    let change = Change::Primary(&address);
    tell(&visit, &person, &person.account.email, change).await;
    Ok(to_list(&visit, &person, &Flash::Addresses(AddressNews::Primary(address))))
}

/// What both changes to an address begin with.
pub(super) enum Begun {
    /// A fresh sign-in, and a canonical address that may be anybody's.
    Go(Box<SignedIn>, String),
    Answer(Reply),
}

pub(super) async fn begin(visit: &Visit, fields: &Pairs) -> Result<Begun, Failure> {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(visit).await? else {
        return Ok(Begun::Answer(to_list_url(visit)));
    };
    if Browser::of_form(visit, Some(person.session.id), fields.text("csrf")).is_none() {
        let reply = refuse(visit, &person, EmailsError::Expired).await?;
        return Ok(Begun::Answer(reply));
    }
    if !fresh::is_fresh(visit, &person) {
        return Ok(Begun::Answer(fresh::ask(visit, "/profile/emails")));
    }
    match email::canonical(fields.text("address")) {
        Ok(address) => Ok(Begun::Go(Box::new(person), address)),
        Err(_) => {
            let reply = refuse(visit, &person, EmailsError::Gone).await?;
            Ok(Begun::Answer(reply))
        }
    }
}

pub(super) fn to_list_url(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url("/profile/emails"))
}

pub(super) fn to_list(visit: &Visit, person: &SignedIn, news: &Flash) -> Reply {
    to_list_url(visit).cookies(news.leave(visit, Some(person.session.id)))
}

/// Tells one of the account's addresses what happened. It has happened: a mail that is not taken is in the
/// log, and no reason to say otherwise.
pub(super) async fn tell(visit: &Visit, person: &SignedIn, to: &str, change: Change<'_>) {
    let brand = visit.snapshot.config.identity.name.as_str();
    let url = visit.identity_url("/forgot-password");
    let notice = mail::addresses::changed(visit.lang_of(&person.account), brand, change, &url);
    outgoing::notice(visit, to, notice).await;
}

/// What the page says and what the form holds.
#[derive(Default)]
pub(super) struct Shown {
    pub typed: String,
    pub news: Option<AddressNews>,
    pub error: Option<EmailsError>,
}

pub(super) async fn refuse(visit: &Visit, person: &SignedIn, error: EmailsError) -> Answer {
    page(visit, person, Shown { error: Some(error), ..Shown::default() }).await
}

pub(super) async fn page(visit: &Visit, person: &SignedIn, shown: Shown) -> Answer {
    // What waits has to be of the browser that its button names.
    let (browser, pending) = match add_address::pending(visit, person).await? {
        Some((browser, address)) => (browser, Some(address)),
        None => (Browser::of(visit)?, None),
    };
    let Shown { typed, news, error } = shown;
    let view = Emails {
        person: person.person(),
        addresses: visit.hub().directory.addresses(person.account.id).await?,
        pending,
        waiting: waiting_titles(visit, person).await?,
        by_password: person.account.password_hash.is_some(),
        can_add: visit.snapshot.config.mail.is_some(),
        typed: typed.chars().take(LONGEST_ECHO).collect(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        news,
        error,
        now: visit.now(),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(EmailsError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(EmailsError::Busy | EmailsError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(EmailsError::Expired) => StatusCode::FORBIDDEN,
        Some(
            EmailsError::Invalid
            | EmailsError::Held
            | EmailsError::Most { .. }
            | EmailsError::CurrentNoMatch
            | EmailsError::Gone
            | EmailsError::Primary,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let reply = Reply::page(pages::emails(&visit.frame_at("/profile/emails"), &view))
        .status(status)
        .cookies(browser.cookie());
    Ok(match status {
        StatusCode::SERVICE_UNAVAILABLE => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    })
}

/// Titles of the portals whose records wait to be joined.
pub(super) async fn waiting_titles(
    visit: &Visit,
    person: &SignedIn,
) -> Result<Vec<String>, StoreError> {
    let waiting = waiting(visit, &person.account).await?;
    let new = waiting.iter().filter(|waiting| waiting.is_new());
    Ok(new.filter_map(|Waiting { portal, .. }| visit.snapshot.title_of(portal)).collect())
}
