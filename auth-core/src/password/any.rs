//! Comparing one password with several hashes, without telling by the time how many there were.

use argon2::Params;

use super::legacy::{self, PortalHash};
use super::{PasswordError, PasswordPool, Verification, verify};

/// Outcome of [`PasswordPool::verify_any`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyVerification {
    /// The account's own hash.
    pub own: Verification,
    /// Which of the others matched, in their order; empty if the own one did.
    pub others: Vec<bool>,
}

/// Most hashes of portals compared with one password.
pub const LEGACY_SLOTS: usize = 8;

impl PasswordPool {
    /// Compares `password` with an account's own hash `stored` and, if that is not it, with `others`, which
    /// portals brought along ([`super::check_portal_hash`]).
    ///
    /// Computes one argon2 and `slots` SHA-512-crypts in every case: dummies where there is nothing to
    /// compare with, and twice the latter for a password that windows-1251 spells differently. Of `others`,
    /// at most `slots` and [`LEGACY_SLOTS`] are looked at, and at most one that is argon2: the first, where
    /// `stored` is `None`. All of it is one turn of the pool.
    ///
    /// # Errors
    ///
    /// [`PasswordError`]; a hash that cannot be used does not match.
    pub async fn verify_any(
        &self,
        stored: Option<&str>,
        others: &[&str],
        slots: usize,
        password: &str,
    ) -> Result<AnyVerification, PasswordError> {
        let params = self.params.clone();
        let stored = stored.map(str::to_owned);
        let others: Vec<String> = others.iter().map(|&other| other.to_owned()).collect();
        self.compute(password, move |password| {
            Comparison {
                params: &params,
                others: &others,
                slots: slots.min(LEGACY_SLOTS),
                password,
            }
            .run(stored.as_deref())
        })
        .await?
    }
}

struct Comparison<'a> {
    params: &'a Params,
    others: &'a [String],
    slots: usize,
    password: &'a [u8],
}

impl Comparison<'_> {
    fn run(&self, stored: Option<&str>) -> Result<AnyVerification, PasswordError> {
        let hashes: Vec<Option<PortalHash>> =
            self.others.iter().take(self.slots).map(|o| self.read(o)).collect();
        let argon2 = |hash: &Option<PortalHash>| matches!(hash, Some(PortalHash::Argon2));
        let first = hashes.iter().position(argon2).filter(|_| stored.is_none());
        let compared = first.map(|index| self.others[index].as_str()).or(stored);
        let outcome = verify(self.params, compared, self.password)?;

        let mut others = self.legacy(&hashes);
        if let Some(index) = first {
            others[index] = outcome != Verification::NoMatch;
            return Ok(AnyVerification { own: Verification::NoMatch, others });
        }
        if outcome != Verification::NoMatch {
            others.clear();
        }
        Ok(AnyVerification { own: outcome, others })
    }

    fn read(&self, text: &str) -> Option<PortalHash> {
        PortalHash::parse(text, Some(self.params))
            .inspect_err(|reason| tracing::warn!(reason, "a portal's password hash cannot be used"))
            .ok()
    }

    /// One value for each of the others.
    fn legacy(&self, hashes: &[Option<PortalHash>]) -> Vec<bool> {
        let mut matched = vec![false; self.others.len()];
        for spelling in legacy::spellings(self.password) {
            for slot in 0..self.slots {
                let hash = hashes.get(slot).and_then(Option::as_ref);
                let is_it =
                    hash.map_or_else(|| legacy::burn(&spelling), |hash| hash.matches(&spelling));
                if let Some(place) = matched.get_mut(slot) {
                    *place |= is_it;
                }
            }
        }
        matched
    }
}

#[cfg(test)]
mod tests;
