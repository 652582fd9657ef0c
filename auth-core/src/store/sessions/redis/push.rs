//! Hearing that the log has grown, on a connection of its own.
//!
//! A message says nothing: it makes the reader read. Messages that come while nobody is subscribed are gone,
//! so every new subscription counts as one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use redis::RedisResult;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::keys::Keys;
use super::link::Link;
use super::source::{Source, Task};

/// Listens from the first time somebody asks, and until it is dropped.
#[derive(Default)]
pub(super) struct Listener {
    /// Kept until the next who asks; several become one.
    news: Arc<Notify>,
    listening: OnceLock<Task>,
}

impl Listener {
    /// Returns once there may be something to read.
    pub(super) async fn heard(&self, link: &Link, keys: &Keys) {
        self.listening.get_or_init(|| {
            let (source, news) = (Arc::clone(&link.source), Arc::clone(&self.news));
            let channel = keys.channel();
            Task(link.runtime.spawn(listen(source, channel, news)).abort_handle())
        });
        self.news.notified().await;
    }
}

async fn listen(source: Arc<Source>, channel: String, news: Arc<Notify>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let ended = subscribe(&source, &channel, &news).await;
        // The log itself is read anyway, and its reader says when that does not work.
        tracing::debug!(subscribed = ended.is_ok(), "no messages about revocations");
        pause = if ended.is_ok() { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        sleep(pause).await;
    }
}

/// Ok: it was subscribed for a while.
async fn subscribe(source: &Source, channel: &str, news: &Notify) -> RedisResult<()> {
    let late = || redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let connected = timeout(STEP_DEADLINE, source.listen()).await.map_err(|_| late())?;
    let (subscription, taken) = connected?;
    let (mut sink, mut messages) = subscription.split();
    timeout(STEP_DEADLINE, sink.subscribe(channel)).await.map_err(|_| late())??;
    news.notify_one();
    loop {
        taken.answered();
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(_)) => news.notify_one(),
            Ok(None) => return Ok(()),
            // Nothing was revoked for a while, or the server has gone without a word.
            Err(_) => match timeout(STEP_DEADLINE, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) | Err(_) => return Ok(()),
            },
        }
    }
}

const STEP_DEADLINE: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
