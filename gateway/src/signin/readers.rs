//! Request bodies that are still coming, counted by client.
//!
//! A body costs its sender nothing while it does not come. So it is waited for outside the places in
//! which requests are served, for a short time, and by a few requests of one client at once: many slow
//! senders use up their own room and nobody else's.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::throttle::client_network;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure::Failure;
use super::fields::BODY_LIMIT_BYTES;
use super::photo::UPLOAD_LIMIT_BYTES;

/// Who is sending at the moment.
#[derive(Debug)]
pub(crate) struct Readers {
    by_network: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// Whose large body is being read: one of each at a time.
    large_of: Arc<Mutex<HashSet<Sender>>>,
    /// Large bodies that are read or held.
    large: Arc<Semaphore>,
}

/// Who sends a large body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sender {
    Network(IpAddr),
    Account(AccountId),
}

impl Default for Readers {
    fn default() -> Self {
        let large = Arc::new(Semaphore::new(LARGE_BODIES));
        Self { by_network: Arc::default(), large_of: Arc::default(), large }
    }
}

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

    /// Reads a body of at most [`UPLOAD_LIMIT_BYTES`]. Hold the second part for as long as the first: it
    /// bounds what all of them take together.
    ///
    /// # Errors
    /// As [`Readers::read`]; [`Failure::Busy`] also when too many large bodies are around, or another one of
    /// this client or account is still coming.
    pub(crate) async fn read_large(
        &self,
        client_ip: IpAddr,
        account: AccountId,
        body: Body,
    ) -> Result<(Bytes, OwnedSemaphorePermit), Failure> {
        let network = client_network(client_ip);
        let _reading = self.enter(network).ok_or(Failure::Busy)?;
        let _of_network = self.enter_large(Sender::Network(network)).ok_or(Failure::Busy)?;
        let _of_account = self.enter_large(Sender::Account(account)).ok_or(Failure::Busy)?;
        let room = self.large.clone().try_acquire_owned().map_err(|_| Failure::Busy)?;
        match tokio::time::timeout(LARGE_BODY_DEADLINE, steadily(body)).await {
            Ok(read) => Ok((read?, room)),
            Err(_elapsed) => Err(Failure::TooSlow),
        }
    }

    fn enter_large(&self, sender: Sender) -> Option<ReadingLarge> {
        let first = lock(&self.large_of).insert(sender);
        first.then(|| ReadingLarge { readers: self.large_of.clone(), sender })
    }

    fn enter(&self, network: IpAddr) -> Option<Reading> {
        let mut sending = lock(&self.by_network);
        let count = sending.entry(network).or_insert(0);
        if *count >= BODIES_PER_NETWORK {
            return None;
        }
        *count += 1;
        Some(Reading { readers: self.by_network.clone(), network })
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

/// The sender's one large body, for as long as it lives.
struct ReadingLarge {
    readers: Arc<Mutex<HashSet<Sender>>>,
    sender: Sender,
}

impl Drop for ReadingLarge {
    fn drop(&mut self) {
        lock(&self.readers).remove(&self.sender);
    }
}

/// Reads a large body that keeps coming: who sends a few bytes now and then holds room for moments only.
async fn steadily(body: Body) -> Result<Bytes, Failure> {
    let mut chunks = body.into_data_stream();
    let mut read = BytesMut::new();
    loop {
        let goal = read.len() + LEAST_IN_A_WHILE;
        let more = async {
            while read.len() < goal {
                match chunks.next().await {
                    Some(Ok(chunk)) if read.len() + chunk.len() <= UPLOAD_LIMIT_BYTES => {
                        read.extend_from_slice(&chunk);
                    }
                    Some(Ok(_) | Err(_)) => return Err(Failure::TooLarge),
                    None => return Ok(false),
                }
            }
            Ok(true)
        };
        if !tokio::time::timeout(A_WHILE, more).await.map_err(|_| Failure::TooSlow)?? {
            return Ok(read.freeze());
        }
    }
}

fn lock<T>(readers: &Mutex<T>) -> MutexGuard<'_, T> {
    // Counts are changed in one step; a panic elsewhere leaves them whole.
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A form is a few hundred bytes; an office behind one address fits as well.
const BODIES_PER_NETWORK: usize = 64;
const BODY_DEADLINE: Duration = Duration::from_secs(5);
/// Some 20 MiB together.
const LARGE_BODIES: usize = 4;
/// Five megabytes over a phone's line.
const LARGE_BODY_DEADLINE: Duration = Duration::from_secs(30);
/// A quarter of what that takes: less than a phone's line gives.
const LEAST_IN_A_WHILE: usize = 128 * 1024;
const A_WHILE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(number))
    }

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
        while lock(&readers.by_network).get(&slow) != Some(&BODIES_PER_NETWORK) {
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
    async fn large_bodies_are_few_at_once_until_they_are_let_go() {
        let readers = Readers::default();
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let large = || Body::from(vec![b'a'; UPLOAD_LIMIT_BYTES]);
        let anna = account(1);
        let mut held = Vec::new();
        for _ in 0..LARGE_BODIES {
            held.push(readers.read_large(ip, anna, large()).await.unwrap());
        }
        assert!(matches!(readers.read_large(ip, anna, large()).await, Err(Failure::Busy)));
        assert_eq!(readers.read(ip, Body::from("a=b")).await.unwrap(), "a=b", "others go on");
        held.pop();
        assert!(readers.read_large(ip, anna, large()).await.is_ok());
        let more = Body::from(vec![b'a'; UPLOAD_LIMIT_BYTES + 1]);
        assert!(matches!(readers.read_large(ip, anna, more).await, Err(Failure::TooLarge)));
    }

    #[tokio::test(start_paused = true)]
    async fn large_bodies_that_do_not_come_close_nobody_elses_way() {
        let readers = Arc::new(Readers::default());
        let slow: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let begun = {
            let readers = readers.clone();
            tokio::spawn(async move { readers.read_large(slow, account(1), never_sent()).await })
        };
        while lock(&readers.large_of).len() < 2 {
            tokio::task::yield_now().await;
        }
        for n in 2..9 {
            let again = readers.read_large(slow, account(n), never_sent()).await;
            assert!(matches!(again, Err(Failure::Busy)), "one of a network");
        }
        let again = readers.read_large(other, account(1), never_sent()).await;
        assert!(matches!(again, Err(Failure::Busy)), "one of an account");
        assert!(readers.read_large(other, account(2), Body::from("a")).await.is_ok());
        assert!(matches!(begun.await.unwrap(), Err(Failure::TooSlow)));
        let again = readers.read_large(slow, account(1), Body::from("a")).await;
        assert!(again.is_ok(), "there is room again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_that_trickles_is_given_up_within_seconds() {
        let readers = Readers::default();
        let chunks = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"a")), ()))
        });
        let begun = tokio::time::Instant::now();
        let ip = "192.0.2.1".parse().unwrap();
        let read = readers.read_large(ip, account(1), Body::from_stream(chunks)).await;
        assert!(matches!(read, Err(Failure::TooSlow)));
        assert!(begun.elapsed() < LARGE_BODY_DEADLINE / 5, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let readers = Readers::default();
        let large = Body::from(vec![b'a'; BODY_LIMIT_BYTES + 1]);
        let refused = readers.read("192.0.2.1".parse().unwrap(), large).await;
        assert!(matches!(refused, Err(Failure::TooLarge)));
    }
}
