//! `[server]`: where connections are accepted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;

use serde_spanned::Spanned;

use super::value::each;
use crate::file::{MainFile, ServerTable};
use crate::read::{Field, List, usable};
use crate::report::{Refused, Scope};

/// Every address the process listens on.
pub(super) struct Listeners {
    pub(super) https: Vec<SocketAddr>,
    pub(super) http: Vec<SocketAddr>,
    pub(super) admin: SocketAddr,
}

type Listener = Spanned<SocketAddr>;

pub(super) fn listeners(
    table: &ServerTable,
    main: &MainFile,
    scope: Scope<'_>,
) -> Result<Listeners, Refused> {
    let https = addresses(&table.https);
    let http = addresses(&table.http);
    let admin = admin(&table.admin, scope.about("server."));
    let present = check_presence(table, main, scope);
    let distinct = check_distinct(table, scope);
    present.and(distinct)?;
    Ok(Listeners { https: https?, http: http?, admin: admin? })
}

fn addresses(field: &Field<List<Listener>>) -> Result<Vec<SocketAddr>, Refused> {
    let written = field.optional()?.map_or(&[][..], Vec::as_slice);
    each(written, |listener| Ok(*listener.get_ref()))
}

fn admin(field: &Field<Listener>, scope: Scope<'_>) -> Result<SocketAddr, Refused> {
    let Some(written) = field.optional()? else { return Ok(DEFAULT_ADMIN) };
    let address = *written.get_ref();
    if is_public(address.ip()) {
        let message = format!("admin: {} is a public address", address.ip());
        let help = "the admin listener asks nobody who they are; use a loopback or private address";
        return Err(scope.refuse_with(&written.span(), message, help));
    }
    Ok(address)
}

/// Whether an address is reachable from the whole internet, as far as the address can tell. The
/// unspecified address is not: a container listens there, on its own network.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xC0 == 0x40;
            !(ip.is_unspecified()
                || ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || shared)
        }
        IpAddr::V6(ip) => {
            let private = ip.is_unique_local() || ip.is_unicast_link_local();
            !(ip.is_unspecified() || ip.is_loopback() || private)
        }
    }
}

/// Listeners and certificates go together.
fn check_presence(table: &ServerTable, main: &MainFile, scope: Scope<'_>) -> Result<(), Refused> {
    let count =
        |field: &Field<List<Listener>>| field.optional().map(|list| list.map_or(0, Vec::len));
    let (https, http) = (count(&table.https)?, count(&table.http)?);
    if https + http == 0 {
        let help = "for example https = [\"0.0.0.0:8443\"] in [server]";
        let message = "no listener: [server] has neither \"https\" nor \"http\"";
        return Err(match main.server {
            Field::Given(_) => scope.refuse_with(&table.span, message, help),
            Field::Absent | Field::Refused(_) => scope.refuse_file(message, help),
        });
    }
    let first = table.https.given().and_then(|list| usable(list).next());
    match (&main.tls, first) {
        (Field::Absent, Some(listener)) => {
            let message = "server.https: there is no certificate for this listener";
            Err(scope.refuse_with(&listener.span(), message, "add [tls] with \"certificates\""))
        }
        (Field::Given(tls), None) if https == 0 => {
            let message = "[tls] is present, but [server] has no \"https\" listener";
            Err(scope.refuse_with(&tls.span, message, "with [tls], http listeners only redirect"))
        }
        _ => Ok(()),
    }
}

/// No two listeners can have the same address; port 0 lets the system choose, and never collides.
fn check_distinct(table: &ServerTable, scope: Scope<'_>) -> Result<(), Refused> {
    let listeners = owned(table);
    if listeners.len() > MOST_LISTENERS {
        let message = format!("server: more than {MOST_LISTENERS} listeners");
        return Err(scope.refuse(&table.span, message));
    }
    let mut outcome = Ok(());
    for (index, (address, key, span)) in listeners.iter().enumerate() {
        let earlier = listeners[..index].iter().find(|(other, ..)| overlap(*other, *address));
        if let Some((other, owner, _)) = earlier {
            let message = format!("{key}: {address} cannot be listened on: {owner} has {other}");
            outcome = Err(scope.refuse(span, message));
        }
    }
    outcome
}

/// Every listener with the key it stands under. The default comes first and a written admin listener
/// last, so that a collision is reported at what was written.
fn owned(table: &ServerTable) -> Vec<(SocketAddr, &'static str, Range<usize>)> {
    let default = table
        .admin
        .is_absent()
        .then(|| (DEFAULT_ADMIN, "server.admin (by default)", table.span.clone()));
    let lists = [(&table.https, "server.https"), (&table.http, "server.http")];
    let written = lists.into_iter().flat_map(|(field, owner)| {
        let listeners = field.given().into_iter().flat_map(usable);
        listeners.map(move |listener| (*listener.get_ref(), owner, listener.span()))
    });
    let admin = table.admin.given().map(|admin| (*admin.get_ref(), "server.admin", admin.span()));
    default.into_iter().chain(written).chain(admin).collect()
}

fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    let same_family = a.is_ipv4() == b.is_ipv4();
    let covered = a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() != 0 && a.port() == b.port() && same_family && covered
}

const DEFAULT_ADMIN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9090);
/// As many sockets as pingora hands to a successor in an upgrade, the admin listener's among them.
const MOST_LISTENERS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_told_from_private_ones() {
        for ip in [
            "0.0.0.0",
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "100.64.0.1",
            "::",
            "::1",
            "fd00::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "100.128.0.1", "2001:4860::1", "::ffff:8.8.8.8"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn listeners_overlap_where_binding_both_would_fail() {
        let overlap = |a: &str, b: &str| overlap(a.parse().unwrap(), b.parse().unwrap());
        assert!(overlap("0.0.0.0:80", "10.0.0.1:80"));
        assert!(overlap("10.0.0.1:80", "10.0.0.1:80"));
        assert!(!overlap("10.0.0.2:80", "10.0.0.1:80"));
        assert!(!overlap("0.0.0.0:80", "0.0.0.0:81"));
        assert!(!overlap("0.0.0.0:0", "0.0.0.0:0"));
        assert!(!overlap("0.0.0.0:80", "[::]:80"));
    }
}
