//! A TCP proxy in front of a store that delays, holds or cuts what passes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// What happens to bytes on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Nothing.
    Free,
    /// Each piece is delivered so much later, in both directions.
    Slow(Duration),
    /// They stay here; connections stay open and new ones are accepted.
    Held,
    /// Connections end, and new ones end at once.
    Cut,
}

/// A running proxy. Ends with its handle.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    port: Arc<AtomicU16>,
    passage: watch::Sender<Passage>,
    acceptor: AbortHandle,
}

impl TcpProxy {
    /// Starts one that lets everything through to a port of 127.0.0.1.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (passage, seen) = watch::channel(Passage::Free);
        let port = Arc::new(AtomicU16::new(port));
        let acceptor = tokio::spawn(accept(listener, port.clone(), seen)).abort_handle();
        Self { address, port, passage, acceptor }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections to another port, as an address does that moves.
    pub fn lead_to(&self, port: u16) {
        self.port.store(port, Ordering::Relaxed);
    }

    /// From now on, for open connections too.
    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

async fn accept(listener: TcpListener, port: Arc<AtomicU16>, passage: watch::Receiver<Passage>) {
    // Ended with this task, as all of them are then.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(carry(client, port.load(Ordering::Relaxed), passage.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(client: TcpStream, port: u16, mut passage: watch::Receiver<Passage>) {
    if *passage.borrow_and_update() == Passage::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    // What is delayed here is what a test asked for, nothing else.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_client, to_server, passage.clone()) => {}
        () = copy(from_server, to_client, passage.clone()) => {}
        _ = passage.wait_for(|now| *now == Passage::Cut) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut passage: watch::Receiver<Passage>,
) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let now = *passage.borrow_and_update();
        if let Passage::Slow(delay) = now {
            tokio::time::sleep(delay).await;
        }
        if passage.wait_for(|now| *now != Passage::Held).await.is_err() {
            return;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
