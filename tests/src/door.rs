//! A gateway as clients find it: an address, and what vouches for it. Cheap to clone, so tasks can keep one.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::client::browser::Browser;
use crate::client::raw::RawConnection;
use crate::client::response::Response;
use crate::pki::Authority;

/// Where a gateway is.
#[derive(Clone)]
pub struct Door {
    https: SocketAddr,
    admin: SocketAddr,
    authority: Authority,
}

impl Door {
    /// A gateway with these listeners and a certificate of this authority.
    pub fn new(https: SocketAddr, admin: SocketAddr, authority: &Authority) -> Self {
        Self { https, admin, authority: authority.clone() }
    }

    /// Its listener.
    pub fn https(&self) -> SocketAddr {
        self.https
    }

    /// The URL of a path on a host.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.https.port())
    }

    /// A new browser that finds every host here and shares its network with no other: what is counted by
    /// network is not what a crowd of them is about.
    pub fn browser(&self) -> Browser {
        Browser::at(another_network(), self.ip(), Arc::default(), &self.authority)
    }

    /// A GET that is no navigation, with this line of cookies or another field.
    ///
    /// # Errors
    /// No connection, or no answer.
    pub async fn get(&self, host: &str, path: &str, field: &str) -> io::Result<Response> {
        let tls = self.authority.client(&[b"http/1.1"]);
        let mut connection = RawConnection::tls(self.https, host, tls).await?;
        let port = self.https.port();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{field}\r\n\r\n");
        connection.exchange("GET", request).await
    }

    /// What its admin listener answers.
    ///
    /// # Errors
    /// No connection, or no answer.
    pub async fn admin(&self, path: &str) -> io::Result<Response> {
        let mut connection = RawConnection::plain(self.admin).await?;
        let host = self.admin;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        connection.exchange("GET", request).await
    }

    fn ip(&self) -> Ipv4Addr {
        match self.https.ip() {
            IpAddr::V4(address) => address,
            IpAddr::V6(address) => panic!("{address}: the tests listen on IPv4"),
        }
    }
}

/// One of the addresses of this machine, never twice.
fn another_network() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let [_, high, middle, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    Ipv4Addr::new(127, 64 + high, middle, low)
}
