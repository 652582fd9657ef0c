//! `/profile/delete`: the account is signed out everywhere, and deleted after a while.
//!
//! It takes a sign-in of the last minutes, by whatever the account is signed in to with, and a way to change
//! one's mind: a mail that reaches the person, or something to sign in with again. Where there is neither,
//! nothing is deleted here.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::AddressProof;
use http::StatusCode;

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::Flash;
use super::fresh;
use super::home::to_sign_in;
use super::keep;
use super::outgoing::queue;
use super::person::{self, SignedIn, event, record};
use super::portals;
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::sign_out::left;
use super::social;
use super::sole_owner;
use super::visit::{AtIdentity, Visit};
use crate::pages::mail::people::leaving;
use crate::pages::{self, Delete, WayBack};

/// `GET /profile/delete`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    page(&visit, &person, false).await
}

/// `POST /profile/delete`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    if Browser::of_form(&visit, Some(person.session.id), fields.text("csrf")).is_none() {
        return page(&visit, &person, true).await;
    }
    let way_back = way_back(&visit, &person).await?;
    if way_back == WayBack::Nowhere {
        return page(&visit, &person, false).await;
    }
    let delete_at = delete_at(&visit);
    // The mail first: it holds the way back, and must not be missing once there is no other.
    if way_back.by_mail() {
        tell(&visit, &person, delete_at).await?;
    }
    let ended = visit.change().leave(person.account.id, delete_at).await?;
    visit.refuse_ended().await;
    let event = event(&visit, audit::ACCOUNT_LEAVING).with_account(person.account.id);
    record(&visit, event.with_detail(&format!("{ended} sessions ended"))).await;
    let flash = Flash::Leaving { delete_at, time_zone: person.account.time_zone.clone() };
    Ok(left(&visit).cookies(flash.leave(&visit, None)))
}

/// How the person can still say no once the account is leaving.
async fn way_back(visit: &Visit, person: &SignedIn) -> Result<WayBack, Failure> {
    let account = &person.account;
    // An address that nobody has proved gets no mail.
    let by_mail = visit.snapshot.config.mail.is_some() && account.proof != AddressProof::None;
    let by_sign_in = account.password_hash.is_some() || social::opens(visit, account.id).await?;
    Ok(match (by_mail, by_sign_in) {
        (true, true) => WayBack::MailOrSignIn,
        (true, false) => WayBack::Mail,
        (false, true) => WayBack::SignIn,
        (false, false) => WayBack::Nowhere,
    })
}

/// Queues the mail with the link that keeps the account.
async fn tell(visit: &Visit, person: &SignedIn, delete_at: UnixSeconds) -> Result<(), Failure> {
    let account = &person.account;
    let url = keep::link(visit, account.id, delete_at).await?;
    let lang = visit.lang_of(account);
    let brand = visit.snapshot.config.identity.name.as_str();
    let mail = leaving(lang, brand, delete_at, account.time_zone.as_deref(), &url);
    Ok(queue(visit, &account.email, mail).await?)
}

fn delete_at(visit: &Visit) -> UnixSeconds {
    visit.now() + whole_seconds(visit.snapshot.config.identity.deletion_delay)
}

async fn page(visit: &Visit, person: &SignedIn, expired: bool) -> Answer {
    let browser = Browser::of(visit)?;
    let portals = portals::of(visit, person.account.id).await?;
    let way_back = way_back(visit, person).await?;
    let view = Delete {
        person: person.person(),
        portals: portals.into_iter().map(|own| own.row.title).collect(),
        alone: sole_owner::titles(visit, person, None).await?,
        delete_at: delete_at(visit),
        way_back,
        csrf: browser.form_value(visit, Some(person.session.id)),
        expired,
    };
    let status = match (way_back, expired) {
        (WayBack::Nowhere, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::FORBIDDEN,
        (_, false) => StatusCode::OK,
    };
    Ok(Reply::page(pages::delete(&visit.frame_at(PATH), &view))
        .status(status)
        .cookies(browser.cookie()))
}

const PATH: &str = "/profile/delete";
