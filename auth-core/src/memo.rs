//! Remembers verified tokens, so that a signature is checked once and not once per request.
//!
//! The key is the full token, compared byte for byte; the hash that finds it is keyed at random per
//! process, so nobody can aim tokens at one place. Only tokens that verified are remembered, and what a
//! hit says is checked again by the caller against the host, the clock, the keys and the revocations.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ahash::RandomState;

use crate::authenticate::Verified;

/// A bounded set of verified tokens: sets of [`WAYS`] entries, each with a lock of its own; in a full
/// set the entry that was used longest ago gives way.
pub struct Memo {
    hasher: RandomState,
    sets: Box<[Mutex<Set>]>,
}

#[derive(Default)]
struct Set {
    entries: Vec<Entry>,
    /// Counts uses of this set; entries carry its value at their last use.
    uses: u64,
}

struct Entry {
    hash: u64,
    verified: Arc<Verified>,
    last_use: u64,
}

impl Memo {
    /// Room for about `capacity` tokens (rounded up to whole sets, at least one). Memory is taken as
    /// tokens come.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(WAYS).max(1);
        Self { hasher: RandomState::new(), sets: (0..sets).map(|_| Mutex::default()).collect() }
    }

    /// What this very token was verified as.
    #[must_use]
    pub fn get(&self, token: &[u8]) -> Option<Arc<Verified>> {
        let hash = self.hasher.hash_one(token);
        let mut set = self.set(hash);
        set.uses += 1;
        let uses = set.uses;
        let entry = set.entries.iter_mut().find(|entry| entry.is(hash, token))?;
        entry.last_use = uses;
        Some(Arc::clone(&entry.verified))
    }

    /// Remembers a token; if another thread was faster, gives what that one remembered.
    pub fn insert(&self, verified: Arc<Verified>) -> Arc<Verified> {
        let token = verified.token.as_bytes();
        let hash = self.hasher.hash_one(token);
        let mut set = self.set(hash);
        set.uses += 1;
        let last_use = set.uses;
        if let Some(entry) = set.entries.iter().find(|entry| entry.is(hash, token)) {
            return Arc::clone(&entry.verified);
        }
        let entry = Entry { hash, verified: Arc::clone(&verified), last_use };
        if set.entries.len() < WAYS {
            set.entries.push(entry);
        } else if let Some(oldest) = set.entries.iter_mut().min_by_key(|entry| entry.last_use) {
            *oldest = entry;
        }
        verified
    }

    /// Forgets a token.
    pub fn remove(&self, token: &[u8]) {
        let hash = self.hasher.hash_one(token);
        self.set(hash).entries.retain(|entry| !entry.is(hash, token));
    }

    /// Keeps what `keep` says, looking at every token; each set is locked for a moment.
    pub(crate) fn retain(&self, keep: impl Fn(&Verified) -> bool) {
        for set in &self.sets {
            lock(set).entries.retain(|entry| keep(&entry.verified));
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.sets.iter().map(|set| lock(set).entries.len()).sum()
    }

    fn set(&self, hash: u64) -> MutexGuard<'_, Set> {
        // The high half picks the set, spread evenly over any number of sets (multiply and shift).
        let sets = self.sets.len() as u64;
        let index = ((hash >> 32) * sets) >> 32;
        // `index` is below `sets`, which came from a length; see above.
        lock(&self.sets[usize::try_from(index).unwrap_or(0)])
    }
}

impl Entry {
    fn is(&self, hash: u64, token: &[u8]) -> bool {
        self.hash == hash && self.verified.token.as_bytes() == token
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("sets", &self.sets.len()).finish_non_exhaustive()
    }
}

// Nothing is left half done while a set is locked, so a poisoned lock is still good.
fn lock(set: &Mutex<Set>) -> MutexGuard<'_, Set> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Entries of a set.
pub const WAYS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::verified;

    fn remember(memo: &Memo, token: &str) -> Arc<Verified> {
        let mut verified = verified();
        verified.token = token.into();
        memo.insert(Arc::new(verified))
    }

    fn remember_many(memo: &Memo, count: u32) {
        for n in 0..count {
            remember(memo, &n.to_string());
        }
    }

    #[test]
    fn a_remembered_token_is_found_by_its_full_text_only() {
        let memo = Memo::new(1000);
        let there = remember(&memo, "header.payload.signature");
        let found = memo.get(b"header.payload.signature").unwrap();
        assert!(Arc::ptr_eq(&there, &found));
        for other in
            ["", "header.payload.signaturf", "header.payload.signatur", "header.payload.signature "]
        {
            assert!(memo.get(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn the_first_to_remember_a_token_wins() {
        let memo = Memo::new(8);
        let first = remember(&memo, "token");
        assert!(Arc::ptr_eq(&first, &remember(&memo, "token")));
        assert_eq!(memo.len(), 1);
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        for (capacity, most) in [(0, 8), (1, 8), (8, 8), (9, 16), (1000, 1000)] {
            let memo = Memo::new(capacity);
            remember_many(&memo, 5000);
            assert!(memo.len() <= most, "{} of {capacity}", memo.len());
        }
    }

    #[test]
    fn the_token_used_longest_ago_gives_way() {
        let memo = Memo::new(WAYS);
        for n in 0..WAYS {
            remember(&memo, &n.to_string());
        }
        assert!(memo.get(b"0").is_some());
        remember(&memo, "new");
        assert!(memo.get(b"0").is_some() && memo.get(b"new").is_some());
        assert!(memo.get(b"1").is_none());
        assert_eq!(memo.len(), WAYS);
    }

    #[test]
    fn a_forgotten_token_is_gone() {
        let memo = Memo::new(10);
        assert_eq!(memo.len(), 0);
        remember(&memo, "a");
        remember(&memo, "b");
        memo.remove(b"a");
        assert!(memo.get(b"a").is_none() && memo.get(b"b").is_some());
    }

    #[test]
    fn a_full_memo_keeps_most_of_what_fits() {
        let memo = Memo::new(8000);
        remember_many(&memo, 4000);
        assert!(memo.len() > 3900, "{} of 4000 in 8000 places", memo.len());
    }
}
