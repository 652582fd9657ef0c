//! `/.bitrix-id/callback`: the landing of a hop, where a ticket becomes this host's token.
//!
//! Ticket, state and nonce cookie have to fit each other before the ticket is spent, so a ticket that was
//! stolen, or that arrives on another host, is worth nothing and stays unspent. What does not fit is never
//! an error to the visitor: a browser that holds a good token goes on, any other starts a new hop.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::clock::whole_seconds;
use bitrix_id_auth_core::hop::{
    HOP_COOKIE_PREFIX, HopState, MOST_HOPS, OpenHopError, RejectTicket, TOKEN_COOKIE, Ticket,
    return_target, sha256, verify_ticket,
};
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::issuer::{IssueRequest, Issued};
use bitrix_id_config::model::Portal;
use http::header::REFERRER_POLICY;
use http::{HeaderValue, StatusCode};

use super::browser::is_base64url;
use super::cookies;
use super::crypto;
use super::failure::Answer;
use super::fields::Query;
use super::hop::depart;
use super::person::{event, record_seldom};
use super::reply::Reply;
use super::visit::{AtPortal, Visit};
use crate::pages::{self, CookiesBlocked};

/// `GET /.bitrix-id/callback?ticket=…&state=…`
pub(crate) async fn arrive(AtPortal(visit, portal): AtPortal, Query(query): Query) -> Answer {
    let (unverified_ticket, unverified_state) = (query.text("ticket"), query.text("state"));
    let state = match visit.hub().hop.open(unverified_state, visit.now()) {
        Ok(state) => Ok(state),
        Err(OpenHopError::Expired(state)) => Err(Some(*state)),
        Err(OpenHopError::Malformed | OpenHopError::BadSeal) => Err(None),
    };
    let state = match state {
        Ok(state) if state.host == visit.host => state,
        Err(Some(state)) if state.host == visit.host => return Ok(stale(&visit, &state)),
        // Not made for this host: nothing in it counts.
        Ok(_) | Err(_) => return Ok(clean(Reply::see_other(&visit.own_url("/")))),
    };
    match check(&visit, &state, unverified_state, unverified_ticket) {
        Ok(ticket) => redeem(&visit, &portal, &state, &ticket).await,
        Err(misfit) => {
            if misfit == Misfit::Refused {
                let event = event(&visit, audit::TICKET_REFUSED).with_detail("does not fit");
                record_seldom(&visit, event).await;
            }
            Ok(stale(&visit, &state))
        }
    }
}

/// Why a ticket is not spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misfit {
    /// Ours and for this host, but too late or without its nonce cookie: an old tab, a lost cookie.
    Stale,
    /// Not ours, for another host or for another hop.
    Refused,
}

/// Holds ticket, state and nonce cookie against each other.
fn check(
    visit: &Visit,
    state: &HopState,
    sealed_state: &str,
    unverified_ticket: &str,
) -> Result<Ticket, Misfit> {
    let keys = visit.hub().keys.load();
    let issuer = &visit.snapshot.issuer;
    let ticket = match verify_ticket(&keys, issuer, &visit.host, unverified_ticket, visit.now()) {
        Ok(ticket) => ticket,
        Err(RejectTicket::Expired(_)) => return Err(Misfit::Stale),
        Err(RejectTicket::Refused(_)) => return Err(Misfit::Refused),
    };
    let belongs = ticket.attempt == state.attempt
        && crypto::same(&ticket.state_hash, &sha256(sealed_state))
        && crypto::same(&ticket.nonce_hash, &state.nonce_hash);
    if !belongs {
        return Err(Misfit::Refused);
    }
    let nonce = visit.cookies.one(&hop_cookie(state)).unwrap_or_default();
    let here = crypto::same(&ticket.nonce_hash, &sha256(nonce));
    if here { Ok(ticket) } else { Err(Misfit::Stale) }
}

