//! Signing keys, and secrets that have a name.

use ring::rand::{SecureRandom, SystemRandom};
use sqlx::FromRow;

use super::{Connection, counters};
use crate::identity::UnixSeconds;
use crate::store::encode::{corrupt, octets, read_octets};
use crate::store::{KeyRecord, Result, StoreError};

#[derive(FromRow)]
struct KeyRow {
    id: String,
    pkcs8: String,
    created_at: i64,
    active_from: i64,
    expires_at: Option<i64>,
}

impl TryFrom<KeyRow> for KeyRecord {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self> {
        Ok(Self {
            pkcs8: read_octets("signing_keys.pkcs8", &row.pkcs8)?,
            id: row.id,
            created_at: row.created_at,
            active_from: row.active_from,
            expires_at: row.expires_at,
        })
    }
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<KeyRecord>> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "SELECT id, pkcs8, created_at, active_from, expires_at FROM signing_keys ORDER BY position",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(KeyRecord::try_from).collect()
}

pub(super) async fn add(
    connection: &mut Connection,
    key: KeyRecord,
    if_newest: Option<&str>,
    others_expire_at: Option<UnixSeconds>,
) -> Result<bool> {
    // Raising the counter first takes its row's lock: of two who rotate at once, one sees the other's key.
    let position = counters::next(connection, counters::DIRECTORY).await?;
    let newest: Option<String> =
        sqlx::query_scalar("SELECT id FROM signing_keys ORDER BY position DESC LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
    if newest.as_deref() != if_newest {
        return Ok(false);
    }
    if let Some(end) = others_expire_at {
        // A key that was to go earlier still does.
        sqlx::query(
            "UPDATE signing_keys SET expires_at = $1 WHERE expires_at IS NULL OR expires_at > $1",
        )
        .bind(end)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "INSERT INTO signing_keys (id, position, pkcs8, created_at, active_from, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.id)
    .bind(i64::try_from(position).map_err(|_| corrupt("counters.value"))?)
    .bind(octets(&key.pkcs8))
    .bind(key.created_at)
    .bind(key.active_from)
    .bind(key.expires_at)
    .execute(connection)
    .await?;
    Ok(true)
}

pub(super) async fn remove_expired(connection: &mut Connection, now: UnixSeconds) -> Result<u64> {
    let deleted = sqlx::query("DELETE FROM signing_keys WHERE expires_at <= $1")
        .bind(now)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if deleted > 0 {
        counters::next(connection, counters::DIRECTORY).await?;
    }
    Ok(deleted)
}

pub(super) async fn find_secret(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<[u8; 32]>> {
    let text: Option<String> = sqlx::query_scalar("SELECT value FROM secrets WHERE name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    let Some(text) = text else { return Ok(None) };
    let bytes = read_octets("secrets.value", &text)?;
    bytes.try_into().map(Some).map_err(|_| corrupt("secrets.value"))
}

/// Whoever comes first decides the value.
pub(super) async fn find_or_make_secret(
    connection: &mut Connection,
    name: &str,
) -> Result<[u8; 32]> {
    let mut fresh = [0; 32];
    SystemRandom::new()
        .fill(&mut fresh)
        .map_err(|_| StoreError::Unavailable("no random numbers".to_owned()))?;
    sqlx::query("INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(octets(&fresh))
        .execute(&mut *connection)
        .await?;
    find_secret(connection, name).await?.ok_or_else(|| corrupt("secrets.name"))
}
