//! `/profile`: name, language and phone. Photo and time zone have paths of their own.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::name::{self, BadName};
use bitrix_id_auth_core::phone;
use bitrix_id_auth_core::store::StoreError;
use bitrix_id_auth_core::store::people::AccountDetails;
use http::StatusCode;

use super::browser::Browser;
use super::cookies;
use super::failure::Answer;
use super::fields::{Form, Pairs};
use super::flash::{self, Flash};
use super::guard::LANG_COOKIE_SECONDS;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::portals;
use super::reply::Reply;
use super::sign_in::LONGEST_ECHO;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, LANG_COOKIE, Lang, Person, Profile, ProfileError, ProfileSaved};

/// `GET /profile`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let saved = match Flash::read(&visit, Some(person.session.id)) {
        Some(Flash::ProfileSaved) => Some(ProfileSaved::Details),
        Some(Flash::NameSaved) => Some(ProfileSaved::Name),
        Some(Flash::TimeZoneSaved) => Some(ProfileSaved::TimeZone),
        Some(Flash::PhotoSaved) => Some(ProfileSaved::Photo),
        Some(Flash::PhotoRemoved) => Some(ProfileSaved::PhotoRemoved),
        _ => None,
    };
    let reply = page(&visit, &person, Shown { saved, ..Shown::of(&visit, &person) }).await?;
    Ok(if saved.is_some() { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let language = Lang::from_tag(fields.text("lang")).unwrap_or(visit.lang);
    let again = |error| Shown {
        name: fields.text("name"),
        phone: fields.text("phone"),
        language,
        saved: None,
        error: Some(error),
    };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, again(ProfileError::Expired)).await;
    }
    let details = match check(language, &fields) {
        Ok(details) => details,
        Err(error) => return page(&visit, &person, again(error)).await,
    };
    let account = person.account.id;
    let renamed = details.name.as_ref().is_some_and(|name| *name != person.account.name);
    let saved = if renamed { Flash::NameSaved } else { Flash::ProfileSaved };
    visit.hub().directory.update_account(account, details, visit.now()).await?;
    record(&visit, event(&visit, audit::ACCOUNT_UPDATED).with_account(account)).await;
    visit.app.notice_bell.notify_one();
    let lifetime = LANG_COOKIE_SECONDS.min(visit.session_lifetime());
    Ok(Reply::see_other(&visit.identity_url("/profile"))
        .cookie(cookies::set(LANG_COOKIE, language.tag(), lifetime))
        .cookies(saved.leave(&visit, session)))
}

fn check(language: Lang, fields: &Pairs) -> Result<AccountDetails, ProfileError> {
    let name = name::check(fields.text("name")).map_err(|bad| match bad {
        BadName::Missing => ProfileError::NameMissing,
        BadName::TooLong => ProfileError::NameTooLong,
    })?;
    let phone = phone::check(fields.text("phone")).map_err(|_| ProfileError::PhoneInvalid)?;
    let language = Some(language.tag().to_owned());
    Ok(AccountDetails { name: Some(name), language, phone: Some(phone), time_zone: None })
}

/// A form whose session has ended: what was typed is lost, the way back is not.
pub(super) fn to_profile_sign_in(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url(visit.target.split('?').next().unwrap_or("/")))
}

/// The page as it stands, with what was wrong about a photo.
///
/// # Errors
/// As every page.
pub(super) async fn refuse(visit: &Visit, person: &SignedIn, error: ProfileError) -> Answer {
    page(visit, person, Shown { error: Some(error), ..Shown::of(visit, person) }).await
}

/// What the form holds, and what the page says about it.
struct Shown<'a> {
    name: &'a str,
    phone: &'a str,
    language: Lang,
    saved: Option<ProfileSaved>,
    error: Option<ProfileError>,
}

impl<'a> Shown<'a> {
    /// The account's name, and the language of the page itself: who chose another one at its foot and
    /// saves a new name does not go back to the old language.
    fn of(visit: &Visit, person: &'a SignedIn) -> Self {
        Self {
            name: &person.account.name,
            phone: person.account.phone.as_deref().unwrap_or_default(),
            language: visit.lang,
            saved: None,
            error: None,
        }
    }
}

/// How many portals the person has, and how many of them show the name of the page.
async fn portals(visit: &Visit, person: &SignedIn) -> Result<(usize, usize), StoreError> {
    let account = person.account.id;
    let own = portals::of(visit, account).await?;
    let profiles = visit.hub().directory.profiles(account).await?;
    let unnamed = profiles.iter().filter(|profile| profile.display_name.is_none());
    let by_name = unnamed.filter(|profile| own.iter().any(|own| own.id == profile.portal)).count();
    Ok((own.len(), by_name))
}

async fn page(visit: &Visit, person: &SignedIn, shown: Shown<'_>) -> Answer {
    let browser = Browser::of(visit)?;
    let Shown { name, phone, language, saved, error } = shown;
    let echo = |text: &str| text.chars().take(LONGEST_ECHO).collect();
    let (portals, by_name) = portals(visit, person).await?;
    let view = Profile {
        person: Person { name: echo(name), ..person.person() },
        phone: echo(phone),
        language,
        photo: visit.hub().directory.photo_hash(person.account.id).await?,
        portals,
        by_name,
        csrf: browser.form_value(visit, Some(person.session.id)),
        saved,
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(ProfileError::Expired) => StatusCode::FORBIDDEN,
        Some(ProfileError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(
            ProfileError::NameMissing
            | ProfileError::NameTooLong
            | ProfileError::PhoneInvalid
            | ProfileError::PhotoMissing
            | ProfileError::PhotoUnreadable
            | ProfileError::PhotoTooLarge,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(Reply::page(pages::profile(&visit.frame_at("/profile"), &view))
        .status(status)
        .cookies(browser.cookie()))
}
