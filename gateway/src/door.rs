//! Places for connections, taken before the TLS handshake.
//!
//! A place is counted in all and by client address, and given back when the connection is gone. [`crate::edge::Edge`]
//! asks before the handshake, so that clients that connect and stay silent are bounded too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use bitrix_id_auth_core::throttle::client_network;
use pingora::protocols::GetSocketDigest;
use prometheus::IntCounter;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::activity::{Activity, Counted};
use crate::snapshot::SharedSnapshot;
use crate::view;

/// Gives places to connections.
pub(crate) struct Door {
    /// Bounds and trusted proxies, as they are at the moment.
    snapshot: SharedSnapshot,
    activity: Arc<Activity>,
    refused: IntCounter,
    addresses: Addresses,
    /// What the process's file descriptors allow, whatever the configuration says.
    affordable: usize,
}

/// Connections held by each client address.
type Addresses = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Holds a connection's place; gives it back when dropped.
pub(crate) struct Place {
    _counted: Counted,
    held: Option<(Addresses, IpAddr)>,
}

impl Door {
    /// Opens the door; raises the limit of file descriptors as far as the system lets it.
    pub(crate) fn new(
        snapshot: SharedSnapshot,
        activity: Arc<Activity>,
        refused: IntCounter,
    ) -> Self {
        let affordable = affordable_connections(raise_descriptor_limit());
        let wanted = snapshot.load().config.server.max_connections;
        if affordable < wanted {
            tracing::warn!(
                affordable,
                wanted,
                "the limit of open files allows fewer connections than server.max_connections; raise it (ulimit -n, LimitNOFILE)"
            );
        }
        Self { snapshot, activity, refused, addresses: Arc::default(), affordable }
    }

    /// A place for a connection; `None` when there is none, which is counted.
    pub(crate) fn admit(&self, connection: &(impl GetSocketDigest + ?Sized)) -> Option<Place> {
        let place = self.take(connection);
        if place.is_none() {
            self.refused.inc();
        }
        place
    }

    fn take(&self, connection: &(impl GetSocketDigest + ?Sized)) -> Option<Place> {
        let config = self.snapshot.load().config.clone();
        let counted = Counted::connection(&self.activity);
        let most = config.server.max_connections.min(self.affordable);
        if self.activity.connections.load(Ordering::Acquire) > most {
            return None;
        }
        let digest = connection.get_socket_digest();
        let peer = digest.as_ref().and_then(|digest| digest.peer_addr()?.as_inet());
        let address = peer
            .map(std::net::SocketAddr::ip)
            // All of a trusted proxy's clients come from its one address.
            .filter(|ip| !view::is_trusted(&config.server.trusted_proxies, *ip))
            .map(client_network);
        let Some(address) = address else {
            return Some(Place { _counted: counted, held: None });
        };
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let held = addresses.entry(address).or_insert(0);
        if *held >= config.server.max_connections_per_address {
            return None;
        }
        *held += 1;
        Some(Place { _counted: counted, held: Some((self.addresses.clone(), address)) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((addresses, address)) = &self.held else {
            return;
        };
        let mut addresses = addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = addresses.get_mut(address) {
            *held -= 1;
            if *held == 0 {
                addresses.remove(address);
            }
        }
    }
}

/// Raises the soft limit of open files to the hard one and returns what holds then.
fn raise_descriptor_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// Connections that leave descriptors for as many to upstreams, and for stores, logs and the admin
/// listener. `None`: no limit.
fn affordable_connections(descriptors: Option<u64>) -> usize {
    let Some(descriptors) = descriptors else { return usize::MAX };
    usize::try_from(descriptors.saturating_sub(RESERVED_DESCRIPTORS) / 2)
        .unwrap_or(usize::MAX)
        .max(1)
}

const RESERVED_DESCRIPTORS: u64 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_left_for_upstreams_and_for_the_operator() {
        assert_eq!(affordable_connections(Some(1024)), 448);
        assert_eq!(affordable_connections(Some(100)), 1);
        assert_eq!(affordable_connections(None), usize::MAX);
    }
}
