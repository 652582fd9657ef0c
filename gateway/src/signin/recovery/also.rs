//! What opens an account besides its primary address and its password. A new password leaves it as it is, so
//! whoever sets one is told: some of it may be a thief's.

use bitrix_id_auth_core::oauth::title;
use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};

use crate::signin::visit::Visit;

/// Titles of providers with an account linked, in the order they were linked, and the other proved
/// addresses.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn opens(visit: &Visit, account: &Account) -> Result<Vec<String>, StoreError> {
    let directory = &visit.hub().directory;
    let mut opens: Vec<String> = Vec::new();
    for link in directory.links(account.id).await? {
        let social = visit.snapshot.config.social.iter().find(|social| social.id == link.provider);
        if let Some(title) = social.map(title).filter(|title| !opens.contains(title)) {
            opens.push(title);
        }
    }
    for held in directory.addresses(account.id).await? {
        if held.proof != AddressProof::None && held.address != account.email {
            opens.push(held.address);
        }
    }
    Ok(opens)
}
