//! Hearing of revocations.

use tokio::time::Instant;

use super::*;

const HEARD_WITHIN: Duration = Duration::from_secs(20);

async fn heard(store: &RedisStore) {
    let heard = tokio::time::timeout(HEARD_WITHIN, store.revocations_grew()).await;
    heard.expect("the store tells");
}

/// Two stores of which one listens and has nothing left to hear.
async fn pair(settings: &Redis) -> (RedisStore, RedisStore) {
    let namespace = servers::namespace();
    let (writer, reader) = (open(settings, &namespace).await, open(settings, &namespace).await);
    heard(&reader).await;
    (writer, reader)
}

async fn a_revocation_is_heard(settings: &Redis) {
    let (writer, reader) = pair(settings).await;
    let mut seen = reader.read_log(LogPosition::default()).await.unwrap().position;
    let mut lags = Vec::new();
    for generation in 0..200 {
        let begun = Instant::now();
        writer.revoke_account(anna(), generation, NOW + 900, NOW_MS).await.unwrap();
        loop {
            heard(&reader).await;
            let news = reader.read_log(seen).await.unwrap();
            seen = news.position;
            if !news.entries.is_empty() {
                break;
            }
        }
        lags.push(begun.elapsed());
    }
    lags.sort_unstable();
    println!("written to read: p50 {:?}, p99 {:?}, most {:?}", lags[100], lags[197], lags[199]);
    assert!(lags[197] < Duration::from_secs(1), "{:?}", lags[197]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_heard_at_once() {
    let server = servers::shared().await;
    a_revocation_is_heard(&single(server.port())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_heard_in_a_cluster() {
    let nodes = servers::cluster().await.ports().map(local).to_vec();
    a_revocation_is_heard(&settings(RedisServers::Cluster { nodes })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_heard_behind_sentinels() {
    let servers = servers::sentinel().await;
    a_revocation_is_heard(&sentinels(&servers)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_cut_off_listens_again_and_looks() {
    let server = servers::own().await;
    let (writer, reader) = pair(&single(server.port())).await;
    let cut = server.ask("CLIENT KILL TYPE pubsub");
    assert_eq!(cut, ":1\r\n");
    heard(&reader).await;
    writer.revoke_account(anna(), 1, NOW + 900, NOW_MS).await.unwrap();
    heard(&reader).await;
    server.stop().await;
    server.start().await;
    heard(&reader).await;
}

#[tokio::test]
async fn a_store_that_nobody_listens_to_does_not_listen() {
    let (_store, server) = own().await;
    assert_eq!(server.ask("PUBSUB NUMSUB bitrix-id:1:revoked").matches(":0").count(), 1);
}
