//! A server that answers with whatever it likes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::store::StoreError;

/// Answers everything with `answer`, again and again if it is to flood.
async fn answering(answer: &'static [u8], flood: bool) -> RedisStore {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut command = vec![0; 1 << 16];
                while let Ok(1..) = connection.read(&mut command).await {
                    let mut failed = connection.write_all(answer).await.is_err();
                    while flood && !failed {
                        failed = connection.write_all(&[b'x'; 1 << 16]).await.is_err();
                    }
                }
            });
        }
    });
    let clock = Arc::new(ManualClock::new(NOW));
    let store = RedisStore::unopened(&single(port), "bitrix-id", clock).unwrap();
    // It would not get through the checks, and each call is to fail by itself.
    RedisStore { opened: OnceCell::new_with(Some(())), ..store }
}

async fn every_call_fails(store: &RedisStore) -> String {
    let begun = Instant::now();
    let ticket = store.spend_ticket(Uuid::from_u128(1), NOW + 30).await;
    let StoreError::Unavailable(reason) = ticket.unwrap_err() else { panic!("not an outage") };
    let failures = [
        store.create_session(new_session(1), NOW).await.err(),
        store.session_by_cookie(&[1; 32], LIMITS, NOW).await.err(),
        store.sessions_of(anna(), LIMITS, NOW).await.err(),
        store.end_session(keys::in_partition_of(anna(), Uuid::nil()), NOW, NOW_MS).await.err(),
        store.take_one_time("code", &[1; 32], NOW).await.err(),
        store.count_attempt(&[1; 32], Quota { limit: 1, window: 60 }, NOW_MS).await.err(),
        store.read_log(LogPosition::default()).await.err(),
        store.sweep(LIMITS, NOW, NOW_MS).await.err(),
    ];
    for (n, failure) in failures.into_iter().enumerate() {
        assert!(matches!(failure, Some(StoreError::Unavailable(_))), "{n}: {failure:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    reason
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_an_outage_in_plain_words() {
    for (answer, expected) in [
        (
            &b"-LOADING Redis is loading the dataset in memory\r\n"[..],
            "LOADING: it is still loading",
        ),
        (
            b"-READONLY You can't write against a read only replica.\r\n",
            "READONLY: it is a replica",
        ),
        (
            b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
            "OOM: its memory is full",
        ),
        (b"-NOAUTH Authentication required.\r\n", "NOAUTH: it asks for a password"),
        (b"-MOVED 3999 10.0.0.9:6381\r\n", "MOVED: it is part of a cluster"),
        (b"-CLUSTERDOWN The cluster is down\r\n", "CLUSTERDOWN: the cluster does not serve"),
        (b"-MISCONF Redis is configured to save RDB snapshots\r\n", "MISCONF: it cannot save"),
        (b"-NOSCRIPT No matching script.\r\n", "Redis forgets scripts"),
        (b"-secret with words\r\n", "Redis answers with an error"),
    ] {
        let reason = every_call_fails(&answering(answer, false).await).await;
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_answer_is_an_outage() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\xff\xfe\x00\r\n",
        b"*2\r\n$1\r\nx\r\n",
        b"$536870912\r\n",
        b"$9223372036854775807\r\nx",
        b"*2147483647\r\n",
        b"*9223372036854775807\r\n:1\r\n",
        b"%9223372036854775807\r\n",
        b":99999999999999999999999\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:7\r\n",
        b"",
    ] {
        let store = answering(answer, false).await;
        let begun = Instant::now();
        let taken = store.take_one_time("code", &[1; 32], NOW).await;
        assert!(matches!(taken, Err(StoreError::Unavailable(_))), "{answer:?}: {taken:?}");
        let read = store.read_log(LogPosition::default()).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{answer:?}: {read:?}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }
}

/// A gibibyte a second comes over this machine's loopback.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_answer_takes_no_memory() {
    for start in [&b"$536870912\r\n"[..], b"+"] {
        let store = answering(start, true).await;
        let before = peak_kib();
        let answer = store.spend_ticket(Uuid::from_u128(1), NOW + 30).await;
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
        // The system counts in batches: it may say a little less than before.
        let grown = peak_kib().saturating_sub(before);
        println!("an endless answer took {grown} KiB");
        assert!(grown < 64 * 1024, "{grown} KiB");
    }
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
