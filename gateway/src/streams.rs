//! Requests in flight by session, so that ending a session also ends what is open under it.
//!
//! Every authenticated request holds a [`Cutter`] for its lifetime, registered under its session. When
//! the session ends, the cutter makes the request's future finish at once: pingora drops the
//! connection (HTTP/1.1: WebSocket, event stream, download) or resets the one stream (HTTP/2).

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use bitrix_id_auth_core::identity::{AccountId, Identity, SessionId};

/// Ends one request from another task.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    cut: AtomicBool,
    waker: AtomicWaker,
}

impl Cutter {
    /// Ends the request; doing it twice does no harm.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// Whether [`Self::cut`] was called.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }
}

tokio::task_local! {
    /// The cutter of the request that this task serves.
    static CURRENT: Arc<Cutter>;
}

/// The cutter of the request being served, if it runs under [`cuttable`].
pub(crate) fn current_cutter() -> Option<Arc<Cutter>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Runs `request` until it is done, or until the cutter that it finds by [`current_cutter`] is cut:
/// then it is dropped where it stands, and the answer is `None`.
pub(crate) async fn cuttable<F, T>(request: F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let cutter = Arc::new(Cutter::default());
    Cuttable { inner: Box::pin(CURRENT.scope(cutter.clone(), request)), cutter }.await
}

struct Cuttable<F> {
    inner: F,
    cutter: Arc<Cutter>,
}

impl<F, T> Future for Cuttable<F>
where
    F: Future<Output = Option<T>> + Unpin,
{
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let poll = Pin::new(&mut self.inner).poll(cx);
        if poll.is_ready() {
            return poll;
        }
        // Register before looking: a cut in between is seen by one of the two.
        self.cutter.waker.register(cx.waker());
        if self.cutter.is_cut() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// All registered requests of this process.
#[derive(Debug)]
pub(crate) struct Streams {
    shards: Vec<Mutex<HashMap<SessionId, Vec<Open>>>>,
}

#[derive(Debug)]
struct Open {
    account: AccountId,
    generation: u32,
    cutter: Arc<Cutter>,
}

/// Registered for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    streams: Arc<Streams>,
    session: SessionId,
    cutter: Arc<Cutter>,
}

impl Registration {
    /// Whether the session's end reached this request.
    pub(crate) fn is_cut(&self) -> bool {
        self.cutter.is_cut()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut shard = self.streams.shard(self.session);
        if let Some(open) = shard.get_mut(&self.session) {
            open.retain(|entry| !Arc::ptr_eq(&entry.cutter, &self.cutter));
            if open.is_empty() {
                shard.remove(&self.session);
            }
        }
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Streams {
    /// Registers a request under its session. The caller then asks the revocations once more: an end
    /// that came between authentication and this call would otherwise be missed.
    pub(crate) fn register(
        self: &Arc<Self>,
        identity: &Identity,
        cutter: Arc<Cutter>,
    ) -> Registration {
        self.shard(identity.session).entry(identity.session).or_default().push(Open {
            account: identity.subject,
            generation: identity.generation,
            cutter: cutter.clone(),
        });
        Registration { streams: self.clone(), session: identity.session, cutter }
    }

    /// Requests registered now.
    pub(crate) fn len(&self) -> usize {
        let lock = |shard: &Mutex<HashMap<SessionId, Vec<Open>>>| {
            shard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .values()
                .map(Vec::len)
                .sum::<usize>()
        };
        self.shards.iter().map(lock).sum()
    }

    /// Cuts everything open under a session.
    pub(crate) fn close_session(&self, session: SessionId) {
        if let Some(open) = self.shard(session).get(&session) {
            open.iter().for_each(|entry| entry.cutter.cut());
        }
    }

    /// Cuts everything open under an account's tokens older than `minimum_generation`. Looks at all
    /// requests in flight, which is what an operator's act on one account may cost.
    pub(crate) fn close_account(&self, account: AccountId, minimum_generation: u32) {
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in shard.values().flatten() {
                if entry.account == account && entry.generation < minimum_generation {
                    entry.cutter.cut();
                }
            }
        }
    }

    fn shard(&self, session: SessionId) -> MutexGuard<'_, HashMap<SessionId, Vec<Open>>> {
        // The last bytes of a UUIDv7 are random.
        let index = usize::from(session.0.as_bytes()[15]) % SHARDS;
        // A map of flags has no invariant that a panic could break.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SHARDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(session: SessionId, generation: u32) -> Identity {
        Identity {
            subject: AccountId(uuid::Uuid::from_u128(7)),
            session,
            email: String::new(),
            name: String::new(),
            title: None,
            portal: String::new(),
            portal_user: None,
            roles: Vec::new(),
            member: true,
            generation,
            issued_at: 0,
            expires_at: 0,
            auth_time: 0,
            amr: Vec::new(),
        }
    }

    #[tokio::test]
    async fn ending_a_session_ends_its_open_requests_and_no_other() {
        let streams = Arc::new(Streams::default());
        let ended = SessionId(uuid::Uuid::from_u128(1));
        let other = SessionId(uuid::Uuid::from_u128(2));
        let (ready, wait) = tokio::sync::oneshot::channel();
        let task = tokio::spawn({
            let streams = streams.clone();
            cuttable(async move {
                let cutter = current_cutter().expect("runs under cuttable");
                let _registration = streams.register(&identity(ended, 1), cutter);
                ready.send(()).expect("the test waits");
                std::future::pending::<Option<()>>().await
            })
        });
        let survivor = Arc::new(Cutter::default());
        let _kept = streams.register(&identity(other, 1), survivor.clone());
        wait.await.expect("registered");

        streams.close_session(ended);

        assert_eq!(task.await.expect("no panic"), None);
        assert!(!survivor.is_cut());
    }

    #[test]
    fn an_account_revocation_spares_newer_generations() {
        let streams = Arc::new(Streams::default());
        let session = SessionId(uuid::Uuid::from_u128(3));
        let (old, new) = (Arc::new(Cutter::default()), Arc::new(Cutter::default()));
        let _old = streams.register(&identity(session, 1), old.clone());
        let _new = streams.register(&identity(session, 2), new.clone());

        streams.close_account(AccountId(uuid::Uuid::from_u128(7)), 2);

        assert!(old.is_cut());
        assert!(!new.is_cut());
    }
}
