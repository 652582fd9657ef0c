//! What is held about a person, as JSON. Hashes, secrets and one-time values are left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::access::Invitation;
use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::links::Link;
use bitrix_id_auth_core::store::people::{Accepted, Asked, Made, Photo};
use bitrix_id_auth_core::store::{Account, Address, Profile, Session, SessionPortal};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn list<T>(values: &[T], write: impl Fn(&T) -> Value) -> Value {
    values.iter().map(write).collect()
}

pub(super) fn account(of: &Account) -> Value {
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

pub(super) fn picture(of: &Photo) -> Value {
    json!({ "jpeg_base64": STANDARD.encode(&of.jpeg), "updated_at": moment(of.updated_at) })
}

pub(super) fn address(of: &Address) -> Value {
    json!({
        "address": of.address,
        "proof": of.proof.as_str(),
        "primary": of.primary,
        "added_at": moment(of.added_at),
    })
}

pub(super) fn profile(of: &Profile) -> Value {
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

pub(super) fn portal_record(of: &ImportedProfile) -> Value {
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

pub(super) fn asked(of: &Asked) -> Value {
    json!({
        "portal": of.portal,
        "asked_at": moment(of.asked_at),
        "expires_at": moment(of.expires_at),
    })
}

pub(super) fn invitation(of: &Invitation) -> Value {
    json!({
        "portal": of.portal,
        "email": of.email,
        "roles": of.roles,
        "created_at": moment(of.created_at),
        "expires_at": moment(of.expires_at),
        "revoked": of.revoked,
        "most_uses": of.most_uses,
        "uses": of.uses,
    })
}

pub(super) fn accepted(of: &Accepted) -> Value {
    json!({ "portal": of.portal, "roles": of.roles, "accepted_at": moment(of.used_at) })
}

pub(super) fn made(of: &Made) -> Value {
    json!({ "portal": of.portal, "created_at": moment(of.created_at) })
}

pub(super) fn link(of: &Link) -> Value {
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

pub(super) fn session(of: &Session, opened: &[SessionPortal]) -> Value {
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

/// RFC 3339 in UTC; null for what no calendar holds.
pub(super) fn moment(at: UnixSeconds) -> Value {
    Timestamp::from_second(at).map_or(Value::Null, |at| at.to_string().into())
}

pub(super) fn moment_ms(at_ms: i64) -> Value {
    Timestamp::from_millisecond(at_ms).map_or(Value::Null, |at| at.to_string().into())
}
