//! What was revoked before its time, in memory: asked on every request, fed by the store's log.
//!
//! The store's log is the truth. A node reads all of it that still matters at its start, then whatever
//! is new; applying an entry twice, or out of order, changes nothing. What it knows can be kept as bytes for the
//! next process ([`Revocations::keep`]).

mod kept;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ahash::{AHashMap, RandomState};
use bitrix_id_config::model::MAX_TOKEN_LIFETIME;

use crate::clock::whole_seconds;
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::{Revocation, Revoked};

pub use kept::{MOST_BYTES, MOST_KEPT, Standing, UnknownBytes};

/// The revocations that still matter. Reads take one or two uncontended read locks.
pub struct Revocations {
    hasher: RandomState,
    shards: Box<[RwLock<Shard>]>,
    last_sequence: AtomicU64,
    applied: AtomicU64,
    known_since: AtomicI64,
}

#[derive(Default)]
struct Shard {
    /// Session to the second from which its entry is not needed any more.
    sessions: AHashMap<SessionId, UnixSeconds>,
    accounts: AHashMap<AccountId, AccountEntry>,
}

struct AccountEntry {
    minimum_generation: u32,
    until: UnixSeconds,
}

/// What refuses a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedBy {
    /// Its session has ended.
    Session,
    /// The account has changed since the token was made. The session may live on.
    Generation,
}

/// Until when a revocation made at `now` has to be remembered: every token it covers is dead by then. It
/// reckons with the longest lifetime there can be, since tokens outlive a reload that lowers it; the
/// allowance is for clocks that differ and for a token that is being made at this moment.
#[must_use]
pub fn remembered_until(now: UnixSeconds) -> UnixSeconds {
    now.saturating_add(whole_seconds(MAX_TOKEN_LIFETIME)).saturating_add(ALLOWANCE)
}

impl Revocations {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            last_sequence: AtomicU64::new(0),
            applied: AtomicU64::new(0),
            known_since: AtomicI64::new(i64::MIN),
        }
    }

    /// Nothing is known of what was ended before `begun_at`, Unix seconds, so tokens made before it count no
    /// more. Only ever later; true if it is later than what held so far.
    pub fn refuse_before(&self, begun_at: UnixSeconds) -> bool {
        let later = self.known_since.fetch_max(begun_at, Ordering::AcqRel) < begun_at;
        if later {
            self.applied.fetch_add(1, Ordering::Release);
        }
        later
    }

    /// Whether a token made at `issued_at` is older than what is known of revocations.
    #[must_use]
    pub fn is_before_all(&self, issued_at: UnixSeconds) -> bool {
        issued_at < self.known_since.load(Ordering::Acquire)
    }

    /// Takes an entry of the log. Of two for the same session or account the farther-reaching holds.
    /// True if it revokes something that was not revoked before.
    pub fn apply(&self, revocation: &Revocation) -> bool {
        let until = revocation.until;
        let reaches_farther = match revocation.what {
            Revoked::Session(session) => {
                let mut shard = self.write(&session);
                let entry = shard.sessions.insert(session, until);
                if let Some(before) = entry.filter(|before| *before > until) {
                    shard.sessions.insert(session, before);
                }
                entry.is_none()
            }
            Revoked::Account { account, minimum_generation } => {
                let mut shard = self.write(&account);
                let before = shard.accounts.get(&account);
                let entry = AccountEntry {
                    minimum_generation: before
                        .map_or(0, |before| before.minimum_generation)
                        .max(minimum_generation),
                    until: before.map_or(until, |before| before.until.max(until)),
                };
                let raised = before.is_none_or(|old| old.minimum_generation < minimum_generation);
                shard.accounts.insert(account, entry);
                raised
            }
        };
        // After the entry is in place: whoever sees the number finds the entry.
        self.last_sequence.fetch_max(revocation.sequence, Ordering::Release);
        self.applied.fetch_add(1, Ordering::Release);
        reaches_farther
    }

    /// Whether a token of this session, account and generation is refused.
    #[must_use]
    pub fn is_revoked(&self, session: SessionId, account: AccountId, generation: u32) -> bool {
        self.reason(session, account, generation).is_some()
    }

    /// Why a token of this session, account and generation is refused; `None`: it is not.
    #[must_use]
    pub fn reason(
        &self,
        session: SessionId,
        account: AccountId,
        generation: u32,
    ) -> Option<RevokedBy> {
        if self.read(&session).sessions.contains_key(&session) {
            return Some(RevokedBy::Session);
        }
        let shard = self.read(&account);
        let entry = shard.accounts.get(&account)?;
        (generation < entry.minimum_generation).then_some(RevokedBy::Generation)
    }

    /// Forgets entries whose last token is dead at `now`, one shard at a time.
    pub fn forget_before(&self, now: UnixSeconds) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.sessions.retain(|_, until| *until > now);
            shard.accounts.retain(|_, entry| entry.until > now);
        }
    }

    /// Grows with every entry applied: while it stays, so does every answer.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    /// The highest sequence number applied; 0 before the first.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last_sequence.load(Ordering::Acquire)
    }

    fn shard(&self, key: &impl std::hash::Hash) -> &RwLock<Shard> {
        // The remainder is below SHARDS on every platform, and there are SHARDS of them.
        let index = self.hasher.hash_one(key) % SHARDS;
        &self.shards[usize::try_from(index).unwrap_or(0)]
    }

    // A panic between two map operations leaves both maps readable, so a poisoned lock is still good.
    fn read(&self, key: &impl std::hash::Hash) -> RwLockReadGuard<'_, Shard> {
        self.shard(key).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &impl std::hash::Hash) -> RwLockWriteGuard<'_, Shard> {
        self.shard(key).write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Revocations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revocations")
            .field("last_sequence", &self.last_sequence())
            .finish_non_exhaustive()
    }
}

