//! Lists on a replica, and on the primary when there is none. The replica of these tests is another database:
//! what it answers tells who was asked.

use super::*;

async fn with_replica(primary: &TestDatabase, replica: &str) -> SqlStore {
    let replica = format!("{replica}?sslmode=disable").parse().unwrap();
    let options = PostgresOptions { replicas: vec![replica], ..options(&primary.url()) };
    open_postgres(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_lists_are_read_from_a_replica() {
    let (primary, replica) = (database().await, database().await);
    create(&open(&replica).await, "replica@example.com").await;
    let store = with_replica(&primary, &replica.url()).await;
    let anna = create(&store, "anna@example.com").await;
    let listed = store.accounts(None, 10).await.unwrap();
    assert_eq!(listed[0].email, "replica@example.com");
    assert!(store.account(anna).await.unwrap().is_some());
    assert!(store.account_by_email("replica@example.com").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_down_is_done_without() {
    let primary = database().await;
    let store = with_replica(&primary, "postgres://gateway@127.0.0.1:1/id").await;
    create(&store, "anna@example.com").await;
    for _ in 0..2 {
        assert_eq!(store.accounts(None, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hangs_costs_one_list_at_the_most() {
    let server = postgres::own().await;
    let (primary, replica) = (database().await, server.database("").await);
    create(&open(&replica).await, "replica@example.com").await;
    let store = with_replica(&primary, &replica.url()).await;
    create(&store, "anna@example.com").await;
    assert_eq!(store.accounts(None, 10).await.unwrap()[0].email, "replica@example.com");
    server.pause().await;
    // It may have been asked, and have said nothing until the deadline.
    let first = store.accounts(None, 10).await;
    assert!(first.is_ok_and(|listed| listed[0].email == "anna@example.com") || is_resting(&store));
    assert_eq!(store.accounts(None, 10).await.unwrap()[0].email, "anna@example.com");
    server.resume().await;
}

fn is_resting(store: &SqlStore) -> bool {
    let SqlStore::Postgres(inside) = store else { panic!("a server was opened") };
    inside.replicas.any_rests()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_cannot_answer_is_done_without() {
    // Its tables are not there: it has not caught up, say.
    let (primary, replica) = (database().await, postgres::database().await);
    let store = with_replica(&primary, &replica.url()).await;
    create(&store, "anna@example.com").await;
    assert_eq!(store.accounts(None, 10).await.unwrap().len(), 1);
}
