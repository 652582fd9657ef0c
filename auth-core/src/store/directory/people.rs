//! What people say about themselves, and leaving.

use async_trait::async_trait;

use super::{Connection, accounts, dealings, deletion, notices};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::Result;
use crate::store::encode::{folded, octets, read_id, read_octets};
use crate::store::notices::Notice;
use crate::store::people::{AccountDetails, Dealings, People, Photo};
use crate::store::sql::{SqlStore, reading, reading_several, writing};

#[async_trait]
impl People for SqlStore {
    async fn update_account(
        &self,
        id: AccountId,
        details: AccountDetails,
        now: UnixSeconds,
    ) -> Result<()> {
        writing!(self, c => update(c, id, details.clone(), now))
    }

    async fn set_profile_name(
        &self,
        account: AccountId,
        portal: &str,
        display_name: Option<&str>,
        title: Option<&str>,
        now: UnixSeconds,
    ) -> Result<bool> {
        writing!(self, c => set_profile_name(c, account, portal, display_name, title, now))
    }

    async fn put_photo(&self, account: AccountId, photo: Photo) -> Result<()> {
        writing!(self, c => put_photo(c, account, photo.clone()))
    }

    async fn photo(&self, account: AccountId) -> Result<Option<Photo>> {
        reading!(self, c => photo(c, account))
    }

    async fn photo_hash(&self, account: AccountId) -> Result<Option<String>> {
        reading!(self, c => photo_hash(c, account))
    }

    async fn remove_photo(&self, account: AccountId) -> Result<bool> {
        writing!(self, c => remove_photo(c, account))
    }

    async fn dealings(&self, account: AccountId) -> Result<Dealings> {
        reading_several!(self, c => dealings::of_account(c, account))
    }

    async fn leavers_due(&self, now: UnixSeconds, limit: u32) -> Result<Vec<AccountId>> {
        reading!(self, c => leavers_due(c, now, limit))
    }

    async fn delete_leaver(&self, account: AccountId, now: UnixSeconds) -> Result<bool> {
        writing!(self, c => delete_leaver(c, account, now))
    }

    async fn keep_leaver(&self, account: AccountId) -> Result<bool> {
        writing!(self, c => keep_leaver(c, account))
    }
}

async fn update(
    connection: &mut Connection,
    id: AccountId,
    details: AccountDetails,
    now: UnixSeconds,
) -> Result<()> {
    let AccountDetails { name, language, time_zone, phone } = details;
    let updated = sqlx::query(
        "UPDATE accounts
         SET name = COALESCE($1, name), name_key = COALESCE($2, name_key),
             language = COALESCE($3, language),
             time_zone = CASE WHEN $4 = 1 THEN $5 ELSE time_zone END,
             phone = CASE WHEN $6 = 1 THEN $7 ELSE phone END
         WHERE id = $8",
    )
    .bind(&name)
    .bind(name.as_deref().map(folded))
    .bind(language)
    .bind(i64::from(time_zone.is_some()))
    .bind(time_zone.flatten())
    .bind(i64::from(phone.is_some()))
    .bind(phone.flatten())
    .bind(id.to_string())
    .execute(&mut *connection)
    .await?;
    accounts::must_exist(id, updated.rows_affected())?;
    notices::tell_portals_of(connection, id, &Notice::profile_updated(id), now * 1000).await
}

async fn set_profile_name(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    display_name: Option<&str>,
    title: Option<&str>,
    now: UnixSeconds,
) -> Result<bool> {
    let changed = sqlx::query(
        "UPDATE profiles SET display_name = $1, title = $2
         WHERE account = $3 AND portal = $4
           AND (display_name IS DISTINCT FROM $1 OR title IS DISTINCT FROM $2)",
    )
    .bind(display_name)
    .bind(title)
    .bind(account.to_string())
    .bind(portal)
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() == 1 {
        accounts::raise_generation(connection, account).await?;
        let notice = Notice::profile_updated(account);
        notices::tell_portal(connection, portal, &notice, now * 1000).await?;
        return Ok(true);
    }
    let there: Option<i64> = sqlx::query_scalar(
        "SELECT CAST(1 AS BIGINT) FROM profiles WHERE account = $1 AND portal = $2",
    )
    .bind(account.to_string())
    .bind(portal)
    .fetch_optional(connection)
    .await?;
    Ok(there.is_some())
}

async fn put_photo(connection: &mut Connection, account: AccountId, photo: Photo) -> Result<()> {
    sqlx::query(
        "INSERT INTO photos (account, hash, jpeg, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account) DO UPDATE
         SET hash = excluded.hash, jpeg = excluded.jpeg, updated_at = excluded.updated_at",
    )
    .bind(account.to_string())
    .bind(photo.hash)
    .bind(octets(&photo.jpeg))
    .bind(photo.updated_at)
    .execute(connection)
    .await?;
    Ok(())
}

async fn photo(connection: &mut Connection, account: AccountId) -> Result<Option<Photo>> {
    let row: Option<(String, String, i64)> =
        sqlx::query_as("SELECT hash, jpeg, updated_at FROM photos WHERE account = $1")
            .bind(account.to_string())
            .fetch_optional(connection)
            .await?;
    row.map(|(hash, jpeg, updated_at)| {
        Ok(Photo { jpeg: read_octets("photos.jpeg", &jpeg)?, hash, updated_at })
    })
    .transpose()
}

async fn photo_hash(connection: &mut Connection, account: AccountId) -> Result<Option<String>> {
    let hash = sqlx::query_scalar("SELECT hash FROM photos WHERE account = $1")
        .bind(account.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(hash)
}

async fn remove_photo(connection: &mut Connection, account: AccountId) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM photos WHERE account = $1")
        .bind(account.to_string())
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

async fn leavers_due(
    connection: &mut Connection,
    now: UnixSeconds,
    limit: u32,
) -> Result<Vec<AccountId>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM accounts
         WHERE delete_at <= $1 AND state = 'active' AND merged_into IS NULL
         ORDER BY delete_at, id LIMIT $2",
    )
    .bind(now)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|id| Ok(AccountId(read_id("accounts.id", id)?))).collect()
}

/// Looked at once more in the transaction that deletes: the person may have thought better of it.
async fn delete_leaver(
    connection: &mut Connection,
    account: AccountId,
    now: UnixSeconds,
) -> Result<bool> {
    let due: Option<i64> = sqlx::query_scalar(
        "SELECT CAST(1 AS BIGINT) FROM accounts
         WHERE id = $1 AND delete_at <= $2 AND state = 'active' AND merged_into IS NULL",
    )
    .bind(account.to_string())
    .bind(now)
    .fetch_optional(&mut *connection)
    .await?;
    if due.is_none() {
        return Ok(false);
    }
    deletion::delete(connection, account, now).await
}

async fn keep_leaver(connection: &mut Connection, account: AccountId) -> Result<bool> {
    let kept = sqlx::query(
        "UPDATE accounts SET delete_at = NULL
         WHERE id = $1 AND delete_at IS NOT NULL AND state = 'active' AND merged_into IS NULL",
    )
    .bind(account.to_string())
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}
