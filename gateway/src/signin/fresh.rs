//! Changes that a session alone does not allow: the person must have shown who they are a moment ago.

use super::hop;
use super::person::SignedIn;
use super::reply::Reply;
use super::visit::Visit;

/// Whether the person has proved who they are within the last minutes.
pub(super) fn is_fresh(visit: &Visit, person: &SignedIn) -> bool {
    visit.now() - person.session.auth_time <= FRESH_SECONDS
}

/// To the page that asks for the password (or, without one, a mailed code) and back to the page of this
/// visit: `path` and its query, which must answer GET.
pub(super) fn ask(visit: &Visit, path: &str) -> Reply {
    let state = hop::own_state_to(visit, path);
    Reply::see_other(&visit.identity_url(&hop::with_state("/confirm", Some(&state))))
}

/// Long enough for a change or two.
const FRESH_SECONDS: i64 = 600;
