//! The requests of an HTTP/1.1 connection, one after the other.
//!
//! Pingora's own loop makes the session of the next request, and a future large enough to serve it, and
//! waits in there for the request. Most connections wait most of the time, so here a connection waits by
//! itself and gets both with the first byte of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pingora::apps::{HttpPersistentSettings, HttpServerApp};
use pingora::protocols::http::ServerSession;
use pingora::server::ShutdownWatch;
use tokio::sync::Notify;

use crate::guarded_io::GuardedIo;
use crate::shards;

/// Serves requests until the connection ends, or `goodbye` ends its waiting.
pub(crate) async fn serve<A: HttpServerApp>(
    app: &Arc<A>,
    mut io: Box<GuardedIo>,
    goodbye: &Goodbye,
    shutdown: &ShutdownWatch,
) {
    let mut carried: Option<HttpPersistentSettings> = None;
    loop {
        io.expect_head();
        if !goodbye.unless_said(io.head_begins()).await {
            return;
        }
        let mut session = ServerSession::new_http1(io);
        match carried {
            Some(settings) => settings.apply_to_session(&mut session),
            None => begin(&mut session, shutdown),
        }
        let Some(reused) = app.process_new_http(session, shutdown).await else { return };
        let (stream, settings) = reused.consume();
        let Ok(same) = stream.into_any().downcast() else { return };
        (io, carried) = (same, settings);
    }
}

/// The first request of a connection.
fn begin(session: &mut ServerSession, shutdown: &ShutdownWatch) {
    // None: this request is the last one. How long the next may take to come is the stream's to say.
    session.set_keepalive((!*shutdown.borrow()).then_some(SESSION_KEEPALIVE));
}

/// Said once, when connections that wait for a request are to end.
#[derive(Debug)]
pub(crate) struct Goodbye {
    said: AtomicBool,
    /// One for the connections of each thread, so that workers do not wait for each other.
    waiting: Vec<Notify>,
}

impl Goodbye {
    pub(crate) fn new() -> Self {
        Self { said: AtomicBool::new(false), waiting: (0..SHARDS).map(|_| Notify::new()).collect() }
    }

    /// Ends all waiting, and all that begins later.
    pub(crate) fn say(&self) {
        self.said.store(true, Ordering::Release);
        self.waiting.iter().for_each(Notify::notify_waiters);
    }

    /// What `request` comes to; false if goodbye comes first.
    async fn unless_said(&self, request: impl Future<Output = bool>) -> bool {
        let said = async {
            // Enlisted before the look, so that nothing said in between is missed.
            let notified = self.waiting[shards::of_this_thread(SHARDS)].notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if !self.said.load(Ordering::Acquire) {
                notified.await;
            }
        };
        tokio::select! {
            // A request that is there already is served.
            biased;
            begins = request => begins,
            () = said => false,
        }
    }
}

/// Seconds; never waited for, since a session begins with the first bytes of its request.
const SESSION_KEEPALIVE: u64 = 60;
const SHARDS: usize = 16;

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn goodbye_ends_what_waits_and_what_begins_later() {
        let goodbye = Goodbye::new();
        let say = async {
            tokio::task::yield_now().await;
            goodbye.say();
        };
        let (begins, ()) = tokio::join!(goodbye.unless_said(pending()), say);
        assert!(!begins);
        assert!(!goodbye.unless_said(pending()).await);
    }

    #[tokio::test]
    async fn a_request_that_is_there_is_served_all_the_same() {
        let goodbye = Goodbye::new();
        assert!(goodbye.unless_said(ready(true)).await);
        goodbye.say();
        assert!(goodbye.unless_said(ready(true)).await);
    }
}
