//! A TCP balancer as operators put before gateways: it asks each for its readiness and gives new connections to
//! those that are ready, in turn. Nothing is tried twice: what fails behind it fails for the client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::client::raw::RawConnection;

/// A running balancer. Ends with its handle, and its connections with it.
#[derive(Debug)]
pub struct Balancer {
    address: SocketAddr,
    behind: Arc<Vec<Behind>>,
    tasks: Vec<AbortHandle>,
}

/// A gateway behind it.
#[derive(Debug)]
struct Behind {
    https: SocketAddr,
    admin: SocketAddr,
    ready: AtomicBool,
}

impl Balancer {
    /// Listens on `address` for gateways, each with its TLS listener and its admin listener.
    pub async fn start(address: SocketAddr, gateways: &[(SocketAddr, SocketAddr)]) -> Self {
        let listener = TcpListener::bind(address).await.expect("an address of ours");
        let behind = gateways.iter().map(|&(https, admin)| Behind {
            https,
            admin,
            ready: AtomicBool::new(false),
        });
        let behind = Arc::new(behind.collect::<Vec<_>>());
        let mut tasks: Vec<AbortHandle> = (0..behind.len())
            .map(|n| tokio::spawn(ask_again_and_again(behind.clone(), n)).abort_handle())
            .collect();
        tasks.push(tokio::spawn(accept(listener, behind.clone())).abort_handle());
        Self { address, behind, tasks }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Which gateways it takes for ready.
    pub fn ready(&self) -> Vec<bool> {
        self.behind.iter().map(|one| one.ready.load(Ordering::Relaxed)).collect()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

async fn ask_again_and_again(behind: Arc<Vec<Behind>>, n: usize) {
    loop {
        let ready = timeout(ANSWERS_WITHIN, is_ready(behind[n].admin)).await == Ok(true);
        behind[n].ready.store(ready, Ordering::Relaxed);
        tokio::time::sleep(ASK_EVERY).await;
    }
}

async fn is_ready(admin: SocketAddr) -> bool {
    let Ok(mut connection) = RawConnection::plain(admin).await else { return false };
    let request =
        format!("GET /health/ready HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
    connection.exchange("GET", request).await.is_ok_and(|answer| answer.status == 200)
}

async fn accept(listener: TcpListener, behind: Arc<Vec<Behind>>) {
    let turn = AtomicUsize::new(0);
    // Ended with this task, as all of them are then.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let ready: Vec<&Behind> =
                    behind.iter().filter(|one| one.ready.load(Ordering::Relaxed)).collect();
                let turn = turn.fetch_add(1, Ordering::Relaxed);
                // With nobody ready the connection is dropped.
                if let (Ok((client, _)), Some(chosen)) = (accepted, ready.get(turn % ready.len().max(1))) {
                    connections.spawn(carry(client, chosen.https));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut client: TcpStream, https: SocketAddr) {
    let Ok(mut gateway) = TcpStream::connect(https).await else { return };
    let _ = (client.set_nodelay(true), gateway.set_nodelay(true));
    let _ = tokio::io::copy_bidirectional(&mut client, &mut gateway).await;
}

/// Half of the readiness delay that tests give gateways, and less.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// A busy machine is no reason to take a gateway for gone.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
