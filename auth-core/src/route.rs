//! Which portal, and which of its rules: pure look-ups in what the configuration says.
//!
//! A host is found exactly, then by its one-label wildcard, in one or two hash look-ups whatever the
//! number of portals. Within a portal the most specific path prefix wins, by whole decoded segments, so
//! every spelling of a path meets the same rule.

mod portal;

use std::sync::Arc;

use ahash::AHashMap;
use bitrix_id_config::{HostPattern, Portal};

use crate::path::AmbiguousPath;

pub use portal::{PortalEntry, RouteMatch, Rule};

/// Hosts to portals.
#[derive(Debug)]
pub struct Router {
    identity_host: String,
    exact: AHashMap<String, Arc<PortalEntry>>,
    /// Keyed by what follows the first label.
    wildcard: AHashMap<String, Arc<PortalEntry>>,
}

/// What a host is.
#[derive(Debug, Clone)]
pub enum HostMatch {
    /// The Bitrix ID host.
    Identity,
    /// A portal's.
    Portal(Arc<PortalEntry>),
    /// None of ours: 404.
    Unknown,
}

impl Router {
    /// Indexes `portals`. `identity_host` is canonical.
    ///
    /// # Errors
    /// [`RouterError`] names the portal at fault, so that a caller may go on without it.
    pub fn new(portals: Vec<Arc<Portal>>, identity_host: &str) -> Result<Self, RouterError> {
        let mut router = Self {
            identity_host: identity_host.to_owned(),
            exact: AHashMap::with_capacity(portals.len()),
            wildcard: AHashMap::new(),
        };
        for (position, portal) in portals.into_iter().enumerate() {
            router.add(&Arc::new(PortalEntry::new(portal, position)?))?;
        }
        Ok(router)
    }

    fn add(&mut self, entry: &Arc<PortalEntry>) -> Result<(), RouterError> {
        for pattern in &entry.portal.hosts {
            let (table, host) = match pattern {
                HostPattern::Exact(host) if *host == self.identity_host => {
                    return Err(entry.host_taken(host, "identity.url"));
                }
                HostPattern::Exact(host) => (&mut self.exact, host),
                HostPattern::Wildcard(suffix) => (&mut self.wildcard, suffix),
            };
            if let Some(holder) = table.insert(host.clone(), Arc::clone(entry)) {
                return Err(entry.host_taken(host, &holder.portal.id));
            }
        }
        Ok(())
    }

    /// Finds a canonical host. The Bitrix ID host comes first, then exact hosts, then wildcards.
    #[must_use]
    pub fn host(&self, canonical_host: &str) -> HostMatch {
        if canonical_host == self.identity_host {
            return HostMatch::Identity;
        }
        let wildcard = || self.wildcard.get(canonical_host.split_once('.')?.1);
        match self.exact.get(canonical_host).or_else(wildcard) {
            Some(entry) => HostMatch::Portal(Arc::clone(entry)),
            None => HostMatch::Unknown,
        }
    }

    /// Every host that is configured without a wildcard; the Bitrix ID host is not among them.
    pub fn exact_hosts(&self) -> impl Iterator<Item = &str> {
        self.exact.keys().map(String::as_str)
    }

    /// Every portal once per host it is found by.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<PortalEntry>> {
        self.exact.values().chain(self.wildcard.values())
    }
}

/// A set of portals that cannot be routed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouterError {
    /// Two portals, or a portal and Bitrix ID, claim a host.
    #[error("portal {portal:?}: host {host:?} belongs to {holder:?}")]
    HostTaken {
        /// The later one.
        portal: String,
        /// Canonical host, or a wildcard's suffix.
        host: String,
        /// Who had it first.
        holder: String,
    },
    /// A route's path is one that no request can have.
    #[error("portal {portal:?}: route {path:?}: {reason}")]
    RoutePath {
        /// Whose route.
        portal: String,
        /// As configured.
        path: String,
        /// What is wrong with it.
        reason: AmbiguousPath,
    },
    /// Two routes of a portal mean the same path.
    #[error("portal {portal:?}: route {path:?} is there twice")]
    DuplicateRoute {
        /// Whose route.
        portal: String,
        /// As configured, the later one.
        path: String,
    },
}

#[cfg(test)]
mod tests;
