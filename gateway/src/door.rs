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
    /// What the process's file descriptors allow.
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
    /// Opens the door to as many as are `affordable`, whatever the configuration says.
    pub(crate) fn new(
        snapshot: SharedSnapshot,
        activity: Arc<Activity>,
        refused: IntCounter,
        affordable: usize,
    ) -> Self {
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
