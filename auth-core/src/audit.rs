//! Security events: the names of what can happen, and a builder for [`AuditEvent`].
//!
//! An event says who did what to whose account, and never holds a password, code, token, checkword or
//! cookie. Names are dotted, `<thing>.<what happened to it>`, and are an interface: operators filter by
//! them.
//!
//! ```
//! use bitrix_id_auth_core::audit;
//! use bitrix_id_auth_core::store::AuditEvent;
//!
//! let event = AuditEvent::new(audit::SIGN_IN_FAILED, 1_700_000_000_000)
//!     .with_client_ip("192.0.2.7".parse().unwrap())
//!     .with_detail("no match");
//! assert_eq!(event.actor, "self");
//! ```

use std::net::IpAddr;

use crate::identity::{AccountId, SessionId};
use crate::store::AuditEvent;

/// An account was created.
pub const ACCOUNT_CREATED: &str = "account.created";
/// An account was removed.
pub const ACCOUNT_DELETED: &str = "account.deleted";
/// An account may no longer sign in.
pub const ACCOUNT_DISABLED: &str = "account.disabled";
/// An account may sign in again.
pub const ACCOUNT_ENABLED: &str = "account.enabled";
/// Name or language was changed.
pub const ACCOUNT_UPDATED: &str = "account.updated";
/// The configuration was replaced, or a new one was refused.
pub const CONFIG_RELOADED: &str = "config.reloaded";
/// A mailed code proved an address.
pub const EMAIL_CONFIRMED: &str = "email.confirmed";
/// A signing key was added; the others got an end.
pub const KEY_ROTATED: &str = "key.rotated";
/// A password was set or replaced.
pub const PASSWORD_CHANGED: &str = "password.changed";
/// A portal was added to the directory.
pub const PORTAL_ADDED: &str = "portal.added";
/// A portal was removed from the directory.
pub const PORTAL_REMOVED: &str = "portal.removed";
/// A profile was joined to an account.
pub const PROFILE_ADDED: &str = "profile.added";
/// A profile's local user id or roles were replaced.
pub const PROFILE_CHANGED: &str = "profile.changed";
/// A profile was removed from an account.
pub const PROFILE_REMOVED: &str = "profile.removed";
/// A session was ended before its time.
pub const SESSION_ENDED: &str = "session.ended";
/// All sessions of an account were ended.
pub const SESSIONS_REVOKED: &str = "sessions.revoked";
/// A credential did not match, or the account may not sign in.
pub const SIGN_IN_FAILED: &str = "sign_in.failed";
/// A credential matched and a session was created.
pub const SIGN_IN_SUCCEEDED: &str = "sign_in.succeeded";
/// Too many attempts: the credential was not looked at.
pub const SIGN_IN_THROTTLED: &str = "sign_in.throttled";
/// A person ended the browser's session.
pub const SIGN_OUT: &str = "sign_out";
/// Somebody asked for an account; a code is on its way.
pub const SIGN_UP_STARTED: &str = "sign_up.started";
/// A ticket was presented a second time, on another host or in another browser.
pub const TICKET_REFUSED: &str = "ticket.refused";

/// Who caused an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The person, or somebody who claims to be that person.
    Person,
    /// Whoever runs the commands.
    Operator,
    /// The gateway, on its own schedule.
    System,
}

impl Actor {
    /// As kept in [`AuditEvent::actor`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "self",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

impl AuditEvent {
    /// An event named by one of this module's constants, caused by the person; `at_ms` is Unix time in
    /// milliseconds.
    pub fn new(action: &'static str, at_ms: i64) -> Self {
        Self {
            at_ms,
            action: action.to_owned(),
            account: None,
            session: None,
            actor: Actor::Person.as_str().to_owned(),
            portal: None,
            client_ip: None,
            request_id: None,
            detail: String::new(),
        }
    }

    /// Whose account it is about.
    pub fn with_account(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Which session it is about.
    pub fn with_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Who caused it.
    pub fn with_actor(mut self, actor: Actor) -> Self {
        self.actor = actor.as_str().to_owned();
        self
    }

    /// On which portal.
    pub fn with_portal(mut self, portal: impl Into<String>) -> Self {
        self.portal = Some(portal.into());
        self
    }

    /// From which address.
    pub fn with_client_ip(mut self, client_ip: IpAddr) -> Self {
        self.client_ip = Some(client_ip);
        self
    }

    /// In which request.
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// A few words more. Cut to [`DETAIL_LIMIT`] characters; control characters become spaces, so that
    /// no text from outside can look like a second event.
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.detail = detail
            .chars()
            .take(DETAIL_LIMIT)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self
    }
}

/// Longest [`AuditEvent::detail`], in characters.
pub const DETAIL_LIMIT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_is_one_short_line() {
        let long = format!("a\r\nb\u{85}{}", "x".repeat(500));
        let event = AuditEvent::new(SIGN_IN_FAILED, 1).with_detail(&long);
        assert!(event.detail.starts_with("a  b x"));
        assert_eq!(event.detail.chars().count(), DETAIL_LIMIT);
        assert!(!event.detail.chars().any(char::is_control));
    }

    #[test]
    fn builder_keeps_what_it_is_told() {
        let account = AccountId(uuid::Uuid::from_u128(7));
        let session = SessionId(uuid::Uuid::from_u128(8));
        let event = AuditEvent::new(SESSION_ENDED, 5)
            .with_account(account)
            .with_session(session)
            .with_actor(Actor::Operator)
            .with_portal("acme")
            .with_request_id("r1");
        assert_eq!(event.account, Some(account));
        assert_eq!(event.session, Some(session));
        assert_eq!(event.actor, "operator");
        assert_eq!(event.portal.as_deref(), Some("acme"));
        assert_eq!(event.request_id.as_deref(), Some("r1"));
    }
}
