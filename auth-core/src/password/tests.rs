use std::ops::RangeInclusive;
use std::time::Duration;

use argon2::password_hash::CustomizedPasswordHasher;
use rustix::process::getpriority_process;

use super::*;

const ANNA: &str = "correct horse battery staple";

fn cheap() -> Passwords {
    Passwords { memory_kib: 64, iterations: 1, parallelism: 1, min_length: 8, workers: 2, queue: 8 }
}

fn foreign(algorithm: &str, memory_kib: u32, iterations: u32, parallelism: u32) -> String {
    let params = Params::new(memory_kib, iterations, parallelism, Some(32)).unwrap();
    Argon2::default()
        .hash_password_customized(ANNA.as_bytes(), &[7; 16], Some(algorithm), Some(0x13), params)
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn right_password_matches_and_wrong_one_does_not() {
    let pool = PasswordPool::new(&cheap());
    let stored = pool.hash(ANNA).await.unwrap();
    assert_eq!(pool.verify(Some(&stored), ANNA).await, Ok(Verification::Match));
    for wrong in ["", "correct horse battery stapl", "correct horse battery staple ", "CORRECT"] {
        assert_eq!(pool.verify(Some(&stored), wrong).await, Ok(Verification::NoMatch), "{wrong:?}");
    }
}

#[tokio::test]
async fn hashes_follow_the_configuration_and_never_repeat() {
    let mut settings = cheap();
    settings.memory_kib = 19 * 1024;
    settings.iterations = 2;
    let pool = PasswordPool::new(&settings);
    let (first, second) = (pool.hash(ANNA).await.unwrap(), pool.hash(ANNA).await.unwrap());
    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    assert_ne!(first, second);
}

#[test]
fn every_cost_that_can_be_configured_can_be_computed() {
    let ends = |range: RangeInclusive<u32>| [*range.start(), *range.end()];
    for memory_kib in ends(Passwords::MEMORY_KIB) {
        for iterations in ends(Passwords::ITERATIONS) {
            for parallelism in ends(Passwords::PARALLELISM) {
                PasswordPool::new(&Passwords { memory_kib, iterations, parallelism, ..cheap() });
            }
        }
    }
}

#[tokio::test]
async fn password_is_taken_as_typed() {
    let pool = PasswordPool::new(&cheap());
    let stored = pool.hash("caf\u{e9}").await.unwrap();
    assert_eq!(pool.verify(Some(&stored), "cafe\u{301}").await, Ok(Verification::NoMatch));
    // Nothing after a NUL, or after a 72nd byte, is left out.
    let long = "x".repeat(100);
    let stored = pool.hash(&format!("{long}\0tail")).await.unwrap();
    assert_eq!(pool.verify(Some(&stored), &long).await, Ok(Verification::NoMatch));
    assert_eq!(pool.verify(Some(&stored), &format!("{long}\0tail")).await, Ok(Verification::Match));
}

#[tokio::test]
async fn no_stored_hash_never_matches() {
    let pool = PasswordPool::new(&cheap());
    for password in ["", ANNA, "no such account."] {
        assert_eq!(pool.verify(None, password).await, Ok(Verification::NoMatch));
    }
}

#[tokio::test]
async fn missing_account_costs_what_a_known_one_costs() {
    let mut settings = cheap();
    settings.memory_kib = 8 * 1024;
    settings.iterations = 3;
    let pool = PasswordPool::new(&settings);
    let stored = pool.hash(ANNA).await.unwrap();
    let weaker = foreign("argon2id", 64, 1, 1);
    let known = fastest(|| pool.verify(Some(&stored), "wrong")).await;
    let unknown = fastest(|| pool.verify(None, "wrong")).await;
    let unusable = fastest(|| pool.verify(Some("$6$salt$hash"), "wrong")).await;
    let outgrown = fastest(|| pool.verify(Some(&weaker), "wrong")).await;
    for other in [unknown, unusable, outgrown] {
        // Wide, since machines are noisy; a forgotten dummy differs by a factor of thousands.
        assert!(other * 4 > known && known * 4 > other, "{known:?} {other:?}");
    }
}

async fn fastest<F: Future>(mut work: impl FnMut() -> F) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = tokio::time::Instant::now();
        work().await;
        best = best.min(started.elapsed());
    }
    best
}

