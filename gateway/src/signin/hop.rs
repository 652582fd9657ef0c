//! The hop's two ends: sending a signed-in browser on to where it wanted to go, and starting a hop anew.
//!
//! States are sealed by the gateway when it sends a browser here, and by this app when a page of the
//! Bitrix ID host itself asks for a sign-in; the host inside tells the two apart.

use bitrix_id_auth_core::hop::{
    self, CALLBACK_PATH, HopState, OpenHopError, STATE_LIFETIME, Ticket, return_target, sign_ticket,
};
use bitrix_id_auth_core::identity::SessionId;
use http::HeaderValue;
use http::header::REFERRER_POLICY;

use super::cookies;
use super::failure::{Answer, Failure};
use super::person::{SignedIn, language_cookie};
use super::reply::Reply;
use super::visit::Visit;

/// Where a sign-in leads.
pub(crate) enum Destination {
    /// The list of portals: no state, one that is not genuine, or a host that is no longer configured.
    Home,
    /// A page of the Bitrix ID host; path and query.
    Own(String),
    /// A portal host, by ticket.
    Portal(Box<HopState>),
    /// A portal host, whose gateway starts a new hop: the state is genuine and too old. Path and query.
    Again(Box<HopState>),
}

/// Reads the state that came with a request.
pub(crate) fn destination(visit: &Visit, unverified_state: Option<&str>) -> Destination {
    let Some(text) = unverified_state else {
        return Destination::Home;
    };
    let (state, expired) = match visit.hub().hop.open(text, visit.now()) {
        Ok(state) => (state, false),
        Err(OpenHopError::Expired(state)) => (*state, true),
        Err(OpenHopError::Malformed | OpenHopError::BadSeal) => return Destination::Home,
    };
    if state.host == visit.snapshot.config.identity.url.host {
        return match return_target(&state.return_to) {
            Some(target) => Destination::Own(target),
            None => Destination::Home,
        };
    }
    // The seal says that we wrote the host; only the configuration says that it is still a portal's.
    if visit.snapshot.portal_by_host(&state.host).is_none() {
        return Destination::Home;
    }
    if expired { Destination::Again(Box::new(state)) } else { Destination::Portal(Box::new(state)) }
}

/// Sends a signed-in browser to its destination; no further than to the proof of its address, if that is
/// all the session is good for.
///
/// # Errors
/// [`Failure::Internal`] when the ticket cannot be signed.
pub(crate) fn go_on(visit: &Visit, person: &SignedIn, unverified_state: Option<&str>) -> Answer {
    if person.must_prove() {
        return Ok(Reply::see_other(
            &visit.identity_url(&with_state("/welcome", unverified_state)),
        ));
    }
    let url = match destination(visit, unverified_state) {
        Destination::Home => visit.identity_url("/"),
        Destination::Own(target) => visit.identity_url(&target),
        Destination::Again(state) => again_url(visit, &state),
        Destination::Portal(state) => {
            callback_url(visit, person.session.id, &state, unverified_state.unwrap_or_default())?
        }
    };
    // The address may hold a ticket: no page may pass it on.
    let reply = Reply::see_other(&url).header(REFERRER_POLICY, "no-referrer");
    // After a way that kept to the language of its pages.
    Ok(reply.cookies(language_cookie(visit, &person.account)))
}

/// Sends the browser on after a form: to a page of this host at once, to a portal by way of the sign-in
/// page, which makes the ticket when the browser is there to take it.
pub(crate) fn go_on_after_form(visit: &Visit, unverified_state: Option<&str>) -> Reply {
    let url = match destination(visit, unverified_state) {
        Destination::Home => visit.identity_url("/"),
        Destination::Own(target) => visit.identity_url(&target),
        Destination::Again(_) | Destination::Portal(_) => {
            visit.identity_url(&with_state("/sign-in", unverified_state))
        }
    };
    Reply::see_other(&url)
}

