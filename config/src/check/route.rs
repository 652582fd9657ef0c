//! `[[portal.route]]` tables.

use std::collections::HashMap;
use std::ops::Range;

use super::limits::limits;
use super::value::each;
use super::{path, upstream};
use crate::file::RouteTable;
use crate::model::{Access, Limits, Route};
use crate::report::{Refused, Scope};

/// Checks the routes of one portal. `about` is how messages about that portal begin.
pub(super) fn routes(
    tables: &[Result<RouteTable, Refused>],
    portal_access: Access,
    portal_limits: &Limits,
    about: &str,
    portal_scope: Scope<'_>,
) -> Result<Vec<Route>, Refused> {
    let mut seen: HashMap<String, Range<usize>> = HashMap::with_capacity(tables.len());
    each(tables, |table| {
        let about = table.path.given().map_or_else(
            || portal_scope.within("route"),
            |path| format!("{about}route \"{}\": ", path.get_ref()),
        );
        let scope = portal_scope.about(&about);
        let path = check_path(table, &mut seen, scope);
        let route = route(table, portal_access, portal_limits, scope);
        path.and(route)
    })
}

fn check_path(
    table: &RouteTable,
    seen: &mut HashMap<String, Range<usize>>,
    scope: Scope<'_>,
) -> Result<(), Refused> {
    let help = "for example path = \"/pub/\"";
    let written = table.path.required(|| scope.missing(&table.span, "path", help))?;
    let key = path::key(written.get_ref())
        .map_err(|error| scope.refuse(&written.span(), format!("path: {error}")))?;
    if let Some(first) = seen.get(&key) {
        let place = scope.place(first);
        let message = format!("path: the same paths as the route at line {}", place.line);
        let help = "/pub and /pub/ are one prefix; only one route can have it";
        return Err(scope.refuse_with(&written.span(), message, help));
    }
    seen.insert(key, written.span());
    Ok(())
}

fn route(
    table: &RouteTable,
    portal_access: Access,
    portal_limits: &Limits,
    scope: Scope<'_>,
) -> Result<Route, Refused> {
    let access = table.access.optional().and_then(|written| {
        written.map_or(Ok(portal_access), |written| scope.choice(written, "access", ACCESS))
    });
    let upstreams = match table.upstreams.optional() {
        Ok(Some(list)) if list.get_ref().is_empty() => {
            let help = "leave the key out for the portal's own upstreams";
            Err(scope.refuse_with(&list.span(), "upstreams: the list is empty", help))
        }
        Ok(Some(list)) => upstream::list(list.get_ref(), "upstreams", &table.upstream_sni, scope),
        // Reports an `upstream_sni` that has no upstreams beside it.
        Ok(None) => upstream::list(&[], "upstreams", &table.upstream_sni, scope),
        Err(refused) => Err(refused),
    };
    let limits = limits(&table.into(), portal_limits, scope);
    let path = table.path.optional()?.map(|path| path.get_ref().clone()).unwrap_or_default();
    Ok(Route { path, access: access?, upstreams: upstreams?, limits: limits? })
}

const ACCESS: &[(&str, Access)] = &[
    ("members", Access::Members),
    ("authenticated", Access::Authenticated),
    ("public", Access::Public),
    ("optional", Access::Optional),
    ("own-auth", Access::OwnAuth),
    ("deny", Access::Deny),
];