#[tokio::test]
async fn weaker_stored_hash_asks_for_a_new_one() {
    let mut settings = cheap();
    settings.memory_kib = 256;
    settings.iterations = 2;
    let pool = PasswordPool::new(&settings);
    let today = foreign("argon2id", 256, 2, 1);
    assert_eq!(pool.verify(Some(&today), ANNA).await, Ok(Verification::Match));
    let stronger = foreign("argon2id", 512, 3, 1);
    assert_eq!(pool.verify(Some(&stronger), ANNA).await, Ok(Verification::Match));
    for weaker in [
        foreign("argon2id", 128, 2, 1),
        foreign("argon2id", 256, 1, 1),
        foreign("argon2i", 256, 2, 1),
        foreign("argon2d", 256, 2, 1),
    ] {
        let outcome = pool.verify(Some(&weaker), ANNA).await;
        assert_eq!(outcome, Ok(Verification::MatchButWeaker), "{weaker}");
        assert_eq!(pool.verify(Some(&weaker), "wrong").await, Ok(Verification::NoMatch));
    }
}

#[tokio::test]
async fn stored_hash_that_asks_for_too_much_is_not_computed() {
    let pool = PasswordPool::new(&cheap());
    let honest = foreign("argon2id", 64, 1, 1);
    let tail = honest.rsplitn(3, '$').take(2).collect::<Vec<_>>();
    let (output, salt) = (tail[0], tail[1]);
    for params in [
        "v=19$m=4194304,t=1,p=1",
        "v=19$m=1048577,t=1,p=1",
        "v=19$m=64,t=65,p=1",
        "v=19$m=256,t=1,p=17",
        "v=19$m=64,t=4294967295,p=1",
        "v=20$m=64,t=1,p=1",
        "v=19$m=1,t=1,p=1",
    ] {
        let stored = format!("$argon2id${params}${salt}${output}");
        let outcome =
            tokio::time::timeout(Duration::from_secs(20), pool.verify(Some(&stored), ANNA))
                .await
                .unwrap();
        assert_eq!(outcome, Ok(Verification::NoMatch), "{params}");
    }
}

#[tokio::test]
async fn stored_text_that_is_no_hash_never_matches() {
    let pool = PasswordPool::new(&cheap());
    for stored in [
        "",
        "$",
        "$argon2id",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$c2hvcnQ",
        "$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdA",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ] {
        assert_eq!(pool.verify(Some(stored), ANNA).await, Ok(Verification::NoMatch), "{stored}");
    }
}

#[tokio::test]
async fn overlong_password_is_refused_before_hashing() {
    let mut settings = cheap();
    settings.queue = 0;
    settings.workers = 1;
    let pool = PasswordPool::new(&settings);
    let _all_workers_are_taken = Arc::clone(&pool.workers).try_acquire_owned().unwrap();
    let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
    assert_eq!(pool.hash(&long).await, Err(PasswordError::TooLong));
    assert_eq!(pool.verify(None, &long).await, Err(PasswordError::TooLong));
}

#[tokio::test]
async fn full_queue_turns_away_and_recovers() {
    let mut settings = cheap();
    settings.workers = 1;
    settings.queue = 3;
    let pool = Arc::new(PasswordPool::new(&settings));
    let worker = Arc::clone(&pool.workers).try_acquire_owned().unwrap();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.verify(None, ANNA).await })
        })
        .collect();
    while pool.queue_depth() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pool.verify(None, ANNA).await, Err(PasswordError::Busy));
    assert_eq!(pool.hash(ANNA).await, Err(PasswordError::Busy));
    drop(worker);
    for task in waiting {
        assert_eq!(task.await.unwrap(), Ok(Verification::NoMatch));
    }
    assert_eq!(pool.queue_depth(), 0);
    assert_eq!(pool.verify(None, ANNA).await, Ok(Verification::NoMatch));
}

#[tokio::test]
async fn caller_that_hangs_up_gives_its_place_back() {
    let mut settings = cheap();
    settings.workers = 1;
    settings.queue = 1;
    let pool = Arc::new(PasswordPool::new(&settings));
    let worker = Arc::clone(&pool.workers).try_acquire_owned().unwrap();
    let task = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.verify(None, ANNA).await }
    });
    while pool.queue_depth() < 1 {
        tokio::task::yield_now().await;
    }
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(pool.queue_depth(), 0);
    drop(worker);
    assert_eq!(pool.verify(None, ANNA).await, Ok(Verification::NoMatch));
}

#[test]
fn what_guessing_begins_with_is_not_taken() {
    for password in [
        "password",
        "Password1",
        "PASSWORD123!",
        "p@ssw0rd",
        "P4$$w0rd!",
        "12345678",
        "87654321",
        "123456789012",
        "qwertyuiop",
        "Qwerty123",
        "poiuytre",
        "1q2w3e4r",
        "iloveyou",
        "ILoveYou2",
        "aaaaaaaa",
        "12121212",
        "abcabcabc",
        "Bitrix24",
        "bitrix24!",
        "sunshine1",
        "abcdefgh",
        "monkey123",
        "dragon!!",
        "йцукенгш",
        "пароль123",
        "111111111111111111",
        "letmein1",
        "Summer2024!",
        "trustno1!",
        "changeme",
    ] {
        assert_eq!(
            check_new(password, 8, &["zoe@example.org"]),
            Err(WeakPassword::Common),
            "{password}"
        );
    }
}

