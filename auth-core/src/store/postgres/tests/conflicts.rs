//! Writers that meet: each is as if it were alone, and none is lost.

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::*;
use crate::store::sql::{Access, Durability};
use crate::store::{AuditEvent, NewSession, QueuedMail, Revoked};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_writers_of_one_account_lose_nothing() {
    let (one, other, _database) = two_handles().await;
    let anna = create(&one, "anna@example.com").await;
    let mut writing = JoinSet::new();
    for n in 0..50 {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        writing.spawn(async move { store.raise_generation(anna).await });
    }
    let mut given = writing.join_all().await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
    given.sort_unstable();
    assert_eq!(given, (2..=51).collect::<Vec<u32>>());
}

/// A number is never seen before a smaller one: who polls for what comes after a number misses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revocations_become_visible_in_the_order_of_their_numbers() {
    let (one, other, _database) = two_handles().await;
    let mut writing = JoinSet::new();
    for n in 0..40_u128 {
        let store = if n % 2 == 0 { one.clone() } else { other.clone() };
        let account = AccountId(uuid::Uuid::from_u128(n));
        writing.spawn(async move { store.revoke_account(account, 2, NOW + 900, NOW * 1000).await });
    }
    let (mut seen, mut last) = (Vec::new(), 0);
    while seen.len() < 40 {
        while let Some(done) = writing.try_join_next() {
            done.unwrap().unwrap();
        }
        let news = one.revocations_after(last).await.unwrap();
        last = news.last().map_or(last, |newest| newest.sequence);
        seen.extend(news);
    }
    assert!(seen.iter().map(|entry| entry.sequence).eq(1..=40));
    let mut accounts: Vec<_> = seen.iter().map(|entry| entry.what).collect();
    accounts.sort_by_key(|what| match what {
        Revoked::Account { account, .. } => account.0,
        Revoked::Session(session) => session.0,
    });
    accounts.dedup();
    assert_eq!(accounts.len(), 40);
}

#[tokio::test]
async fn each_access_has_the_transaction_it_asks_for() {
    let database = database().await;
    let store = open(&database).await;
    for (access, isolation, read_only, flushed) in [
        (Access::Read, "read committed", "off", "on"),
        (Access::List, "read committed", "off", "on"),
        (Access::ReadSeveral, "repeatable read", "on", "on"),
        (Access::Write(Durability::Machine), "serializable", "off", "on"),
        (Access::Write(Durability::Process), "serializable", "off", "off"),
        (Access::Write(Durability::Machine), "serializable", "off", "on"),
    ] {
        let mut attempts = store.attempts(access);
        let mut turn = attempts.begin().await.unwrap();
        for (setting, expected) in [
            ("SELECT current_setting('transaction_isolation')", isolation),
            ("SELECT current_setting('transaction_read_only')", read_only),
            ("SELECT current_setting('synchronous_commit')", flushed),
        ] {
            let connection = turn.connection();
            let is: String = sqlx::query_scalar(setting).fetch_one(connection).await.unwrap();
            assert_eq!(is, expected, "{access:?}: {setting}");
        }
        assert!(attempts.end(turn, Ok(())).await.unwrap().is_ok());
    }
}

/// Not a test of anything that can fail: the figures that stand in decision 0017.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn throughput_of_sixteen_writers() {
    let (store, _other, _database) = two_handles().await;
    let anna = create(&store, "anna@example.com").await;
    for what in ["one row", "one counter", "own rows", "sign-ins", "mails"] {
        let begun = Instant::now();
        let mut writing = JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.clone();
            writing.spawn(async move {
                let (mut slowest, mut failed) = (std::time::Duration::ZERO, 0);
                for n in 0..EACH {
                    let started = Instant::now();
                    let cell = u128::from(writer * EACH + n);
                    let outcome = match what {
                        "one row" => store.raise_generation(anna).await.map(drop),
                        "one counter" => {
                            let account = AccountId(uuid::Uuid::from_u128(cell));
                            store.revoke_account(account, 2, NOW + 900, NOW).await.map(drop)
                        }
                        "own rows" => store.record(event(anna)).await,
                        "mails" => store.queue_mail(mail(cell), NOW).await,
                        _ => sign_in(&store, anna, cell).await,
                    };
                    failed += u32::from(outcome.is_err());
                    slowest = slowest.max(started.elapsed());
                }
                (slowest, failed)
            });
        }
        let done = writing.join_all().await;
        let all = f64::from(WRITERS * EACH) / begun.elapsed().as_secs_f64();
        let slowest = done.iter().map(|(slowest, _)| *slowest).max().unwrap();
        let failed: u32 = done.iter().map(|(_, failed)| failed).sum();
        println!("{what}: {all:.0}/s, slowest {slowest:?}, failed {failed}");
    }
}

async fn sign_in(store: &SqlStore, account: AccountId, cell: u128) -> crate::store::Result<()> {
    let mut cookie_hash = [0; 32];
    cookie_hash[..16].copy_from_slice(&cell.to_be_bytes());
    let quota = crate::store::Quota { limit: 1000, window: 60 };
    store.count_attempt(&cookie_hash, quota, NOW * 1000).await?;
    let new = NewSession {
        account,
        generation: 1,
        cookie_hash,
        amr: vec!["pwd".to_owned()],
        user_agent: String::new(),
        auth_time: NOW,
        client_ip: None,
        device: None,
    };
    store.create_session(new, NOW).await?;
    store.record(event(account)).await
}

fn mail(cell: u128) -> QueuedMail {
    QueuedMail {
        id: uuid::Uuid::from_u128(cell),
        to: "anna@example.com".to_owned(),
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        attempts: 0,
    }
}

fn event(account: AccountId) -> AuditEvent {
    AuditEvent {
        at_ms: NOW * 1000,
        action: "sign_in.succeeded".to_owned(),
        account: Some(account),
        session: None,
        actor: "self".to_owned(),
        portal: None,
        client_ip: None,
        request_id: None,
        detail: String::new(),
    }
}

const WRITERS: u32 = 16;
const EACH: u32 = 50;
