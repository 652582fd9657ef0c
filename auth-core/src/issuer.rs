//! Makes portal tokens from live sessions: at the end of a hop, and at silent renewal.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::identity::{Identity, SessionId, UnixSeconds};
use crate::jwt::SignError;
use crate::keys::KeyRing;
use crate::store::{
    Account, AddressProof, Directory, Profile, Session, SessionLimits, SessionStore, StoreError,
};
use crate::token::sign_token;

/// Reads session, account and profile, and signs what they say.
pub struct Issuer {
    directory: Arc<dyn Directory>,
    sessions: Arc<dyn SessionStore>,
    keys: Arc<ArcSwap<KeyRing>>,
}

/// What a token is asked for.
#[derive(Debug, Clone, Copy)]
pub struct IssueRequest<'a> {
    /// The session it will belong to.
    pub session: SessionId,
    /// `identity.url`.
    pub issuer: &'a str,
    /// Canonical host it will be good for.
    pub host: &'a str,
    /// Portal id of that host.
    pub portal: &'a str,
    /// In seconds; the session's end may cut it short.
    pub token_lifetime: i64,
    /// Of sessions.
    pub limits: SessionLimits,
    /// Unix seconds.
    pub now: UnixSeconds,
}

/// No token was made. Never treat it as signed out.
#[derive(Debug, thiserror::Error)]
pub enum IssueTokenError {
    /// A store failed, for everybody if it is [`StoreError::Unavailable`]: answer 503.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token was not signed: no key can sign, which concerns everybody (answer 503), or what this one
    /// person's token would say does not fit.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Outcome of [`Issuer::portal_token`].
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made and taken apart once, never kept")]
pub enum Issued {
    /// A token and what it says.
    Token {
        /// The cookie's value.
        token: String,
        /// Its claims.
        identity: Identity,
    },
    /// The session is over, or its account may not sign in: sign in again.
    SessionEnded,
}

impl Issuer {
    /// An issuer over these stores and keys.
    #[must_use]
    pub fn new(
        directory: Arc<dyn Directory>,
        sessions: Arc<dyn SessionStore>,
        keys: Arc<ArcSwap<KeyRing>>,
    ) -> Self {
        Self { directory, sessions, keys }
    }

    /// A token for one portal host. Counts as a use of the session and of the profile.
    ///
    /// The account is read before the profile: whatever changes a profile raises the account's
    /// generation, so a token made from an older profile carries an older generation, and the revocation
    /// that [`crate::accounts`] appends after the change covers it.
    ///
    /// # Errors
    /// [`IssueTokenError`].
    pub async fn portal_token(&self, request: IssueRequest<'_>) -> Result<Issued, IssueTokenError> {
        let session = self.sessions.session(request.session, request.limits, request.now).await?;
        let Some(session) = session else { return Ok(Issued::SessionEnded) };
        let account = self.directory.account(session.account).await?;
        let Some(account) = account.filter(|account| account.admits(&session)) else {
            return Ok(Issued::SessionEnded);
        };
        let profile = self.directory.profile(account.id, request.portal).await?;
        let used_at = profile.as_ref().and_then(|profile| profile.last_used_at);
        let identity = identity_of(&request, session, account, profile);
        if identity.expires_at <= request.now {
            return Ok(Issued::SessionEnded);
        }
        let portal = request.portal;
        self.sessions.note_portal(request.session, portal, request.now).await?;
        let noted = used_at.is_some_and(|used_at| request.now - used_at < NOTED_EVERY);
        if identity.member && !noted {
            self.directory.touch_profile(identity.subject, portal, request.now).await?;
        }
        let ring = self.keys.load_full();
        let token = sign_token(&ring, request.issuer, request.host, &identity)?;
        Ok(Issued::Token { token, identity })
    }
}

/// How exactly the last use of a profile is known, in seconds. Whoever works renews their tokens more often than
/// that, and each note is a write to the directory.
const NOTED_EVERY: i64 = 15 * 60;

fn identity_of(
    request: &IssueRequest<'_>,
    session: Session,
    account: Account,
    profile: Option<Profile>,
) -> Identity {
    let now = request.now;
    // This very use moves the idle end, so it counts from now.
    let ends = [
        now.saturating_add(request.token_lifetime),
        now.saturating_add(request.limits.idle),
        session.created_at.saturating_add(request.limits.absolute),
    ];
    let member = profile.is_some();
    let (portal_user, roles, own_name, title) = match profile {
        Some(at) => (at.local_id, at.roles, at.display_name, at.title),
        None => (None, Vec::new(), None, None),
    };
    // What nobody has proved is told to nobody.
    let email = if account.proof == AddressProof::None { String::new() } else { account.email };
    Identity {
        subject: account.id,
        session: session.id,
        email,
        name: own_name.unwrap_or(account.name),
        title,
        portal: request.portal.to_owned(),
        portal_user,
        roles,
        member,
        generation: account.generation,
        issued_at: now,
        expires_at: ends.into_iter().fold(i64::MAX, i64::min),
        auth_time: session.auth_time,
        amr: session.amr,
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer")
    }
}

#[cfg(test)]
mod tests;
