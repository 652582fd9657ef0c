//! Values that work once: tickets and whatever has a kind, a hashed name and a payload.

use uuid::Uuid;

use super::Connection;
use crate::identity::UnixSeconds;
use crate::store::Result;
use crate::store::encode::octets;

/// The primary key decides who was first.
pub(super) async fn spend_ticket(
    connection: &mut Connection,
    id: Uuid,
    expires_at: UnixSeconds,
) -> Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO spent_tickets (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(expires_at)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) async fn put(
    connection: &mut Connection,
    kind: &str,
    key_hash: &[u8; 32],
    payload: &str,
    expires_at: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO one_time_values (kind, key_hash, payload, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, key_hash) DO UPDATE
         SET payload = excluded.payload, expires_at = excluded.expires_at",
    )
    .bind(kind)
    .bind(octets(key_hash))
    .bind(payload)
    .bind(expires_at)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn peek(
    connection: &mut Connection,
    kind: &str,
    key_hash: &[u8; 32],
    now: UnixSeconds,
) -> Result<Option<String>> {
    let payload = sqlx::query_scalar(
        "SELECT payload FROM one_time_values WHERE kind = $1 AND key_hash = $2 AND expires_at > $3",
    )
    .bind(kind)
    .bind(octets(key_hash))
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(payload)
}

/// Deleting is spending: only one statement gets to delete the row.
pub(super) async fn take(
    connection: &mut Connection,
    kind: &str,
    key_hash: &[u8; 32],
    now: UnixSeconds,
) -> Result<Option<String>> {
    let payload = sqlx::query_scalar(
        "DELETE FROM one_time_values WHERE kind = $1 AND key_hash = $2 AND expires_at > $3
         RETURNING payload",
    )
    .bind(kind)
    .bind(octets(key_hash))
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(payload)
}
