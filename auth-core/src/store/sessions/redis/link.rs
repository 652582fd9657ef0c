//! One way to Redis for everybody: it is made when it is needed, left when it fails, and made again.
//!
//! The client's own `ConnectionManager` stays with a connection whose server does not answer until the
//! system gives it up, knows nothing of sentinels, and reads an answer of any size; so this is done here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisError, Value};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use super::failure::{self, Failure};
use super::source::{Connection, Source, Task};

/// The way to Redis.
pub(super) struct Link {
    pub(super) source: Arc<Source>,
    /// Connections live on the runtime that opened the store, whoever asks for them.
    pub(super) runtime: Handle,
    state: Mutex<State>,
    /// Connections up to this number have failed.
    left: AtomicU64,
    calls: Semaphore,
    made_at: Instant,
    /// When anything was last answered, in milliseconds after `made_at`.
    answered_ms: AtomicU64,
}

#[derive(Default)]
struct State {
    current: Option<Connection>,
    /// Counts connections, from 1.
    number: u64,
    /// Attempts to connect that failed, in a row.
    failures: u32,
    /// Nobody tries before, and why.
    quiet: Option<(Instant, Failure)>,
}

impl Link {
    /// Connects when the first command comes. Belongs to a runtime.
    pub(super) fn new(source: Source) -> Self {
        Self {
            source: Arc::new(source),
            runtime: Handle::current(),
            state: Mutex::default(),
            left: AtomicU64::new(0),
            calls: Semaphore::new(MOST_CALLS),
            made_at: Instant::now(),
            answered_ms: AtomicU64::new(0),
        }
    }

    /// The answer to `command`.
    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> crate::store::Result<T> {
        failure::read(self.ask(command).await?)
    }

    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, Failure> {
        // Never closed. Whoever waits here in vain is stopped by the deadline of the call.
        let _permit = self.calls.acquire().await;
        let (number, mut connection) = self.connection().await?;
        match connection.ask(command).await.and_then(Value::extract_error) {
            Ok(answer) => {
                self.note_answer();
                Ok(answer)
            }
            Err(error) => {
                self.note_failure(number, &error);
                Err(Failure::from(&error))
            }
        }
    }

    async fn connection(&self) -> Result<(u64, Connection), Failure> {
        // Who comes while somebody connects waits for that outcome.
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.current
            && state.number > self.left.load(Ordering::Relaxed)
        {
            return Ok((state.number, connection.clone()));
        }
        if let Some((until, reason)) = &state.quiet
            && Instant::now() < *until
        {
            return Err(reason.clone());
        }
        match self.connect().await {
            Ok(connection) => {
                state.number += 1;
                state.current = Some(connection.clone());
                self.note_answer();
                (state.failures, state.quiet) = (0, None);
                Ok((state.number, connection))
            }
            Err(reason) => {
                let pause = FIRST_PAUSE * 2_u32.pow(state.failures.min(5));
                state.failures = state.failures.saturating_add(1);
                state.quiet = Some((Instant::now() + pause.min(LONGEST_PAUSE), reason.clone()));
                Err(reason)
            }
        }
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let source = Arc::clone(&self.source);
        let connecting = self.runtime.spawn(async move { source.connect().await });
        // Also when whoever waits for it is gone.
        let _task = Task(connecting.abort_handle());
        match timeout(CONNECT_DEADLINE, connecting).await {
            Ok(Ok(Ok(connection))) => Ok(connection),
            Ok(Ok(Err(error))) => Err(Failure::from(&error)),
            // A panic inside, or the runtime is going.
            Ok(Err(_)) => {
                Err(Failure::Refused("the connection to Redis could not be made".to_owned()))
            }
            Err(_) => Err(Failure::Away("Redis does not answer in time".to_owned())),
        }
    }

    fn note_answer(&self) {
        self.answered_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.made_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note_failure(&self, number: u64, error: &RedisError) {
        if !failure::asks_for_another_connection(error) {
            return;
        }
        // A cluster has several nodes, and its client looks for those that are missing: it is left when
        // none of them has answered for a while.
        let silent_ms = self.age_ms().saturating_sub(self.answered_ms.load(Ordering::Relaxed));
        if Duration::from_millis(silent_ms) < self.source.patience() {
            return;
        }
        self.left.fetch_max(number, Ordering::Relaxed);
    }
}

/// Commands under way. More wait: a server that hangs is not given more to hang on.
const MOST_CALLS: usize = 256;

/// Looking for the primary, connecting, TLS and signing in.
const CONNECT_DEADLINE: Duration = Duration::from_millis(1500);

/// After an attempt to connect that failed; doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
