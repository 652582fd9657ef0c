//! All portals together: no id twice, no host in two hands.

use std::collections::HashMap;
use std::ops::Range;

use serde_spanned::Spanned;

use super::identity::Identity;
use super::portal::about;
use super::{WrittenPortal, hosts, portal};
use crate::files::Files;
use crate::model::{HostPattern, Portal};
use crate::read::usable;
use crate::report::{Refused, Scope};

/// Checks every portal, then what they claim. One look-up per id and host, whatever their number.
pub(super) fn portals(
    written: &[WrittenPortal<'_>],
    identity: &Result<Identity, Refused>,
    files: &mut Files,
) -> Result<Vec<Portal>, Refused> {
    let mut portals = Ok(Vec::with_capacity(written.len()));
    for (table, scope) in written {
        match (portal(table, *scope, Some(&mut *files)), &mut portals) {
            (Ok(portal), Ok(list)) => list.push(portal),
            (Ok(_), Err(_)) => {}
            (Err(refused), _) => portals = Err(refused),
        }
    }
    let ids = check_ids(written);
    let hosts = check_hosts(written, identity.as_ref().ok());
    let portals = portals?;
    ids.and(hosts).map(|()| portals)
}

/// Where something was claimed first.
type Claims<'a, K> = HashMap<K, (&'a str, Scope<'a>, Range<usize>)>;

fn check_ids(written: &[WrittenPortal<'_>]) -> Result<(), Refused> {
    let mut claims: Claims<'_, &str> = HashMap::with_capacity(written.len());
    let mut outcome = Ok(());
    for (table, scope) in written {
        let Some(id) = table.id.given() else { continue };
        let name = id.get_ref().as_str();
        if let Some((_, first_scope, first)) = claims.get(name) {
            let place = first_scope.place(first);
            let message = format!("id: \"{name}\" is also the id of the portal at {place}");
            outcome = Err(scope.about("portal.").refuse(&id.span(), message));
        } else {
            claims.insert(name, (name, *scope, id.span()));
        }
    }
    outcome
}

fn check_hosts(written: &[WrittenPortal<'_>], identity: Option<&Identity>) -> Result<(), Refused> {
    let mut claims: Claims<'_, HostPattern> = HashMap::with_capacity(written.len());
    let mut outcome = Ok(());
    for (table, scope) in written {
        let about = about(table);
        let scope_here = scope.about(&about);
        let id = table.id.given().map_or("", |id| id.get_ref().as_str());
        for host in table.hosts.given().map(Spanned::get_ref).into_iter().flat_map(usable) {
            // What is no host is reported where the portal itself is checked.
            let Ok(pattern) = hosts::pattern(host.get_ref()) else { continue };
            if let Some(message) = taken(host.get_ref(), &pattern, &claims, identity) {
                outcome = Err(scope_here.refuse(&host.span(), message));
            } else {
                claims.insert(pattern, (id, *scope, host.span()));
            }
        }
    }
    outcome
}

fn taken(
    text: &str,
    pattern: &HostPattern,
    claims: &Claims<'_, HostPattern>,
    identity: Option<&Identity>,
) -> Option<String> {
    if let Some(identity) = identity
        && *pattern == HostPattern::Exact(identity.settings.url.host.clone())
    {
        let place = &identity.url_place;
        return Some(format!("hosts: \"{text}\" is the Bitrix ID host, at {place}"));
    }
    let (id, scope, span) = claims.get(pattern)?;
    let place = scope.place(span);
    Some(format!("hosts: \"{text}\" belongs to portal \"{id}\" already, at {place}"))
}
