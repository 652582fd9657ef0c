//! Within one portal: path to rule.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;
use bitrix_id_config::{Access, Limits, Portal, PortalPreset, Route};

use super::RouterError;
use crate::authenticate::Authentication;
use crate::path;
use crate::preset::bitrix24::{self, Class, DAV_METHODS};

/// A portal, ready to route paths.
#[derive(Debug)]
pub struct PortalEntry {
    /// As configured.
    pub portal: Arc<Portal>,
    /// Its place among the portals the router was made from.
    pub position: usize,
    nodes: Vec<Node>,
    push_limits: Limits,
}

/// A place in the tree of route prefixes; the first is the root.
#[derive(Debug, Default)]
struct Node {
    /// Index into the portal's routes.
    route: Option<usize>,
    children: AHashMap<String, usize>,
}

/// Which of a portal's rules; [`PortalEntry::label`] has its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Index into the portal's own routes.
    Own(usize),
    /// The portal's default, or its preset's.
    BuiltIn(&'static str),
}

/// The rule that a path falls under.
#[derive(Debug, Clone, Copy)]
pub struct RouteMatch<'a> {
    /// Who may, for a plain request; see [`Self::effective_access`].
    pub access: Access,
    /// Which it is.
    pub rule: Rule,
    /// Limits that apply.
    pub limits: &'a Limits,
    /// A native app's place: with `Authorization: Basic`, or without a verified token, it is own-auth.
    pub app: bool,
    /// A DAV share: a DAV method with `Authorization: Basic` is own-auth. A DAV method without it is
    /// answered 401 with a Basic challenge, which is how such clients learn to send one.
    pub dav: bool,
}

impl PortalEntry {
    pub(super) fn new(portal: Arc<Portal>, position: usize) -> Result<Self, RouterError> {
        let mut nodes = vec![Node::default()];
        for (index, route) in portal.routes.iter().enumerate() {
            let checked = path::canonical_path(route.path.as_bytes(), portal.allow_semicolon);
            checked.map_err(|reason| RouterError::RoutePath {
                portal: portal.id.clone(),
                path: route.path.clone(),
                reason,
            })?;
            let at = descend(&mut nodes, &route.path);
            if nodes[at].route.replace(index).is_some() {
                let (portal, path) = (portal.id.clone(), route.path.clone());
                return Err(RouterError::DuplicateRoute { portal, path });
            }
        }
        let mut push_limits = portal.limits.clone();
        push_limits.read_timeout = push_limits.read_timeout.max(PUSH_SILENCE);
        push_limits.stream_idle_timeout = push_limits.stream_idle_timeout.max(PUSH_SILENCE);
        Ok(Self { portal, position, nodes, push_limits })
    }

    /// A rule's name in logs: `default`, `preset:push`, or the route's path as configured.
    #[must_use]
    pub fn label(&self, rule: Rule) -> &str {
        match rule {
            Rule::BuiltIn(name) => name,
            // A rule of this very entry; of another one, the name of nothing.
            Rule::Own(index) => self.portal.routes.get(index).map_or("", |route| &route.path),
        }
    }

    pub(super) fn host_taken(&self, host: &str, holder: &str) -> RouterError {
        RouterError::HostTaken {
            portal: self.portal.id.clone(),
            host: host.to_owned(),
            holder: holder.to_owned(),
        }
    }

