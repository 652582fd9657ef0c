//! Opening: whether Redis is there and lets us do what we must, and whether it is set up to keep what it is
//! given.

use std::sync::Arc;

use bitrix_id_config::model::{Redis, RedisAddress, RedisServers};
use redis::InfoDict;
use tokio::sync::OnceCell;

use super::failure::Failure;
use super::keys::Keys;
use super::link::Link;
use super::push::Listener;
use super::source::Source;
use super::{RedisStore, failure, scripts};
use crate::clock::Clock;
use crate::store::encode::new_id_ms;
use crate::store::sql::CALL_DEADLINE;

/// Redis cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("sessions in Redis ({servers}): {reason}")]
pub struct OpenRedisError {
    /// Their addresses.
    pub servers: String,
    /// What is wrong; holds no secret.
    pub reason: String,
    /// It may come back by itself. Otherwise it is the operator's to mend.
    pub away: bool,
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
    let store = RedisStore::unopened(settings, namespace, clock)?;
    store.open().await?;
    Ok(store)
}

impl RedisStore {
    /// As [`open_redis`], but connects to nothing: the first call does, and no call does anything before the
    /// same checks have passed.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`]: settings that name no server.
    pub fn unopened(
        settings: &Redis,
        namespace: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenRedisError> {
        let servers = addresses(&settings.servers);
        match Source::new(settings) {
            Ok(source) => Ok(Self {
                link: Link::new(source),
                keys: Keys::new(namespace),
                listener: Listener::default(),
                clock,
                servers,
                opened: OnceCell::new(),
            }),
            Err(error) => {
                Err(OpenRedisError { servers, reason: failure::plain(&error), away: false })
            }
        }
    }

    /// Connects now. After an error the next call tries it again.
    ///
    /// # Errors
    ///
    /// As [`open_redis`].
    pub async fn open(&self) -> Result<(), OpenRedisError> {
        let failed = |reason, away| OpenRedisError { servers: self.servers.clone(), reason, away };
        let looked = self.opened.get_or_try_init(|| look_over(self));
        match tokio::time::timeout(CALL_DEADLINE, looked).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => {
                let away = matches!(failure, Failure::Away(_));
                Err(failed(failure.reason(), away))
            }
            Err(_) => Err(failed("Redis does not answer in time".to_owned(), true)),
        }
    }
}

/// Whether they let us do what we must, and whether they are set up to keep what they are given.
pub(super) async fn look_over(store: &RedisStore) -> Result<(), Failure> {
    let keys = [store.keys.check(new_id_ms(store.clock.now_ms()))];
    scripts::CHECK.ask(&store.link, &keys, &[store.keys.channel()]).await?;
    warn_of_eviction(store).await;
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
    let info: crate::store::Result<InfoDict> = store.link.query(&command).await;
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
