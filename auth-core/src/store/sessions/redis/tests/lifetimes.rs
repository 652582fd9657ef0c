//! Nothing stays for ever, and what is lost is noticed.

use super::*;

/// Every key of a namespace, with what is left of its life in milliseconds.
async fn lives(store: &RedisStore, namespace: &str) -> Vec<(String, i64)> {
    let found = command(store, &["KEYS", &format!("{namespace}:*")]).await;
    let names: Vec<String> = ::redis::from_redis_value(found).unwrap();
    let mut lives = Vec::new();
    for name in names {
        let left = command(store, &["PTTL", &name]).await;
        lives.push((name, ::redis::from_redis_value(left).unwrap()));
    }
    lives
}

#[tokio::test]
async fn every_key_has_a_lifetime() {
    let (server, namespace) = (servers::shared().await, servers::namespace());
    let store = open(&single(server.port()), &namespace).await;
    let quota = Quota { limit: 3, window: 60 };
    let ended = store.create_session(new_session(1), NOW).await.unwrap();
    let kept = store.create_session(new_session(2), NOW).await.unwrap();
    let marked = store.create_session(new_session(3), NOW).await.unwrap();
    for session in [&ended, &kept, &marked] {
        store.note_portal(session.id, "acme", NOW + 1).await.unwrap();
    }
    store.end_session(ended.id, NOW + 900, NOW_MS).await.unwrap();
    let partition = keys::partition_of(marked.id);
    ending::mark(&store, partition, &[marked.id], Meant::All, NOW + 900, NOW_MS).await.unwrap();
    store.revoke_account(anna(), 2, NOW + 900, NOW_MS).await.unwrap();
    store.spend_ticket(Uuid::from_u128(1), NOW + 30).await.unwrap();
    store.put_one_time("code", &[1; 32], "{}", NOW + 60).await.unwrap();
    store.count_attempt(&[1; 32], quota, NOW_MS).await.unwrap();
    store.forgive_attempt(&[1; 32], quota).await.unwrap();
    store.sweep(LIMITS, NOW + 900, NOW_MS).await.unwrap();

    let lives = lives(&store, &namespace).await;
    for part in [
        ":session:",
        ":portals:",
        ":account:",
        ":used",
        ":begun",
        ":ending",
        ":cookie:",
        ":head",
        ":order",
        ":entries",
        ":ends",
        ":ticket:",
        ":once:",
        ":attempt:",
    ] {
        assert!(lives.iter().any(|(name, _)| name.contains(part)), "no {part}: {lives:?}");
    }
    let immortal: Vec<_> = lives.iter().filter(|(_, left)| *left <= 0).collect();
    assert!(immortal.is_empty(), "{immortal:?}");
    let left = |part: &str| lives.iter().find(|(name, _)| name.contains(part)).unwrap().1 / 1000;
    assert!((140..=150).contains(&left(":ticket:")), "what it is good for, and the margin");
    assert!((170..=180).contains(&left(":once:")));
    assert!((100..=140).contains(&left(":attempt:")));
}

#[tokio::test]
async fn nothing_of_an_ended_session_stays() {
    let (server, namespace) = (servers::shared().await, servers::namespace());
    let store = open(&single(server.port()), &namespace).await;
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    store.note_portal(session.id, "acme", NOW).await.unwrap();
    store.end_session(session.id, NOW + 900, NOW_MS).await.unwrap();
    store.sweep(LIMITS, NOW + 900, (NOW + 900) * 1000).await.unwrap();
    let left: Vec<String> =
        lives(&store, &namespace).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, [format!("{namespace}:1:{{log}}:head")]);
}

#[tokio::test]
async fn a_log_that_was_lost_is_read_anew() {
    let (server, namespace) = (servers::shared().await, servers::namespace());
    let store = open(&single(server.port()), &namespace).await;
    for generation in 0..5 {
        store.revoke_account(anna(), generation, NOW + 900, NOW_MS).await.unwrap();
    }
    let first = store.read_log(LogPosition::default()).await.unwrap();
    assert_eq!((first.entries.len(), first.position.sequence), (5, 5));
    assert_eq!(first.begun_at, Some(NOW));
    assert_eq!(store.read_log(first.position).await.unwrap().entries, []);

    // All of it, or a part of it, as a server does that makes room.
    for part in ["head", "order", "entries", "ends"] {
        let before = store.read_log(LogPosition::default()).await.unwrap().position;
        command(&store, &["DEL", &format!("{namespace}:1:{{log}}:{part}")]).await;
        let lost = store.read_log(before).await.unwrap();
        assert_ne!(lost.position.log, before.log, "{part}");
        assert_eq!((lost.entries.len(), lost.position.sequence), (0, 0), "{part}");
        // More than were there before: the numbers are given again, and nothing is missed.
        for generation in 0..9 {
            store.revoke_account(anna(), generation, NOW + 900, NOW_MS).await.unwrap();
        }
        assert_eq!(store.read_log(before).await.unwrap().entries.len(), 9, "{part}");
        assert_eq!(store.read_log(lost.position).await.unwrap().entries.len(), 9, "{part}");
    }
}

/// As after a failover to a replica that had not heard the last words.
#[tokio::test]
async fn a_log_that_has_lost_its_newest_entries_is_read_anew() {
    let (server, namespace) = (servers::shared().await, servers::namespace());
    let store = open(&single(server.port()), &namespace).await;
    let revoke = async |generation| {
        store.revoke_account(anna(), generation, NOW + 900, NOW_MS).await.unwrap();
    };
    revoke(1).await;
    let mut replica = Vec::new();
    for key in store.keys.log() {
        let dump: Vec<u8> =
            ::redis::from_redis_value(command(&store, &["DUMP", &key]).await).unwrap();
        replica.push((key, dump));
    }
    revoke(2).await;
    let seen = store.read_log(LogPosition::default()).await.unwrap().position;
    for (key, dump) in replica {
        let mut restore = ::redis::cmd("RESTORE");
        restore.arg(key).arg(60_000).arg(dump).arg("REPLACE");
        let () = store.link.query(&restore).await.unwrap();
    }
    let behind = store.read_log(seen).await.unwrap();
    assert_eq!(behind.entries.len(), 1, "it is shorter than what was read");
    revoke(3).await;
    let news = store.read_log(seen).await.unwrap();
    assert_eq!(news.position.log, seen.log);
    let generations: Vec<_> = news.entries.iter().map(|entry| entry.what).collect();
    let of = |minimum_generation| Revoked::Account { account: anna(), minimum_generation };
    assert_eq!(generations, [of(1), of(3)], "the same number, another entry");
}

#[tokio::test]
async fn a_long_log_comes_in_parts() {
    let (server, namespace) = (servers::shared().await, servers::namespace());
    let store = open(&single(server.port()), &namespace).await;
    let entry = |n: i64| log::Entry {
        what: Revoked::Account { account: anna(), minimum_generation: 1 },
        at_ms: n,
        until: NOW + 900,
    };
    let entries: Vec<log::Entry> = (0..25_000).map(entry).collect();
    for part in entries.chunks(500) {
        log::append(&store, part).await.unwrap();
    }
    let (mut position, mut read) = (LogPosition::default(), 0);
    loop {
        let part = store.read_log(position).await.unwrap();
        read += part.entries.len();
        position = part.position;
        assert_eq!(part.begun_at, Some(NOW));
        if part.complete {
            break;
        }
    }
    assert_eq!((read, position.sequence), (25_000, 25_000));
    assert_eq!(store.revocations_after(24_990).await.unwrap().len(), 10);
}
