//! The answers the gateway gives itself, as values.

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::hop;
use http::HeaderMap;

use crate::context::RequestCtx;
use crate::hub::Hub;
use crate::pages::ErrorKind;
use crate::telemetry::LogDecision;
use crate::view;

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
            | Self::Jwks
            | Self::Asset(_) => LogDecision::Answered,
            Self::SignIn { .. } | Self::Unauthorized { .. } | Self::BasicChallenge { .. } => {
                LogDecision::SignIn
            }
            Self::NoAccess { .. } | Self::Error(ErrorKind::Forbidden) => LogDecision::Refuse,
            Self::Error(_) | Self::Malformed => LogDecision::Error,
        }
    }

    /// The way to sign-in and back to `return_to` on `host`.
    pub(crate) fn sign_in(
        hub: &Hub,
        ctx: &RequestCtx,
        host: &str,
        return_to: &str,
        headers: &HeaderMap,
    ) -> Self {
        let (location, cookie) = sign_in_url(hub, ctx, host, return_to);
        let mut cookies: Vec<String> = vec![cookie];
        let held = view::hop_cookies(headers);
        // Half-done hops are small, but not free: with many tabs given up, the oldest go.
        for name in held.iter().take(held.len().saturating_sub(hop::MOST_HOPS)) {
            cookies.push(format!("{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"));
        }
        Self::SignIn { location, cookies }
    }
}

/// The sign-in URL that leads back to `return_to`, and the cookie that belongs to it.
pub(crate) fn sign_in_url(
    hub: &Hub,
    ctx: &RequestCtx,
    host: &str,
    return_to: &str,
) -> (String, String) {
    let departure = hop::depart(&hub.hop, host, return_to, 0, ctx.now);
    let cookie = format!(
        "{}={}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite=Lax",
        departure.cookie_name,
        departure.cookie_value,
        hop::STATE_LIFETIME
    );
    (format!("{}/sign-in?state={}", ctx.snapshot.issuer, departure.state), cookie)
}
