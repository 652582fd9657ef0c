//! Requests in flight by session, so that ending a session also ends what is open under it.
//!
//! Every authenticated request runs under a [`Cutter`] and is registered with its session. When the session
//! ends, what would go on by itself (WebSocket, event stream) is cut at once; any other request may finish
//! what it has begun for [`GRACE`], so that a form sent a moment before is answered. A cut request's future
//! finishes where it stands: pingora drops the connection (HTTP/1.1) or resets the one stream (HTTP/2).

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use bitrix_id_auth_core::identity::{AccountId, Identity, SessionId};
use slab::Slab;

use crate::shards;

/// Ends one request from another task. On HTTP/1.1 one serves all requests of a connection, which ends
/// with the request that is cut.
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
    /// The cutter of the HTTP/2 stream that this task serves.
    static OF_STREAM: Arc<Cutter>;
}

/// The cutter of the HTTP/2 stream being served, if it runs under [`cuttable_stream`].
pub(crate) fn cutter_of_stream() -> Option<Arc<Cutter>> {
    OF_STREAM.try_with(Arc::clone).ok()
}

/// Runs a request until it is done, or until its connection's `cutter` is cut: then it is dropped where it
/// stands, and the answer is `None`.
pub(crate) async fn cuttable<F, T>(cutter: Arc<Cutter>, request: F) -> Option<T>
where
    F: Future<Output = Option<T>> + Unpin,
{
    Cuttable { inner: request, cutter }.await
}

/// The same for a stream among others, with a cutter of its own; what runs finds it by [`cutter_of_stream`].
pub(crate) async fn cuttable_stream<F, T>(request: F) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    let cutter = Arc::new(Cutter::default());
    let inner = Box::pin(OF_STREAM.scope(cutter.clone(), request));
    Cuttable { inner, cutter }.await
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
            // Cut as it ended: the connection must not serve another request.
            return if self.cutter.is_cut() { Poll::Ready(None) } else { poll };
        }
        // Register before looking: a cut in between is seen by one of the two.
        self.cutter.waker.register(cx.waker());
        if self.cutter.is_cut() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// All registered requests of this process. Each thread registers in a shard of its own, so that workers do
/// not wait for each other; an end, which is rare, looks at every request in flight.
#[derive(Debug)]
pub(crate) struct Streams {
    shards: Vec<Mutex<Slab<Open>>>,
}

#[derive(Debug)]
struct Open {
    session: SessionId,
    account: AccountId,
    generation: u32,
    length: Length,
    /// Its session has ended, and it is in its grace.
    ending: bool,
    cutter: Arc<Cutter>,
}

/// How a request ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// With its answer.
    Answer,
    /// Not at all: a WebSocket, an event stream.
    Endless,
}

