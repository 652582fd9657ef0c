//! Attempt counters by GCRA: a bucket holds one number, the time from which it is as good as new. Each
//! attempt moves it on by `window / limit`; an attempt that would move it further ahead than the window
//! is refused and moves nothing. So `limit` attempts may come at once, and then one per `window / limit`.

use super::Connection;
use crate::store::encode::octets;
use crate::store::{Attempt, Quota, Result};

pub(super) async fn count(
    connection: &mut Connection,
    key: &[u8; 32],
    quota: Quota,
    now_ms: i64,
) -> Result<Attempt> {
    let step_ms = quota.step_ms();
    let furthest_ms = now_ms.saturating_add(step_ms.saturating_mul(i64::from(quota.limit)));
    let key = octets(key);
    // Checked and counted by one statement, so attempts that come at once are counted one by one.
    let counted = sqlx::query(
        "INSERT INTO attempts (key_hash, free_at_ms) VALUES ($1, $2)
         ON CONFLICT (key_hash) DO UPDATE
         SET free_at_ms = CASE WHEN attempts.free_at_ms <= $3 THEN $2 ELSE attempts.free_at_ms + $4 END
         WHERE attempts.free_at_ms <= $5",
    )
    .bind(&key)
    .bind(now_ms + step_ms)
    .bind(now_ms)
    .bind(step_ms)
    .bind(furthest_ms - step_ms)
    .execute(&mut *connection)
    .await?;
    if counted.rows_affected() == 1 {
        return Ok(Attempt::Allowed);
    }
    // No attempt gets beyond `furthest_ms`; a clock that was set back does. It must not refuse for long.
    let free_at_ms: Option<i64> = sqlx::query_scalar(
        "UPDATE attempts
         SET free_at_ms = CASE WHEN free_at_ms > $2 THEN $2 ELSE free_at_ms END
         WHERE key_hash = $1 RETURNING free_at_ms",
    )
    .bind(&key)
    .bind(furthest_ms)
    .fetch_optional(connection)
    .await?;
    let wait_ms = free_at_ms.unwrap_or(furthest_ms) + step_ms - furthest_ms;
    // Rounded up: whoever comes back after `retry_after` is let in.
    let retry_after = u32::try_from(wait_ms.max(1).saturating_add(999) / 1000).unwrap_or(u32::MAX);
    Ok(Attempt::Refused { retry_after })
}

pub(super) async fn forgive(
    connection: &mut Connection,
    key: &[u8; 32],
    quota: Quota,
) -> Result<()> {
    // A bucket whose time is past is as good as new, so moving it further back gives nothing away.
    sqlx::query("UPDATE attempts SET free_at_ms = free_at_ms - $2 WHERE key_hash = $1")
        .bind(octets(key))
        .bind(quota.step_ms())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn clear(connection: &mut Connection, key: &[u8; 32]) -> Result<()> {
    sqlx::query("DELETE FROM attempts WHERE key_hash = $1")
        .bind(octets(key))
        .execute(connection)
        .await?;
    Ok(())
}
