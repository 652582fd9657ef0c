//! May they: one pure function over a route's access and what the credentials say.
//!
//! Its answer is a value. Only [`authorize`] makes a [`Permit`], and only a permit is forwarded, so a
//! forgotten check does not compile:
//!
//! ```compile_fail
//! let permit = bitrix_id_auth_core::policy::Permit {
//!     person: None,
//!     keep_authorization: false,
//! };
//! ```

use std::sync::Arc;

use bitrix_id_config::Access;

use crate::authenticate::{Authentication, Verified};
use crate::token::RejectToken;

/// Leave to forward one request, and as whom.
#[derive(Debug, Clone)]
pub struct Permit {
    person: Option<Arc<Verified>>,
    keep_authorization: bool,
}

impl Permit {
    /// The person, if it is not anonymous.
    #[must_use]
    pub fn person(&self) -> Option<&Arc<Verified>> {
        self.person.as_ref()
    }

    /// Whether the client's `Authorization` goes on to the upstream.
    #[must_use]
    pub fn keep_authorization(&self) -> bool {
        self.keep_authorization
    }

    fn anonymous() -> Self {
        Self { person: None, keep_authorization: false }
    }
}

/// The permit of what needs no identity at all: the gateway's own pages.
#[must_use]
pub fn permit_anonymous() -> Permit {
    Permit::anonymous()
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Decision {
    /// It is forwarded.
    Permit(Permit),
    /// It needs someone signed in; with the reason why what was presented does not count.
    SignIn(Option<RejectToken>),
    /// It is refused, whoever asks or to the one who asks.
    Refuse(RefusalReason),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// Signed in, without a profile on this portal.
    NotAMember,
    /// Nobody may.
    RouteDenied,
}

impl RefusalReason {
    /// Stable name for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAMember => "not_a_member",
            Self::RouteDenied => "route_denied",
        }
    }
}

impl std::fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for RefusalReason {}

/// Decides. `portal_id` is the portal that the host belongs to now: a token made while the host was
/// another portal's says nothing here.
#[must_use]
pub fn authorize(access: Access, authentication: &Authentication, portal_id: &str) -> Decision {
    let presented = match authentication {
        Authentication::NotPresented => Err(None),
        Authentication::Rejected(reason) => Err(Some(*reason)),
        Authentication::Outdated(_) => Err(Some(RejectToken::Revoked)),
        Authentication::Verified(verified) if verified.identity.portal != portal_id => {
            Err(Some(RejectToken::WrongPortal))
        }
        Authentication::Verified(verified) => Ok(verified),
    };
    match (access, presented) {
        (Access::Deny, _) => Decision::Refuse(RefusalReason::RouteDenied),
        (Access::OwnAuth, _) => {
            Decision::Permit(Permit { keep_authorization: true, ..Permit::anonymous() })
        }
        (Access::Public, _) | (Access::Optional, Err(_)) => Decision::Permit(Permit::anonymous()),
        (Access::Members | Access::Authenticated, Err(reason)) => Decision::SignIn(reason),
        (Access::Members, Ok(verified)) if !verified.identity.member => {
            Decision::Refuse(RefusalReason::NotAMember)
        }
        (Access::Authenticated, Ok(verified)) if !is_known(verified) => {
            Decision::Refuse(RefusalReason::NotAMember)
        }
        (Access::Optional, Ok(verified)) if !is_known(verified) => {
            Decision::Permit(Permit::anonymous())
        }
        (Access::Members | Access::Authenticated | Access::Optional, Ok(verified)) => {
            let person = Some(Arc::clone(verified));
            Decision::Permit(Permit { person, keep_authorization: false })
        }
    }
}

