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

/// Holds a connection's place, and its client's once that is known; gives both back when dropped.
pub(crate) struct Place {
    _counted: Counted,
    of_address: Option<OfAddress>,
}

/// One of the places of a client address.
struct OfAddress {
    addresses: Addresses,
    network: IpAddr,
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
        let counted = Counted::connection(&self.activity);
        let wanted = self.snapshot.load().config.server.max_connections;
        let most = wanted.min(self.affordable);
        if self.activity.connections.load(Ordering::Acquire) > most {
            return None;
        }
        let peer = peer_of(connection);
        let mut place = Place { _counted: counted, of_address: None };
        match peer {
            Some(peer) => self.take_for(&mut place, peer).then_some(place),
            None => Some(place),
        }
    }

    /// A place for the client of a connection, which another one has introduced. False when there is none.
    pub(crate) fn admit_client(&self, place: &mut Place, client: IpAddr) -> bool {
        let taken = self.take_for(place, client);
        if !taken {
            self.refused.inc();
        }
        taken
    }

    fn take_for(&self, place: &mut Place, address: IpAddr) -> bool {
        let server = &self.snapshot.load().config.server;
        // All of a proxy's clients come from its one address.
        if [&server.trusted_proxies, &server.proxy_protocol]
            .iter()
            .any(|networks| view::is_trusted(networks, address))
        {
            return true;
        }
        let network = client_network(address);
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let held = addresses.entry(network).or_insert(0);
        if *held >= server.max_connections_per_address {
            return false;
        }
        *held += 1;
        drop(addresses);
        // One that was taken before, under rules that have changed since, is given back by that.
        place.of_address = Some(OfAddress { addresses: self.addresses.clone(), network });
        true
    }

    /// Whether a connection begins with a PROXY header.
    pub(crate) fn is_introduced(&self, connection: &(impl GetSocketDigest + ?Sized)) -> bool {
        let networks = &self.snapshot.load().config.server.proxy_protocol;
        !networks.is_empty()
            && peer_of(connection).is_some_and(|peer| view::is_trusted(networks, peer))
    }
}

fn peer_of(connection: &(impl GetSocketDigest + ?Sized)) -> Option<IpAddr> {
    let digest = connection.get_socket_digest()?;
    digest.peer_addr()?.as_inet().map(std::net::SocketAddr::ip)
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = addresses.get_mut(&self.network) {
            *held -= 1;
            if *held == 0 {
                addresses.remove(&self.network);
            }
        }
    }
}
