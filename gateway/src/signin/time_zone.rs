//! `/profile/time-zone`: the part of the world first, then a place in it; or the browser's own.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::people::AccountDetails;
use http::StatusCode;

use super::browser::Browser;
use super::failure::Answer;
use super::fields::{Form, Pairs, Query};
use super::flash::Flash;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, TimeZoneError, TimeZonePage};

/// `GET /profile/time-zone?area=…`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    // Who has a zone most likely looks for another one near it.
    let own = person.account.time_zone.as_deref().and_then(pages::area_of);
    let area = query.optional("area").or(own).unwrap_or_default();
    page(&visit, &person, area, None)
}

/// `POST /profile/time-zone`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let area = fields.text("area");
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, area, Some(TimeZoneError::Expired));
    }
    let Some(time_zone) = chosen(&fields) else {
        return page(&visit, &person, area, Some(TimeZoneError::Unknown));
    };
    let account = person.account.id;
    let details = AccountDetails { time_zone: Some(time_zone), ..AccountDetails::default() };
    visit.hub().directory.update_account(account, details, visit.now()).await?;
    record(&visit, event(&visit, audit::ACCOUNT_UPDATED).with_account(account)).await;
    visit.app.notice_bell.notify_one();
    Ok(Reply::see_other(&visit.identity_url("/profile"))
        .cookies(Flash::TimeZoneSaved.leave(&visit, session)))
}

/// What a form chose: `Some(None)` is none. `None`: what is no zone.
fn chosen(fields: &Pairs) -> Option<Option<String>> {
    if fields.optional("none").is_some() {
        return Some(None);
    }
    // The browser's own, which may be called as it was years ago.
    if let Some(zone) = fields.optional("zone") {
        return pages::is_zone(zone).then(|| Some(zone.to_owned()));
    }
    pages::zone_of(fields.text("area"), fields.text("place")).map(Some)
}

fn page(visit: &Visit, person: &SignedIn, area: &str, error: Option<TimeZoneError>) -> Answer {
    let browser = Browser::of(visit)?;
    let area = if pages::is_area(area) { area } else { "" };
    let view = TimeZonePage {
        person: person.person(),
        area: area.to_owned(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(TimeZoneError::Unknown) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(TimeZoneError::Expired) => StatusCode::FORBIDDEN,
    };
    let frame = visit.frame_at(&format!("/profile/time-zone?area={}", area.replace(' ', "+")));
    Ok(Reply::page(pages::time_zone(&frame, &view)).status(status).cookies(browser.cookie()))
}
