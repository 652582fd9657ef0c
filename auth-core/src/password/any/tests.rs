use bitrix_id_config::model::Passwords;

use super::*;
use crate::password::MAX_PASSWORD_BYTES;
use crate::password::samples::{sample_md5, sample_sha512};

const PASSWORD: &str = "correct horse battery staple";

fn pool() -> PasswordPool {
    PasswordPool::new(&Passwords {
        memory_kib: 64,
        iterations: 1,
        parallelism: 1,
        min_length: 8,
        workers: 2,
        queue: 8,
    })
}

fn forms() -> [String; 3] {
    [
        sample_sha512(PASSWORD, "abcdefghij012345"),
        sample_md5(PASSWORD, "aB3$xY9z"),
        sample_md5(PASSWORD, ""),
    ]
}

async fn others(pool: &PasswordPool, others: &[&str], slots: usize) -> Vec<bool> {
    pool.verify_any(None, others, slots, PASSWORD).await.unwrap().others
}

#[tokio::test]
async fn each_that_matches_is_named_by_its_place() {
    let pool = pool();
    let [sha512, salted, plain] = forms();
    let wrong = sample_md5("something else", "aB3$xY9z");
    let found = others(&pool, &[&sha512, &wrong, &salted, "no hash", &plain], 8).await;
    assert_eq!(found, [true, false, true, false, true]);
    assert_eq!(others(&pool, &[], 8).await, [false; 0]);
}

#[tokio::test]
async fn the_own_hash_comes_first() {
    let pool = pool();
    let own = pool.hash(PASSWORD).await.unwrap();
    let [sha512, ..] = forms();
    let found = pool.verify_any(Some(&own), &[&sha512], 8, PASSWORD).await.unwrap();
    assert_eq!(found, AnyVerification { own: Verification::Match, others: vec![] });
    let other = pool.hash("another").await.unwrap();
    let found = pool.verify_any(Some(&other), &[&sha512], 8, PASSWORD).await.unwrap();
    assert_eq!(found, AnyVerification { own: Verification::NoMatch, others: vec![true] });
}

#[tokio::test]
async fn one_argon2_of_a_portal_is_compared_where_there_is_no_own_hash() {
    let pool = pool();
    let argon2 = pool.hash(PASSWORD).await.unwrap();
    let [sha512, ..] = forms();
    assert_eq!(others(&pool, &[&sha512, &argon2, &argon2], 8).await, [true, true, false]);
    let own = pool.hash("another").await.unwrap();
    let found = pool.verify_any(Some(&own), &[&argon2], 8, PASSWORD).await.unwrap();
    assert_eq!(found, AnyVerification { own: Verification::NoMatch, others: vec![false] });
}

#[tokio::test]
async fn no_more_are_looked_at_than_there_are_slots() {
    let pool = pool();
    let [sha512, salted, plain] = forms();
    assert_eq!(others(&pool, &[&sha512, &salted, &plain], 2).await, [true, true, false]);
    let many = vec![plain.as_str(); LEGACY_SLOTS + 2];
    let found = others(&pool, &many, usize::MAX).await;
    assert_eq!(found.iter().filter(|matched| **matched).count(), LEGACY_SLOTS);
    assert_eq!(found.len(), many.len());
}

#[tokio::test]
async fn an_overlong_password_is_refused() {
    let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
    let outcome = pool().verify_any(None, &[], LEGACY_SLOTS, &long).await;
    assert_eq!(outcome, Err(PasswordError::TooLong));
}

#[test]
fn the_work_does_not_tell_how_many_there_were_or_of_which_kind() {
    let pool = pool();
    let [sha512, salted, plain] = forms();
    let own = crate::password::hash(&pool.params, PASSWORD.as_bytes()).unwrap();
    let all = [plain.clone(), salted.clone(), sha512.clone(), own.clone(), "no hash".to_owned()];
    for (stored, others) in [
        (None, &[][..]),
        (None, &[sha512][..]),
        (None, &[salted][..]),
        (None, &[plain][..]),
        (None, &all[..]),
        (Some(own.as_str()), &all[..]),
    ] {
        for (password, spellings) in [("wrong", 1), (PASSWORD, 1), ("пароль", 2)] {
            for slots in [0, 3, LEGACY_SLOTS] {
                let before = legacy::COMPUTED.get();
                let params = &pool.params;
                Comparison { params, others, slots, password: password.as_bytes() }
                    .run(stored)
                    .unwrap();
                let computed = legacy::COMPUTED.get() - before;
                assert_eq!(computed, slots * spellings, "{password} {others:?}");
            }
        }
    }
}
