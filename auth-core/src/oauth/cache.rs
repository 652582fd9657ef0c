//! A document of a provider, kept for a while: fetched by one of those who need it, and not again at once
//! after it failed.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::error::ProviderError;
use crate::identity::UnixSeconds;

/// A fetch that has not begun: it begins when it is waited for.
pub(super) trait Fetching<T>: Future<Output = Result<T, ProviderError>> + Send {}

impl<T, F: Future<Output = Result<T, ProviderError>> + Send> Fetching<T> for F {}

/// Keeps one document.
pub(super) struct Cached<T> {
    held: Mutex<Held<T>>,
}

struct Held<T> {
    document: Option<(Arc<T>, UnixSeconds)>,
    asked_at: Option<UnixSeconds>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { held: Mutex::new(Held { document: None, asked_at: None }) }
    }
}

impl<T> Cached<T> {
    /// The document, fetched if there is none or it is older than [`MOST_AGE`]. An old one that cannot be
    /// renewed stays good.
    ///
    /// # Errors
    /// What `fetch` says, or [`ProviderError::Unreachable`] soon after it said so.
    pub(super) async fn get(
        &self,
        now: UnixSeconds,
        fetch: impl Fetching<T>,
    ) -> Result<Arc<T>, ProviderError> {
        // Held while fetching, so one fetches and the others wait for that; a fetch has its deadline.
        let mut held = self.held.lock().await;
        if let Some((document, at)) = &held.document
            && (now - at < MOST_AGE || held.is_cooling(now))
        {
            return Ok(document.clone());
        }
        if held.is_cooling(now) {
            return Err(ProviderError::Unreachable("it did not answer a moment ago".into()));
        }
        match (held.ask(now, fetch).await, &held.document) {
            (Err(_), Some((document, _))) => Ok(document.clone()),
            (outcome, _) => outcome,
        }
    }

    /// A newer document than `known`, which lacks something; the same one again when it was asked for a
    /// moment ago.
    ///
    /// # Errors
    /// What `fetch` says.
    pub(super) async fn newer_than(
        &self,
        known: &Arc<T>,
        now: UnixSeconds,
        fetch: impl Fetching<T>,
    ) -> Result<Arc<T>, ProviderError> {
        let mut held = self.held.lock().await;
        match &held.document {
            Some((document, _)) if !Arc::ptr_eq(document, known) || held.is_cooling(now) => {
                Ok(document.clone())
            }
            _ => held.ask(now, fetch).await,
        }
    }
}

impl<T> Held<T> {
    fn is_cooling(&self, now: UnixSeconds) -> bool {
        self.asked_at.is_some_and(|at| (0..COOL_DOWN).contains(&(now - at)))
    }

    async fn ask(
        &mut self,
        now: UnixSeconds,
        fetch: impl Fetching<T>,
    ) -> Result<Arc<T>, ProviderError> {
        self.asked_at = Some(now);
        let document = Arc::new(fetch.await?);
        self.document = Some((document.clone(), now));
        Ok(document)
    }
}

/// Seconds between two requests for the same document, whatever makes people ask.
const COOL_DOWN: i64 = 10;
/// Seconds; providers announce new keys longer before they use them.
const MOST_AGE: i64 = 3600;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_that_need_it_at_once_fetch_it_once() {
        let (cached, asked) = (Arc::new(Cached::default()), Arc::new(AtomicU32::new(0)));
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (cached, asked) = (cached.clone(), asked.clone());
            running.spawn(async move {
                let fetch = async {
                    tokio::task::yield_now().await;
                    Ok(asked.fetch_add(1, Ordering::SeqCst))
                };
                *cached.get(100, fetch).await.unwrap()
            });
        }
        assert!(running.join_all().await.iter().all(|seen| *seen == 0));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn it_is_renewed_by_age_and_the_old_one_outlives_a_failure() {
        let cached = Cached::default();
        let fails = async { Err(ProviderError::Busy) };
        assert_eq!(*cached.get(100, async { Ok(1) }).await.unwrap(), 1);
        assert_eq!(*cached.get(99 + MOST_AGE, async { Ok(2) }).await.unwrap(), 1);
        assert_eq!(*cached.get(100 + MOST_AGE, fails).await.unwrap(), 1);
        assert_eq!(*cached.get(100 + MOST_AGE + COOL_DOWN, async { Ok(3) }).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_failure_is_not_repeated_at_once() {
        let cached = Cached::<u32>::default();
        assert!(cached.get(100, async { Err(ProviderError::Busy) }).await.is_err());
        let soon = cached.get(100 + COOL_DOWN - 1, async { Ok(1) }).await;
        assert!(matches!(soon, Err(ProviderError::Unreachable(_))));
        assert_eq!(*cached.get(100 + COOL_DOWN, async { Ok(1) }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn something_missing_leads_to_one_renewal() {
        let cached = Cached::default();
        let first = cached.get(100, async { Ok(1) }).await.unwrap();
        let again = cached.newer_than(&first, 105, async { Ok(2) }).await.unwrap();
        assert_eq!(*again, 1, "asked a moment ago");
        let newer = cached.newer_than(&first, 110, async { Ok(2) }).await.unwrap();
        assert_eq!(*newer, 2);
        let theirs = cached.newer_than(&first, 200, async { Ok(3) }).await.unwrap();
        assert_eq!(*theirs, 2, "another one has fetched what is newer");
    }
}
