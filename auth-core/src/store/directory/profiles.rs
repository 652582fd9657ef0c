//! Profiles: which portals an account belongs to, and as whom.

use sqlx::FromRow;

use super::{Connection, accounts, notices};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::{list, read_id, read_list};
use crate::store::notices::Notice;
use crate::store::{Profile, Result, StoreError};

#[derive(FromRow)]
struct ProfileRow {
    account: String,
    portal: String,
    local_id: Option<String>,
    roles: String,
    display_name: Option<String>,
    title: Option<String>,
    joined_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<ProfileRow> for Profile {
    type Error = StoreError;

    fn try_from(row: ProfileRow) -> Result<Self> {
        Ok(Self {
            account: AccountId(read_id("profiles.account", &row.account)?),
            roles: read_list("profiles.roles", &row.roles)?,
            portal: row.portal,
            local_id: row.local_id,
            display_name: row.display_name,
            title: row.title,
            joined_at: row.joined_at,
            last_used_at: row.last_used_at,
        })
    }
}

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<Profile>> {
    let rows: Vec<ProfileRow> = sqlx::query_as(
        "SELECT account, portal, local_id, roles, display_name, title, joined_at, last_used_at
         FROM profiles WHERE account = $1 ORDER BY portal",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Profile::try_from).collect()
}

pub(super) async fn on_portal(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
) -> Result<Option<Profile>> {
    let row: Option<ProfileRow> = sqlx::query_as(
        "SELECT account, portal, local_id, roles, display_name, title, joined_at, last_used_at
         FROM profiles WHERE account = $1 AND portal = $2",
    )
    .bind(account.to_string())
    .bind(portal)
    .fetch_optional(connection)
    .await?;
    row.map(Profile::try_from).transpose()
}

/// Local id and roles decide whether anything changed; when the profile was joined and used, and what the
/// person is called there, stays as it was.
pub(super) async fn put(connection: &mut Connection, profile: Profile) -> Result<()> {
    let before = on_portal(connection, profile.account, &profile.portal).await?;
    let written = sqlx::query(
        "INSERT INTO profiles (account, portal, local_id, roles, joined_at, last_used_at, display_name, title)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (account, portal) DO UPDATE
         SET local_id = excluded.local_id, roles = excluded.roles
         WHERE profiles.local_id IS DISTINCT FROM excluded.local_id
            OR profiles.roles <> excluded.roles",
    )
    .bind(profile.account.to_string())
    .bind(&profile.portal)
    .bind(&profile.local_id)
    .bind(list(&profile.roles))
    .bind(profile.joined_at)
    .bind(profile.last_used_at)
    .bind(&profile.display_name)
    .bind(&profile.title)
    .execute(&mut *connection)
    .await?;
    if written.rows_affected() == 1 {
        accounts::raise_generation(connection, profile.account).await?;
    }
    if before.is_none() {
        let notice = Notice::joined(profile.account);
        let at_ms = profile.joined_at * 1000;
        notices::tell_portal(connection, &profile.portal, &notice, at_ms).await?;
    }
    Ok(())
}

pub(super) async fn remove(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM profiles WHERE account = $1 AND portal = $2")
        .bind(account.to_string())
        .bind(portal)
        .execute(&mut *connection)
        .await?;
    let existed = deleted.rows_affected() == 1;
    if existed {
        accounts::raise_generation(connection, account).await?;
    }
    Ok(existed)
}

pub(super) async fn touch(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    now: UnixSeconds,
) -> Result<()> {
    sqlx::query(
        "UPDATE profiles SET last_used_at = $1
         WHERE account = $2 AND portal = $3 AND (last_used_at IS NULL OR last_used_at < $1)",
    )
    .bind(now)
    .bind(account.to_string())
    .bind(portal)
    .execute(connection)
    .await?;
    Ok(())
}
