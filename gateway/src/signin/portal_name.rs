//! `/profile/portal/{id}`: what the person is called on one portal.

use axum::extract::Path;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::name::{self, BadName};
use bitrix_id_auth_core::store::Profile;
use http::StatusCode;

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::sign_in::LONGEST_ECHO;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, PortalName, PortalNameError};

/// `GET /profile/portal/{id}`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Path(portal): Path<String>) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let profile = own_profile(&visit, &person, &portal).await?;
    let saved = Flash::read(&visit, Some(person.session.id)) == Some(Flash::PortalNameSaved);
    let (name, title) = (profile.display_name.as_deref(), profile.title.as_deref());
    let shown = Shown {
        name: name.unwrap_or_default(),
        title: title.unwrap_or_default(),
        saved,
        error: None,
    };
    let reply = page(&visit, &person, &profile, &shown)?;
    Ok(if saved { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/portal/{id}`
pub(crate) async fn submit(
    AtIdentity(visit): AtIdentity,
    Path(portal): Path<String>,
    Form(fields): Form,
) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let profile = own_profile(&visit, &person, &portal).await?;
    let (name, title) = (fields.text("name"), fields.text("title"));
    let again = |error| {
        page(&visit, &person, &profile, &Shown { name, title, saved: false, error: Some(error) })
    };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return again(PortalNameError::Expired);
    }
    let Ok(name) = checked(name) else {
        return again(PortalNameError::NameTooLong);
    };
    let Ok(title) = checked(title) else {
        return again(PortalNameError::TitleTooLong);
    };
    let account = person.account.id;
    let (name, title) = (name.as_deref(), title.as_deref());
    if !visit.change().set_profile_name(account, &portal, name, title).await? {
        return Err(Failure::NotFound);
    }
    visit.refuse_ended().await;
    let event = event(&visit, audit::PROFILE_RENAMED).with_account(account);
    record(&visit, event.with_portal(portal.clone())).await;
    Ok(Reply::see_other(&visit.identity_url(&address(&portal)))
        .cookies(Flash::PortalNameSaved.leave(&visit, session)))
}

/// The person's profile on a portal that is configured.
async fn own_profile(visit: &Visit, person: &SignedIn, portal: &str) -> Result<Profile, Failure> {
    if visit.snapshot.portal(portal).is_none() {
        return Err(Failure::NotFound);
    }
    let profile = visit.hub().directory.profile(person.account.id, portal).await?;
    profile.ok_or(Failure::NotFound)
}

/// `None` for nothing typed.
fn checked(typed: &str) -> Result<Option<String>, BadName> {
    match name::check(typed) {
        Ok(text) => Ok(Some(text)),
        Err(BadName::Missing) => Ok(None),
        Err(error @ BadName::TooLong) => Err(error),
    }
}

/// What the form holds, and what the page says about it.
struct Shown<'a> {
    name: &'a str,
    title: &'a str,
    saved: bool,
    error: Option<PortalNameError>,
}

fn page(visit: &Visit, person: &SignedIn, profile: &Profile, shown: &Shown<'_>) -> Answer {
    let browser = Browser::of(visit)?;
    let Shown { name, title, saved, error } = *shown;
    let echo = |text: &str| text.chars().take(LONGEST_ECHO).collect();
    let portal = visit.snapshot.portal(&profile.portal).ok_or(Failure::NotFound)?;
    let view = PortalName {
        person: person.person(),
        portal: portal.id.clone(),
        portal_title: portal.title.clone(),
        name: echo(name),
        title: echo(title),
        csrf: browser.form_value(visit, Some(person.session.id)),
        saved,
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(PortalNameError::Expired) => StatusCode::FORBIDDEN,
        Some(PortalNameError::NameTooLong | PortalNameError::TitleTooLong) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let frame = visit.frame_at(&address(&portal.id));
    Ok(Reply::page(pages::portal_name(&frame, &view)).status(status).cookies(browser.cookie()))
}

fn address(portal: &str) -> String {
    format!("/profile/portal/{portal}")
}
