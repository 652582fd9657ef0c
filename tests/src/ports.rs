//! Ports for processes that cannot be told to take port 0.
//!
//! Test processes run side by side, so a port that was free a moment ago may be somebody else's. Ports
//! here lie below the kernel's ephemeral range (no outgoing connection takes one by chance), and a
//! locked file per port keeps other test processes away for as long as the lease lives.

use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A port of 127.0.0.1 that nobody else in the test run takes.
#[derive(Debug)]
pub struct PortLease {
    port: u16,
    _lock: File,
}

impl PortLease {
    /// Finds a port on which nothing listens.
    pub fn take() -> Self {
        let folder = std::env::temp_dir().join("bitrix-id-test-ports");
        std::fs::create_dir_all(&folder).expect("a folder for port locks");
        for _ in 0..SPAN {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let start = (std::process::id().wrapping_mul(37) % u32::from(SPAN)) as u16;
            let port = FIRST + (start.wrapping_add(step)) % SPAN;
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(folder.join(port.to_string()))
                .expect("a lock file");
            if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Self { port, _lock: lock };
            }
        }
        panic!("no free port between {FIRST} and {}", FIRST + SPAN);
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// 127.0.0.1 with the port.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

static NEXT: AtomicU16 = AtomicU16::new(0);
const FIRST: u16 = 14_000;
const SPAN: u16 = 16_000;
