//! Portals, and who may what on them.

use std::time::Duration;

use super::{HeaderPreset, Upstream};
use crate::diagnostic::Place;
use crate::webhook::Webhook;

/// `[provisioning]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioning {
    /// A new portal gets `<name>.<domain>`.
    pub domain: String,
    /// Where its requests go.
    pub upstream: Upstream,
    /// Default: 7.
    pub max_per_account: u32,
    /// Where notices go to the portals whose requests go to `upstream`.
    pub webhook: Option<Webhook>,
}

/// Ids that no portal can have: as a metric's label they stand for the Bitrix ID host, and for requests
/// that belong to no portal.
pub const RESERVED_PORTAL_IDS: [&str; 2] = ["bitrix-id", "none"];

/// One `[[portal]]` table, or a portal kept in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// 1-63 characters of `a-z0-9-`, no hyphen at the ends, none of [`RESERVED_PORTAL_IDS`].
    pub id: String,
    /// Shown to people. Default: the id.
    pub title: String,
    /// Exact and wildcard hosts; at least one. The first exact one is where "open" leads.
    pub hosts: Vec<HostPattern>,
    /// At least one.
    pub upstreams: Vec<Upstream>,
    /// Access of every path that no route claims: `Members`, `Authenticated` or `Public`.
    pub access: Access,
    /// Which identity headers the upstream gets.
    pub headers: HeaderPreset,
    /// Built-in route policy under the portal's own routes.
    pub preset: Option<PortalPreset>,
    /// `;` in paths is accepted (path parameters). Default: false, which answers 400.
    pub allow_semicolon: bool,
    /// The portal's own routes; no two have the same path.
    pub routes: Vec<Route>,
    /// Applies where a route says nothing else.
    pub limits: Limits,
    /// Where notices to the portal go.
    pub webhook: Option<Webhook>,
    /// Where the table begins.
    pub place: Place,
}

impl Portal {
    /// Where "open" leads: the first host that is not a wildcard.
    #[must_use]
    pub fn first_host(&self) -> Option<&str> {
        self.hosts.iter().find_map(|pattern| match pattern {
            HostPattern::Exact(host) => Some(host.as_str()),
            HostPattern::Wildcard(_) => None,
        })
    }
}

/// A host of a portal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HostPattern {
    /// Canonical host.
    Exact(String),
    /// `*.suffix`: one label, as in a certificate. Holds the canonical suffix without `*.`.
    Wildcard(String),
}

/// One `[[portal.route]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Path prefix as written; matched by whole segments, so `/pub` and `/pub/` are the same.
    pub path: String,
    /// Who may. Default: as the portal's.
    pub access: Access,
    /// Instead of the portal's; empty means the portal's.
    pub upstreams: Vec<Upstream>,
    /// Limits, with the portal's filled in where the route says nothing.
    pub limits: Limits,
}

/// Who may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// People with a profile on this portal.
    Members,
    /// Anyone signed in.
    Authenticated,
    /// Anyone; no identity headers.
    Public,
    /// Anyone; identity headers when signed in.
    Optional,
    /// Anyone; `Authorization` kept, no identity headers, never a redirect.
    OwnAuth,
    /// Nobody.
    Deny,
}

/// Built-in route policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalPreset {
    /// A real Bitrix24 portal.
    Bitrix24,
}

/// Time and size limits of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// TCP (and TLS) connection to the upstream. Default: 3 s.
    pub connect_timeout: Duration,
    /// Between two reads from the upstream. Default: 60 s.
    pub read_timeout: Duration,
    /// Between two writes to the upstream. Default: 30 s.
    pub write_timeout: Duration,
    /// Upgraded connections and event streams without a byte in either direction. Default: 13 h.
    pub stream_idle_timeout: Duration,
    /// Largest request body in bytes; `None`: unlimited, streamed. Default: `None`.
    pub body_limit: Option<u64>,
    /// Bytes a second that a request body must come with, waiting for the client alone counted; 0: none.
    /// Default: 500.
    pub min_body_rate: u64,
}
