//! A server that is away when the store is made.

use bitrix_id_config::Secret;

use super::*;
use crate::store::StoreError;

fn unopened(settings: &Redis) -> RedisStore {
    RedisStore::unopened(settings, "bitrix-id", Arc::new(SystemClock)).unwrap()
}

async fn reason(store: &RedisStore) -> String {
    match store.read_log(LogPosition::default()).await {
        Err(StoreError::Unavailable(reason)) => reason,
        other => panic!("not an outage: {other:?}"),
    }
}

/// Until a call is answered, whatever with.
async fn until_it_works(store: &RedisStore) {
    let asked = tokio::time::Instant::now();
    while store.read_log(LogPosition::default()).await.is_err() {
        assert!(asked.elapsed() < Duration::from_secs(60), "it does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_later_is_looked_over_and_used() {
    let server = servers::own().await;
    server.stop().await;
    let store = unopened(&single(server.port()));
    let error = store.open().await.unwrap_err();
    assert!(error.away && error.to_string().contains("cannot be reached"), "{error}");
    assert!(reason(&store).await.contains("cannot be reached"));
    server.start().await;
    until_it_works(&store).await;
    store.open().await.unwrap();
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    assert_eq!(store.session(session.id, LIMITS, NOW).await.unwrap(), Some(session));
    // Whoever listened before hears of it as well.
    tokio::time::timeout(Duration::from_secs(20), store.revocations_grew()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_away() {
    let server = servers::own().await;
    server.pause().await;
    let error = unopened(&single(server.port())).open().await.unwrap_err();
    assert!(error.away && error.to_string().contains("in time"), "{error}");
}

/// It can read the log; without the check that would pass for a store that works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_before_the_checks_have_passed() {
    let server = servers::own().await;
    let user = "ACL SETUSER bitrix-id on >hunter2 ~bitrix-id:* &bitrix-id:* +@all";
    assert_eq!(server.ask(&format!("{user} -publish")), "+OK\r\n");
    let settings = Redis {
        user: Some("bitrix-id".to_owned()),
        password: Some(Secret::new("hunter2")),
        ..single(server.port())
    };
    let store = unopened(&settings);
    let missing = "Redis answers NOPERM: the user may not do what is needed";
    for _ in 0..3 {
        assert_eq!(reason(&store).await, missing);
    }
    let error = store.open().await.unwrap_err();
    assert!(!error.away && error.reason == missing, "waiting does not help: {error}");
    assert_eq!(server.ask(user), "+OK\r\n");
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_at_once_is_answered_together() {
    let server = servers::own().await;
    let store = unopened(&single(server.port()));
    let calls = (0..100).map(|n| store.spend_ticket(Uuid::from_u128(n), NOW + 30));
    for answer in futures_util::future::join_all(calls).await {
        assert!(matches!(answer, Ok(true)), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_and_sentinels_may_be_away_as_well() {
    let cluster = servers::own_cluster().await;
    let settings = settings(RedisServers::Cluster { nodes: cluster.ports().map(local).to_vec() });
    cluster.kill().await;
    let store = unopened(&settings);
    let error = store.open().await.unwrap_err();
    assert!(error.away, "{error}");
    cluster.start().await;
    until_it_works(&store).await;

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let sentinels = RedisServers::Sentinel {
        sentinels: vec![local(port)],
        service: "bitrix-id".to_owned(),
        database: 0,
    };
    let error = unopened(&self::settings(sentinels)).open().await.unwrap_err();
    assert!(error.away, "{error}");
}
