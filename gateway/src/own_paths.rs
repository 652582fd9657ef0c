//! The paths that are the gateway's: all of the Bitrix ID host, and `/.bitrix-id/` on every portal host.
//!
//! What can be answered from memory is; the rest goes to the sign-in app.

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::{Authentication, Verified};
use bitrix_id_auth_core::path::segments;
use bitrix_id_auth_core::policy::permit_anonymous;
use bitrix_id_auth_core::route::Rule;
use bitrix_id_config::model::Portal;
use http::Method;
use pingora::http::RequestHeader;

use crate::answer::Answer;
use crate::context::{Passage, Purpose, RequestCtx, Target};
use crate::decide::Verdict;
use crate::locate::Located;
use crate::pages::ErrorKind;
use crate::proxy::Gateway;
use crate::stopwatch::Stopwatch;
use crate::telemetry::LogDecision;
use crate::view;

impl Gateway {
    /// The paths of a portal host that are the gateway's.
    pub(crate) async fn own_path(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        portal: &Arc<Portal>,
        located: &Located<'_>,
    ) -> Verdict {
        ctx.log.decision = Some(LogDecision::Answered);
        let name = located.path.strip_prefix(OWN_PREFIX);
        if matches!(name, Some("jwks.json" | "session" | "auth")) && !reads(&head.method) {
            return Verdict::Answer(Answer::Error(ErrorKind::MethodNotAllowed));
        }
        if name == Some("jwks.json") {
            return Verdict::Answer(Answer::Jwks);
        }
        if name == Some("auth") {
            return Verdict::Answer(self.asked(head, ctx, portal, located).await);
        }
        let authentication = self.authenticate(head, ctx, located.host(), &portal.id).await;
        let person = match authentication {
            Authentication::Verified(verified) => Some(verified),
            Authentication::NotPresented
            | Authentication::Outdated(_)
            | Authentication::Rejected(_) => None,
        };
        ctx.log.subject = person.as_ref().map(|person| person.identity.subject);
        if person.is_some()
            && let Some(answer) = self.refuse_unheard(ctx)
        {
            return Verdict::Answer(answer);
        }
        if name == Some("session") {
            return Verdict::Answer(match person {
                Some(person) => {
                    self.start_renewal(ctx, &person, located.host(), &portal.id);
                    Answer::Session(person)
                }
                None => Answer::NoSession { sign_in: self.sign_in_url(head, ctx, located) },
            });
        }
        Verdict::Forward(Box::new(app_passage(
            Some(portal.id.clone()),
            person,
            Purpose::Page,
            located,
        )))
    }
}

/// Whether a path belongs to the gateway, in any spelling that an upstream could take for the same.
pub(crate) fn is_own_path(path: &str) -> bool {
    // However it is spelt, it begins with a dot or an escape.
    matches!(path.as_bytes().get(1), Some(b'.' | b'%'))
        && segments(path).next().is_some_and(|first| first.eq_ignore_ascii_case(".bitrix-id"))
}

/// Requests of the Bitrix ID host.
pub(crate) fn identity_host(
    head: &RequestHeader,
    ctx: &mut RequestCtx,
    located: &Located<'_>,
) -> Verdict {
    ctx.log.decision = Some(LogDecision::Answered);
    ctx.log.rule = Some(OWN_RULE);
    if located.path == "/.well-known/jwks.json" {
        return Verdict::Answer(if reads(&head.method) {
            Answer::Jwks
        } else {
            Answer::Error(ErrorKind::MethodNotAllowed)
        });
    }
    Verdict::Forward(Box::new(app_passage(None, None, Purpose::Page, located)))
}

/// What our own documents take.
pub(crate) fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Signed in, but not known here: a page for a person, a problem document for a program.
pub(crate) fn no_access(
    head: &RequestHeader,
    portal: &Arc<Portal>,
    authentication: Authentication,
    located: &Located<'_>,
) -> Verdict {
    let Authentication::Verified(person) = authentication else {
        return Verdict::Answer(Answer::Error(ErrorKind::Forbidden));
    };
    // The page is there to be read; what a form sent goes nowhere.
    if head.method != Method::GET || !view::is_navigation(&head.method, &head.headers) {
        return Verdict::Answer(Answer::no_access(&person, portal));
    }
    let portal = Some(portal.id.clone());
    Verdict::Forward(Box::new(app_passage(portal, Some(person), Purpose::NoAccess, located)))
}

/// To the sign-in app, which needs no one to be signed in.
pub(crate) fn app_passage(
    portal: Option<String>,
    person: Option<Arc<Verified>>,
    purpose: Purpose,
    located: &Located<'_>,
) -> Passage {
    Passage {
        permit: permit_anonymous(),
        target: Target::SignIn { portal, person, purpose },
        // The app asks for the host alone.
        authority: located.place.host_value(),
        upgrade: false,
        event_stream: false,
        tried: Vec::new(),
        endpoint: None,
        upstream_clock: Stopwatch::start(),
    }
}

/// What the log calls the rule of our own paths.
pub(crate) const OWN_RULE: Rule = Rule::BuiltIn("bitrix-id");
/// Path prefix of every portal host that belongs to the gateway.
const OWN_PREFIX: &str = "/.bitrix-id/";
