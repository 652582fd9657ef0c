//! What a password must be, and what hashing one costs.

use std::ops::RangeInclusive;

/// `[passwords]`: argon2id parameters and the hashing pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passwords {
    /// Memory per hash in KiB. Default and minimum: 19 MiB.
    pub memory_kib: u32,
    /// Default and minimum: 2.
    pub iterations: u32,
    /// Default: 1.
    pub parallelism: u32,
    /// Shortest password accepted when one is set, in code points. Default: 8.
    pub min_length: usize,
    /// Hashes computed at once. Default: one per core, at most 8.
    pub workers: usize,
    /// Hashes waiting; beyond it sign-in answers 503. Default: 64.
    pub queue: usize,
}

/// What may be configured, and what a stored hash may ask for. The minimums are OWASP's: 19 MiB, two
/// passes, one lane.
impl Passwords {
    /// Of `memory_kib`: 19 MiB to 1 GiB.
    pub const MEMORY_KIB: RangeInclusive<u32> = 19 * 1024..=1024 * 1024;
    /// Of `iterations`.
    pub const ITERATIONS: RangeInclusive<u32> = 2..=64;
    /// Of `parallelism`.
    pub const PARALLELISM: RangeInclusive<u32> = 1..=16;
}
