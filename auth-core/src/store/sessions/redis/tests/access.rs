//! TLS, users and passwords.

use bitrix_id_config::Secret;

use super::*;

/// As docs/operations.md gives it to operators; a test holds the two together.
const RULES: &str = "~bitrix-id:* &bitrix-id:* +eval +evalsha +get +set +del +hset +hget +hgetall \
    +hmget +hdel +hlen +hexists +hincrby +sadd +srem +smembers +zadd +zrem +zcard +zscore \
    +zrangebyscore +pexpire +pttl +publish +subscribe +unsubscribe +ping +select +info +role +asking +cluster|slots";

#[test]
fn the_documented_rules_are_those_that_are_tested() {
    let documentation = include_str!("../../../../../../docs/operations.md");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let documented = words(&documentation.replace('\\', " "));
    assert!(documented.contains(&words(RULES)), "docs/operations.md names other rules");
}

async fn guarded() -> (TestRedis, Redis) {
    let _has_one = rustls::crypto::ring::default_provider().install_default();
    let server = servers::own().await;
    let rules = words(RULES);
    let made = server.ask(&format!("ACL SETUSER bitrix-id on >hunter2 {rules}"));
    assert_eq!(made, "+OK\r\n");
    assert_eq!(server.ask("ACL SETUSER default off"), "+OK\r\n");
    let address = RedisAddress { host: "localhost".to_owned(), port: server.tls_port() };
    let settings = Redis {
        tls: true,
        ca: Some(server.authority()),
        user: Some("bitrix-id".to_owned()),
        password: Some(Secret::new("hunter2")),
        ..settings(RedisServers::Single { server: address, database: 3 })
    };
    (server, settings)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn refusal(settings: &Redis) -> String {
    let error = open_redis(settings, "bitrix-id", Arc::new(SystemClock)).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("hunter2") && !text.contains("bitrix-id"), "{text}");
    error.reason
}

#[tokio::test]
async fn a_user_with_the_documented_rights_does_everything_over_tls() {
    let (_server, settings) = guarded().await;
    let store = open_redis(&settings, "bitrix-id", Arc::new(SystemClock)).await.unwrap();
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    store.note_portal(session.id, "acme", NOW).await.unwrap();
    assert!(store.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap().is_some());
    assert_eq!(store.sessions_of(anna(), LIMITS, NOW).await.unwrap().len(), 1);
    assert_eq!(store.portals_of_sessions(anna()).await.unwrap().len(), 1);
    assert!(store.confirm_session(session.id, NOW + 1).await.unwrap());
    assert_eq!(store.end_sessions_on(anna(), "d", NOW + 900, NOW_MS).await.unwrap().len(), 1);
    assert_eq!(store.count_sessions().await.unwrap(), 0);
    store.sweep(LIMITS, NOW + 900, (NOW + 1000) * 1000).await.unwrap();
    store.read_log(LogPosition::default()).await.unwrap();
    assert!(store.spend_ticket(Uuid::from_u128(1), NOW + 30).await.unwrap());
    store.put_one_time("code", &[1; 32], "{}", NOW + 60).await.unwrap();
    store.peek_one_time("code", &[1; 32], NOW).await.unwrap();
    store.take_one_time("code", &[1; 32], NOW).await.unwrap();
    let quota = Quota { limit: 3, window: 60 };
    store.count_attempt(&[1; 32], quota, NOW_MS).await.unwrap();
    store.forgive_attempt(&[1; 32], quota).await.unwrap();
    store.clear_attempts(&[1; 32]).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(20), store.revocations_grew()).await;
    assert!(heard.is_ok(), "the subscription works as well");
}

#[tokio::test]
async fn who_may_not_come_in_is_told_so_at_the_start() {
    let (server, settings) = guarded().await;
    let wrong = Redis { password: Some(Secret::new("hunter2-not")), ..settings.clone() };
    assert!(refusal(&wrong).await.contains("password"), "{}", refusal(&wrong).await);
    let stranger = Redis { user: Some("stranger".to_owned()), ..settings.clone() };
    assert!(refusal(&stranger).await.contains("user name"));
    let nobody = Redis { user: None, password: None, ..settings.clone() };
    assert!(refusal(&nobody).await.contains("password"));
    server.ask("AUTH bitrix-id hunter2");
    // A right that is missing shows when the store is opened, not when somebody signs out.
    let (_other, settings) = guarded().await;
    let plain = Redis { tls: false, ca: None, ..settings };
    let reason = refusal(&plain).await;
    assert!(reason.contains("cannot be reached") || reason.contains("in time"), "{reason}");
}

