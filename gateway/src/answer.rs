//! The answers the gateway gives itself, as values.

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_config::model::Portal;

use crate::pages::ErrorKind;
use crate::telemetry::LogDecision;

/// What we answer.
pub(crate) enum Answer {
    /// To another address, with cookies.
    Redirect {
        /// 302 or 308.
        status: u16,
        /// Absolute URL of a configured host.
        location: String,
    },
    /// To sign-in: 302 with the cookie that binds the way back to this browser.
    SignIn {
        /// On the Bitrix ID host.
        location: String,
        /// `Set-Cookie` values.
        cookies: Vec<String>,
    },
    /// 401 with a `sign_in` member.
    Unauthorized {
        /// On the Bitrix ID host.
        sign_in: String,
    },
    /// 401 to a WebDAV client, which learns from it to send a password for the portal to check.
    BasicChallenge {
        /// On the Bitrix ID host, for a client that can show pages after all.
        sign_in: String,
    },
    /// 403 for a program: signed in, but no profile on this portal.
    NoAccess {
        /// Who is signed in.
        email: String,
        /// Portal id.
        portal: String,
    },
    /// `/.bitrix-id/session` for a verified token.
    Session(Arc<Verified>),
    /// `/.bitrix-id/session` for anybody else.
    NoSession {
        /// On the Bitrix ID host.
        sign_in: String,
    },
    /// `/.bitrix-id/auth` for someone who may come in.
    Admitted(Arc<Verified>),
    /// The public keys.
    Jwks,
    /// Stylesheet, script or icon by name.
    Asset(String),
    /// An error page, or a problem document for a program.
    Error(ErrorKind),
    /// 400 to a message whose end cannot be trusted: the connection ends with it.
    Malformed,
}

impl Answer {
    /// What the log says of it, where nobody said anything else.
    pub(crate) fn usual_decision(&self) -> LogDecision {
        match self {
            Self::Redirect { .. }
            | Self::Session(_)
            | Self::NoSession { .. }
            | Self::Admitted(_)
            | Self::Jwks
            | Self::Asset(_) => LogDecision::Answered,
            Self::SignIn { .. } | Self::Unauthorized { .. } | Self::BasicChallenge { .. } => {
                LogDecision::SignIn
            }
            Self::NoAccess { .. } | Self::Error(ErrorKind::Forbidden) => LogDecision::Refuse,
            Self::Error(_) | Self::Malformed => LogDecision::Error,
        }
    }

    /// Somebody who is signed in has no profile on a portal.
    pub(crate) fn no_access(person: &Verified, portal: &Portal) -> Self {
        Self::NoAccess { email: person.identity.email.clone(), portal: portal.id.clone() }
    }

    /// The person whose token this connection has just shown, if the answer is about one.
    pub(crate) fn person(&self) -> Option<&Arc<Verified>> {
        match self {
            Self::Session(person) | Self::Admitted(person) => Some(person),
            Self::Redirect { .. }
            | Self::SignIn { .. }
            | Self::Unauthorized { .. }
            | Self::BasicChallenge { .. }
            | Self::NoAccess { .. }
            | Self::NoSession { .. }
            | Self::Jwks
            | Self::Asset(_)
            | Self::Error(_)
            | Self::Malformed => None,
        }
    }
}
