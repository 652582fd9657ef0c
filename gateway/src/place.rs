//! Where a request is: a host, what it belongs to, and how it is written.

use std::sync::Arc;

use ahash::AHashMap;
use bitrix_id_auth_core::route::{HostMatch, PortalEntry, Router};
use bitrix_id_config::model::Origin;
use http::HeaderValue;

/// A canonical host with what the configuration says of it.
pub(crate) struct Place {
    /// Canonical host.
    pub host: String,
    /// Host and port as browsers name them, ready to be sent. The port is the configuration's: an upstream
    /// writes it into links of its own.
    pub authority: HeaderValue,
    /// Whose it is.
    pub owner: HostMatch,
}

impl Place {
    /// What `router` says of a canonical host; scheme and port are those of `identity`.
    pub(crate) fn new(router: &Router, identity: &Origin, host: String) -> Self {
        let authority = HeaderValue::from_str(&identity.authority_of(&host));
        Self {
            // A canonical host is plain ASCII.
            authority: authority.unwrap_or_else(|_| HeaderValue::from_static("")),
            owner: router.host(&host),
            host,
        }
    }

    /// The host without a port, ready to be sent.
    pub(crate) fn host_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.host).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The portal it belongs to.
    pub(crate) fn portal(&self) -> Option<&Arc<PortalEntry>> {
        match &self.owner {
            HostMatch::Portal(entry) => Some(entry),
            HostMatch::Identity | HostMatch::Unknown => None,
        }
    }
}

/// The places of a configuration by their authority as browsers send it: one look-up finds host, portal
/// and the text for the upstream. Hosts under a wildcard and other spellings are not among them.
pub(crate) struct Places(AHashMap<Box<[u8]>, Arc<Place>>);

impl Places {
    /// Every exact host of the router, and the Bitrix ID host.
    pub(crate) fn of(router: &Router, identity: &Origin) -> Self {
        let hosts = router.exact_hosts().map(str::to_owned).chain([identity.host.clone()]);
        let places = hosts.map(|host| {
            let place = Place::new(router, identity, host);
            (place.authority.as_bytes().into(), Arc::new(place))
        });
        Self(places.collect())
    }

    /// The place whose authority is spelt exactly like this.
    pub(crate) fn usual(&self, authority: &[u8]) -> Option<&Arc<Place>> {
        self.0.get(authority)
    }
}
