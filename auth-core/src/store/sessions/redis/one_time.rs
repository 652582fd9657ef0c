//! Values that work once: tickets and whatever has a kind, a hashed name and a payload.

use uuid::Uuid;

use super::scripts;
use super::{MARGIN, RedisStore};
use crate::clock::whole_seconds;
use crate::identity::UnixSeconds;
use crate::store::Result;

/// Whoever makes the key is first.
pub(super) async fn spend_ticket(
    store: &RedisStore,
    id: Uuid,
    expires_at: UnixSeconds,
) -> Result<bool> {
    let mut command = redis::cmd("SET");
    command.arg(store.keys.ticket(id)).arg(expires_at);
    command.arg("NX").arg("EX").arg(seconds_to_keep(store, expires_at));
    let made: Option<String> = store.link.query(&command).await?;
    Ok(made.is_some())
}

pub(super) async fn put(
    store: &RedisStore,
    kind: &str,
    key_hash: &[u8; 32],
    payload: &str,
    expires_at: UnixSeconds,
) -> Result<()> {
    let mut command = redis::cmd("SET");
    command.arg(store.keys.one_time(kind, key_hash)).arg(format!("{expires_at}:{payload}"));
    command.arg("EX").arg(seconds_to_keep(store, expires_at));
    store.link.query(&command).await
}

pub(super) async fn peek(
    store: &RedisStore,
    kind: &str,
    key_hash: &[u8; 32],
    now: UnixSeconds,
) -> Result<Option<String>> {
    let mut command = redis::cmd("GET");
    command.arg(store.keys.one_time(kind, key_hash));
    let kept: Option<String> = store.link.query(&command).await?;
    let payload = kept.as_deref().and_then(|kept| {
        let (ends, payload) = kept.split_once(':')?;
        ends.parse::<UnixSeconds>().is_ok_and(|ends| ends > now).then_some(payload)
    });
    Ok(payload.map(str::to_owned))
}

/// Deleting is spending: only one call gets to delete the key.
pub(super) async fn take(
    store: &RedisStore,
    kind: &str,
    key_hash: &[u8; 32],
    now: UnixSeconds,
) -> Result<Option<String>> {
    let keys = [store.keys.one_time(kind, key_hash)];
    scripts::TAKE.run(&store.link, &keys, &[now.to_string()]).await
}

/// Until it is worthless, and then some: nodes' clocks differ. What is good is decided by its last second.
fn seconds_to_keep(store: &RedisStore, expires_at: UnixSeconds) -> i64 {
    let left = expires_at.saturating_sub(store.clock.now());
    left.clamp(0, LONGEST_SECONDS) + whole_seconds(MARGIN)
}

const LONGEST_SECONDS: i64 = 400 * 24 * 3600;
