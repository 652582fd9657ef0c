//! Passwords: hashing them off the proxy's threads, comparing them, and refusing those anyone would guess.
//!
//! Hashes are argon2id in PHC form. The [`PasswordPool`] computes a few at once, lets a bounded number wait
//! and turns the rest away, so that a flood of sign-ins costs neither memory nor the token checks' time.
//! Where there is no hash to compare with, a dummy of the same cost is computed: unknown accounts take as
//! long as known ones. Hashes that portals bring along are older: [`check_portal_hash`] names their forms,
//! [`PasswordPool::verify_any`] compares with them.
//!
//! A password is hashed as typed, byte for byte: nothing is trimmed, cut, folded or brought to a Unicode
//! normal form. (NIST SP 800-63B asks for a documented choice; ASVS 6.2.8 for the password as typed. Common
//! input methods all produce NFC.)

mod any;
mod legacy;
pub mod samples;
mod weak;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::Error;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use bitrix_id_config::model::Passwords;
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use any::{AnyVerification, LEGACY_SLOTS};
pub use legacy::check_portal_hash;
pub use weak::{WeakPassword, check_new};

/// Outcome of comparing a password with a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It is the one.
    Match,
    /// It is the one, and the stored hash is weaker than today's: hash it again and replace
    /// ([`crate::store::Directory::replace_password_hash`]).
    MatchButWeaker,
    /// It is not, or there is nothing usable to compare with.
    NoMatch,
}

/// A password was neither hashed nor compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The queue is full: answer 503 with `Retry-After`.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// Longer than [`MAX_PASSWORD_BYTES`]: answer as for a wrong one.
    #[error("the password is longer than {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// Ours to mend: no memory, no random numbers, or the runtime is shutting down.
    #[error("the password could not be hashed: {0}")]
    Internal(String),
}

/// Longest password looked at, in bytes. Checked before anything is computed.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Computes and compares hashes: `workers` at once, `queue` waiting.
#[derive(Debug)]
pub struct PasswordPool {
    params: Params,
    workers: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    queue: usize,
}

impl PasswordPool {
    /// A pool of the configured cost and size.
    ///
    /// # Panics
    ///
    /// With numbers that argon2 cannot work with. All that the configuration's check lets through are
    /// ([`Passwords::MEMORY_KIB`] and the others) it can.
    #[expect(clippy::expect_used, reason = "a weaker hash than asked for must not go unnoticed")]
    pub fn new(settings: &Passwords) -> Self {
        let Passwords { memory_kib, iterations, parallelism, .. } = *settings;
        let output = Some(Params::DEFAULT_OUTPUT_LEN);
        let params = Params::new(memory_kib, iterations, parallelism, output);
        Self {
            params: params.expect("the configuration was checked"),
            workers: Arc::new(Semaphore::new(settings.workers.max(1))),
            waiting: Arc::new(AtomicUsize::new(0)),
            queue: settings.queue,
        }
    }

    /// A PHC string for `password`, with a fresh salt.
    ///
    /// # Errors
    ///
    /// [`PasswordError`]; never for the password's content.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let params = self.params.clone();
        self.compute(password, move |password| hash(&params, password)).await?
    }

    /// Compares `password` with the PHC string `stored`, at the cost that the string asks for, or
    /// computes a dummy of the pool's cost where there is none, or where the string's cost is lower and
    /// it does not match. Results are never remembered.
    ///
    /// # Errors
    ///
    /// [`PasswordError`]; a stored hash that cannot be used is [`Verification::NoMatch`] and a log line.
    pub async fn verify(
        &self,
        stored: Option<&str>,
        password: &str,
    ) -> Result<Verification, PasswordError> {
        let params = self.params.clone();
        let stored = stored.map(str::to_owned);
        self.compute(password, move |password| verify(&params, stored.as_deref(), password)).await?
    }

    /// How many wait for their turn just now.
    pub fn queue_depth(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    async fn compute<T: Send + 'static>(
        &self,
        password: &str,
        work: impl FnOnce(&[u8]) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordError::TooLong);
        }
        let permit = self.take_turn().await?;
        let password = password.as_bytes().to_vec();
        tokio::task::spawn_blocking(move || {
            let_others_go_first();
            let outcome = work(&password);
            // Here and not in the caller: a caller that hangs up does not stop the computation.
            drop(permit);
            outcome
        })
        .await
        .map_err(|error| PasswordError::Internal(error.to_string()))
    }

    async fn take_turn(&self) -> Result<OwnedSemaphorePermit, PasswordError> {
        if let Ok(permit) = Arc::clone(&self.workers).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = Place::take(&self.waiting, self.queue)?;
        Arc::clone(&self.workers)
            .acquire_owned()
            .await
            .map_err(|error| PasswordError::Internal(error.to_string()))
    }
}

