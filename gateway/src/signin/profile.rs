//! `/profile`: name and language.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::name::{self, BadName};
use http::StatusCode;

use super::browser::Browser;
use super::cookies;
use super::failure::Answer;
use super::fields::Form;
use super::flash::{self, Flash};
use super::guard::LANG_COOKIE_SECONDS;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::portals;
use super::reply::Reply;
use super::sign_in::LONGEST_ECHO;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, LANG_COOKIE, Lang, Person, Profile, ProfileError};

/// `GET /profile`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let saved = Flash::read(&visit, Some(person.session.id)) == Some(Flash::ProfileSaved);
    let shown = Shown { saved, ..Shown::of(&visit, &person) };
    let reply = page(&visit, &person, shown).await?;
    Ok(if saved { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let typed = fields.text("name");
    let language = Lang::from_tag(fields.text("lang")).unwrap_or(visit.lang);
    let again = |error| Shown { name: typed, language, saved: false, error: Some(error) };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, again(ProfileError::Expired)).await;
    }
    let name = match name::check(typed) {
        Ok(name) => name,
        Err(bad) => {
            let error = match bad {
                BadName::Missing => ProfileError::NameMissing,
                BadName::TooLong => ProfileError::NameTooLong,
            };
            return page(&visit, &person, again(error)).await;
        }
    };
    let account = person.account.id;
    visit.hub().directory.update_account(account, &name, Some(language.tag())).await?;
    record(&visit, event(&visit, audit::ACCOUNT_UPDATED).with_account(account)).await;
    let lifetime = LANG_COOKIE_SECONDS.min(visit.session_lifetime());
    Ok(Reply::see_other(&visit.identity_url("/profile"))
        .cookie(cookies::set(LANG_COOKIE, language.tag(), lifetime))
        .cookies(Flash::ProfileSaved.leave(&visit, session)))
}

/// A form whose session has ended: what was typed is lost, the way back is not.
pub(super) fn to_profile_sign_in(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url(visit.target.split('?').next().unwrap_or("/")))
}

/// What the form holds, and what the page says about it.
struct Shown<'a> {
    name: &'a str,
    language: Lang,
    saved: bool,
    error: Option<ProfileError>,
}

impl<'a> Shown<'a> {
    /// The account's name, and the language of the page itself: who chose another one at its foot and
    /// saves a new name does not go back to the old language.
    fn of(visit: &Visit, person: &'a SignedIn) -> Self {
        Self { name: &person.account.name, language: visit.lang, saved: false, error: None }
    }
}

async fn page(visit: &Visit, person: &SignedIn, shown: Shown<'_>) -> Answer {
    let browser = Browser::of(visit)?;
    let Shown { name, language, saved, error } = shown;
    let name = name.chars().take(LONGEST_ECHO).collect();
    let view = Profile {
        person: Person { name, email: person.account.email.clone() },
        language,
        portals: portals::of(visit, person.account.id).await?.len(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        saved,
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(ProfileError::Expired) => StatusCode::FORBIDDEN,
        Some(ProfileError::NameMissing | ProfileError::NameTooLong) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    Ok(Reply::page(pages::profile(&visit.frame_at("/profile"), &view))
        .status(status)
        .cookies(browser.cookie()))
}
