//! Portals kept in the directory.

use super::{Connection, counters};
use crate::identity::AccountId;
use crate::store::encode::read_id;
use crate::store::{Result, StoredPortal};

/// In order of id.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<StoredPortal>> {
    let rows: Vec<(String, String, i64, Option<String>)> =
        sqlx::query_as("SELECT id, toml, created_at, created_by FROM portals ORDER BY id")
            .fetch_all(connection)
            .await?;
    let portal = |(id, toml, created_at, created_by): (String, String, i64, Option<String>)| {
        let created_by =
            created_by.map(|maker| read_id("portals.created_by", &maker)).transpose()?;
        Ok(StoredPortal { id, toml, created_at, created_by: created_by.map(AccountId) })
    };
    rows.into_iter().map(portal).collect()
}

pub(super) async fn add(connection: &mut Connection, portal: StoredPortal) -> Result<bool> {
    insert(connection, portal, None).await
}

/// As [`add`]; false also when another portal that a person made has the same key.
pub(super) async fn add_named(
    connection: &mut Connection,
    portal: StoredPortal,
    name_key: &str,
) -> Result<bool> {
    insert(connection, portal, Some(name_key)).await
}

async fn insert(
    connection: &mut Connection,
    portal: StoredPortal,
    name_key: Option<&str>,
) -> Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO portals (id, toml, created_at, created_by, name_key)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(&portal.id)
    .bind(&portal.toml)
    .bind(portal.created_at)
    .bind(portal.created_by.map(|maker| maker.to_string()))
    .bind(name_key)
    .execute(&mut *connection)
    .await?;
    changed(connection, inserted.rows_affected()).await
}

pub(super) async fn remove(connection: &mut Connection, id: &str) -> Result<bool> {
    let deleted =
        sqlx::query("DELETE FROM portals WHERE id = $1").bind(id).execute(&mut *connection).await?;
    changed(connection, deleted.rows_affected()).await
}

async fn changed(connection: &mut Connection, rows: u64) -> Result<bool> {
    if rows == 0 {
        return Ok(false);
    }
    counters::next(connection, counters::DIRECTORY).await?;
    Ok(true)
}
