//! Notices to portals: what may be told, and where to.

use crate::secret::Secret;

/// What a portal can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeEvent {
    /// `account.joined`: a Bitrix ID has a profile on the portal now.
    AccountJoined,
    /// `account.unjoined`: it has none any more.
    AccountUnjoined,
    /// `password.changed`: the one password is another one.
    PasswordChanged,
    /// `profile.updated`: name, address, language, roles or the like.
    ProfileUpdated,
    /// `sessions.ended`: sessions were ended before their time.
    SessionsEnded,
    /// `portal.created`: the portal itself is there.
    PortalCreated,
}

impl NoticeEvent {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AccountJoined,
        Self::AccountUnjoined,
        Self::PasswordChanged,
        Self::ProfileUpdated,
        Self::SessionsEnded,
        Self::PortalCreated,
    ];

    /// As it is written in a notice, in the configuration and in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountJoined => "account.joined",
            Self::AccountUnjoined => "account.unjoined",
            Self::PasswordChanged => "password.changed",
            Self::ProfileUpdated => "profile.updated",
            Self::SessionsEnded => "sessions.ended",
            Self::PortalCreated => "portal.created",
        }
    }

    /// The event of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// `webhook` of a portal or of `[provisioning]`: where notices go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Absolute URL as written: https, or http to an address of a private network.
    pub url: String,
    /// From `secret_file`, a line each: the keys that sign, each with a signature of its own. At least 32
    /// characters, or `whsec_` and the base64 of at least 32 bytes.
    pub secrets: Vec<Secret>,
    /// What is told; never empty. Default: everything.
    pub events: Vec<NoticeEvent>,
    /// PEM text of the authorities that alone may vouch for the receiver's host.
    pub ca: Option<String>,
}
