//! Profiles: which portals an account belongs to, and as whom.

use sqlx::FromRow;

use super::merging::taken;
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
pub(super) async fn put(
    connection: &mut Connection,
    profile: Profile,
    now: UnixSeconds,
) -> Result<()> {
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
    // Whoever gives a profile lets the person in again.
    set_withdrawn(connection, profile.account, &profile.portal, None).await?;
    if let Some(before) = &before {
        let (portal, roles) = (profile.portal.as_str(), profile.roles.as_slice());
        taken::roles(connection, profile.account, portal, &before.roles, roles).await?;
    }
    if written.rows_affected() == 1 {
        let notice = match before {
            None => Notice::joined(profile.account),
            Some(_) => Notice::profile_updated(profile.account),
        };
        notices::tell_portal(connection, &profile.portal, &notice, now * 1000).await?;
    }
    Ok(())
}

/// Only an owner of the portal or an operator does that, so the person does not come back by way of a record.
pub(super) async fn remove(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    now: UnixSeconds,
) -> Result<bool> {
    let deleted: Option<Option<String>> = sqlx::query_scalar(
        "DELETE FROM profiles WHERE account = $1 AND portal = $2 RETURNING local_id",
    )
    .bind(account.to_string())
    .bind(portal)
    .fetch_optional(&mut *connection)
    .await?;
    let existed = deleted.is_some();
    if let Some(portal_user) = deleted {
        let notice = Notice::unjoined(account, portal_user);
        notices::tell_portal(connection, portal, &notice, now * 1000).await?;
        set_withdrawn(connection, account, portal, Some(now)).await?;
        taken::portal(connection, account, portal).await?;
        accounts::raise_generation(connection, account).await?;
    }
    Ok(existed)
}

/// Marks the portal's records of a person, or takes the mark from them: those that the account has joined, and
/// free ones that it could join because it has proved their address.
async fn set_withdrawn(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    withdrawn_at: Option<UnixSeconds>,
) -> Result<()> {
    sqlx::query(
        "UPDATE imported_profiles SET withdrawn_at = $1
         WHERE portal = $2 AND withdrawn_at IS DISTINCT FROM $1
           AND (account = $3 OR (account IS NULL AND email IN (
                SELECT address FROM addresses WHERE addresses.account = $3 AND proof <> 'none')))",
    )
    .bind(withdrawn_at)
    .bind(portal)
    .bind(account.to_string())
    .execute(connection)
    .await?;
    Ok(())
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