/// Spends the ticket and sets the token.
async fn redeem(visit: &Visit, portal: &Portal, state: &HopState, ticket: &Ticket) -> Answer {
    let hub = visit.hub();
    if !hub.sessions.spend_ticket(ticket.id, ticket.expires_at).await? {
        let event = event(visit, audit::TICKET_REFUSED).with_session(ticket.session);
        record_seldom(visit, event.with_detail("spent before")).await;
        return Ok(stale(visit, state));
    }
    let token_lifetime = whole_seconds(visit.snapshot.config.identity.token_lifetime);
    let request = IssueRequest {
        session: ticket.session,
        issuer: &visit.snapshot.issuer,
        host: &visit.host,
        portal: &portal.id,
        token_lifetime,
        limits: hub.session_limits(),
        now: visit.now(),
    };
    match hub.issuer.portal_token(request).await? {
        Issued::Token { token, identity } => {
            let cookie = token_cookie(&token, identity.expires_at, visit.now());
            let reply = Reply::see_other(&landing(visit, state)).cookie(cookie);
            Ok(clean(reply.cookies(spent_hop_cookies(visit, state))))
        }
        // Signed out between the two hosts.
        Issued::SessionEnded => Ok(restart(visit, state)),
    }
}

/// `Set-Cookie` of a portal token, which it outlives by nothing.
pub(crate) fn token_cookie(token: &str, expires_at: UnixSeconds, now: UnixSeconds) -> HeaderValue {
    cookies::set(TOKEN_COOKIE, token, (expires_at - now).max(0))
}

/// A hop that cannot be finished: a browser that is signed in here all the same just goes on.
fn stale(visit: &Visit, state: &HopState) -> Reply {
    if visit.token.is_some() {
        let reply = Reply::see_other(&landing(visit, state));
        return clean(reply.cookies(spent_hop_cookies(visit, state)));
    }
    restart(visit, state)
}

/// Begins again with a nonce of its own, a few times; then the browser is told what keeps happening.
fn restart(visit: &Visit, state: &HopState) -> Reply {
    let spent = spent_hop_cookies(visit, state);
    if state.restarts >= MOST_RESTARTS {
        let page = Reply::page(pages::cookies_blocked(&visit.frame(), &CookiesBlocked {}));
        return clean(page.status(StatusCode::BAD_REQUEST).cookies(spent));
    }
    let departure = depart(visit, &state.return_to, state.restarts + 1);
    clean(Reply::found(&departure.url).cookies(spent).cookie(departure.cookie))
}

/// The address the visitor asked for in the first place.
fn landing(visit: &Visit, state: &HopState) -> String {
    visit.own_url(&return_target(&state.return_to).unwrap_or_else(|| "/".into()))
}

/// The address of this request holds a ticket: nothing that follows may learn it.
fn clean(reply: Reply) -> Reply {
    reply.header(REFERRER_POLICY, "no-referrer")
}

fn hop_cookie(state: &HopState) -> String {
    format!("{HOP_COOKIE_PREFIX}{}", state.attempt)
}

/// Takes this hop's cookie away, and the oldest of those that never came back and have piled up: a tab
/// that is still on its way then starts over, unseen.
fn spent_hop_cookies(visit: &Visit, state: &HopState) -> Vec<HeaderValue> {
    let own = hop_cookie(state);
    // Browsers send the oldest first.
    let held = visit.cookies.names_with(HOP_COOKIE_PREFIX);
    let surplus = held.len().saturating_sub(MOST_HOPS);
    let names = held.into_iter().enumerate().filter(|(at, name)| {
        *name == own || (*at < surplus && is_base64url(&name[HOP_COOKIE_PREFIX.len()..], 11))
    });
    names.map(|(_, name)| cookies::delete(name)).collect()
}

/// A missing cookie may be an accident; this many in a row are a setting.
const MOST_RESTARTS: u8 = 3;
