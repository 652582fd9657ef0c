//! `/.bitrix-id/auth`: a proxy asks whether a request may pass, and as whom.
//!
//! nginx's `auth_request`, Traefik's `forwardAuth` and Caddy's `forward_auth` ask it about each request and
//! let pass what is answered with 200. The token is judged as for any request. What path the proxy asks
//! about is not looked at: it is the proxy that says which of its paths need a question. Scripts of a page can
//! ask as well, so the answer holds what a page may know of its person, and no assertion.

use bitrix_id_auth_core::authenticate::Authentication;
use bitrix_id_auth_core::policy::{Decision, RefusalReason};
use bitrix_id_auth_core::token::RejectToken;
use bitrix_id_config::model::{Access, Portal};
use pingora::http::RequestHeader;

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::locate::Located;
use crate::pages::ErrorKind;
use crate::proxy::Gateway;
use crate::telemetry::LogDecision;

impl Gateway {
    /// Whether who asks may come in: 200, or 401, or 403. Nobody may by default.
    pub(crate) async fn asked(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        portal: &Portal,
        located: &Located<'_>,
    ) -> Answer {
        let presented = self.authenticate(head, ctx, located.host(), &portal.id).await;
        let access = access_asked_for(portal.access);
        let (authentication, decision) =
            self.authorize(ctx, access, presented, portal, located.host()).await;
        if let Authentication::Verified(verified) = &authentication {
            ctx.log.subject = Some(verified.identity.subject);
            if let Some(answer) = self.refuse_unheard(ctx) {
                return answer;
            }
        }
        match decision {
            Decision::Permit(permit) => match permit.person() {
                Some(person) => {
                    self.start_renewal(ctx, person, located.host(), &portal.id);
                    Answer::Admitted(person.clone())
                }
                None => self.turn_away(head, ctx, located, None),
            },
            Decision::SignIn(rejected) => self.turn_away(head, ctx, located, rejected),
            Decision::Refuse(reason) => {
                ctx.log.decision = Some(LogDecision::Refuse);
                ctx.log.reason = Some(reason.as_str());
                no_access(reason, portal, &authentication)
            }
        }
    }

    fn turn_away(
        &self,
        head: &RequestHeader,
        ctx: &mut RequestCtx,
        located: &Located<'_>,
        rejected: Option<RejectToken>,
    ) -> Answer {
        ctx.log.decision = Some(LogDecision::SignIn);
        ctx.log.reason = rejected.map(RejectToken::as_str);
        Answer::Unauthorized { sign_in: self.sign_in_url(head, ctx, located) }
    }
}

/// What the portal asks for where no rule says otherwise. Where that lets in people without an identity,
/// there would be nothing to ask for; who asks all the same is told of members.
fn access_asked_for(portal: Access) -> Access {
    match portal {
        Access::Authenticated | Access::Deny => portal,
        Access::Members | Access::Optional | Access::Public | Access::OwnAuth => Access::Members,
    }
}

fn no_access(reason: RefusalReason, portal: &Portal, authentication: &Authentication) -> Answer {
    match (reason, authentication) {
        (RefusalReason::NotAMember, Authentication::Verified(person)) => {
            Answer::no_access(person, portal)
        }
        _ => Answer::Error(ErrorKind::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use bitrix_id_config::model::Access;

    use super::access_asked_for;

    #[test]
    fn a_portal_that_anyone_may_open_does_not_pass_anyone() {
        for (portal, asked) in [
            (Access::Members, Access::Members),
            (Access::Authenticated, Access::Authenticated),
            (Access::Optional, Access::Members),
            (Access::Public, Access::Members),
            (Access::OwnAuth, Access::Members),
            (Access::Deny, Access::Deny),
        ] {
            assert_eq!(access_asked_for(portal), asked, "{portal:?}");
        }
    }
}
