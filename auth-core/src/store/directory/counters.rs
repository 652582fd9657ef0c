//! Numbers that grow. Raising one takes its row's lock until the transaction ends, so numbers become
//! visible to readers in their own order, in PostgreSQL as well.

use super::Connection;
use crate::store::Result;
use crate::store::encode::{corrupt, read_number};

/// Changes to portals and signing keys.
pub(super) const DIRECTORY: &str = "directory";
/// Order of notices.
pub(super) const NOTICES: &str = "notices";
/// Proves that the store takes writes.
pub(super) const CHECK: &str = "check";

/// Raises the counter and returns its new value.
pub(in crate::store) async fn next(connection: &mut Connection, name: &str) -> Result<u64> {
    let value: Option<i64> =
        sqlx::query_scalar("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(name)
            .fetch_optional(connection)
            .await?;
    read_number("counters.value", value.ok_or_else(|| corrupt("counters.name"))?)
}

/// The value as it is.
pub(super) async fn current(connection: &mut Connection, name: &str) -> Result<u64> {
    let value: Option<i64> = sqlx::query_scalar("SELECT value FROM counters WHERE name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    read_number("counters.value", value.ok_or_else(|| corrupt("counters.name"))?)
}
