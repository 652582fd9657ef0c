//! Waiting for something without guessing how long it takes.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks `probe` every 20 ms until it gives a value, and panics after `limit` naming `what`.
pub async fn eventually<T, F, R>(limit: Duration, what: &str, mut probe: F) -> T
where
    F: FnMut() -> R,
    R: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same for a condition.
pub async fn until<F, R>(limit: Duration, what: &str, mut probe: F)
where
    F: FnMut() -> R,
    R: Future<Output = bool>,
{
    eventually(limit, what, || {
        let asked = probe();
        async move { asked.await.then_some(()) }
    })
    .await;
}

/// Runs `work` and panics when it takes longer than `limit`.
pub async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(limit, work).await {
        Ok(value) => value,
        Err(_) => panic!("not within {limit:?}: {what}"),
    }
}

/// Long enough for any single step on a busy two-core machine.
pub const STEP: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(20);