/// Registered for as long as it lives.
#[derive(Debug)]
pub(crate) struct Registration {
    streams: Arc<Streams>,
    shard: usize,
    key: usize,
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
        self.streams.shard(self.shard).try_remove(self.key);
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
        length: Length,
    ) -> Registration {
        let shard = shards::of_this_thread(SHARDS);
        let key = self.shard(shard).insert(Open {
            session: identity.session,
            account: identity.subject,
            generation: identity.generation,
            length,
            ending: false,
            cutter: cutter.clone(),
        });
        Registration { streams: self.clone(), shard, key, cutter }
    }

    /// Requests registered now.
    pub(crate) fn len(&self) -> usize {
        (0..SHARDS).map(|shard| self.shard(shard).len()).sum()
    }

    /// Ends everything open under a session.
    pub(crate) fn close_session(self: &Arc<Self>, session: SessionId) {
        self.close(|open| open.session == session);
    }

    /// Ends everything open under an account's tokens older than `minimum_generation`.
    pub(crate) fn close_account(self: &Arc<Self>, account: AccountId, minimum_generation: u32) {
        self.close(|open| open.account == account && open.generation < minimum_generation);
    }

    fn close(self: &Arc<Self>, covers: impl Fn(&Open) -> bool) {
        let mut in_grace = false;
        for shard in 0..SHARDS {
            for (_, open) in self.shard(shard).iter_mut().filter(|(_, open)| covers(open)) {
                match open.length {
                    Length::Endless => open.cutter.cut(),
                    Length::Answer => {
                        open.ending = true;
                        in_grace = true;
                    }
                }
            }
        }
        if in_grace {
            self.cut_after_grace();
        }
    }

    fn cut_after_grace(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return self.cut_ending();
        };
        let streams = self.clone();
        runtime.spawn(async move {
            tokio::time::sleep(GRACE).await;
            streams.cut_ending();
        });
    }

    // Asks the entries again: what has been answered since has left, and its place may be another's.
    fn cut_ending(&self) {
        for shard in 0..SHARDS {
            let shard = self.shard(shard);
            shard.iter().filter(|(_, open)| open.ending).for_each(|(_, open)| open.cutter.cut());
        }
    }

    fn shard(&self, index: usize) -> MutexGuard<'_, Slab<Open>> {
        // A table of flags has no invariant that a panic could break.
        self.shards[index % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SHARDS: usize = 64;
/// How long a request that would end by itself goes on after its session has ended. What an end promises is
/// a second.
const GRACE: Duration = Duration::from_millis(500);

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

    #[tokio::test(start_paused = true)]
    async fn ending_a_session_ends_its_open_requests_and_no_other() {
        let streams = Arc::new(Streams::default());
        let ended = SessionId(uuid::Uuid::from_u128(1));
        let other = SessionId(uuid::Uuid::from_u128(2));
        let (ready, wait) = tokio::sync::oneshot::channel();
        let task = tokio::spawn({
            let streams = streams.clone();
            cuttable_stream(async move {
                let cutter = cutter_of_stream().expect("runs under cuttable_stream");
                let _registration = streams.register(&identity(ended, 1), cutter, Length::Answer);
                ready.send(()).expect("the test waits");
                std::future::pending::<Option<()>>().await
            })
        });
        let survivor = Arc::new(Cutter::default());
        let _kept = streams.register(&identity(other, 1), survivor.clone(), Length::Endless);
        wait.await.expect("registered");

        streams.close_session(ended);

        assert_eq!(task.await.expect("no panic"), None);
        assert!(!survivor.is_cut());
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_by_itself_ends_at_once_and_what_is_being_answered_after_its_grace() {
        let streams = Arc::new(Streams::default());
        let session = SessionId(uuid::Uuid::from_u128(1));
        let (socket, form) = (Arc::new(Cutter::default()), Arc::new(Cutter::default()));
        let _socket = streams.register(&identity(session, 1), socket.clone(), Length::Endless);
        let _form = streams.register(&identity(session, 1), form.clone(), Length::Answer);

        streams.close_session(session);

        assert!(socket.is_cut() && !form.is_cut());
        tokio::time::sleep(GRACE * 2).await;
        assert!(form.is_cut());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_answered_in_its_grace_leaves_the_next_on_its_connection_alone() {
        let streams = Arc::new(Streams::default());
        let session = SessionId(uuid::Uuid::from_u128(1));
        let connection = Arc::new(Cutter::default());
        let answered = streams.register(&identity(session, 1), connection.clone(), Length::Answer);
        streams.close_session(session);
        drop(answered);
        let _next = streams.register(&identity(session, 2), connection.clone(), Length::Answer);
        tokio::time::sleep(GRACE * 2).await;
        assert!(!connection.is_cut());
    }

    #[test]
    fn an_account_revocation_spares_newer_generations() {
        let streams = Arc::new(Streams::default());
        let session = SessionId(uuid::Uuid::from_u128(3));
        let (old, new) = (Arc::new(Cutter::default()), Arc::new(Cutter::default()));
        let _old = streams.register(&identity(session, 1), old.clone(), Length::Answer);
        let _new = streams.register(&identity(session, 2), new.clone(), Length::Answer);

        streams.close_account(AccountId(uuid::Uuid::from_u128(7)), 2);

        assert!(old.is_cut());
        assert!(!new.is_cut());
    }
}
