//! Imported profiles, joins and their journal.

mod import;
mod join;

use async_trait::async_trait;
use sqlx::FromRow;

use super::Connection;
use crate::identity::{AccountId, UnixSeconds};
use crate::store::encode::{read_id, read_list};
use crate::store::joining::{
    ImportedBatch, ImportedProfile, JoinEntry, JoinProof, Joining, MOST_FREE_PROFILES, ProfileKey,
};
use crate::store::sql::{SqlStore, reading, reading_several, writing};
use crate::store::{Account, NewAccount, Result, StoreError};
use join::Join;

#[async_trait]
impl Joining for SqlStore {
    async fn import_profiles(
        &self,
        portal: &str,
        records: Vec<ImportedProfile>,
        now: UnixSeconds,
    ) -> Result<ImportedBatch> {
        writing!(self, c => import::batch(c, portal, records.clone(), now))
    }

    async fn free_profiles(&self, emails: &[String]) -> Result<Vec<ImportedProfile>> {
        reading_several!(self, c => free(c, emails))
    }

    async fn any_portal_password(&self) -> Result<bool> {
        reading!(self, c => any_password(c))
    }

    async fn replace_portal_password(
        &self,
        key: &ProfileKey,
        expected: &str,
        new: &str,
    ) -> Result<bool> {
        writing!(self, c => replace_password(c, key, expected, new))
    }

    async fn forget_portal_passwords(&self, joined_before: UnixSeconds) -> Result<u64> {
        writing!(self, c => forget_passwords(c, joined_before))
    }

    async fn join(
        &self,
        account: AccountId,
        keys: &[ProfileKey],
        proof: JoinProof,
        actor: &str,
        now_ms: i64,
    ) -> Result<Vec<ProfileKey>> {
        writing!(self, c => Join { account, proof, actor, now_ms }.run(c, keys))
    }

    async fn create_joined_account(
        &self,
        new: NewAccount,
        key: &ProfileKey,
        proof: JoinProof,
        actor: &str,
        now_ms: i64,
    ) -> Result<Option<Account>> {
        writing!(self, c => join::create_account(c, new.clone(), key, proof, actor, now_ms))
    }

    async fn unjoin(
        &self,
        account: AccountId,
        portal: &str,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool> {
        writing!(self, c => join::undo(c, account, portal, actor, now_ms))
    }

    async fn joined_profiles(&self, account: AccountId) -> Result<Vec<ImportedProfile>> {
        reading!(self, c => joined(c, account))
    }

    async fn journal(&self, account: AccountId) -> Result<Vec<JoinEntry>> {
        reading!(self, c => join::journal(c, account))
    }
}

#[derive(FromRow)]
struct ImportedRow {
    portal: String,
    local_id: String,
    login: String,
    email: Option<String>,
    password_hash: Option<String>,
    name: String,
    active: i64,
    roles: String,
    imported_at: i64,
    account: Option<String>,
}

impl TryFrom<ImportedRow> for ImportedProfile {
    type Error = StoreError;

    fn try_from(row: ImportedRow) -> Result<Self> {
        let owner = |id: String| read_id("imported_profiles.account", &id).map(AccountId);
        Ok(Self {
            portal: row.portal,
            local_id: row.local_id,
            login: row.login,
            email: row.email,
            password_hash: row.password_hash,
            name: row.name,
            active: row.active == 1,
            roles: read_list("imported_profiles.roles", &row.roles)?,
            imported_at: row.imported_at,
            account: row.account.map(owner).transpose()?,
        })
    }
}

/// One query per address: nobody has many.
async fn free(connection: &mut Connection, emails: &[String]) -> Result<Vec<ImportedProfile>> {
    let mut found = Vec::new();
    for email in emails {
        let rows: Vec<ImportedRow> = sqlx::query_as(
            "SELECT portal, local_id, login, email, password_hash, name, active, roles, imported_at, account
             FROM imported_profiles
             WHERE email = $1 AND account IS NULL AND active = 1 AND withdrawn_at IS NULL
             ORDER BY portal, local_id LIMIT $2",
        )
        .bind(email)
        .bind(i64::from(MOST_FREE_PROFILES))
        .fetch_all(&mut *connection)
        .await?;
        for row in rows {
            found.push(ImportedProfile::try_from(row)?);
        }
    }
    found.sort_by_cached_key(ImportedProfile::key);
    found.dedup_by_key(|profile| profile.key());
    found.truncate(usize::try_from(MOST_FREE_PROFILES).unwrap_or(usize::MAX));
    Ok(found)
}

async fn any_password(connection: &mut Connection) -> Result<bool> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT portal FROM imported_profiles
         WHERE account IS NULL AND active = 1 AND password_hash IS NOT NULL
           AND withdrawn_at IS NULL LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

async fn replace_password(
    connection: &mut Connection,
    key: &ProfileKey,
    expected: &str,
    new: &str,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE imported_profiles SET password_hash = $1, password_kept = 1
         WHERE portal = $2 AND local_id = $3 AND account IS NULL AND password_hash = $4",
    )
    .bind(new)
    .bind(&key.portal)
    .bind(&key.local_id)
    .bind(expected)
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

async fn forget_passwords(connection: &mut Connection, joined_before: UnixSeconds) -> Result<u64> {
    let updated = sqlx::query(
        "UPDATE imported_profiles SET password_hash = NULL
         WHERE account IS NOT NULL AND password_hash IS NOT NULL AND joined_at < $1",
    )
    .bind(joined_before)
    .execute(connection)
    .await?;
    Ok(updated.rows_affected())
}

async fn joined(connection: &mut Connection, account: AccountId) -> Result<Vec<ImportedProfile>> {
    let rows: Vec<ImportedRow> = sqlx::query_as(
        "SELECT portal, local_id, login, email, password_hash, name, active, roles, imported_at, account
         FROM imported_profiles WHERE account = $1 ORDER BY portal, local_id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ImportedProfile::try_from).collect()
}
