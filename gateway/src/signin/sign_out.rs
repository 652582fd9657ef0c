//! `/sign-out` and `/.bitrix-id/sign-out`: ends the browser's session, and with it every portal's token.
//!
//! A portal host knows the session by its token and ends it in the store at once; the Bitrix ID host's
//! cookie is then dead, and `/signed-out` takes it away. When the portal's token is no longer good, nobody
//! can tell there which session is meant: `/signed-out` finds the session alive and asks.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::{SESSION_COOKIE, TOKEN_COOKIE};
use http::{HeaderName, StatusCode};

use super::browser::Browser;
use super::cookies;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::{self, Flash};
use super::notices;
use super::person::{self, event, record, record_end};
use super::reply::Reply;
use super::sessions::ended_before;
use super::visit::{AtIdentity, AtPortal, Visit};
use crate::pages::{self, SignOutAsk, SignedOut};

/// `GET /sign-out`
pub(crate) async fn ask(AtIdentity(visit): AtIdentity) -> Answer {
    match person::signed_in(&visit).await? {
        Some(person) => question(&visit, &person, StatusCode::OK),
        None => Ok(Reply::see_other(&visit.identity_url("/signed-out"))),
    }
}

/// `POST /sign-out`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url("/signed-out")));
    };
    let session = person.session.id;
    if Browser::of_form(&visit, Some(session), fields.text("csrf")).is_none() {
        return question(&visit, &person, StatusCode::FORBIDDEN);
    }
    if person::end_session(&visit, session).await? {
        record_end(&visit, &person, session).await;
    }
    Ok(left(&visit))
}

/// `GET /signed-out`
pub(crate) async fn done(AtIdentity(visit): AtIdentity) -> Answer {
    if person::signed_in(&visit).await?.is_some() {
        return Ok(Reply::see_other(&visit.identity_url("/sign-out")));
    }
    let leaving = match Flash::read(&visit, None) {
        Some(Flash::Leaving { delete_at, time_zone }) => Some((delete_at, time_zone)),
        _ => None,
    };
    let view = SignedOut { ended: ended_before(&visit, None), leaving };
    let told = view.ended.is_some() || view.leaving.is_some();
    let reply = Reply::page(pages::signed_out(&visit.frame(), &view));
    let reply = if told { reply.cookie(flash::clear()) } else { reply };
    // The session has ended, perhaps from a portal host, which cannot take this host's cookie away.
    let has_cookie = !visit.cookies.names_with(SESSION_COOKIE).is_empty();
    Ok(if has_cookie { reply.cookies(person::departure_cookies(&visit)) } else { reply })
}

/// `GET /.bitrix-id/sign-out`
pub(crate) async fn ask_on_portal(AtPortal(visit, _): AtPortal) -> Answer {
    let account = match visit.token {
        Some((subject, _)) => visit.hub().directory.account(subject).await?,
        None => return Ok(Reply::see_other(&visit.identity_url("/signed-out"))),
    };
    let view = SignOutAsk {
        csrf: None,
        action: "/.bitrix-id/sign-out".into(),
        email: account.map(|account| account.email),
    };
    let page = Reply::page(pages::sign_out_ask(&visit.frame(), &view));
    Ok(page.form_targets([visit.identity_origin().to_owned()]))
}

/// `POST /.bitrix-id/sign-out`: from any page of the portal's own origin.
pub(crate) async fn submit_on_portal(AtPortal(visit, _): AtPortal) -> Answer {
    visit.require_same_origin()?;
    if let Some((subject, session)) = visit.token
        && person::end_session(&visit, session).await?
    {
        let event = event(&visit, audit::SIGN_OUT).with_account(subject).with_session(session);
        record(&visit, event).await;
        notices::session_ended(&visit, subject, session).await;
    }
    // `Clear-Site-Data` would take the portal's own cookies along, so only ours goes.
    Ok(Reply::see_other(&visit.identity_url("/signed-out")).cookie(cookies::delete(TOKEN_COOKIE)))
}

/// On to the page that says so, without this host's cookies.
pub(super) fn left(visit: &Visit) -> Reply {
    // Not "cookies": that would reach every host of the registrable domain, portals among them.
    Reply::see_other(&visit.identity_url("/signed-out"))
        .cookies(person::departure_cookies(visit))
        .header(CLEAR_SITE_DATA, "\"storage\"")
}

fn question(
    visit: &Visit,
    person: &person::SignedIn,
    status: StatusCode,
) -> Result<Reply, Failure> {
    let browser = Browser::of(visit)?;
    let view = SignOutAsk {
        csrf: Some(browser.form_value(visit, Some(person.session.id))),
        action: "/sign-out".into(),
        email: Some(person.account.email.clone()),
    };
    let page = Reply::page(pages::sign_out_ask(&visit.frame_at("/sign-out"), &view));
    Ok(page.status(status).cookies(browser.cookie()))
}

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