#[test]
fn ones_own_address_is_not_taken() {
    for password in
        ["anna.karenina@example.com", "Anna.Karenina", "anna.karenina1877", "EXAMPLE.com"]
    {
        let outcome = check_new(password, 8, &["anna.karenina@example.com"]);
        assert_eq!(outcome, Err(WeakPassword::LikeEmail), "{password}");
    }
}

#[test]
fn length_is_counted_in_code_points_and_bounded_in_bytes() {
    let short = Err(WeakPassword::TooShort { minimum: 8 });
    assert_eq!(check_new("", 8, &["a@b.example"]), short);
    assert_eq!(check_new("sxrmvwq", 8, &["a@b.example"]), short);
    assert_eq!(check_new("ёжикЪюшч", 8, &["a@b.example"]), Ok(()));
    let long = "0123456789abcdefghijklmnopqrst7x".repeat(32);
    assert_eq!(check_new(&long, 8, &["a@b.example"]), Ok(()));
    assert_eq!(check_new(&(long + "x"), 8, &["a@b.example"]), Err(WeakPassword::TooLong));
}

#[test]
fn good_passwords_of_every_kind_are_taken() {
    for password in [
        ANNA,
        "sxrmvwqpk",
        "hgTr84!x",
        "   spaces are fine   ",
        "любовь к трём апельсинам",
        "passwordless future",
        "my dragon eats 3 sheep",
        "日本語のパスワード",
        "🦊🐼🐨🐯🦁🐮🐷🐸",
    ] {
        assert_eq!(check_new(password, 8, &["a@b.example"]), Ok(()), "{password}");
    }
}

#[test]
fn what_is_put_together_from_words_and_dates_is_not_taken() {
    for password in ["monkeydragon", "qwer1234asdf", "sunflower1987"] {
        let outcome = check_new(password, 8, &["zoe@example.org"]);
        assert_eq!(outcome, Err(WeakPassword::Guessable), "{password}");
    }
}

#[test]
fn what_is_known_of_the_person_makes_no_password() {
    let about = ["a.k@example.org", "Annabelle Kranichsteiner", "Umbrellacorp Worldwide"];
    for password in ["Kranichsteiner!", "Annabelle Kranichsteiner", "umbrellacorp7", "Annabelle84"]
    {
        assert_eq!(check_new(password, 8, &about), Err(WeakPassword::Guessable), "{password}");
    }
    assert_eq!(check_new("Kranichsteiner!", 8, &["b@example.org"]), Ok(()), "of somebody else");
}

#[test]
fn only_the_beginning_of_a_long_password_is_estimated() {
    let good = "of shoes and ships and sealing-wax, of cabbages";
    assert!(good.chars().count() > 40);
    let about = ["zoe@example.org"];
    assert_eq!(check_new(&format!("{good}{}", "a".repeat(500)), 8, &about), Ok(()));
    let tail = format!("{}{good}", "monkey".repeat(8));
    assert_eq!(check_new(&tail, 8, &about), Err(WeakPassword::Guessable));
}

#[tokio::test]
async fn a_check_waits_its_turn_like_a_hash() {
    let mut settings = cheap();
    settings.workers = 1;
    settings.queue = 0;
    let pool = PasswordPool::new(&settings);
    assert_eq!(pool.check_new(ANNA, 8, &[]).await, Ok(Ok(())));
    assert_eq!(pool.check_new("monkeydragon", 8, &[]).await, Ok(Err(WeakPassword::Guessable)));
    let endless = "x".repeat(MAX_PASSWORD_BYTES + 1);
    assert_eq!(pool.check_new(&endless, 8, &[]).await, Ok(Err(WeakPassword::TooLong)));
    let _the_worker_is_taken = Arc::clone(&pool.workers).try_acquire_owned().unwrap();
    assert_eq!(pool.check_new(ANNA, 8, &[]).await, Err(PasswordError::Busy));
}

#[tokio::test]
async fn hashing_lets_everything_else_go_first() {
    let pool = PasswordPool::new(&cheap());
    let own = || getpriority_process(Some(gettid())).unwrap();
    let hashing = pool.compute(ANNA, move |_| own()).await.unwrap();
    assert_eq!(hashing, NICE);
    assert!(own() < NICE, "and no other thread does");
}
