//! Locks, full disks, callers that hang up, damaged rows.

use std::time::Duration;

use sqlx::{Connection, Row};
use tokio::time::Instant;

use super::*;
use crate::store::StoredPortal;

#[tokio::test]
async fn flush_to_disk_follows_the_kind_of_write() {
    let (store, _folder) = one_handle().await;
    for (durability, expected) in [
        (Durability::Machine, 2), // FULL
        (Durability::Process, 1), // NORMAL
        (Durability::Machine, 2),
        (Durability::Process, 1),
    ] {
        let mut connection = file(&store).writer(durability).await.unwrap();
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let mode: i64 =
            sqlx::raw_sql("PRAGMA synchronous").fetch_one(&mut *transaction).await.unwrap().get(0);
        assert_eq!(mode, expected, "{durability:?}");
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn locked_database_answers_unavailable_in_time_and_still_reads() {
    let (store, folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    let mut stranger = raw(&folder).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();

    let started = Instant::now();
    let (write, waiting_write, read) = tokio::join!(
        store.raise_generation(anna),
        store.check(),
        store.account_by_email("anna@example.com"),
    );
    let took = started.elapsed();
    for outcome in [write.map(drop), waiting_write] {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
    assert!(took < CALL_DEADLINE + Duration::from_millis(500), "{took:?}");
    assert!(read.unwrap().is_some());

    sqlx::query("ROLLBACK").execute(&mut stranger).await.unwrap();
    let generation = store.raise_generation(anna).await.unwrap();
    assert_eq!(generation, 2, "what was answered with an error had not happened");
}

#[tokio::test]
async fn short_lock_is_waited_for() {
    let (store, folder) = one_handle().await;
    let mut stranger = raw(&folder).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
    let unlock = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sqlx::query("COMMIT").execute(&mut stranger).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(store.check(), unlock);
    outcome.unwrap();
}

#[tokio::test]
async fn full_disk_answers_unavailable_and_recovers() {
    let (store, _folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    let limit_pages = async |pages: &'static str| {
        let mut connection = file(&store).writer.acquire().await.unwrap();
        sqlx::query(pages).execute(&mut *connection).await.unwrap();
    };
    limit_pages("PRAGMA max_page_count = 1").await;
    let huge = StoredPortal {
        id: "acme".into(),
        toml: "x".repeat(1 << 20),
        created_at: NOW,
        created_by: None,
    };
    let outcome = store.add_portal(huge.clone()).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    assert!(store.account(anna).await.unwrap().is_some());
    limit_pages("PRAGMA max_page_count = 1073741823").await;
    assert!(store.add_portal(huge).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_that_hangs_up_leaves_no_lock_behind() {
    let (store, folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    for n in 0..50_u32 {
        let store = store.clone();
        let call = tokio::spawn(async move { store.raise_generation(anna).await });
        for _ in 0..n % 7 {
            tokio::task::yield_now().await;
        }
        call.abort();
        let _ = call.await;
    }
    // Another process gets the lock at once, and this one as well.
    let mut stranger = raw(&folder).await;
    store.check().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
    sqlx::query("ROLLBACK").execute(&mut stranger).await.unwrap();
    store.raise_generation(anna).await.unwrap();
}

#[tokio::test]
async fn row_that_cannot_be_read_is_an_error_and_not_absent() {
    let (store, folder) = one_handle().await;
    let anna = create(&store, "anna@example.com").await;
    let session = store.create_session(new_session(anna), NOW).await.unwrap();
    let mut connection = raw(&folder).await;
    for damage in [
        "UPDATE accounts SET generation = -1",
        "UPDATE sessions SET amr = 'pwd'",
        "UPDATE counters SET value = 'x' WHERE name = 'directory'",
    ] {
        sqlx::query(damage).execute(&mut connection).await.unwrap();
    }
    for outcome in [
        store.account(anna).await.map(drop),
        store.account_by_email("anna@example.com").await.map(drop),
        store.session(session.id, LIMITS, NOW).await.map(drop),
        store.version().await.map(drop),
    ] {
        assert!(matches!(outcome, Err(StoreError::Corrupt(_))), "{outcome:?}");
    }
}