    /// The rule for a path that [`path::canonical_path`] accepted.
    ///
    /// Where path parameters are allowed, the upstream may or may not cut them off; both readings are
    /// routed, and the stricter rule holds.
    #[must_use]
    pub fn route(&self, canonical_path: &str) -> RouteMatch<'_> {
        // Most portals have neither: every path falls under the default.
        if self.portal.routes.is_empty() && self.portal.preset.is_none() {
            return self.default_match(DEFAULT);
        }
        let segments: Vec<Cow<'_, str>> = path::segments(canonical_path).collect();
        let as_written = self.route_segments(&segments);
        if !path::has_semicolon(canonical_path) {
            return as_written;
        }
        let cut: Vec<&str> = segments.iter().map(|s| path::without_parameters(s)).collect();
        let without_parameters = self.route_segments(&cut);
        let (stricter, other) =
            if strictness(as_written.access) >= strictness(without_parameters.access) {
                (as_written, without_parameters)
            } else {
                (without_parameters, as_written)
            };
        // An app's or a DAV client's own password opens only what both readings leave to it.
        RouteMatch { app: stricter.app && other.app, dav: stricter.dav && other.dav, ..stricter }
    }

    // A portal's own routes come before its preset, but a denial of the preset yields only to a route
    // that names the denied place itself: `/` as public does not publish the backups.
    fn route_segments<S: AsRef<str>>(&self, segments: &[S]) -> RouteMatch<'_> {
        let own = self.own_route(segments);
        let class = match self.portal.preset {
            Some(PortalPreset::Bitrix24) => bitrix24::classify(segments),
            None => None,
        };
        match (own, class) {
            (Some((depth, _)), Some(class @ Class::Deny(at))) if depth < at => self.preset(class),
            (Some((_, index)), _) => self.own_match(index),
            (None, Some(class)) => self.preset(class),
            (None, None) => self.default_match(DEFAULT),
        }
    }

    fn own_match(&self, index: usize) -> RouteMatch<'_> {
        let route: &Route = &self.portal.routes[index];
        RouteMatch {
            access: route.access,
            rule: Rule::Own(index),
            limits: &route.limits,
            app: false,
            dav: false,
        }
    }

    /// Depth and index of the deepest own route on the way of the path.
    fn own_route<S: AsRef<str>>(&self, segments: &[S]) -> Option<(usize, usize)> {
        let mut node = &self.nodes[0];
        let mut found = node.route.map(|index| (0, index));
        for (position, segment) in segments.iter().enumerate() {
            let Some(child) = node.children.get(segment.as_ref()) else { break };
            node = &self.nodes[*child];
            found = node.route.map(|index| (position + 1, index)).or(found);
        }
        found
    }

    fn preset(&self, class: Class) -> RouteMatch<'_> {
        let plain = self.default_match(class.label());
        RouteMatch {
            access: class.access().unwrap_or(plain.access),
            limits: if class == Class::Push { &self.push_limits } else { plain.limits },
            app: class == Class::App,
            dav: class == Class::Dav,
            ..plain
        }
    }

    fn default_match(&self, label: &'static str) -> RouteMatch<'_> {
        RouteMatch {
            access: self.portal.access,
            rule: Rule::BuiltIn(label),
            limits: &self.portal.limits,
            app: false,
            dav: false,
        }
    }
}

impl RouteMatch<'_> {
    /// The access that holds for one request. `authorization` is the value of its `Authorization` field.
    #[must_use]
    pub fn effective_access(
        &self,
        method: &str,
        authorization: Option<&[u8]>,
        authentication: &Authentication,
    ) -> Access {
        let basic = authorization.is_some_and(is_basic);
        let signed_in = matches!(authentication, Authentication::Verified(_));
        if (self.app && (basic || !signed_in)) || (self.dav && basic && is_dav_method(method)) {
            return Access::OwnAuth;
        }
        self.access
    }

    /// Whether the request is a DAV client's that has yet to be asked for its password: 401 with
    /// `WWW-Authenticate: Basic`, unless it is signed in.
    #[must_use]
    pub fn wants_basic_challenge(&self, method: &str, authorization: Option<&[u8]>) -> bool {
        self.dav && is_dav_method(method) && !authorization.is_some_and(is_basic)
    }
}

// Method names are case-sensitive (RFC 9110 section 9.1).
fn is_dav_method(method: &str) -> bool {
    DAV_METHODS.contains(&method)
}

fn is_basic(authorization: &[u8]) -> bool {
    let scheme = authorization.split_at_checked(6).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
}

fn descend(nodes: &mut Vec<Node>, route_path: &str) -> usize {
    let mut at = 0;
    for segment in path::segments(route_path) {
        let fresh = nodes.len();
        at = *nodes[at].children.entry(segment.into_owned()).or_insert(fresh);
        if at == fresh {
            nodes.push(Node::default());
        }
    }
    at
}

fn strictness(access: Access) -> u8 {
    match access {
        Access::Public => 0,
        Access::OwnAuth => 1,
        Access::Optional => 2,
        Access::Authenticated => 3,
        Access::Members => 4,
        Access::Deny => 5,
    }
}

const DEFAULT: &str = "default";
// A push channel lives 12 h, and the portal's own nginx waits ten minutes longer.
const PUSH_SILENCE: Duration = Duration::from_secs(43_800);