const SHARDS: u64 = 64;
/// In seconds.
const ALLOWANCE: i64 = 300;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(n: u128) -> SessionId {
        SessionId(Uuid::from_u128(n))
    }

    fn account(n: u128) -> AccountId {
        AccountId(Uuid::from_u128(n))
    }

    fn entry(sequence: u64, what: Revoked, until: UnixSeconds) -> Revocation {
        Revocation { sequence, what, at_ms: 0, until }
    }

    fn generation(n: u128, minimum_generation: u32) -> Revoked {
        Revoked::Account { account: account(n), minimum_generation }
    }

    #[test]
    fn a_revocation_outlives_the_longest_token_there_can_be() {
        assert_eq!(remembered_until(1000), 1000 + 3600 + 300);
        assert_eq!(remembered_until(i64::MAX), i64::MAX);
    }

    #[test]
    fn every_entry_is_news_also_one_that_comes_out_of_order() {
        let set = Revocations::new();
        let mut before = set.version();
        for (sequence, n) in [(7, 1), (3, 2)] {
            set.apply(&entry(sequence, Revoked::Session(session(n)), i64::MAX));
            assert_ne!(set.version(), before, "{sequence}");
            before = set.version();
        }
        assert_eq!(set.last_sequence(), 7);
    }

    #[test]
    fn a_revoked_session_is_refused_and_its_neighbours_are_not() {
        let set = Revocations::new();
        assert_eq!(set.count(), 0);
        set.apply(&entry(7, Revoked::Session(session(1)), 100));
        assert!(set.is_revoked(session(1), account(1), 9));
        assert!(!set.is_revoked(session(2), account(1), 9));
        assert_eq!((set.count(), set.last_sequence()), (1, 7));
    }

    #[test]
    fn what_nothing_is_known_of_is_refused() {
        let set = Revocations::new();
        assert!(!set.is_before_all(i64::MIN));
        let version = set.version();
        assert!(set.refuse_before(100));
        assert_ne!(set.version(), version);
        assert!(!set.refuse_before(100) && !set.refuse_before(50), "never back");
        assert!(set.is_before_all(99) && !set.is_before_all(100));
    }

    #[test]
    fn an_account_s_older_generations_are_refused() {
        let set = Revocations::new();
        assert!(set.apply(&entry(1, generation(1, 4), 100)));
        assert!(set.apply(&entry(2, generation(1, 5), 100)), "it reaches farther");
        for (token_generation, refused) in [(0, true), (4, true), (5, false), (6, false)] {
            assert_eq!(set.is_revoked(session(1), account(1), token_generation), refused);
        }
        assert!(!set.is_revoked(session(1), account(2), 0));
    }

    #[test]
    fn entries_may_come_twice_and_out_of_order() {
        let set = Revocations::new();
        assert!(set.apply(&entry(2, generation(1, 5), 200)));
        assert!(!set.apply(&entry(1, generation(1, 3), 100)), "it revokes nothing more");
        assert!(set.apply(&entry(4, Revoked::Session(session(1)), 200)));
        assert!(
            !set.apply(&entry(3, Revoked::Session(session(1)), 100)),
            "it revokes nothing more"
        );
        assert_eq!((set.count(), set.last_sequence()), (2, 4));
        assert!(set.is_revoked(session(2), account(1), 4));
        set.forget_before(150);
        assert!(set.is_revoked(session(1), account(2), 9));
        assert!(set.is_revoked(session(2), account(1), 4));
    }

    #[test]
    fn entries_are_forgotten_on_the_second_their_last_token_dies() {
        let set = Revocations::new();
        set.apply(&entry(1, Revoked::Session(session(1)), 100));
        set.apply(&entry(2, generation(1, 5), 101));
        set.forget_before(99);
        assert_eq!(set.count(), 2);
        set.forget_before(100);
        assert!(!set.is_revoked(session(1), account(9), 0));
        assert!(set.is_revoked(session(1), account(1), 0));
        set.forget_before(101);
        assert_eq!(set.count(), 0);
        assert_eq!(set.last_sequence(), 2, "the position in the log stays");
    }

    #[test]
    fn a_million_entries_are_held_and_found() {
        let set = Revocations::new();
        for n in 0..1_000_000_u64 {
            set.apply(&entry(n, Revoked::Session(session(u128::from(n))), 100));
        }
        assert_eq!((set.count(), set.last_sequence()), (1_000_000, 999_999));
        assert!((0..1_000_000).step_by(1013).all(|n| set.is_revoked(session(n), account(0), 0)));
        assert!(!set.is_revoked(session(1_000_000), account(0), 0));
        set.forget_before(100);
        assert_eq!(set.count(), 0);
    }
}
