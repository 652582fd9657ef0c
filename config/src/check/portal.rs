//! One `[[portal]]` table.

use super::limits::{self, limits};
use super::value::{SLUG, is_slug};
use super::{headers, hosts, route, upstream, webhook};
use crate::file::PortalTable;
use crate::files::Files;
use crate::model::{
    Access, HeaderPreset, HostPattern, Portal, PortalPreset, RESERVED_PORTAL_IDS, Upstream,
};
use crate::report::{Refused, Scope};

/// Checks a portal by itself. Whether its id and hosts are taken is a question to all portals together.
/// Without `files` it is one that is kept in the directory.
pub(crate) fn portal(
    table: &PortalTable,
    scope: Scope<'_>,
    files: Option<&mut Files>,
) -> Result<Portal, Refused> {
    let about = about(table);
    let scope = scope.about(&about);
    let id = id(table, scope);
    let title = match table.title.optional() {
        Ok(Some(title)) => scope.line(title, "title", 200),
        Ok(None) => id.clone(),
        Err(refused) => Err(refused),
    };
    let hosts = hosts(table, scope);
    let upstreams = upstreams(table, scope);
    let access = access(table, scope);
    let headers = table.headers.optional().and_then(|written| {
        written.map_or(Ok(HeaderPreset::BitrixId), |value| headers::headers(value, scope))
    });
    let preset = table.preset.optional().and_then(|written| {
        let choices = &[("bitrix24", PortalPreset::Bitrix24)];
        written.map(|written| scope.choice(written, "preset", choices)).transpose()
    });
    let semicolon = table.allow_semicolon.optional();
    let limits = limits(&table.into(), &limits::DEFAULTS, scope);
    // A route inherits from its portal. Where that has a problem of its own, any value will do.
    let inherited_limits = limits.as_ref().unwrap_or(&limits::DEFAULTS);
    let inherited_access = access.unwrap_or(Access::Members);
    let routes = table.route.optional().and_then(|tables| {
        let tables = tables.map_or(&[][..], Vec::as_slice);
        route::routes(tables, inherited_access, inherited_limits, &about, scope)
    });
    let webhook = webhook::webhook(&table.webhook, scope, files);

    Ok(Portal {
        id: id?,
        title: title?,
        hosts: hosts?,
        upstreams: upstreams?,
        access: access?,
        headers: headers?,
        preset: preset?,
        allow_semicolon: semicolon?.is_some_and(|written| *written.get_ref()),
        routes: routes?,
        limits: limits?,
        webhook: webhook?,
        place: scope.place(&table.span),
    })
}

/// How messages about a portal begin: with its name, if it has one.
pub(super) fn about(table: &PortalTable) -> String {
    let named = table.id.given().filter(|id| is_slug(id.get_ref()));
    named.map_or("portal.".to_owned(), |id| format!("portal \"{}\": ", id.get_ref()))
}

fn id(table: &PortalTable, scope: Scope<'_>) -> Result<String, Refused> {
    let written = table.id.required(|| scope.missing(&table.span, "id", "for example \"acme\""))?;
    if !is_slug(written.get_ref()) {
        let message = format!("id: \"{}\" is not a portal's id", written.get_ref());
        return Err(scope.refuse_with(&written.span(), message, SLUG));
    }
    if RESERVED_PORTAL_IDS.contains(&written.get_ref().as_str()) {
        let message = format!("id: \"{}\" means something else in metrics", written.get_ref());
        return Err(scope.refuse_with(&written.span(), message, "choose another id"));
    }
    Ok(written.get_ref().clone())
}

fn hosts(table: &PortalTable, scope: Scope<'_>) -> Result<Vec<HostPattern>, Refused> {
    let help = "for example hosts = [\"acme.example.com\"]";
    let written = table.hosts.required(|| scope.missing(&table.span, "hosts", help))?;
    hosts::hosts(written, scope)
}

fn upstreams(table: &PortalTable, scope: Scope<'_>) -> Result<Vec<Upstream>, Refused> {
    let help = "for example upstreams = [\"http://10.0.0.5:8000\"]";
    let written = table.upstreams.required(|| scope.missing(&table.span, "upstreams", help))?;
    if written.get_ref().is_empty() {
        return Err(scope.refuse_with(&written.span(), "upstreams: the list is empty", help));
    }
    upstream::list(written.get_ref(), "upstreams", &table.upstream_sni, scope)
}

fn access(table: &PortalTable, scope: Scope<'_>) -> Result<Access, Refused> {
    let Some(written) = table.access.optional()? else { return Ok(Access::Members) };
    let word = written.get_ref();
    if matches!(word.as_str(), "optional" | "own-auth" | "deny") {
        let message = format!("access: \"{word}\" is for routes");
        let help =
            "a portal is members, authenticated or public; give a [[portal.route]] this access";
        return Err(scope.refuse_with(&written.span(), message, help));
    }
    let choices = &[
        ("members", Access::Members),
        ("authenticated", Access::Authenticated),
        ("public", Access::Public),
    ];
    scope.choice(written, "access", choices)
}
