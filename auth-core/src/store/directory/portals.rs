//! Portals kept in the directory.

use super::{Connection, counters};
use crate::store::{Result, StoredPortal};

/// In order of id.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<StoredPortal>> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT id, toml, created_at FROM portals ORDER BY id")
            .fetch_all(connection)
            .await?;
    let portal = |(id, toml, created_at)| StoredPortal { id, toml, created_at };
    Ok(rows.into_iter().map(portal).collect())
}

pub(super) async fn add(connection: &mut Connection, portal: StoredPortal) -> Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO portals (id, toml, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&portal.id)
    .bind(&portal.toml)
    .bind(portal.created_at)
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