/// The callback of a portal host, with a ticket.
fn callback_url(
    visit: &Visit,
    session: SessionId,
    state: &HopState,
    sealed_state: &str,
) -> Result<String, Failure> {
    let ticket = Ticket::new(session, state, sealed_state, visit.now());
    let keys = visit.hub().keys.load();
    let ticket = sign_ticket(&keys, &visit.snapshot.issuer, &ticket)
        .map_err(|error| Failure::Internal(format!("no ticket was signed: {error}")))?;
    let origin = visit.snapshot.origin_of(&state.host);
    Ok(format!("{origin}{CALLBACK_PATH}?ticket={ticket}&state={sealed_state}"))
}

/// The page a too old hop was on its way to.
pub(crate) fn again_url(visit: &Visit, state: &HopState) -> String {
    let target = return_target(&state.return_to).unwrap_or_else(|| "/".into());
    format!("{}{target}", visit.snapshot.origin_of(&state.host))
}

/// Title of the portal that a state leads to, for the words "to continue to …".
pub(crate) fn portal_ahead(visit: &Visit, unverified_state: Option<&str>) -> Option<String> {
    match destination(visit, unverified_state) {
        Destination::Portal(state) | Destination::Again(state) => {
            visit.snapshot.portal_by_host(&state.host).map(|portal| portal.title.clone())
        }
        Destination::Home | Destination::Own(_) => None,
    }
}

/// Id of that portal.
pub(crate) fn portal_id_ahead(visit: &Visit, unverified_state: Option<&str>) -> Option<String> {
    match destination(visit, unverified_state) {
        Destination::Portal(state) | Destination::Again(state) => {
            visit.snapshot.portal_by_host(&state.host).map(|portal| portal.id.clone())
        }
        Destination::Home | Destination::Own(_) => None,
    }
}

/// A state that brings the visitor back to this page of the Bitrix ID host after signing in.
pub(crate) fn own_state(visit: &Visit) -> String {
    own_state_to(visit, &visit.target)
}

/// The same for another page: path and query.
pub(crate) fn own_state_to(visit: &Visit, target: &str) -> String {
    let host = &visit.snapshot.config.identity.url.host;
    // The nonce is for portal hosts: here the session's own cookie is all that counts.
    hop::depart(&visit.hub().hop, host, target, 0, visit.now()).state
}

/// A hop that starts on this portal host.
pub(crate) struct Departure {
    /// The sign-in page, with the state.
    pub url: String,
    /// The nonce cookie, to be set on this host.
    pub cookie: HeaderValue,
}

/// Starts a hop on this portal host that comes back to `return_to`.
pub(crate) fn depart(visit: &Visit, unchecked_return_to: &str, restarts: u8) -> Departure {
    let (sealer, now) = (&visit.hub().hop, visit.now());
    let started = hop::depart(sealer, &visit.host, unchecked_return_to, restarts, now);
    departure(visit, "/sign-in", &started)
}

/// The same by way of another page of the Bitrix ID host, which goes on as the sign-in page does.
pub(crate) fn depart_to(visit: &Visit, page: &str, unchecked_return_to: &str) -> Departure {
    let (sealer, now) = (&visit.hub().hop, visit.now());
    let started = hop::depart(sealer, &visit.host, unchecked_return_to, 0, now);
    departure(visit, page, &started)
}

fn departure(visit: &Visit, page: &str, started: &hop::Departure) -> Departure {
    Departure {
        url: visit.identity_url(&format!("{page}?state={}", started.state)),
        cookie: cookies::set(&started.cookie_name, &started.cookie_value, STATE_LIFETIME),
    }
}

/// `path` with the state kept in its query.
pub(crate) fn with_state(path: &str, state: Option<&str>) -> String {
    match state {
        Some(state) => {
            let state = percent_encoding::utf8_percent_encode(state, UNSAFE_IN_QUERY);
            format!("{path}?state={state}")
        }
        None => path.to_owned(),
    }
}

/// Everything but base64url and the dot that a genuine state consists of.
const UNSAFE_IN_QUERY: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
