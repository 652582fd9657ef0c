//! Attempt counters by GCRA: a key holds one number, the time from which it is as good as new. Each attempt
//! moves it on by `window / limit`; an attempt that would move it further ahead than the window is refused
//! and moves nothing. So `limit` attempts may come at once, and then one per `window / limit`.

use super::scripts::{self, arguments};
use super::{MARGIN, RedisStore};
use crate::store::{Attempt, Quota, Result};

pub(super) async fn count(
    store: &RedisStore,
    key: &[u8; 32],
    quota: Quota,
    now_ms: i64,
) -> Result<Attempt> {
    let arguments = arguments![now_ms, quota.step_ms(), quota.limit, MARGIN.as_millis()];
    let keys = [store.keys.attempt(key)];
    let wait_ms: i64 = scripts::COUNT.run(&store.link, &keys, &arguments).await?;
    if wait_ms == 0 {
        return Ok(Attempt::Allowed);
    }
    // Rounded up: whoever comes back after `retry_after` is let in.
    let retry_after = u32::try_from(wait_ms.max(1).saturating_add(999) / 1000).unwrap_or(u32::MAX);
    Ok(Attempt::Refused { retry_after })
}

pub(super) async fn forgive(store: &RedisStore, key: &[u8; 32], quota: Quota) -> Result<()> {
    let (keys, arguments) = ([store.keys.attempt(key)], arguments![quota.step_ms()]);
    let _: i64 = scripts::FORGIVE.run(&store.link, &keys, &arguments).await?;
    Ok(())
}

pub(super) async fn clear(store: &RedisStore, key: &[u8; 32]) -> Result<()> {
    let mut command = redis::cmd("DEL");
    command.arg(store.keys.attempt(key));
    let _: i64 = store.link.query(&command).await?;
    Ok(())
}
