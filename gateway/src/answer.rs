//! The answers the gateway gives itself, as values.

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::hop::{self, HOP_COOKIE_PREFIX, HopState};
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
    /// `/.bitrix-id/session`.
    Session {
        /// The verified token's person.
        person: Option<Arc<Verified>>,
        /// Where to sign in.
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
            Self::Redirect { .. } | Self::Session { .. } | Self::Jwks | Self::Asset(_) => {
                LogDecision::Answered
            }
            Self::SignIn { .. } | Self::Unauthorized { .. } | Self::BasicChallenge { .. } => {
                LogDecision::SignIn
            }
            Self::Error(ErrorKind::Internal | ErrorKind::Unavailable) => LogDecision::Error,
            Self::NoAccess { .. } | Self::Error(_) | Self::Malformed => LogDecision::Refuse,
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
        for name in held.iter().take(held.len().saturating_sub(MAX_HOPS)) {
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
    let (attempt, nonce, nonce_hash) = hop::new_nonce();
    let path_only = || {
        let path = return_to.split('?').next().unwrap_or("/");
        hop::return_target(path)
    };
    let return_to =
        hop::return_target(return_to).or_else(path_only).unwrap_or_else(|| "/".to_owned());
    let cookie = format!(
        "{HOP_COOKIE_PREFIX}{attempt}={nonce}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite=Lax",
        hop::STATE_LIFETIME
    );
    let state = hub.hop.seal(&HopState {
        host: host.to_owned(),
        return_to,
        attempt,
        nonce_hash,
        restarts: 0,
        issued_at: ctx.now,
    });
    (format!("{}/sign-in?state={state}", ctx.snapshot.issuer), cookie)
}

/// Hops a browser may have half done on one host.
const MAX_HOPS: usize = 16;
