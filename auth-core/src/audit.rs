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
//! assert_eq!(event.actor, "unknown");
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
/// Everything of an account moved into another one of the same person.
pub const ACCOUNT_MERGED: &str = "account.merged";
/// A merge was undone.
pub const ACCOUNT_UNMERGED: &str = "account.unmerged";
/// An account that was leaving stays.
pub const ACCOUNT_KEPT: &str = "account.kept";
/// The person wants the account deleted; it will be, after a while.
pub const ACCOUNT_LEAVING: &str = "account.leaving";
/// Name, language, time zone or phone number was changed.
pub const ACCOUNT_UPDATED: &str = "account.updated";
/// A copy of what is held about the person was handed out.
pub const DATA_EXPORTED: &str = "data.exported";
/// A code was typed that is not the one in the mail, or one that was tried too often.
pub const CODE_REFUSED: &str = "code.refused";
/// The configuration was replaced, or a new one was refused.
pub const CONFIG_RELOADED: &str = "config.reloaded";
/// A person gave an account another address.
pub const EMAIL_ADDED: &str = "email.added";
/// A mailed code proved an address.
pub const EMAIL_CONFIRMED: &str = "email.confirmed";
/// Another of an account's addresses became the primary one.
pub const EMAIL_PRIMARY_CHANGED: &str = "email.primary_changed";
/// An account gave an address up.
pub const EMAIL_REMOVED: &str = "email.removed";
/// A signing key was added; the others got an end.
pub const KEY_ROTATED: &str = "key.rotated";
/// A photo was given or removed.
pub const PHOTO_CHANGED: &str = "photo.changed";
/// A password was set or replaced.
pub const PASSWORD_CHANGED: &str = "password.changed";
/// Somebody asked to be let into a portal.
pub const ACCESS_ASKED: &str = "access.asked";
/// An owner said no to a request.
pub const ACCESS_DECLINED: &str = "access.declined";
/// An owner said yes to a request; the profile has an event of its own.
pub const ACCESS_GRANTED: &str = "access.granted";
/// An invitation to a portal let somebody in.
pub const INVITATION_ACCEPTED: &str = "invitation.accepted";
/// An owner invited somebody to a portal.
pub const INVITATION_MADE: &str = "invitation.made";
/// An owner took an invitation back.
pub const INVITATION_REVOKED: &str = "invitation.revoked";
/// A person made a portal.
pub const PORTAL_CREATED: &str = "portal.created";
/// A file of a portal's people was taken in.
pub const PORTAL_IMPORTED: &str = "portal.imported";
/// A portal was added to the directory.
pub const PORTAL_ADDED: &str = "portal.added";
/// A portal was removed from the directory.
pub const PORTAL_REMOVED: &str = "portal.removed";
/// An account at an identity provider opens a Bitrix ID from now on.
pub const LINK_ADDED: &str = "link.added";
/// A link that was asked for was not made: it is another account's, or the provider's answer did not hold.
pub const LINK_REFUSED: &str = "link.refused";
/// A provider's account no longer opens the account.
pub const LINK_REMOVED: &str = "link.removed";
/// An old portal password was typed that still matches: it opens that portal, and the rest once the
/// address is proved.
pub const PORTAL_PASSWORD_MATCHED: &str = "portal_password.matched";
/// A profile was joined to an account.
pub const PROFILE_ADDED: &str = "profile.added";
/// What the person is called on a portal was changed.
pub const PROFILE_RENAMED: &str = "profile.renamed";
/// A profile's local user id or roles were replaced.
pub const PROFILE_CHANGED: &str = "profile.changed";
/// A profile was removed from an account.
pub const PROFILE_REMOVED: &str = "profile.removed";
/// A record that a portal keeps of a person became a profile of an account.
pub const PROFILE_JOINED: &str = "profile.joined";
/// A join was undone: the portal's record is free again.
pub const PROFILE_UNJOINED: &str = "profile.unjoined";
/// A code is on its way to an address that somebody says is theirs.
pub const PROOF_STARTED: &str = "proof.started";
/// The person of a session has shown again who they are.
pub const SESSION_CONFIRMED: &str = "session.confirmed";
/// Somebody asked for a checkword for some address.
pub const RECOVERY_ASKED: &str = "recovery.asked";
/// A checkword was mailed.
pub const RECOVERY_MAILED: &str = "recovery.mailed";
/// A text that is no checkword was tried.
pub const RECOVERY_REFUSED: &str = "recovery.refused";
/// A password was set by a checkword.
pub const RECOVERY_SUCCEEDED: &str = "recovery.succeeded";
/// A session was ended before its time.
pub const SESSION_ENDED: &str = "session.ended";
/// The owner of an account says that a session is somebody else's.
pub const SESSION_DISOWNED: &str = "session.disowned";
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
    /// The person whose account it is about.
    Person,
    /// Whoever tried it: nothing that the person alone has was shown.
    Unknown,
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
            Self::Unknown => "unknown",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

impl AuditEvent {
    /// An event named by one of this module's constants, caused by the person, or by whoever tried it if it
    /// is one that anybody can cause; `at_ms` is Unix time in milliseconds.
    pub fn new(action: &'static str, at_ms: i64) -> Self {
        Self {
            at_ms,
            action: action.to_owned(),
            account: None,
            session: None,
            actor: usual_actor(action).as_str().to_owned(),
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

    /// Whose account it is about, and which account caused it: an owner's of a portal, or the one that it was
    /// merged into.
    pub fn with_account_changed_by(mut self, account: AccountId, by: AccountId) -> Self {
        let is_own = account == by;
        self.actor = if is_own { Actor::Person.as_str().to_owned() } else { by.to_string() };
        self.with_account(account)
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

/// Who causes this, unless an event says otherwise.
fn usual_actor(action: &str) -> Actor {
    match action {
        PORTAL_PASSWORD_MATCHED
        | PROOF_STARTED
        | RECOVERY_ASKED
        | RECOVERY_REFUSED
        | SIGN_IN_FAILED
        | SIGN_IN_THROTTLED
        | SIGN_UP_STARTED
        | TICKET_REFUSED => Actor::Unknown,
        _ => Actor::Person,
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
    fn an_event_says_who_caused_it() {
        let [anna, boris] = [1, 2].map(|n| AccountId(uuid::Uuid::from_u128(n)));
        let actor = |account, by| {
            AuditEvent::new(PROFILE_REMOVED, 1).with_account_changed_by(account, by).actor
        };
        assert_eq!(actor(anna, anna), "self");
        assert_eq!(actor(anna, boris), boris.to_string());
        // Whoever types a wrong password has not shown who they are.
        assert_eq!(AuditEvent::new(SIGN_IN_FAILED, 1).with_account(anna).actor, "unknown");
        assert_eq!(AuditEvent::new(SIGN_IN_SUCCEEDED, 1).with_account(anna).actor, "self");
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