#[tokio::test]
async fn a_right_that_is_missing_shows_at_the_start() {
    for right in ["-publish", "-eval -evalsha", "-set", "resetchannels"] {
        let server = servers::own().await;
        let rules = format!("{} {right}", words(RULES));
        let made = server.ask(&format!("ACL SETUSER bitrix-id on >hunter2 {rules}"));
        assert_eq!(made, "+OK\r\n");
        let settings = Redis {
            user: Some("bitrix-id".to_owned()),
            password: Some(Secret::new("hunter2")),
            ..single(server.port())
        };
        let reason = refusal(&settings).await;
        assert_eq!(reason, "Redis answers NOPERM: the user may not do what is needed", "{right}");
    }
}

async fn everything_goes_over_tls(settings: Redis, authority: String) {
    let _has_one = rustls::crypto::ring::default_provider().install_default();
    let plain = open_redis(&settings, "bitrix-id", Arc::new(SystemClock)).await;
    assert!(plain.is_err(), "they speak TLS only");
    let unknown = Redis { tls: true, ..settings.clone() };
    assert!(open_redis(&unknown, "bitrix-id", Arc::new(SystemClock)).await.is_err());
    let guarded = Redis { tls: true, ca: Some(authority), ..settings };
    let store = open_redis(&guarded, "bitrix-id", Arc::new(SystemClock)).await.unwrap();
    let session = store.create_session(new_session(1), NOW).await.unwrap();
    assert_eq!(store.session_by_cookie(&[1; 32], LIMITS, NOW).await.unwrap(), Some(session));
    assert_eq!(store.end_sessions_of(anna(), None, NOW + 900, NOW_MS).await.unwrap().len(), 1);
    let heard = tokio::time::timeout(Duration::from_secs(20), store.revocations_grew()).await;
    assert!(heard.is_ok(), "the subscription works as well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_spoken_to_over_tls() {
    let cluster = servers::tls_cluster().await;
    let nodes = cluster.ports().map(local).to_vec();
    let settings = settings(RedisServers::Cluster { nodes });
    everything_goes_over_tls(settings, cluster.authority()).await;
}

/// The cluster's client has one kind of error for a node that is away and one that refuses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_refuses_is_not_taken_for_one_that_is_away() {
    let cluster = servers::cluster().await;
    let nodes = cluster.ports().map(local).to_vec();
    let (user, password) = (Some("stranger".to_owned()), Some(Secret::new("hunter2-not")));
    let wrong = Redis { user, password, ..settings(RedisServers::Cluster { nodes }) };
    let error = open_redis(&wrong, "bitrix-id", Arc::new(SystemClock)).await.unwrap_err();
    assert!(!error.away && error.reason.contains("user name or the password"), "{error}");
    let nobody = settings(RedisServers::Cluster { nodes: vec![local(1)] });
    let error = open_redis(&nobody, "bitrix-id", Arc::new(SystemClock)).await.unwrap_err();
    assert!(error.away && error.reason.contains("cannot be reached"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_are_spoken_to_over_tls() {
    let watched = servers::tls_sentinel().await;
    let open = Redis { tls: true, ca: Some(watched.authority()), ..sentinels(&watched) };
    assert_eq!(refusal(&open).await, "Redis answers NOAUTH: it asks for a password");
    let sentinel_password = Some(Secret::new(servers::TestSentinel::PASSWORD));
    let settings = Redis { sentinel_password, ..sentinels(&watched) };
    everything_goes_over_tls(settings, watched.authority()).await;
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_spoken_to() {
    let (_server, settings) = guarded().await;
    let (other, _) = guarded().await;
    let foreign = Redis { ca: Some(other.authority()), ..settings.clone() };
    assert!(refusal(&foreign).await.contains("certificate"), "{}", refusal(&foreign).await);
    let unknown = Redis { ca: None, ..settings };
    assert!(refusal(&unknown).await.contains("certificate"), "{}", refusal(&unknown).await);
    let error = open_redis(&unknown, "bitrix-id", Arc::new(SystemClock)).await.unwrap_err();
    assert!(!error.away, "waiting does not help");
}
