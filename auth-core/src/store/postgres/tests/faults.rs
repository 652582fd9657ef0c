//! Servers that stop, hang, come back and change their minds; callers that hang up.

use std::time::Duration;

use bitrix_id_test_servers::postgres::TestPostgres;
use tokio::time::{Instant, sleep};

use super::*;
use crate::store::StoredPortal;
use crate::store::sql::CALL_DEADLINE;

async fn on_an_own_server() -> (SqlStore, TestDatabase, TestPostgres) {
    let server = postgres::own().await;
    let database = server.database("").await;
    (open(&database).await, database, server)
}

fn is_unavailable<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

/// Several calls at once, so that more than one connection is open.
async fn many_calls(store: &SqlStore) -> Vec<Result<u64, StoreError>> {
    let mut calling = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        calling.spawn(async move { store.version().await });
    }
    calling.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_is_found_again() {
    let (store, _database, server) = on_an_own_server().await;
    let anna = create(&store, "anna@example.com").await;
    assert!(many_calls(&store).await.iter().all(Result::is_ok));

    // Nobody calls while it is away: every connection is dead and none is known to be.
    server.stop().await;
    server.start().await;
    assert!(many_calls(&store).await.iter().all(Result::is_ok), "reads are asked again");
    server.kill().await;
    server.start().await;
    assert_eq!(store.raise_generation(anna).await.unwrap(), 2, "a write had not begun");

    server.stop().await;
    let started = Instant::now();
    let (read, write) = tokio::join!(store.account(anna), store.raise_generation(anna));
    assert!(is_unavailable(&read) && is_unavailable(&write), "{read:?} {write:?}");
    assert!(started.elapsed() < CALL_DEADLINE + Duration::from_secs(1));
    server.start().await;
    assert!(store.account(anna).await.unwrap().is_some());
    store.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_ends_no_call_late_and_poisons_none() {
    let (store, _database, server) = on_an_own_server().await;
    let anna = create(&store, "anna@example.com").await;
    assert!(many_calls(&store).await.iter().all(Result::is_ok));

    server.pause().await;
    let started = Instant::now();
    let (read, write, many) =
        tokio::join!(store.account(anna), store.raise_generation(anna), many_calls(&store));
    assert!(is_unavailable(&read) && is_unavailable(&write), "{read:?} {write:?}");
    assert!(many.iter().all(is_unavailable));
    assert!(started.elapsed() < CALL_DEADLINE + Duration::from_secs(1), "{:?}", started.elapsed());
    server.resume().await;

    let account = store.account(anna).await.unwrap().unwrap();
    // The write that was given up had not been committed, and is not later.
    assert_eq!(store.raise_generation(anna).await.unwrap(), account.generation + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_get_no_connection_end_in_time() {
    let database = database().await;
    let url = options(&database.url());
    let store = open_postgres(PostgresOptions { connections: 2, ..url }).await.unwrap();
    let anna = create(&store, "anna@example.com").await;
    let SqlStore::Postgres(inside) = &store else { panic!("a server was opened") };
    let taken = (inside.primary.acquire().await.unwrap(), inside.primary.acquire().await.unwrap());

    let started = Instant::now();
    let outcome = store.account(anna).await;
    assert!(is_unavailable(&outcome), "{outcome:?}");
    assert!(started.elapsed() < CALL_DEADLINE + Duration::from_secs(1));
    drop(taken);
    assert!(store.account(anna).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_somebody_holds_is_waited_for_no_longer_than_the_deadline() {
    let database = database().await;
    let store = open(&database).await;
    let anna = create(&store, "anna@example.com").await;
    let mut stranger = database.connect().await;
    for text in ["BEGIN", "UPDATE accounts SET name = 'x'"] {
        sqlx::raw_sql(text).execute(&mut stranger).await.unwrap();
    }
    let started = Instant::now();
    let (write, read) = tokio::join!(store.raise_generation(anna), store.account(anna));
    assert!(is_unavailable(&write), "{write:?}");
    assert!(started.elapsed() < CALL_DEADLINE + Duration::from_secs(1));
    assert!(read.unwrap().is_some(), "readers wait for nobody");
    sqlx::raw_sql("ROLLBACK").execute(&mut stranger).await.unwrap();
    assert_eq!(store.raise_generation(anna).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_hang_up_leave_nothing_behind() {
    let database = database().await;
    let store = open(&database).await;
    let anna = create(&store, "anna@example.com").await;
    for n in 0..60_u32 {
        let store = store.clone();
        let call = tokio::spawn(async move { store.raise_generation(anna).await });
        for _ in 0..n % 11 {
            tokio::task::yield_now().await;
        }
        call.abort();
        let _ = call.await;
    }
    store.raise_generation(anna).await.unwrap();
    // Whatever was cut off is gone with its connection.
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let deadline = Instant::now() + Duration::from_secs(20);
    while number(&database, open).await > 0 {
        assert!(Instant::now() < deadline, "a transaction stays open");
        sleep(Duration::from_millis(20)).await;
    }
}

/// As after a failover to a standby that is not promoted yet, and after a primary was made one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_writes_is_left_for_one_that_does() {
    let database = database().await;
    let store = open(&database).await;
    let anna = create(&store, "anna@example.com").await;
    assert!(many_calls(&store).await.iter().all(Result::is_ok));
    let read_only = |is: &str| {
        format!("ALTER DATABASE {} SET default_transaction_read_only = {is}", database.name())
    };
    database.server().execute(&read_only("on")).await;
    // Connections that are open do not notice; new ones are turned away.
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(number(&database, ended).await > 0);
    let outcome = store.raise_generation(anna).await;
    assert!(is_unavailable(&outcome), "{outcome:?}");
    database.server().execute(&read_only("off")).await;
    assert_eq!(store.raise_generation(anna).await.unwrap(), 2);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_and_not_absent() {
    let database = database().await;
    let store = open(&database).await;
    let anna = create(&store, "anna@example.com").await;
    database.execute("UPDATE accounts SET generation = -1").await;
    let outcome = store.account(anna).await;
    assert!(matches!(outcome, Err(StoreError::Corrupt(_))), "{outcome:?}");
}

#[tokio::test]
async fn text_that_the_database_does_not_take_is_refused_without_harm() {
    let database = database().await;
    let store = open(&database).await;
    let portal = StoredPortal {
        id: "with\0zero".into(),
        toml: String::new(),
        created_at: NOW,
        created_by: None,
    };
    assert!(store.add_portal(portal).await.is_err());
    store.check().await.unwrap();
}
