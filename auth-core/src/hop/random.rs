//! Randomness of the kernel, fetched for several hops at once: asking for it costs as much as sealing.

use std::cell::RefCell;

use ring::rand::{SecureRandom, SystemRandom};

/// `N` random bytes that nobody has seen and nobody will see again.
pub(super) fn random<const N: usize>() -> [u8; N] {
    POOL.with_borrow_mut(Pool::take)
}

/// Random bytes that wait to be used. Each is handed out once and gone from here with that.
struct Pool {
    bytes: [u8; SIZE],
    left: usize,
}

impl Pool {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= SIZE) };
        if self.left < N {
            fill(&mut self.bytes);
            self.left = SIZE;
        }
        let from = self.left - N;
        let mut taken = [0; N];
        taken.copy_from_slice(&self.bytes[from..self.left]);
        self.bytes[from..self.left].fill(0);
        self.left = from;
        taken
    }
}

#[expect(clippy::expect_used, reason = "without randomness from the kernel there is no TLS either")]
fn fill(bytes: &mut [u8]) {
    SystemRandom::new().fill(bytes).expect("the kernel gives random bytes");
}

thread_local! {
    // Nobody waits for another's, and no process of ours goes on after a fork.
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; SIZE], left: 0 }) };
}

/// Of sixteen hops.
const SIZE: usize = 640;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_byte_is_handed_out_twice_and_none_is_kept() {
        let mut pool = Pool { bytes: [0; SIZE], left: 0 };
        let mut seen = HashSet::new();
        for _ in 0..100 {
            assert!(seen.insert(pool.take::<32>()), "the same bytes again");
            assert!(pool.bytes[pool.left..].iter().all(|byte| *byte == 0), "used and still there");
        }
        assert!(!seen.contains(&[0; 32]));
    }

    #[test]
    fn sizes_that_do_not_fit_evenly_leave_no_zeros_behind() {
        let mut pool = Pool { bytes: [0; SIZE], left: 0 };
        for _ in 0..100 {
            let taken = pool.take::<72>();
            let zeros = taken.iter().filter(|byte| **byte == 0).count();
            assert!(zeros < 16, "{taken:?}");
        }
    }
}
