//! Authenticate: whose token is this, is it good here and now, and does its session live.
//!
//! Nothing here waits for a store, with one exception that is rare by nature: [`Gateway::renew_now`].

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::authenticate::{Authentication, Criteria, Verified};
use bitrix_id_auth_core::identity::Identity;
use bitrix_id_auth_core::keys::KeyRing;
use bitrix_id_auth_core::token::RejectToken;
use http::HeaderValue;
use http::header::COOKIE;
use pingora::http::RequestHeader;

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::pages::ErrorKind;
use crate::proxy::Gateway;
use crate::streams::Length;
use crate::telemetry::LogDecision;

impl Gateway {
    /// The token on a portal host, judged now. One that a change of the account has outdated is replaced
    /// on the way if its session lives: a form or a script that is under way just then is not turned away.
    pub(crate) async fn authenticate(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        host: &str,
        portal: &str,
    ) -> Authentication {
        match self.judge_token(head, ctx, host) {
            Authentication::Outdated(stale) => {
                match self.renew_now(ctx, &stale, host, portal).await {
                    Some(fresh) => Authentication::Verified(fresh),
                    None => Authentication::Rejected(RejectToken::Revoked),
                }
            }
            settled => settled,
        }
    }

    fn judge_token(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        host: &str,
    ) -> Authentication {
        ctx.revocations_seen = self.hub.revocations.version();
        let (keys, last_seen) = (self.hub.keys.load(), ctx.last_seen.take());
        let authentication = self.hub.authenticator.authenticate(
            head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes),
            last_seen,
            self.criteria(&keys, ctx, host),
        );
        let result = match &authentication {
            Authentication::NotPresented => "not_presented",
            Authentication::Verified(_) => "verified",
            Authentication::Outdated(_) => RejectToken::Revoked.as_str(),
            Authentication::Rejected(reason) => reason.as_str(),
        };
        self.hub.telemetry.metrics.token_verified(result);
        authentication
    }

    fn criteria<'a>(
        &'a self,
        ring: &'a KeyRing,
        ctx: &'a RequestCtx,
        host: &'a str,
    ) -> Criteria<'a> {
        let (issuer, now) = (ctx.snapshot.issuer.as_str(), ctx.now);
        Criteria { ring, revocations: &self.hub.revocations, issuer, host, now }
    }

    /// Starts making a new token once the old one is past half its life; the upstream answers meanwhile.
    pub(crate) fn start_renewal(
        &self,
        ctx: &mut RequestCtx,
        person: &Arc<Verified>,
        host: &str,
        portal: &str,
    ) {
        let identity = &person.identity;
        let half = identity.issued_at + (identity.expires_at - identity.issued_at) / 2;
        if ctx.now >= half {
            ctx.renewal = Some(self.renewer.renew(identity, host, portal));
        }
    }

    /// A token as the stores make it now, for a person whom an older one does not help. `None`: the session
    /// has ended, or the stores do not answer in time.
    pub(crate) async fn renew_now(
        &self,
        ctx: &mut RequestCtx,
        stale: &Arc<Verified>,
        host: &str,
        portal: &str,
    ) -> Option<Arc<Verified>> {
        let renewal = self.renewer.renew(&stale.identity, host, portal);
        let renewed = tokio::time::timeout(RENEW_NOW, renewal).await.ok()?.ok()??;
        if renewed.identity.generation == stale.identity.generation {
            // Nothing that tokens say has changed since.
            return None;
        }
        let keys = self.hub.keys.load();
        let cookie = renewed.cookie_pair();
        let verified = self.hub.authenticator.authenticate(
            std::iter::once(cookie.as_bytes()),
            None,
            self.criteria(&keys, ctx, host),
        );
        ctx.renewal = Some(tokio::spawn(async move { Some(renewed) }));
        match verified {
            Authentication::Verified(verified) => Some(verified),
            Authentication::NotPresented
            | Authentication::Outdated(_)
            | Authentication::Rejected(_) => None,
        }
    }

    /// 503 while revocations are not heard: a token that should be dead cannot be told from a live one.
    pub(crate) fn refuse_unheard(&self, ctx: &mut RequestCtx) -> Option<Answer> {
        if self.hub.hears_revocations(ctx.now) {
            return None;
        }
        ctx.log.decision = Some(LogDecision::Error);
        ctx.log.reason = Some("revocations_unheard");
        Some(Answer::Error(ErrorKind::Unavailable))
    }

    /// Registers the request under its session, so that the session's end cuts it. The session may have
    /// ended between the look at the revocations and the registration, hence a second look.
    pub(crate) fn watch_session(
        &self,
        ctx: &mut RequestCtx,
        person: &Verified,
        length: Length,
    ) -> Result<(), Unwatched> {
        let cutter = ctx.cutter.take().ok_or(Unwatched::NoCutter)?;
        let Identity { session, subject, generation, .. } = person.identity;
        let registration = self.hub.streams.register(&person.identity, cutter, length);
        let revocations = &self.hub.revocations;
        // An end looks for what is registered after it has become visible here.
        let news = revocations.version() != ctx.revocations_seen;
        if news && revocations.is_revoked(session, subject, generation) {
            return Err(Unwatched::Ended);
        }
        ctx.registration = Some(registration);
        Ok(())
    }
}

/// Why a request is not registered under its session, and must not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwatched {
    /// The session ended just now.
    Ended,
    /// Nothing could cut it. Every request runs under a cutter.
    NoCutter,
}

/// How long a request waits for a token that says what is true now.
const RENEW_NOW: Duration = Duration::from_secs(1);
