//! Route, authenticate, authorize: from a request head to a passage or an answer.
//!
//! Nothing here writes to the client or waits for a store, with one exception that is rare by nature: a
//! person who is refused for want of a profile, or whose account has changed since the token was made, is
//! looked up once, so that what changed a moment ago counts at once and interrupts nothing.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::authenticate::{Authentication, Verified};
use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::path::canonical_path;
use bitrix_id_auth_core::policy::{self, Decision, Permit, RefusalReason};
use bitrix_id_auth_core::route::{HostMatch, PortalEntry, RouteMatch};
use bitrix_id_auth_core::token::RejectToken;
use bitrix_id_config::model::{Access, Portal};
use http::HeaderValue;
use http::header::{AUTHORIZATION, COOKIE};
use pingora::http::RequestHeader;
use pingora::proxy::Session;

use crate::answer::Answer;
use crate::context::{Passage, RequestCtx, Target};
use crate::locate::{Located, locate, refuse_head, refuse_other_server_name};
use crate::own_paths::{identity_host, is_own_path, no_access, reads};
use crate::pages::{ASSET_PREFIX, ErrorKind};
use crate::proxy::Gateway;
use crate::streams::current_cutter;
use crate::telemetry::LogDecision;
use crate::view;

/// What becomes of a request.
pub(crate) enum Verdict {
    /// It goes on.
    Forward(Box<Passage>),
    /// We answer.
    Answer(Answer),
}

impl Gateway {
    /// Decides about a request. Fills the log line along the way.
    pub(crate) async fn decide(&self, session: &Session, ctx: &mut RequestCtx) -> Verdict {
        let head = session.req_header();
        ctx.log.method = head.method.as_str().chars().take(32).collect();
        match self.locate_and_route(session, head, ctx) {
            Ok(Step::Done(verdict)) => verdict,
            Ok(Step::Portal { entry, located }) => {
                self.decide_portal(head, ctx, &entry, &located).await
            }
            Err(answer) => Verdict::Answer(answer),
        }
    }

