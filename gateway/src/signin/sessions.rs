//! `/profile/sessions`: the browsers that are signed in, and signing them out.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::{Session, StoreError};
use http::StatusCode;
use uuid::Uuid;

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record, record_end};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::sign_out::left;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, SessionRow, Sessions};

/// `GET /profile/sessions`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let ended = match Flash::read(&visit, Some(person.session.id)) {
        Some(Flash::SessionsEnded(ended)) => Some(ended),
        _ => None,
    };
    let reply = page(&visit, &person, ended, StatusCode::OK).await?;
    Ok(if ended.is_some() { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/sessions`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, None, StatusCode::FORBIDDEN).await;
    }
    let ended = match fields.text("end") {
        "others" => end_others(&visit, &person).await?,
        id => {
            let session = Uuid::try_parse(id).map(SessionId);
            let session = session.map_err(|_| Failure::BadRequest("no such session"))?;
            let ended = end_one(&visit, &person, session).await?;
            if session == person.session.id {
                return Ok(left(&visit));
            }
            usize::from(ended)
        }
    };
    Ok(Reply::see_other(&visit.identity_url("/profile/sessions"))
        .cookies(Flash::SessionsEnded(ended).leave(&visit, session)))
}

/// Ends every session of the account but this one; gives how many there were.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn end_others(visit: &Visit, person: &SignedIn) -> Result<usize, StoreError> {
    let hub = visit.hub();
    let (account, keep) = (person.account.id, Some(person.session.id));
    let until = visit.hub().revocation_until();
    let ended = hub.sessions.end_sessions_of(account, keep, until, visit.now_ms).await?;
    for revocation in &ended {
        hub.apply_revocation(revocation);
    }
    if !ended.is_empty() {
        let detail = format!("{} others", ended.len());
        let event = event(visit, audit::SESSIONS_REVOKED).with_account(account);
        record(visit, event.with_detail(&detail)).await;
    }
    Ok(ended.len())
}

/// Ends one session, if it is one of this account's: an id alone is no right to end it.
async fn end_one(visit: &Visit, person: &SignedIn, session: SessionId) -> Result<bool, StoreError> {
    let own = all(visit, person).await?.iter().any(|own| own.id == session);
    let ended = own && person::end_session(visit, session).await?;
    if ended {
        record_end(visit, person, session).await;
    }
    Ok(ended)
}

async fn all(visit: &Visit, person: &SignedIn) -> Result<Vec<Session>, StoreError> {
    let hub = visit.hub();
    hub.sessions.sessions_of(person.account.id, hub.session_limits(), visit.now()).await
}

async fn page(
    visit: &Visit,
    person: &SignedIn,
    ended: Option<usize>,
    status: StatusCode,
) -> Answer {
    let browser = Browser::of(visit)?;
    let mut sessions = all(visit, person).await?;
    // A stable sort: newest first as the store gives them, this one before all.
    sessions.sort_by_key(|session| session.id != person.session.id);
    let view = Sessions {
        person: person.person(),
        rows: sessions.into_iter().map(|session| row(session, person.session.id)).collect(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        ended,
        now: visit.now(),
    };
    Ok(Reply::page(pages::sessions(&visit.frame_at("/profile/sessions"), &view))
        .status(status)
        .cookies(browser.cookie()))
}

fn row(session: Session, current: SessionId) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        user_agent: session.user_agent,
        address: session.client_ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default(),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: session.id == current,
    }
}
