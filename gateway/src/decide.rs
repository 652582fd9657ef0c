//! Route, authenticate, authorize: from a request head to a passage or an answer.
//!
//! Nothing here writes to the client or waits for a store, with one exception that is rare by nature: a
//! person who is refused for want of a profile, or whose account has changed since the token was made, is
//! looked up once, so that what changed a moment ago counts at once and interrupts nothing.

use bitrix_id_auth_core::authenticate::Authentication;
use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::path::canonical_path;
use bitrix_id_auth_core::policy::{self, Decision, Permit, RefusalReason};
use bitrix_id_auth_core::route::{HostMatch, PortalEntry, RouteMatch};
use bitrix_id_auth_core::token::RejectToken;
use bitrix_id_config::model::{Access, Portal};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use pingora::http::RequestHeader;
use pingora::proxy::Session;

use crate::answer::Answer;
use crate::authenticate::Unwatched;
use crate::context::{Passage, RequestCtx, Target};
use crate::locate::{Located, locate, refuse_head, refuse_other_server_name};
use crate::own_paths::{OWN_RULE, identity_host, is_own_path, no_access, reads};
use crate::pages::{ASSET_PREFIX, ErrorKind};
use crate::proxy::Gateway;
use crate::stopwatch::Stopwatch;
use crate::streams::Length;
use crate::telemetry::{LogDecision, LoggedPath};
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
        ctx.log.method = Some(head.method.clone());
        match self.locate_and_route(session, head, ctx) {
            Ok(Step::Done(verdict)) => verdict,
            Ok(Step::Portal(located)) => self.decide_portal(head, ctx, &located).await,
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
        ctx.log.path = head.uri.path_and_query().cloned().map(LoggedPath::of).unwrap_or_default();
        match &located.place.owner {
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
            HostMatch::Identity => {
                ctx.log.metrics = ctx.snapshot.identity_metrics.clone();
            }
            HostMatch::Portal(entry) => {
                ctx.log.metrics = ctx.snapshot.serving(entry).metrics.clone();
                ctx.log.portal = Some(entry.clone());
            }
        }
        refuse_other_server_name(session, located.host(), ctx)?;
        if let Some(redirect) = self.redirect_to_https(ctx, &located) {
            return Err(redirect);
        }
        let portal = located.place.portal();
        let semicolons = portal.is_some_and(|entry| entry.portal.allow_semicolon);
        if let Err(reason) = canonical_path(located.path.as_bytes(), semicolons) {
            ctx.log.reason = Some(reason.as_str());
            return Err(Answer::Error(ErrorKind::BadRequest));
        }
        if let Some(name) = located.path.strip_prefix(ASSET_PREFIX) {
            ctx.log.rule = Some(OWN_RULE);
            return Err(if reads(&head.method) {
                Answer::Asset(name.to_owned())
            } else {
                Answer::Error(ErrorKind::MethodNotAllowed)
            });
        }
        Ok(match portal {
            Some(_) => Step::Portal(located),
            None => Step::Done(identity_host(head, ctx, &located)),
        })
    }

    fn redirect_to_https(&self, ctx: &RequestCtx, located: &Located<'_>) -> Option<Answer> {
        let snapshot = &ctx.snapshot;
        if ctx.origin.https || snapshot.config.tls.is_none() {
            return None;
        }
        let mut location = snapshot.origin_of(located.host());
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
        located: &Located<'_>,
    ) -> Verdict {
        let Some(entry) = located.place.portal() else {
            return Verdict::Answer(Answer::Error(ErrorKind::NotFound));
        };
        let portal = &entry.portal;
        if is_own_path(located.path) {
            ctx.log.rule = Some(OWN_RULE);
            return self.own_path(head, ctx, portal, located).await;
        }
        let matched = entry.route(located.path);
        ctx.log.rule = Some(matched.rule);
        let (authentication, decision) =
            self.judge(head, ctx, portal, &matched, located.host()).await;
        if let Authentication::Verified(verified) = &authentication {
            ctx.log.subject = Some(verified.identity.subject);
            if let Some(answer) = self.refuse_unheard(ctx) {
                return Verdict::Answer(answer);
            }
        }
        match decision {
            Decision::Permit(permit) => self.pass(head, ctx, entry, &matched, located, permit),
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
        self.authorize(ctx, access, authentication, portal, host).await
    }

    /// Whether they may; with what is known of them now.
    pub(crate) async fn authorize(
        &self,
        ctx: &mut RequestCtx,
        access: Access,
        authentication: Authentication,
        portal: &Portal,
        host: &str,
    ) -> (Authentication, Decision) {
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
        entry: &PortalEntry,
        matched: &RouteMatch<'_>,
        located: &Located<'_>,
        permit: Permit,
    ) -> Verdict {
        let portal = &entry.portal;
        let upgrade = view::is_websocket(head);
        let own = |origin: &str| is_own_origin(ctx, portal, origin);
        if upgrade && permit.person().is_some() && view::foreign_origin(&head.headers, own) {
            ctx.log.decision = Some(LogDecision::Refuse);
            ctx.log.reason = Some("foreign_origin");
            return Verdict::Answer(Answer::Error(ErrorKind::Forbidden));
        }
        ctx.log.decision = Some(LogDecision::Anonymous);
        let event_stream = view::accepts(&head.headers, "text/event-stream");
        if let Some(person) = permit.person() {
            ctx.log.decision = Some(LogDecision::Permit);
            let length = if upgrade || event_stream { Length::Endless } else { Length::Answer };
            match self.watch_session(ctx, person, length) {
                Ok(()) => {}
                Err(Unwatched::Ended) => {
                    ctx.log.decision = Some(LogDecision::SignIn);
                    ctx.log.reason = Some("session_ended");
                    return Verdict::Answer(self.sign_in_answer(head, ctx, located));
                }
                Err(Unwatched::NoCutter) => {
                    return Verdict::Answer(Answer::Error(ErrorKind::Internal));
                }
            }
            self.start_renewal(ctx, person, located.host(), &portal.id);
        }
        Verdict::Forward(Box::new(Passage {
            permit,
            target: Target::Portal {
                portal: portal.clone(),
                pool: ctx.snapshot.serving(entry).pool(matched.rule).clone(),
                limits: matched.limits.clone(),
            },
            authority: located.place.authority.clone(),
            upgrade,
            event_stream,
            tried: Vec::new(),
            endpoint: None,
            upstream_clock: Stopwatch::start(),
        }))
    }
}

enum Step<'a> {
    Done(Verdict),
    Portal(Located<'a>),
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
