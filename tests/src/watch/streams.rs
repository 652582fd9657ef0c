//! WebSockets of somebody who is signed in: nothing that does not end their session may end them.

use std::sync::Mutex;
use std::time::Duration;

use super::{Shared, keep};
use crate::client::websocket::WebSocket;

/// A WebSocket at one gateway.
#[derive(Default)]
pub(super) struct Streams {
    tally: Mutex<Tally>,
}

/// What came of it.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    /// Messages that came back.
    pub(super) echoes: u64,
    /// How it broke off, if it did.
    pub(super) broke: Vec<String>,
}

impl Streams {
    pub(super) fn tally(&self) -> Tally {
        self.tally.lock().unwrap().clone()
    }

    /// Sends message after message until it is enough.
    pub(super) async fn talk(&self, shared: &Shared, mut socket: WebSocket) {
        while !shared.enough() {
            let answer = socket.echo("still there?").await;
            let mut broken = None;
            match answer {
                Ok(_) => self.tally.lock().unwrap().echoes += 1,
                Err(error) => broken = Some(error.to_string()),
            }
            if let Some(error) = broken {
                return keep(&mut self.tally.lock().unwrap().broke, shared, &error);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

const PAUSE: Duration = Duration::from_millis(100);
