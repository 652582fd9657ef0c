//! `/switch` and `/.bitrix-id/switch`: "Not you?". Ends the browser's session and leads to the sign-in page,
//! with the way back to where the button was.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::{SESSION_COOKIE, TOKEN_COOKIE, return_target};

use super::browser::Browser;
use super::cookies;
use super::failure::{Answer, Failure};
use super::fields::{Form, Pairs};
use super::flash::Flash;
use super::hop;
use super::notices;
use super::person::{self, event, record, record_end};
use super::reply::Reply;
use super::visit::{AtIdentity, AtPortal, Visit};

/// `POST /switch`, with `return_to`: path and query on this host.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let back = fields.optional("return_to").and_then(return_target).unwrap_or_else(|| "/".into());
    let state = hop::own_state_to(&visit, &back);
    let sign_in = visit.identity_url(&hop::with_state("/sign-in", Some(&state)));
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&sign_in));
    };
    let session = person.session.id;
    if Browser::of_form(&visit, Some(session), fields.text("csrf")).is_none() {
        return Err(Failure::CrossSite);
    }
    if person::end_session(&visit, session).await? {
        record_end(&visit, &person, session).await;
    }
    Ok(Reply::see_other(&sign_in)
        .cookies(person::departure_cookies(&visit))
        .cookies(Flash::Switched.leave(&visit, None)))
}

/// `POST /.bitrix-id/switch`, with `return_to`: path and query on this portal. From any page of the portal's
/// own origin, as signing out.
pub(crate) async fn submit_on_portal(AtPortal(visit, _): AtPortal, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    if let Some((subject, session)) = visit.token
        && person::end_session(&visit, session).await?
    {
        let event = event(&visit, audit::SIGN_OUT).with_account(subject).with_session(session);
        record(&visit, event).await;
        notices::session_ended(&visit, subject, session).await;
    }
    let departure = hop::depart(&visit, fields.text("return_to"), 0);
    Ok(Reply::see_other(&format!("{}&{SWITCHED}=1", departure.url))
        .cookie(cookies::delete(TOKEN_COOKIE))
        .cookie(departure.cookie))
}

/// What the sign-in page does first when a portal's button has led to it: a portal host can leave nothing for
/// the next page of the Bitrix ID host, nor take its cookie away. A cookie without a session tells the
/// truth of it, so an address that somebody made up says nothing in a browser that was not signed in.
pub(super) fn arrived(visit: &Visit, state: Option<&str>, query: &Pairs) -> Option<Reply> {
    query.optional(SWITCHED)?;
    let reply = Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state)));
    if visit.cookies.names_with(SESSION_COOKIE).is_empty() {
        return Some(reply);
    }
    let left = Flash::Switched.leave(visit, None);
    Some(reply.cookie(cookies::delete(SESSION_COOKIE)).cookies(left))
}

/// In the address of the sign-in page.
const SWITCHED: &str = "switched";
