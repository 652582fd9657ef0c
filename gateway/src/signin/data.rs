//! `/profile/data` and `/profile/data/download`: everything that is held about the person, as JSON.
//!
//! Hashes, secrets and one-time values are left out: they say nothing about the person and help whoever
//! finds the file to sign in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::{AccountId, UnixSeconds};
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinEntry};
use bitrix_id_auth_core::store::links::Link;
use bitrix_id_auth_core::store::people::Photo;
use bitrix_id_auth_core::store::{Account, Address, AuditEvent, Profile, Session, SessionPortal};
use http::header::CONTENT_DISPOSITION;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fresh;
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, YourData};

/// `GET /profile/data`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    let browser = Browser::of(&visit)?;
    let csrf = browser.form_value(&visit, Some(person.session.id));
    let view = YourData { person: person.person(), csrf };
    Ok(Reply::page(pages::your_data(&visit.frame_at(PATH), &view)).cookies(browser.cookie()))
}

/// `GET /profile/data/download`
pub(crate) async fn download(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    let data = gather(&visit, &person).await?;
    record(&visit, event(&visit, audit::DATA_EXPORTED).with_account(person.account.id)).await;
    let text = serde_json::to_vec_pretty(&data)
        .map_err(|error| Failure::Internal(format!("the data were not written: {error}")))?;
    Ok(Reply::bytes("application/json", text.into())
        .header(CONTENT_DISPOSITION, "attachment; filename=\"bitrix-id.json\""))
}

async fn gather(visit: &Visit, person: &SignedIn) -> Result<Value, Failure> {
    let (hub, id) = (visit.hub(), person.account.id);
    let directory = &hub.directory;
    let sessions = hub.sessions.sessions_of(id, hub.session_limits(), visit.now()).await?;
    let opened = hub.sessions.portals_of_sessions(id).await?;
    let photo = directory.photo(id).await?;
    Ok(json!({
        "written_at": moment(visit.now()),
        "account": account(&person.account),
        "photo": photo.map(|photo| picture(&photo)),
        "addresses": list(&directory.addresses(id).await?, address),
        "profiles": list(&directory.profiles(id).await?, profile),
        "portal_records": list(&directory.joined_profiles(id).await?, portal_record),
        "joins": list(&directory.journal(id).await?, join),
        "linked_accounts": list(&directory.links(id).await?, link),
        "sessions": list(&sessions, |of| session(of, &opened)),
        "events": list(&events(visit, id).await?, audit_event),
    }))
}

async fn events(visit: &Visit, account: AccountId) -> Result<Vec<AuditEvent>, Failure> {
    Ok(visit.hub().directory.audit(Some(account), MOST_EVENTS).await?)
}

fn list<T>(values: &[T], write: impl Fn(&T) -> Value) -> Value {
    values.iter().map(write).collect()
}

fn account(of: &Account) -> Value {
    json!({
        "subject": of.id,
        "email": of.email,
        "name": of.name,
        "language": of.language,
        "time_zone": of.time_zone,
        "phone": of.phone,
        "has_password": of.password_hash.is_some(),
        "created_at": moment(of.created_at),
    })
}

fn picture(of: &Photo) -> Value {
    json!({ "jpeg_base64": STANDARD.encode(&of.jpeg), "updated_at": moment(of.updated_at) })
}

fn address(of: &Address) -> Value {
    json!({
        "address": of.address,
        "proof": of.proof.as_str(),
        "primary": of.primary,
        "added_at": moment(of.added_at),
    })
}

fn profile(of: &Profile) -> Value {
    json!({
        "portal": of.portal,
        "local_id": of.local_id,
        "roles": of.roles,
        "display_name": of.display_name,
        "title": of.title,
        "joined_at": moment(of.joined_at),
        "last_used_at": of.last_used_at.map(moment),
    })
}

fn portal_record(of: &ImportedProfile) -> Value {
    json!({
        "portal": of.portal,
        "local_id": of.local_id,
        "login": of.login,
        "email": of.email,
        "name": of.name,
        "active": of.active,
        "roles": of.roles,
        "imported_at": moment(of.imported_at),
    })
}

fn join(of: &JoinEntry) -> Value {
    let proof = of.proof.as_str();
    json!({
        "portal": of.key.portal,
        "local_id": of.key.local_id,
        "at": moment_ms(of.at_ms),
        "proof": proof,
        "by": of.actor,
        "undone": of.undone.as_ref().map(|(at_ms, by)| json!({ "at": moment_ms(*at_ms), "by": by })),
    })
}

fn link(of: &Link) -> Value {
    json!({
        "issuer": of.issuer,
        "subject": of.subject,
        "provider": of.provider,
        "name": of.name,
        "email": of.email,
        "linked_at": moment(of.linked_at),
        "last_used_at": of.last_used_at.map(moment),
    })
}

fn session(of: &Session, opened: &[SessionPortal]) -> Value {
    let own = opened.iter().filter(|opened| opened.session == of.id);
    let portals: Vec<&str> = own.map(|opened| opened.portal.as_str()).collect();
    json!({
        "id": of.id,
        "created_at": moment(of.created_at),
        "last_seen_at": moment(of.last_seen_at),
        "confirmed_at": moment(of.auth_time),
        "methods": of.amr,
        "browser": of.user_agent,
        "address": of.client_ip,
        "portals": portals,
    })
}

fn audit_event(of: &AuditEvent) -> Value {
    json!({
        "at": moment_ms(of.at_ms),
        "action": of.action,
        "by": of.actor,
        "session": of.session,
        "portal": of.portal,
        "address": of.client_ip,
        "detail": of.detail,
    })
}

/// RFC 3339 in UTC; null for what no calendar holds.
fn moment(at: UnixSeconds) -> Value {
    Timestamp::from_second(at).map_or(Value::Null, |at| at.to_string().into())
}

fn moment_ms(at_ms: i64) -> Value {
    Timestamp::from_millisecond(at_ms).map_or(Value::Null, |at| at.to_string().into())
}

const PATH: &str = "/profile/data";
/// Newest first; years of daily use.
const MOST_EVENTS: u32 = 10_000;