/// Lowers the priority of this thread, for good: it is one that waits for work of this kind. A flood of sign-ins
/// then takes what requests leave over, and not half of each core.
fn let_others_go_first() {
    thread_local!(static DONE: Cell<bool> = const { Cell::new(false) });
    if !DONE.replace(true) {
        // On Linux the nice value is each thread's own (sched(7)). Where it cannot be set, hashing goes on.
        let _ = setpriority_process(Some(gettid()), NICE);
    }
}

/// The lowest: where cores are busy a thread gets a sixty-eighth of what one of usual priority does, and where they
/// are not, all that it can use.
const NICE: i32 = 19;

/// A place in the queue; given back when dropped, also by a caller that hangs up.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, queue: usize) -> Result<Self, PasswordError> {
        waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < queue).then_some(taken + 1)
            })
            .map_err(|_| PasswordError::Busy)?;
        Ok(Self(Arc::clone(waiting)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2id(params: &Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
}

fn hash(params: &Params, password: &[u8]) -> Result<String, PasswordError> {
    argon2id(params)
        .hash_password(password)
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Internal(error.to_string()))
}

fn verify(
    params: &Params,
    stored: Option<&str>,
    password: &[u8],
) -> Result<Verification, PasswordError> {
    let Some(stored) = stored else {
        return burn(params, password);
    };
    let stored = match Stored::parse(stored) {
        Ok(stored) => stored,
        Err(reason) => {
            tracing::warn!(reason, "a stored password hash cannot be used");
            return burn(params, password);
        }
    };
    // Cost, version and algorithm are the stored hash's own.
    match Argon2::default().verify_password(password, &stored.hash) {
        Ok(()) if stored.is_weaker_than(params) => Ok(Verification::MatchButWeaker),
        Ok(()) => Ok(Verification::Match),
        // A weak hash would answer sooner than an unknown account, whose dummy has today's cost.
        Err(Error::PasswordInvalid) if stored.is_weaker_than(params) => burn(params, password),
        Err(Error::PasswordInvalid) => Ok(Verification::NoMatch),
        Err(Error::OutOfMemory) => Err(PasswordError::Internal("no memory".to_owned())),
        Err(error) => {
            tracing::warn!(%error, "a stored password hash cannot be used");
            burn(params, password)
        }
    }
}

/// Costs what a comparison costs, and never matches.
fn burn(params: &Params, password: &[u8]) -> Result<Verification, PasswordError> {
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2id(params)
        .hash_password_into(password, DUMMY_SALT, &mut output)
        .map_err(|error| PasswordError::Internal(error.to_string()))?;
    // Without a reader the computation could be left out.
    std::hint::black_box(output);
    Ok(Verification::NoMatch)
}

/// A stored hash that is argon2 and asks for no more than we are willing to spend.
struct Stored {
    hash: PasswordHash,
    params: Params,
}

impl Stored {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text).map_err(|_| "not a PHC string")?;
        Algorithm::new(hash.algorithm.as_str()).map_err(|_| "not argon2")?;
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err("no salt or no output");
        }
        let params = Params::try_from(&hash).map_err(|_| "unknown parameters")?;
        // An older hash may ask for less than could be configured, none for more.
        if params.m_cost() > *Passwords::MEMORY_KIB.end()
            || params.t_cost() > *Passwords::ITERATIONS.end()
            || params.p_cost() > *Passwords::PARALLELISM.end()
        {
            return Err("asks for too much");
        }
        Ok(Self { hash, params })
    }

    fn is_weaker_than(&self, wanted: &Params) -> bool {
        let output_len = self.hash.hash.map_or(0, |output| output.len());
        self.hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || self.hash.version != Some(u32::from(Version::V0x13))
            || output_len < Params::DEFAULT_OUTPUT_LEN
            || self.params.m_cost() < wanted.m_cost()
            || self.params.t_cost() < wanted.t_cost()
            || self.params.p_cost() < wanted.p_cost()
    }
}

const DUMMY_SALT: &[u8; 16] = b"no such account.";

#[cfg(test)]
mod tests;