/// Whether the person may be told of to this portal: an account that has proved no address is somebody on
/// the portal whose password it knows, and nobody elsewhere.
fn is_known(verified: &Verified) -> bool {
    verified.identity.member || !verified.identity.email.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::testing::{identity, verified_as};

    const ALL: [Access; 6] = [
        Access::Members,
        Access::Authenticated,
        Access::Public,
        Access::Optional,
        Access::OwnAuth,
        Access::Deny,
    ];

    const REASONS: [RejectToken; 12] = [
        RejectToken::Duplicate,
        RejectToken::TooLong,
        RejectToken::Malformed,
        RejectToken::WrongType,
        RejectToken::UnknownKey,
        RejectToken::BadSignature,
        RejectToken::WrongIssuer,
        RejectToken::WrongAudience,
        RejectToken::NotYetValid,
        RejectToken::Expired,
        RejectToken::Revoked,
        RejectToken::WrongPortal,
    ];

    fn person(member: bool, portal: &str) -> Authentication {
        let identity = Identity { member, portal: portal.to_owned(), ..identity() };
        Authentication::Verified(Arc::new(verified_as(&identity)))
    }

    /// A decision as one word per row of the table.
    fn decide(access: Access, authentication: &Authentication) -> String {
        match authorize(access, authentication, "acme") {
            Decision::Permit(permit) => {
                let person = permit.person().map_or("nobody", |person| &person.identity.email);
                let kept = if permit.keep_authorization() { ", authorization kept" } else { "" };
                format!("as {person}{kept}")
            }
            Decision::SignIn(None) => "sign in".to_owned(),
            Decision::SignIn(Some(reason)) => format!("sign in: {reason}"),
            Decision::Refuse(reason) => format!("refuse: {reason}"),
        }
    }

    #[test]
    fn every_access_meets_every_outcome_of_authentication() {
        use Access::*;
        let (member, stranger, other) =
            (person(true, "acme"), person(false, "acme"), person(true, "globex"));
        let rows = [
            // access, not presented, a member, no member, a token of another portal
            (
                Members,
                ["sign in", "as anna@example.com", "refuse: not_a_member", "sign in: wrong_portal"],
            ),
            (
                Authenticated,
                ["sign in", "as anna@example.com", "as anna@example.com", "sign in: wrong_portal"],
            ),
            (Public, ["as nobody"; 4]),
            (Optional, ["as nobody", "as anna@example.com", "as anna@example.com", "as nobody"]),
            (OwnAuth, ["as nobody, authorization kept"; 4]),
            (Deny, ["refuse: route_denied"; 4]),
        ];
        assert_eq!(rows.map(|(access, _)| access), ALL);
        for (access, expected) in rows {
            let outcomes = [&Authentication::NotPresented, &member, &stranger, &other];
            assert_eq!(outcomes.map(|outcome| decide(access, outcome)), expected, "{access:?}");
        }
    }

    #[test]
    fn who_has_proved_no_address_is_nobody_but_where_they_are_a_member() {
        let unproved = |member| {
            let identity =
                Identity { email: String::new(), portal: "acme".to_owned(), member, ..identity() };
            Authentication::Verified(Arc::new(verified_as(&identity)))
        };
        let refused = "refuse: not_a_member";
        for (access, elsewhere) in [
            (Access::Members, refused),
            (Access::Authenticated, refused),
            (Access::Optional, "as nobody"),
        ] {
            assert_eq!(decide(access, &unproved(false)), elsewhere, "{access:?}");
            assert_eq!(decide(access, &unproved(true)), "as ", "{access:?}");
        }
    }

    #[test]
    fn an_outdated_token_is_no_identity_by_itself() {
        let outdated = Authentication::Outdated(Arc::new(verified_as(&identity())));
        for access in ALL {
            let revoked = Authentication::Rejected(RejectToken::Revoked);
            assert_eq!(decide(access, &outdated), decide(access, &revoked), "{access:?}");
        }
    }

    #[test]
    fn a_rejected_token_is_never_an_identity_whatever_the_reason() {
        for reason in REASONS {
            let rejected = Authentication::Rejected(reason);
            for access in ALL {
                let expected = match access {
                    Access::Members | Access::Authenticated => format!("sign in: {reason}"),
                    Access::Public | Access::Optional => "as nobody".to_owned(),
                    Access::OwnAuth => "as nobody, authorization kept".to_owned(),
                    Access::Deny => "refuse: route_denied".to_owned(),
                };
                assert_eq!(decide(access, &rejected), expected, "{access:?}");
            }
        }
    }
}
