//! `/` and `/profile/portals`: all my portals.

use super::browser::Browser;
use super::failure::Answer;
use super::fields::Query;
use super::hop;
use super::person;
use super::portals;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Portals};

/// `GET /`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let browser = Browser::of(&visit)?;
    let view = Portals {
        person: person.person(),
        portals: portals::rows(&visit, person.account.id).await?,
        query: query.text("q").chars().take(100).collect(),
        csrf: browser.form_value(&visit, Some(person.session.id)),
        now: visit.now(),
    };
    Ok(Reply::page(pages::portals(&visit.frame(), &view)).cookies(browser.cookie()))
}

/// To the sign-in page and back to this one.
pub(super) fn to_sign_in(visit: &Visit) -> Reply {
    if visit.target == "/" {
        return Reply::see_other(&visit.identity_url("/sign-in"));
    }
    let state = hop::own_state(visit);
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", Some(&state))))
}
