//! Limits on sign-in attempts, counted before a password is hashed.
//!
//! An attempt from a browser we have not seen succeed for the account is counted three times, narrow
//! before wide: by client network, by account and network, and by account over all such browsers. A
//! *known device*, a browser whose cookie proves an earlier success for this very account, is counted in
//! a bucket of its own and nowhere else: what one such browser uses up is no other's.
//!
//! The account's own limit can be kept full by a stranger with a few networks. So that nobody is locked
//! out by it for good, each network still has a few attempts a day on an account whose limit is full: an
//! owner at a new device gets in, and a guesser gains a handful of guesses per network and day.
//!
//! Addresses are counted in canonical form, so spellings share a bucket. The hashing pool's bounded queue
//! ([`crate::password`]) is the limit over everybody together. Keys are SHA-256 of purpose and value: the
//! store learns neither addresses nor names.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use ring::digest;

use crate::store::{Attempt, Quota, Result, SessionStore};

/// Attempts from one client network on whatever account; those that succeed are given back.
pub const PER_NETWORK: Quota = Quota { limit: 60, window: 10 * 60 };
/// Attempts from one client network on one account.
pub const PER_ACCOUNT_AND_NETWORK: Quota = Quota { limit: 10, window: 15 * 60 };
/// Attempts on one account from all unknown devices together. With GCRA, at most twice this in any hour,
/// however many networks take part.
pub const PER_ACCOUNT_UNKNOWN_DEVICES: Quota = Quota { limit: 100, window: 60 * 60 };
/// Attempts from one client network on an account whose own limit is full.
pub const SHARE_OF_A_NETWORK: Quota = Quota { limit: 3, window: 24 * 60 * 60 };
/// Attempts on one account from one device known for it.
pub const PER_KNOWN_DEVICE: Quota = Quota { limit: 20, window: 15 * 60 };

/// Counts sign-in attempts in the session store.
#[derive(Clone)]
pub struct SignInThrottle {
    store: Arc<dyn SessionStore>,
}

impl SignInThrottle {
    /// Counts in `store`, which all nodes share.
    pub fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store }
    }

    /// Counts an attempt and says whether to look at the password.
    ///
    /// `email_canonical` comes from [`crate::email::canonical`], whether or not an account has it: unknown
    /// addresses are limited alike. `known_device` names the browser to nobody else; that an attempt on this
    /// very account succeeded in it before must have been proved.
    ///
    /// # Errors
    ///
    /// [`crate::store::StoreError`] of the session store; answer 503, do not look at the password.
    pub async fn before(
        &self,
        email_canonical: &str,
        ip: IpAddr,
        known_device: Option<&str>,
        now_ms: i64,
    ) -> Result<Attempt> {
        // Narrow before wide: what a narrow bucket refuses must not use up the account's own.
        for (key, quota) in buckets(email_canonical, ip, known_device) {
            let attempt = self.store.count_attempt(&key, quota, now_ms).await?;
            if attempt == Attempt::Allowed {
                continue;
            }
            let share = share_key(email_canonical, ip);
            if quota == PER_ACCOUNT_UNKNOWN_DEVICES
                && self.store.count_attempt(&share, SHARE_OF_A_NETWORK, now_ms).await?
                    == Attempt::Allowed
            {
                continue;
            }
            return Ok(attempt);
        }
        Ok(Attempt::Allowed)
    }

    /// Forgets the failures that led up to a success.
    ///
    /// The network gets back this one attempt and no more: an office behind one address does not use up
    /// its attempts by signing in, and an attacker does not clear them by signing in to an account of
    /// their own. Those of the account over unknown devices stay, or each visit of the owner would hand
    /// out a fresh hundred.
    ///
    /// # Errors
    ///
    /// [`crate::store::StoreError`] of the session store. The sign-in may go on: nothing is lost but counts.
    pub async fn succeeded(
        &self,
        email_canonical: &str,
        ip: IpAddr,
        known_device: Option<&str>,
    ) -> Result<()> {
        if let Some(device) = known_device {
            return self.store.clear_attempts(&known_device_key(device)).await;
        }
        self.store.clear_attempts(&account_and_network_key(email_canonical, ip)).await?;
        self.store.forgive_attempt(&network_key(ip), PER_NETWORK).await
    }

    /// Gives back this one attempt, which was right about something, and none before it: they may have been
    /// guesses at something else.
    ///
    /// # Errors
    ///
    /// As [`SignInThrottle::succeeded`].
    pub async fn forgive(
        &self,
        email_canonical: &str,
        ip: IpAddr,
        known_device: Option<&str>,
    ) -> Result<()> {
        if let Some(device) = known_device {
            return self.store.forgive_attempt(&known_device_key(device), PER_KNOWN_DEVICE).await;
        }
        let key = account_and_network_key(email_canonical, ip);
        self.store.forgive_attempt(&key, PER_ACCOUNT_AND_NETWORK).await?;
        self.store.forgive_attempt(&network_key(ip), PER_NETWORK).await
    }
}

