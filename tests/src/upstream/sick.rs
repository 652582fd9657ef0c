//! An upstream that falls ill when it is told to.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::client::raw::find;
use crate::ports::PortLease;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers 200.
    Well,
    /// Nothing listens.
    Refusing,
    /// It takes requests and says nothing.
    Hanging,
    /// It takes requests and resets the connection.
    Resetting,
    /// It answers with bytes that are no HTTP.
    Babbling,
}

/// A running upstream. Ends with its handle.
#[derive(Debug)]
pub struct SickUpstream {
    address: SocketAddr,
    health: watch::Sender<Health>,
    heard: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
    _port: PortLease,
}

impl SickUpstream {
    /// Starts one that is well.
    pub async fn start() -> Self {
        let port = PortLease::take();
        let address = port.address();
        let (health, seen) = watch::channel(Health::Well);
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let listener = TcpListener::bind(address).await.expect("an upstream's port");
        let task = tokio::spawn(live(listener, seen, heard.clone())).abort_handle();
        Self { address, health, heard, task, _port: port }
    }

    /// As a configuration names it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, for open connections too.
    pub fn set(&self, health: Health) {
        self.health.send_replace(health);
    }

    /// The first lines of requests that it got and that hold a word.
    pub fn heard_of(&self, word: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|line| line.contains(word)).cloned().collect()
    }
}

impl Drop for SickUpstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn live(
    listener: TcpListener,
    mut health: watch::Receiver<Health>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let address = listener.local_addr().expect("bound");
    let mut listener = Some(listener);
    // Ended with this task, as all of them are then.
    let mut connections = JoinSet::new();
    loop {
        let refusing = *health.borrow_and_update() == Health::Refusing;
        if refusing {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind((Ipv4Addr::LOCALHOST, address.port())).await.ok();
        }
        let Some(open) = &listener else {
            let _ = health.wait_for(|now| *now != Health::Refusing).await;
            continue;
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, health.clone(), heard.clone()));
                }
            }
            _ = health.changed() => {}
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(
    mut stream: TcpStream,
    mut health: watch::Receiver<Health>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let mut read = Vec::new();
    loop {
        while find(&read, b"\r\n\r\n").is_none() {
            let mut piece = [0; 4096];
            tokio::select! {
                got = stream.read(&mut piece) => match got {
                    Ok(length @ 1..) => read.extend_from_slice(&piece[..length]),
                    _ => return,
                },
                // Nobody who does not listen keeps connections open.
                _ = health.wait_for(|now| *now == Health::Refusing) => return,
            }
        }
        let line = String::from_utf8_lossy(&read).lines().next().unwrap_or_default().to_owned();
        heard.lock().unwrap().push(line);
        read.clear();
        let now = *health.borrow_and_update();
        match now {
            Health::Well => {
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell";
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Health::Babbling => {
                let _ = stream.write_all(b"\x16\x03\x01 SSH-2.0 \xff\xfe no http\r\n\r\n").await;
                return;
            }
            Health::Resetting => {
                let _ = stream.set_zero_linger();
                return;
            }
            Health::Hanging => {
                // Until the other side has had enough.
                while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
                return;
            }
            Health::Refusing => return,
        }
    }
}
