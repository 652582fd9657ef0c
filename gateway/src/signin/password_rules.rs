//! Which passwords may be set: one set of rules for sign-up, recovery and the page about security.

use bitrix_id_auth_core::password::{PasswordError, WeakPassword};

use super::visit::Visit;

/// Whether `password` may be set. `about` is what a guesser may know of the person: addresses and names. The
/// names of the service and of its portals are added to it.
///
/// # Errors
/// [`PasswordError::Busy`], [`PasswordError::Internal`]: the password was not looked at.
pub(super) async fn check_password(
    visit: &Visit,
    password: &str,
    about: &[&str],
) -> Result<Result<(), WeakPassword>, PasswordError> {
    let config = &visit.snapshot.config;
    let titles =
        visit.snapshot.portals.iter().take(MOST_PORTALS).map(|portal| portal.title.as_str());
    let known: Vec<&str> =
        about.iter().copied().chain([config.identity.name.as_str()]).chain(titles).collect();
    let pool = visit.hub().passwords.load_full();
    pool.check_new(password, config.passwords.min_length, &known).await
}

/// Beyond these a title is no more of a hint than any other word.
const MOST_PORTALS: usize = 50;
