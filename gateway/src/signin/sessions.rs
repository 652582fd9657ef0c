//! `/profile/sessions`: the browsers that are signed in, and signing them out.

use bitrix_id_auth_core::accounts::sessions_of;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::notices::Notice;
use bitrix_id_auth_core::store::{Session, SessionPortal, StoreError};
use http::StatusCode;
use uuid::Uuid;

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::Form;
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::notices;
use super::person::{self, SignedIn, event, record, record_end};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::sign_out::left;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, EndedSessions, SessionRow, Sessions};

/// `GET /profile/sessions`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let ended = ended_before(&visit, Some(person.session.id));
    let told = ended.is_some();
    let reply = page(&visit, &person, ended, StatusCode::OK).await?;
    Ok(if told { reply.cookie(flash::clear()) } else { reply })
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
    // Before they are gone, and their portals with them.
    let opened = visit.hub().sessions.portals_of_sessions(person.account.id).await?;
    let flash = match fields.text("end") {
        "others" => {
            let count = end_others(&visit, &person).await?;
            told(count, None, opened.iter().filter(|opened| opened.session != person.session.id))
        }
        "all" => {
            let count = end_others(&visit, &person).await? + 1;
            end_one(&visit, &person, person.session.id).await?;
            let flash = told(count, None, opened.iter());
            return Ok(left(&visit).cookies(flash.leave(&visit, None)));
        }
        id => {
            let session = Uuid::try_parse(id).map(SessionId);
            let session = session.map_err(|_| Failure::BadRequest("no such session"))?;
            let ended = end_one(&visit, &person, session).await?;
            if session == person.session.id {
                return Ok(left(&visit));
            }
            let portals = opened.iter().filter(|opened| opened.session == session);
            told(usize::from(ended.is_some()), ended.map(|ended| ended.user_agent), portals)
        }
    };
    Ok(Reply::see_other(&visit.identity_url("/profile/sessions"))
        .cookies(flash.leave(&visit, session)))
}

/// What the next page says was ended.
fn told<'a>(
    count: usize,
    user_agent: Option<String>,
    opened: impl Iterator<Item = &'a SessionPortal>,
) -> Flash {
    let mut portals: Vec<String> = opened.map(|opened| opened.portal.clone()).collect();
    portals.sort();
    portals.dedup();
    portals.truncate(MOST_PORTALS_TOLD);
    let user_agent = user_agent.map(|text| text.chars().take(USER_AGENT_TOLD).collect());
    Flash::SessionsEnded { count, user_agent, portals }
}

/// What the answer before has ended.
pub(super) fn ended_before(visit: &Visit, session: Option<SessionId>) -> Option<EndedSessions> {
    match Flash::read(visit, session) {
        Some(Flash::SessionsEnded { count, user_agent, portals }) => {
            let portals = portals.iter().filter_map(|id| visit.snapshot.title_of(id)).collect();
            Some(EndedSessions { count, user_agent, portals })
        }
        _ => None,
    }
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
        let notice = Notice::sessions_ended(account, &sessions_of(&ended), false);
        notices::tell(visit, account, notice).await;
    }
    Ok(ended.len())
}

/// Ends one session, if it is one of this account's: an id alone is no right to end it.
async fn end_one(
    visit: &Visit,
    person: &SignedIn,
    session: SessionId,
) -> Result<Option<Session>, StoreError> {
    let Some(own) = all(visit, person).await?.into_iter().find(|own| own.id == session) else {
        return Ok(None);
    };
    if !person::end_session(visit, session).await? {
        return Ok(None);
    }
    record_end(visit, person, session).await;
    Ok(Some(own))
}

async fn all(visit: &Visit, person: &SignedIn) -> Result<Vec<Session>, StoreError> {
    let hub = visit.hub();
    hub.sessions.sessions_of(person.account.id, hub.session_limits(), visit.now()).await
}

async fn page(
    visit: &Visit,
    person: &SignedIn,
    ended: Option<EndedSessions>,
    status: StatusCode,
) -> Answer {
    let browser = Browser::of(visit)?;
    let mut sessions = all(visit, person).await?;
    // A stable sort: newest first as the store gives them, this one before all.
    sessions.sort_by_key(|session| session.id != person.session.id);
    let opened = visit.hub().sessions.portals_of_sessions(person.account.id).await?;
    let rows = sessions.into_iter().map(|session| row(visit, session, &opened, person.session.id));
    let view = Sessions {
        person: person.person(),
        rows: rows.collect(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        ended,
        now: visit.now(),
    };
    Ok(Reply::page(pages::sessions(&visit.frame_at("/profile/sessions"), &view))
        .status(status)
        .cookies(browser.cookie()))
}

fn row(
    visit: &Visit,
    session: Session,
    opened: &[SessionPortal],
    current: SessionId,
) -> SessionRow {
    let own = opened.iter().filter(|opened| opened.session == session.id);
    SessionRow {
        id: session.id.to_string(),
        user_agent: session.user_agent,
        address: session.client_ip.map(|ip| ip.to_canonical().to_string()).unwrap_or_default(),
        amr: session.amr,
        portals: own.filter_map(|opened| visit.snapshot.title_of(&opened.portal)).collect(),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: session.id == current,
    }
}

/// As many as fit into a cookie with room to spare.
const MOST_PORTALS_TOLD: usize = 10;
/// In characters; what names browser and system comes well before.
const USER_AGENT_TOLD: usize = 250;
