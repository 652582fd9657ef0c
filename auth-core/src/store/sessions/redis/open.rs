//! Opening: whether Redis is there and lets us do what we must, and whether it is set up to keep what it is
//! given.

use std::sync::Arc;

use bitrix_id_config::model::{Redis, RedisAddress, RedisServers};
use redis::InfoDict;

use super::keys::Keys;
use super::link::Link;
use super::push::Listener;
use super::source::Source;
use super::{RedisStore, failure, scripts};
use crate::clock::Clock;
use crate::store::StoreError;
use crate::store::encode::new_id_ms;
use crate::store::sql::within_deadline;

/// Redis cannot be used. The operator's to mend.
#[derive(Debug, thiserror::Error)]
#[error("sessions in Redis ({servers}): {reason}")]
pub struct OpenRedisError {
    /// Their addresses.
    pub servers: String,
    /// What is wrong; holds no secret.
    pub reason: String,
}

/// Connects to the servers of `settings` and tries whether they take what this store writes. Connections
/// live on the runtime that this is called on. `namespace` begins every key: `bitrix-id`, unless two
/// installations share a server.
///
/// # Errors
///
/// [`OpenRedisError`]: no answer, a wrong password, a user that may not do what is needed.
pub async fn open_redis(
    settings: &Redis,
    namespace: &str,
    clock: Arc<dyn Clock>,
) -> Result<RedisStore, OpenRedisError> {
    let refused = |reason| OpenRedisError { servers: addresses(&settings.servers), reason };
    let source = Source::new(settings).map_err(|error| refused(failure::plain(&error)))?;
    let store = RedisStore {
        link: Link::new(source),
        keys: Keys::new(namespace),
        listener: Listener::default(),
        clock,
    };
    within_deadline(check(&store)).await.map_err(|error| match error {
        StoreError::Unavailable(reason) | StoreError::Corrupt(reason) => refused(reason),
        StoreError::Interrupted(interruption) => refused(interruption.to_string()),
    })?;
    warn_of_eviction(&store).await;
    Ok(store)
}

async fn check(store: &RedisStore) -> crate::store::Result<()> {
    let keys = [store.keys.check(new_id_ms(store.clock.now_ms()))];
    let _: i64 = scripts::CHECK.run(&store.link, &keys, &[store.keys.channel()]).await?;
    Ok(())
}

/// Whether a write is taken: a server whose memory is full, or that cannot save, answers every question well.
pub(super) async fn takes_writes(store: &RedisStore) -> crate::store::Result<()> {
    let key = store.keys.check(new_id_ms(store.clock.now_ms()));
    let mut write = redis::cmd("SET");
    write.arg(&key).arg(1).arg("PX").arg(1000);
    let () = store.link.query(&write).await?;
    let mut forget = redis::cmd("DEL");
    forget.arg(&key);
    store.link.query(&forget).await
}

/// A server that makes room by itself makes it out of sessions and revocations. Nobody is let in by that, but
/// people are signed out. Where `INFO` may not be asked, nothing is said.
async fn warn_of_eviction(store: &RedisStore) {
    let mut command = redis::cmd("INFO");
    command.arg("memory");
    let info: crate::store::Result<InfoDict> = within_deadline(store.link.query(&command)).await;
    let policy = info.ok().and_then(|info| info.get::<String>("maxmemory_policy"));
    if let Some(policy) = policy.filter(|policy| policy != "noeviction") {
        tracing::warn!(
            policy,
            "Redis may throw sessions away when its memory is full; set maxmemory-policy noeviction"
        );
    }
}

fn addresses(servers: &RedisServers) -> String {
    let all = match servers {
        RedisServers::Single { server, .. } => std::slice::from_ref(server),
        RedisServers::Sentinel { sentinels, .. } => sentinels,
        RedisServers::Cluster { nodes } => nodes,
    };
    let shown: Vec<String> = all
        .iter()
        .map(|RedisAddress { host, port }| match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        })
        .collect();
    shown.join(", ")
}
