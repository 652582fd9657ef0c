//! Request bodies that are still coming, counted by client.
//!
//! A body costs its sender nothing while it does not come. So it is waited for outside the places in
//! which requests are served, for a short time, and by a few requests of one client at once: many slow
//! senders use up their own room and nobody else's.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use bitrix_id_auth_core::throttle::client_network;
use bytes::Bytes;

use super::failure::Failure;
use super::fields::BODY_LIMIT_BYTES;

/// Who is sending at the moment.
#[derive(Debug, Default)]
pub(crate) struct Readers(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Readers {
    /// Reads a body of at most [`BODY_LIMIT_BYTES`].
    ///
    /// # Errors
    /// [`Failure::Busy`]: this client sends too many bodies at once. [`Failure::TooSlow`] and
    /// [`Failure::TooLarge`].
    pub(crate) async fn read(&self, client_ip: IpAddr, body: Body) -> Result<Bytes, Failure> {
        if HttpBody::is_end_stream(&body) {
            return Ok(Bytes::new());
        }
        let _reading = self.enter(client_network(client_ip)).ok_or(Failure::Busy)?;
        match tokio::time::timeout(BODY_DEADLINE, to_bytes(body, BODY_LIMIT_BYTES)).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(_too_long_or_broken)) => Err(Failure::TooLarge),
            Err(_elapsed) => Err(Failure::TooSlow),
        }
    }

    fn enter(&self, network: IpAddr) -> Option<Reading> {
        let mut sending = lock(&self.0);
        let count = sending.entry(network).or_insert(0);
        if *count >= BODIES_PER_NETWORK {
            return None;
        }
        *count += 1;
        Some(Reading { readers: self.0.clone(), network })
    }
}

/// Counts for as long as it lives.
struct Reading {
    readers: Arc<Mutex<HashMap<IpAddr, usize>>>,
    network: IpAddr,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut sending = lock(&self.readers);
        if let Some(count) = sending.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                sending.remove(&self.network);
            }
        }
    }
}

fn lock(readers: &Mutex<HashMap<IpAddr, usize>>) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    // Counts are changed in one step; a panic elsewhere leaves them whole.
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A form is a few hundred bytes; an office behind one address fits as well.
const BODIES_PER_NETWORK: usize = 64;
const BODY_DEADLINE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn never_sent() -> Body {
        Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())
    }

    #[tokio::test(start_paused = true)]
    async fn slow_senders_use_up_their_own_room_only() {
        let readers = Arc::new(Readers::default());
        let slow: IpAddr = "192.0.2.1".parse().unwrap();
        let waiting: Vec<_> = (0..BODIES_PER_NETWORK)
            .map(|_| {
                let readers = readers.clone();
                tokio::spawn(async move { readers.read(slow, never_sent()).await })
            })
            .collect();
        while lock(&readers.0).get(&slow) != Some(&BODIES_PER_NETWORK) {
            tokio::task::yield_now().await;
        }

        let refused = readers.read(slow, Body::from("a=b")).await;
        assert!(matches!(refused, Err(Failure::Busy)));
        let other = readers.read("192.0.2.2".parse().unwrap(), Body::from("a=b")).await;
        assert_eq!(other.unwrap(), "a=b");

        for ended in waiting {
            assert!(matches!(ended.await.unwrap(), Err(Failure::TooSlow)));
        }
        assert_eq!(readers.read(slow, Body::from("a=b")).await.unwrap(), "a=b");
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let readers = Readers::default();
        let large = Body::from(vec![b'a'; BODY_LIMIT_BYTES + 1]);
        let refused = readers.read("192.0.2.1".parse().unwrap(), large).await;
        assert!(matches!(refused, Err(Failure::TooLarge)));
    }
}
