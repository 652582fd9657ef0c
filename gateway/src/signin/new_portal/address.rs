//! Whether a new portal can have the name and the address that were typed.

use bitrix_id_auth_core::name::{self, BadName};
use bitrix_id_auth_core::portal_name::{self, BadPortalName, skeleton};
use bitrix_id_auth_core::route::HostMatch;
use bitrix_id_config::model::{HostPattern, Provisioning};

use crate::pages::NewPortalError;
use crate::signin::visit::Visit;

/// Title and name as they are stored, or what has to be put right.
pub(super) fn check_fields(
    visit: &Visit,
    settings: &Provisioning,
    title: &str,
    address: &str,
) -> Result<(String, String), Vec<NewPortalError>> {
    let checked_title = name::check(title).map_err(|bad| match bad {
        BadName::Missing => NewPortalError::TitleMissing,
        BadName::TooLong => NewPortalError::TitleTooLong,
    });
    let name = if !address.is_empty() {
        look_at(visit, settings, address)
    } else if portal_name::suggest(title).is_empty() {
        Err(NewPortalError::AddressMissing)
    } else {
        // Without script nobody has seen it yet, and an address is for long.
        Err(NewPortalError::Suggested)
    };
    match (checked_title, name) {
        (Ok(title), Ok(name)) => Ok((title, name)),
        (title, name) => Err([title.err(), name.err()].into_iter().flatten().collect()),
    }
}

/// The name, if it may be had as far as this process knows.
pub(super) fn look_at(
    visit: &Visit,
    settings: &Provisioning,
    typed: &str,
) -> Result<String, NewPortalError> {
    let name = portal_name::check(typed).map_err(|bad| match bad {
        BadPortalName::TooShort => NewPortalError::AddressTooShort,
        BadPortalName::TooLong => NewPortalError::AddressTooLong,
        BadPortalName::Characters => NewPortalError::AddressCharacters,
        BadPortalName::Reserved => NewPortalError::AddressReserved,
    })?;
    if is_identity_label(visit, &name) {
        return Err(NewPortalError::AddressReserved);
    }
    if is_taken(visit, settings, &name) { Err(NewPortalError::AddressTaken) } else { Ok(name) }
}

/// The first label of the Bitrix ID host, on whatever domain: it would pass for the place to sign in.
fn is_identity_label(visit: &Visit, name: &str) -> bool {
    let host = &visit.snapshot.config.identity.url.host;
    let label = host.split('.').next().unwrap_or_default();
    skeleton(label) == skeleton(name)
}

/// Whether a portal has this name, one that looks like it, or the host.
fn is_taken(visit: &Visit, settings: &Provisioning, name: &str) -> bool {
    let snapshot = &visit.snapshot;
    let host = format!("{name}.{}", settings.domain);
    if !matches!(snapshot.router.host(&host), HostMatch::Unknown) {
        return true;
    }
    let key = skeleton(name);
    let looks_alike = |pattern: &HostPattern| {
        let (HostPattern::Exact(host) | HostPattern::Wildcard(host)) = pattern;
        let label = host.strip_suffix(&settings.domain).and_then(|rest| rest.strip_suffix('.'));
        label.is_some_and(|label| skeleton(label) == key)
    };
    let mut portals = snapshot.portals.iter();
    portals.any(|portal| skeleton(&portal.id) == key || portal.hosts.iter().any(looks_alike))
}
