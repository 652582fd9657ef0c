//! Where an invitation leads that somebody follows before they have a Bitrix ID.

use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::store::StoreError;
use bitrix_id_auth_core::store::access::Standing;

use super::browser::is_base64url;
use super::fields::Pairs;
use super::hop::{self, Destination};
use super::invitation::TOKEN_LENGTH;
use super::visit::Visit;

/// Title of the portal whose open invitation a state leads back to, for the words "to join …".
///
/// # Errors
/// [`StoreError`].
pub(super) async fn portal_ahead(
    visit: &Visit,
    unverified_state: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let Destination::Own(target) = hop::destination(visit, unverified_state) else {
        return Ok(None);
    };
    let Some(token) = token_of(&target) else {
        return Ok(None);
    };
    let invitation = visit.hub().directory.invitation(&sha256(&token)).await?;
    let open = invitation.filter(|invitation| invitation.standing(visit.now()) == Standing::Open);
    Ok(open.and_then(|invitation| visit.snapshot.title_of(&invitation.portal)))
}

/// The secret in the address of an invitation's page.
fn token_of(target: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let fields = Pairs::parse(query.as_bytes()).ok()?;
    let token = fields.text("token");
    let is_one = path == "/invitation" && is_base64url(token, TOKEN_LENGTH);
    is_one.then(|| token.to_owned())
}
