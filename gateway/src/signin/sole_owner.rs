//! Portals that one person runs alone. When they go, nobody answers requests there or invites people, so the
//! pages on which they go say so.

use bitrix_id_auth_core::store::access::is_owner;
use bitrix_id_auth_core::store::{Profile, StoreError};

use super::person::SignedIn;
use super::visit::Visit;

/// Titles of the portals that nobody but the person runs, in order. `only`: of this one portal, if it is one.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn titles(
    visit: &Visit,
    person: &SignedIn,
    only: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    // It opens a portal, and runs none.
    if person.is_unproved() {
        return Ok(Vec::new());
    }
    let profiles = visit.hub().directory.profiles(person.account.id).await?;
    let asked = |profile: &&Profile| only.is_none_or(|only| only == profile.portal);
    let mut titles = Vec::new();
    for profile in profiles.iter().filter(asked).filter(|profile| is_owner(&profile.roles)) {
        let Some(title) = visit.snapshot.title_of(&profile.portal) else {
            continue;
        };
        // The person and one more.
        let owners = visit.hub().directory.owners(&profile.portal, 2).await?;
        if owners.iter().all(|owner| owner.id == person.account.id) {
            titles.push(title);
        }
    }
    titles.sort_by_key(|title| title.to_lowercase());
    Ok(titles)
}
