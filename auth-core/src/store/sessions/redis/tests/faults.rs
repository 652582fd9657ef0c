//! The server stops, hangs, comes back, or somebody else takes over.

use tokio::time::Instant;

use super::*;
use crate::store::StoreError;

/// No call takes longer, on a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
const BACK_WITHIN: Duration = Duration::from_secs(60);

async fn is_unavailable(store: &RedisStore) {
    let asked = Instant::now();
    let answer = store.create_session(new_session(9), NOW).await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert!(asked.elapsed() < ANSWERED_WITHIN, "{:?}", asked.elapsed());
}

/// Until a write is taken again; how long that was.
async fn until_back(store: &RedisStore) -> Duration {
    let asked = Instant::now();
    while store
        .spend_ticket(crate::store::encode::new_id_ms(SystemClock.now_ms()), NOW + 30)
        .await
        .is_err()
    {
        assert!(asked.elapsed() < BACK_WITHIN, "it does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    asked.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_stopped_is_used_again_when_it_is_back() {
    let (store, server) = own().await;
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    server.stop().await;
    is_unavailable(&store).await;
    is_unavailable(&store).await;
    server.start().await;
    let back = until_back(&store).await;
    println!("back after {back:?}");
    let found = store.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap();
    assert_eq!(found, Some(session.clone()), "it was kept on disk");
    server.kill().await;
    is_unavailable(&store).await;
    server.start().await;
    until_back(&store).await;
    assert_eq!(store.session(session.id, LIMITS, NOW).await.unwrap(), Some(session));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_keeps_nobody_waiting() {
    let (store, server) = own().await;
    let store = Arc::new(store);
    server.pause().await;
    let asked = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..2000_u128 {
        let store = Arc::clone(&store);
        calls.spawn(async move { store.spend_ticket(Uuid::from_u128(n), NOW + 30).await });
    }
    let answers = calls.join_all().await;
    println!("2000 calls to a server that hangs end after {:?}", asked.elapsed());
    assert!(asked.elapsed() < ANSWERED_WITHIN, "{:?}", asked.elapsed());
    let refused = answers.iter().filter(|a| matches!(a, Err(StoreError::Unavailable(_)))).count();
    assert_eq!(refused, 2000);
    server.resume().await;
    println!("back after {:?}", until_back(&store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweep_tells_of_a_server_that_takes_nothing_more() {
    let (store, server) = own().await;
    store.create_session(new_session(1), NOW).await.unwrap();
    store.sweep(LIMITS, NOW + 900, NOW * 1000).await.unwrap();
    assert_eq!(server.ask("CONFIG SET maxmemory 1"), "+OK\r\n");
    let told = store.sweep(LIMITS, NOW + 900, NOW * 1000).await;
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    assert_eq!(server.ask("CONFIG SET maxmemory 0"), "+OK\r\n");
    store.sweep(LIMITS, NOW + 900, NOW * 1000).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_hangs_or_goes_is_used_again_when_it_is_back() {
    let cluster = servers::own_cluster().await;
    let nodes = cluster.ports().map(local).to_vec();
    let settings = settings(RedisServers::Cluster { nodes });
    let store = open_redis(&settings, "bitrix-id", Arc::new(SystemClock)).await.unwrap();
    cluster.pause().await;
    for _ in 0..3 {
        is_unavailable(&store).await;
    }
    cluster.resume().await;
    println!("a cluster that hung is back after {:?}", until_back(&store).await);
    cluster.kill().await;
    is_unavailable(&store).await;
    cluster.start().await;
    println!("a cluster that went is back after {:?}", until_back(&store).await);
    store.create_session(new_session(1), NOW).await.unwrap();
    assert_eq!(store.end_sessions_of(anna(), None, NOW + 900, NOW_MS).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hangs_is_left_for_another() {
    let servers = servers::own_sentinel().await;
    let store = open_redis(&sentinels(&servers), "bitrix-id", Arc::new(SystemClock)).await.unwrap();
    servers.pause_primary();
    is_unavailable(&store).await;
    println!("another primary is used after {:?}", until_back(&store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_primary_is_followed() {
    let servers = servers::own_sentinel().await;
    let store = open_redis(&sentinels(&servers), "bitrix-id", Arc::new(SystemClock)).await.unwrap();
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    // Until the replica has it: what a failover loses is another test.
    let asked = Instant::now();
    while !servers.is_replicated() {
        assert!(asked.elapsed() < BACK_WITHIN, "the replica does not follow");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let first = servers.primary();
    servers.kill_primary();
    println!("another primary is used after {:?}", until_back(&store).await);
    assert_ne!(servers.primary(), first);
    assert_eq!(store.session(session.id, LIMITS, NOW).await.unwrap(), Some(session));
    // Its scripts and its messages are there as well.
    let sequence = store.revoke_account(anna(), 2, NOW + 900, NOW_MS).await.unwrap().sequence;
    assert!(sequence > 0);
    tokio::time::timeout(BACK_WITHIN, store.revocations_grew()).await.unwrap();
}