    fn locate_and_route<'a>(
        &self,
        session: &Session,
        head: &'a RequestHeader,
        ctx: &mut RequestCtx,
    ) -> Result<Step<'a>, Answer> {
        refuse_head(ctx, head)?;
        let located = locate(head, ctx)?;
        ctx.log.path = located.path.chars().take(LONGEST_LOGGED_PATH).collect();
        let snapshot = ctx.snapshot.clone();
        let entry = match snapshot.router.host(&located.host) {
            HostMatch::Unknown => {
                // The page that says so has a stylesheet.
                if let Some(name) = located.path.strip_prefix(ASSET_PREFIX)
                    && reads(&head.method)
                {
                    return Err(Answer::Asset(name.to_owned()));
                }
                ctx.log.reason = Some("unknown_host");
                return Err(Answer::Error(ErrorKind::NotFound));
            }
            HostMatch::Identity => None,
            HostMatch::Portal(entry) => Some(entry),
        };
        match &entry {
            None => {
                ctx.log.metrics = snapshot.identity_metrics.clone();
            }
            Some(entry) => {
                ctx.log.portal = Some(entry.portal.id.as_str().into());
                if let Some(metrics) = snapshot.metrics.get(&entry.portal.id) {
                    ctx.log.metrics = metrics.clone();
                }
            }
        }
        refuse_other_server_name(session, &located.host, ctx)?;
        if let Some(redirect) = self.redirect_to_https(ctx, &located) {
            return Err(redirect);
        }
        let semicolons = entry.as_ref().is_some_and(|entry| entry.portal.allow_semicolon);
        if let Err(reason) = canonical_path(located.path.as_bytes(), semicolons) {
            ctx.log.reason = Some(reason.as_str());
            return Err(Answer::Error(ErrorKind::BadRequest));
        }
        if let Some(name) = located.path.strip_prefix(ASSET_PREFIX) {
            ctx.log.route = "bitrix-id".to_owned();
            return Err(if reads(&head.method) {
                Answer::Asset(name.to_owned())
            } else {
                Answer::Error(ErrorKind::MethodNotAllowed)
            });
        }
        Ok(match entry {
            None => Step::Done(identity_host(head, ctx, &located)),
            Some(entry) => Step::Portal { entry, located },
        })
    }

    fn redirect_to_https(&self, ctx: &RequestCtx, located: &Located<'_>) -> Option<Answer> {
        let snapshot = &ctx.snapshot;
        if ctx.origin.https || snapshot.config.tls.is_none() {
            return None;
        }
        let mut location = snapshot.origin_of(&located.host);
        location.push_str(located.path);
        if let Some(query) = located.query {
            location.push('?');
            location.push_str(query);
        }
        Some(Answer::Redirect { status: 308, location })
    }

    async fn decide_portal(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        entry: &PortalEntry,
        located: &Located<'_>,
    ) -> Verdict {
        let portal = &entry.portal;
        if is_own_path(located.path) {
            ctx.log.route = "bitrix-id".to_owned();
            return self.own_path(head, ctx, portal, located).await;
        }
        let matched = entry.route(located.path);
        ctx.log.route = matched.label.to_owned();
        let (authentication, decision) =
            self.judge(head, ctx, portal, &matched, &located.host).await;
        if let Authentication::Verified(verified) = &authentication {
            ctx.log.subject = Some(verified.identity.subject);
            if let Some(answer) = self.refuse_unheard(ctx) {
                return Verdict::Answer(answer);
            }
        }
        match decision {
            Decision::Permit(permit) => self.pass(head, ctx, portal, &matched, located, permit),
            Decision::SignIn(rejected) => {
                ctx.log.decision = Some(LogDecision::SignIn);
                ctx.log.reason = rejected.map(RejectToken::as_str);
                let authorization = head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
                if matched.wants_basic_challenge(head.method.as_str(), authorization) {
                    return Verdict::Answer(Answer::BasicChallenge {
                        sign_in: self.sign_in_url(head, ctx, located),
                    });
                }
                Verdict::Answer(self.sign_in_answer(head, ctx, located))
            }
            Decision::Refuse(reason) => {
                ctx.log.decision = Some(LogDecision::Refuse);
                ctx.log.reason = Some(reason.as_str());
                match reason {
                    RefusalReason::RouteDenied => {
                        Verdict::Answer(Answer::Error(ErrorKind::Forbidden))
                    }
                    RefusalReason::NotAMember => no_access(head, portal, authentication, located),
                }
            }
        }
    }

    /// Who it is, where the route asks for it, and whether they may.
    async fn judge(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        portal: &Portal,
        matched: &RouteMatch<'_>,
        host: &str,
    ) -> (Authentication, Decision) {
        let authentication = match matched.access {
            Access::Public | Access::OwnAuth | Access::Deny => Authentication::NotPresented,
            Access::Members | Access::Authenticated | Access::Optional => {
                self.authenticate(head, ctx, host, &portal.id).await
            }
        };
        let authorization = head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let access = matched.effective_access(head.method.as_str(), authorization, &authentication);
        let decision = policy::authorize(access, &authentication, &portal.id);
        if let Decision::Refuse(RefusalReason::NotAMember) = &decision
            && let Authentication::Verified(stale) = &authentication
            && let Some(fresh) = self.renew_now(ctx, stale, host, &portal.id).await
            && fresh.identity.member
        {
            let authentication = Authentication::Verified(fresh);
            let decision = policy::authorize(access, &authentication, &portal.id);
            return (authentication, decision);
        }
        (authentication, decision)
    }

    /// A permitted request: the last checks that belong to its session, and where it goes.
    fn pass(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        portal: &Arc<Portal>,
        matched: &RouteMatch<'_>,
        located: &Located<'_>,
        permit: Permit,
    ) -> Verdict {
        let upgrade = view::is_websocket(head);
        let own = |origin: &str| is_own_origin(ctx, portal, origin);
        if upgrade && permit.person().is_some() && view::foreign_origin(&head.headers, own) {
            ctx.log.decision = Some(LogDecision::Refuse);
            ctx.log.reason = Some("foreign_origin");
            return Verdict::Answer(Answer::Error(ErrorKind::Forbidden));
        }
        let own_upstreams = matched.route.map(|route| &route.upstreams);
        let upstreams =
            own_upstreams.filter(|upstreams| !upstreams.is_empty()).unwrap_or(&portal.upstreams);
        let Some(pool) = ctx.snapshot.pools.get(upstreams).cloned() else {
            // The snapshot makes a pool for every set of upstreams it knows.
            return Verdict::Answer(Answer::Error(ErrorKind::Internal));
        };
        ctx.log.decision = Some(LogDecision::Anonymous);
        if let Some(person) = permit.person() {
            ctx.log.decision = Some(LogDecision::Permit);
            if let Some(answer) = self.watch_session(ctx, person, head, located) {
                return Verdict::Answer(answer);
            }
            self.start_renewal(ctx, person, &located.host, &portal.id);
        }
        Verdict::Forward(Box::new(Passage {
            permit,
            target: Target::Portal { portal: portal.clone(), pool, limits: matched.limits.clone() },
            authority: located.authority.clone(),
            upgrade,
            event_stream: view::accepts(&head.headers, "text/event-stream"),
            tried: Vec::new(),
            endpoint: None,
            upstream_clock: None,
        }))
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

    fn judge_token(&self, head: &RequestHeader, ctx: &RequestCtx, host: &str) -> Authentication {
        let keys = self.hub.keys.load();
        let authentication = self.hub.authenticator.authenticate(
            head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes),
            &keys,
            &self.hub.revocations,
            &ctx.snapshot.issuer,
            host,
            ctx.now,
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

    /// Registers the request under its session, so that the session's end cuts it. The session may have
    /// ended between the look at the revocations and the registration, hence a second look.
    fn watch_session(
        &self,
        ctx: &mut RequestCtx,
        person: &Arc<Verified>,
        head: &RequestHeader,
        located: &Located<'_>,
    ) -> Option<Answer> {
        // Every request runs under one; without it, its end could not be enforced.
        let Some(cutter) = current_cutter() else {
            return Some(Answer::Error(ErrorKind::Internal));
        };
        let identity = &person.identity;
        let registration = self.hub.streams.register(identity, cutter);
        let revoked = self.hub.revocations.is_revoked(
            identity.session,
            identity.subject,
            identity.generation,
        );
        if revoked {
            drop(registration);
            ctx.log.decision = Some(LogDecision::SignIn);
            ctx.log.reason = Some("session_ended");
            return Some(self.sign_in_answer(head, ctx, located));
        }
        ctx.registration = Some(registration);
        None
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
    async fn renew_now(
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
            &keys,
            &self.hub.revocations,
            &ctx.snapshot.issuer,
            host,
            ctx.now,
        );
        ctx.renewal = Some(tokio::spawn(async move { Some(renewed) }));
        match verified {
            Authentication::Verified(verified) => Some(verified),
            Authentication::NotPresented
            | Authentication::Outdated(_)
            | Authentication::Rejected(_) => None,
        }
    }

    fn sign_in_answer(
        &self,
        head: &RequestHeader,
        ctx: &RequestCtx,
        located: &Located<'_>,
    ) -> Answer {
        if view::is_navigation(&head.method, &head.headers) {
            let mut return_to = located.path.to_owned();
            if let Some(query) = located.query {
                return_to.push('?');
                return_to.push_str(query);
            }
            Answer::sign_in(&self.hub, ctx, &located.host, &return_to, &head.headers)
        } else {
            Answer::Unauthorized { sign_in: self.sign_in_url(head, ctx, located) }
        }
    }

    /// Where a script can send its person: back to the page it runs on.
    pub(crate) fn sign_in_url(
        &self,
        head: &RequestHeader,
        ctx: &RequestCtx,
        located: &Located<'_>,
    ) -> String {
        let origin = ctx.snapshot.origin_of(&located.host);
        let return_to = view::referer_path(&head.headers, &origin).unwrap_or("/");
        crate::answer::sign_in_url(&self.hub, ctx, &located.host, return_to).0
    }
}

enum Step<'a> {
    Done(Verdict),
    Portal { entry: Arc<PortalEntry>, located: Located<'a> },
}

/// Whether an `Origin` is one of the portal's own hosts under the common scheme and port.
fn is_own_origin(ctx: &RequestCtx, portal: &Portal, origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let https = ctx.snapshot.config.identity.url.https;
    if scheme != if https { "https" } else { "http" } {
        return false;
    }
    let Ok((host, _)) = canonical_host(authority.as_bytes()) else {
        return false;
    };
    ctx.snapshot.portal_by_host(&host).is_some_and(|owner| owner.id == portal.id)
        && ctx.snapshot.origin_of(&host) == origin
}

/// Of a path that may yet turn out to be refused.
const LONGEST_LOGGED_PATH: usize = 2048;
/// How long a request waits for a token that says what is true now.
const RENEW_NOW: Duration = Duration::from_secs(1);
