//! What an account that has proved nothing may see: the portal whose password was typed, its sessions, and
//! the way to the proof. Every page that changes a credential, a link or another portal is closed to it,
//! here and for all of them, so that a new page is closed until somebody opens it.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::signin::failure::{self, Failure};
use crate::signin::person::{self, SignedIn};
use crate::signin::reply::Reply;
use crate::signin::visit::Visit;

/// Leads away from the pages that are closed; inside the guard, which has made the visit.
pub(crate) async fn limit(request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Arc<Visit>>().cloned();
    let path = request.uri().path();
    let asked = visit.filter(|visit| visit.portal.is_none() && access(path) != Access::Open);
    if let Some(visit) = asked {
        match person::signed_in(&visit).await {
            Ok(Some(person)) if leads_away(&person, access(path)) => {
                return Reply::see_other(&visit.identity_url("/welcome")).into_response();
            }
            // For the page, which would look the same thing up again.
            Ok(person) => visit.known.leave(person),
            Err(error) => return failure::render(&visit, Failure::from(error).into_response()),
        }
    }
    next.run(request).await
}

fn leads_away(person: &SignedIn, access: Access) -> bool {
    person.is_unproved() && (person.must_prove() || access == Access::Proved)
}

/// Who a page of the Bitrix ID host is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Everybody, signed in or not.
    Open,
    /// Also an account that has proved nothing, if its password was typed.
    Unproved,
    /// Not for an account that has proved nothing.
    Proved,
}

fn access(path: &str) -> Access {
    match path {
        "/profile/sessions" => Access::Open,
        "/" | "/profile" | "/profile/portals" => Access::Unproved,
        _ if CLOSED.iter().any(|closed| path.starts_with(closed)) => Access::Proved,
        _ => Access::Open,
    }
}

/// Beginnings of the paths at which something is changed, or linked to the account that is signed in.
const CLOSED: [&str; 4] = ["/profile/", "/portals/", "/confirm", "/social/"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_below_the_profile_is_closed_until_it_is_opened() {
        for path in ["/profile/security", "/profile/portals/undo", "/profile/new", "/confirm"] {
            assert_eq!(access(path), Access::Proved, "{path}");
        }
        for path in ["/", "/profile", "/profile/portals"] {
            assert_eq!(access(path), Access::Unproved, "{path}");
        }
        for path in ["/profile/sessions", "/sign-in", "/sign-out", "/welcome", "/welcome/prove"] {
            assert_eq!(access(path), Access::Open, "{path}");
        }
    }
}