/// Key of a bucket: SHA-256 over the purpose and each part, with lengths, so that no two lists of parts
/// give the same key. For counters of other purposes as well (codes, mails).
pub fn attempt_key(purpose: &str, parts: &[&str]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in std::iter::once(&purpose).chain(parts) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// The network a client address counts under: an IPv4 address itself, an IPv6 address by its /64 (one
/// customer has at least that), an IPv4-mapped one as IPv4.
pub fn client_network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn buckets(email: &str, ip: IpAddr, known_device: Option<&str>) -> Vec<([u8; 32], Quota)> {
    if let Some(device) = known_device {
        return vec![(known_device_key(device), PER_KNOWN_DEVICE)];
    }
    vec![
        (network_key(ip), PER_NETWORK),
        (account_and_network_key(email, ip), PER_ACCOUNT_AND_NETWORK),
        (attempt_key("sign-in/account", &[email]), PER_ACCOUNT_UNKNOWN_DEVICES),
    ]
}

fn known_device_key(device: &str) -> [u8; 32] {
    attempt_key("sign-in/known-device", &[device])
}

fn share_key(email: &str, ip: IpAddr) -> [u8; 32] {
    attempt_key("sign-in/share", &[email, &client_network(ip).to_string()])
}

fn network_key(ip: IpAddr) -> [u8; 32] {
    attempt_key("sign-in/network", &[&client_network(ip).to_string()])
}

fn account_and_network_key(email: &str, ip: IpAddr) -> [u8; 32] {
    attempt_key("sign-in/account-network", &[email, &client_network(ip).to_string()])
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tempfile::TempDir;

    use super::*;
    use crate::store::sqlite::open_sqlite;

    const NOW_MS: i64 = 1_700_000_000_000;
    const ANNA: &str = "anna@example.com";

    async fn throttle() -> (SignInThrottle, TempDir) {
        let folder = TempDir::new().unwrap();
        let store = open_sqlite(&folder.path().join("store.db")).await.unwrap();
        (SignInThrottle::new(Arc::new(store)), folder)
    }

    fn ip(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))
    }

    async fn allowed(
        throttle: &SignInThrottle,
        email: &str,
        ip: IpAddr,
        known: Option<&str>,
    ) -> bool {
        throttle.before(email, ip, known, NOW_MS).await.unwrap() == Attempt::Allowed
    }

    #[tokio::test]
    async fn one_network_gets_ten_tries_at_an_account() {
        let (throttle, _folder) = throttle().await;
        for _ in 0..PER_ACCOUNT_AND_NETWORK.limit {
            assert!(allowed(&throttle, ANNA, ip(1), None).await);
        }
        assert!(!allowed(&throttle, ANNA, ip(1), None).await);
        assert!(allowed(&throttle, "boris@example.com", ip(1), None).await, "another account");
        assert!(allowed(&throttle, ANNA, ip(2), None).await, "another network");
        let later = throttle.before(ANNA, ip(1), None, NOW_MS + 90_000).await.unwrap();
        assert_eq!(later, Attempt::Allowed);
    }

    #[tokio::test]
    async fn success_forgets_the_failures_before_it() {
        let (throttle, _folder) = throttle().await;
        while allowed(&throttle, ANNA, ip(1), None).await {}
        throttle.succeeded(ANNA, ip(1), None).await.unwrap();
        assert!(allowed(&throttle, ANNA, ip(1), None).await);
    }

    #[tokio::test]
    async fn one_network_is_limited_over_all_accounts_whatever_it_succeeds_at() {
        let (throttle, _folder) = throttle().await;
        let mut tried = 0;
        loop {
            if !allowed(&throttle, "eve@example.com", ip(1), None).await {
                break;
            }
            throttle.succeeded("eve@example.com", ip(1), None).await.unwrap();
            if !allowed(&throttle, &format!("victim{tried}@example.com"), ip(1), None).await {
                break;
            }
            tried += 1;
        }
        assert_eq!(tried, PER_NETWORK.limit);
    }

    #[tokio::test]
    async fn an_office_behind_one_address_signs_in() {
        let (throttle, _folder) = throttle().await;
        for n in 0..3 * PER_NETWORK.limit {
            let email = format!("colleague{n}@example.com");
            assert!(allowed(&throttle, &email, ip(1), None).await, "{n}");
            throttle.succeeded(&email, ip(1), None).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_full_account_still_lets_a_network_of_its_own_try_a_few_times() {
        let (throttle, _folder) = throttle().await;
        let mut tried = 0;
        for n in 0..400 {
            tried += u32::from(allowed(&throttle, ANNA, ip(n % 20), None).await);
        }
        let shares = 20 * SHARE_OF_A_NETWORK.limit;
        assert_eq!(tried, PER_ACCOUNT_UNKNOWN_DEVICES.limit + shares, "the stranger's networks");

        for _ in 0..SHARE_OF_A_NETWORK.limit {
            assert!(allowed(&throttle, ANNA, ip(9999), None).await, "the owner at a new device");
        }
        assert!(!allowed(&throttle, ANNA, ip(9999), None).await);
        assert!(
            allowed(&throttle, ANNA, ip(5), Some("laptop")).await,
            "a known device is not concerned"
        );
        assert!(allowed(&throttle, "boris@example.com", ip(5), None).await);
    }

    #[tokio::test]
    async fn known_device_is_limited_in_its_own_bucket() {
        let (throttle, _folder) = throttle().await;
        for n in 0..PER_KNOWN_DEVICE.limit {
            assert!(allowed(&throttle, ANNA, ip(n), Some("laptop")).await);
        }
        assert!(!allowed(&throttle, ANNA, ip(1), Some("laptop")).await);
        assert!(allowed(&throttle, ANNA, ip(1), Some("another")).await, "each counts for itself");
        assert!(allowed(&throttle, ANNA, ip(1), None).await);
        throttle.succeeded(ANNA, ip(1), Some("laptop")).await.unwrap();
        assert!(allowed(&throttle, ANNA, ip(1), Some("laptop")).await);
    }

    #[tokio::test]
    async fn an_attempt_that_is_forgiven_gives_back_nothing_but_itself() {
        let (throttle, _folder) = throttle().await;
        for known in [None, Some("laptop")] {
            let limit = if known.is_some() { PER_KNOWN_DEVICE } else { PER_ACCOUNT_AND_NETWORK };
            let mut guesses = 0;
            while allowed(&throttle, ANNA, ip(1), known).await && guesses < 100 {
                guesses += 1;
                if allowed(&throttle, ANNA, ip(1), known).await {
                    throttle.forgive(ANNA, ip(1), known).await.unwrap();
                }
            }
            assert_eq!(guesses, limit.limit, "{known:?}");
        }
    }

    #[tokio::test]
    async fn account_is_not_used_up_by_what_a_network_may_not() {
        let (throttle, _folder) = throttle().await;
        for _ in 0..500 {
            allowed(&throttle, ANNA, ip(1), None).await;
        }
        assert!(allowed(&throttle, ANNA, ip(2), None).await);
    }

    #[test]
    fn networks_are_addresses_or_their_64_prefix() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            let found = client_network(address.parse().unwrap());
            assert_eq!(found, network.parse::<IpAddr>().unwrap(), "{address}");
        }
    }

    #[test]
    fn keys_differ_wherever_the_parts_do() {
        let keys = [
            attempt_key("a", &["b", "c"]),
            attempt_key("a", &["bc"]),
            attempt_key("a", &["b", "c", ""]),
            attempt_key("ab", &["c"]),
            attempt_key("a", &["c", "b"]),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(!keys[n + 1..].contains(key), "{n}");
        }
    }
}
