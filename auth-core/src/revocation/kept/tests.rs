//! What is taken again, and what is not.

use std::time::Duration;

use super::*;

const SECRET: [u8; 32] = [7; 32];
const NOW: UnixSeconds = 1_700_000_100;
const STANDING: Standing = Standing {
    position: LogPosition { log: Uuid::from_u128(5), sequence: 3, mark: u64::MAX },
    heard_at_ms: 1_700_000_000_123,
};

fn set() -> Revocations {
    let set = Revocations::new();
    set.refuse_before(50);
    set.apply(&known(Revoked::Session(SessionId(Uuid::from_u128(1))), 100));
    let account = AccountId(Uuid::from_u128(2));
    set.apply(&known(Revoked::Account { account, minimum_generation: 4 }, 200));
    set
}

/// Its clock is right by now; this one's has to be.
#[test]
fn a_log_begun_by_a_fast_clock_keeps_nobody_out_for_longer() {
    let (set, other) = (Revocations::new(), Revocations::new());
    set.refuse_before(NOW + 3600);
    other.take(&kept(&set), &SECRET, NOW).unwrap();
    assert!(other.is_before_all(NOW - 1) && !other.is_before_all(NOW));
}

fn kept(set: &Revocations) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.keep(STANDING, &SECRET, &mut bytes).unwrap();
    bytes
}

fn refuses(set: &Revocations, session: u128, account: u128, generation: u32) -> bool {
    let (session, account) = (Uuid::from_u128(session), Uuid::from_u128(account));
    set.is_revoked(SessionId(session), AccountId(account), generation)
}

#[test]
fn what_is_kept_is_taken_again() {
    let (bytes, other) = (kept(&set()), Revocations::new());
    assert_eq!(other.take(&bytes, &SECRET, NOW), Ok(STANDING));
    assert_eq!(other.count(), 2);
    assert!(refuses(&other, 1, 9, 9) && refuses(&other, 9, 2, 3));
    assert!(!refuses(&other, 9, 2, 4) && !refuses(&other, 9, 9, 0));
    assert!(other.is_before_all(49) && !other.is_before_all(50));
    other.forget_before(100);
    assert!(!refuses(&other, 1, 9, 9) && refuses(&other, 9, 2, 3), "each has its own end");
}

#[test]
fn taking_never_makes_a_set_weaker() {
    let set = set();
    let stronger = Revocations::new();
    stronger.refuse_before(60);
    let account = AccountId(Uuid::from_u128(2));
    stronger.apply(&known(Revoked::Account { account, minimum_generation: 6 }, 300));
    stronger.apply(&known(Revoked::Session(SessionId(Uuid::from_u128(1))), 300));
    stronger.take(&kept(&set), &SECRET, NOW).unwrap();
    stronger.forget_before(299);
    assert!(refuses(&stronger, 1, 9, 9) && refuses(&stronger, 9, 2, 5));
    assert!(stronger.is_before_all(59));
}

#[test]
fn an_empty_set_can_be_kept() {
    let (bytes, other) = (kept(&Revocations::new()), Revocations::new());
    assert_eq!(other.take(&bytes, &SECRET, NOW), Ok(STANDING));
    assert_eq!(other.count(), 0);
    assert!(!other.is_before_all(i64::MIN));
}

#[test]
fn bytes_that_are_torn_or_changed_are_refused_and_nothing_of_them_is_taken() {
    let bytes = kept(&set());
    let refused = |bytes: &[u8], secret: &[u8; 32]| {
        let other = Revocations::new();
        let error = other.take(bytes, secret, NOW).unwrap_err();
        assert_eq!((other.count(), other.is_before_all(i64::MIN)), (0, false), "{error}");
        error
    };
    for length in 0..bytes.len() {
        let error = refused(&bytes[..length], &SECRET);
        let torn = length >= HEADER.len();
        assert_eq!(error == UnknownBytes::Torn, torn, "{length}: {error}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        refused(&changed, &SECRET);
    }
    assert_eq!(refused(&[&bytes[..], b"x"].concat(), &SECRET), UnknownBytes::Torn);
    assert_eq!(refused(&bytes, &[8; 32]), UnknownBytes::Torn, "another installation's");
    assert_eq!(refused(b"SQLite format 3\0", &SECRET), UnknownBytes::Foreign);
}

/// Signed by us, and not what we write: never a panic, whatever it says of itself.
#[test]
fn lengths_are_not_believed() {
    let mut bytes = kept(&Revocations::new());
    bytes.truncate(HEADER.len() + 48);
    bytes.extend_from_slice(&u32::MAX.to_le_bytes());
    bytes.extend_from_slice(&u32::MAX.to_le_bytes());
    let tag = hmac::sign(&key(&SECRET), &bytes);
    bytes.extend_from_slice(tag.as_ref());
    assert_eq!(Revocations::new().take(&bytes, &SECRET, NOW), Err(UnknownBytes::Torn));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn a_million_entries_are_kept_in_moments() {
    let set = Revocations::new();
    for n in 0..1_000_000_u128 {
        set.apply(&known(Revoked::Session(SessionId(Uuid::from_u128(n))), 100));
    }
    let begun = std::time::Instant::now();
    let bytes = kept(&set);
    let written = begun.elapsed();
    let other = Revocations::new();
    other.take(&bytes, &SECRET, NOW).unwrap();
    println!(
        "{} bytes, written in {written:?}, read in {:?}",
        bytes.len(),
        begun.elapsed() - written
    );
    assert_eq!(other.count(), 1_000_000);
    assert!((bytes.len() as u64) < MOST_BYTES / 4, "{}", bytes.len());
    assert!(written < Duration::from_secs(20), "{written:?}");
}
