//! Joins, their undoing, and the journal of both.

use sqlx::FromRow;

use super::super::{Connection, accounts, addresses, deletion, notices};
use crate::identity::AccountId;
use crate::store::encode::{corrupt, new_id_ms};
use crate::store::joining::{JoinEntry, JoinProof, ProfileKey};
use crate::store::notices::Notice;
use crate::store::{Account, AccountState, CreateAccount, Holder, NewAccount, Result, StoreError};

/// A join under way.
pub(super) struct Join<'a> {
    pub(super) account: AccountId,
    pub(super) proof: JoinProof,
    pub(super) actor: &'a str,
    pub(super) now_ms: i64,
}

impl Join<'_> {
    pub(super) async fn run(
        &self,
        connection: &mut Connection,
        keys: &[ProfileKey],
    ) -> Result<Vec<ProfileKey>> {
        let account = accounts::by_id(connection, self.account).await?;
        let account = account.ok_or_else(|| accounts::no_such(self.account))?;
        if matches!(account.state, AccountState::Merged { .. }) {
            return Ok(Vec::new());
        }
        let mut joined = Vec::new();
        for key in keys {
            if let Some(roles) = self.take(connection, key).await? {
                self.add_profile(connection, key, &roles).await?;
                self.note(connection, key).await?;
                let notice = Notice::joined(self.account);
                notices::tell_portal(connection, &key.portal, &notice, self.now_ms).await?;
                joined.push(key.clone());
            }
        }
        if !joined.is_empty() {
            accounts::raise_generation(connection, self.account).await?;
        }
        Ok(joined)
    }

    /// Makes the record the account's and gives its roles; `None`: it may not have it.
    async fn take(&self, connection: &mut Connection, key: &ProfileKey) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(take_by(self.proof))
            .bind(self.account.to_string())
            .bind(&key.portal)
            .bind(&key.local_id)
            .bind(self.now_ms.div_euclid(1000))
            .fetch_optional(connection)
            .await?)
    }

    async fn add_profile(
        &self,
        connection: &mut Connection,
        key: &ProfileKey,
        roles: &str,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO profiles (account, portal, local_id, roles, joined_at)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.account.to_string())
        .bind(&key.portal)
        .bind(&key.local_id)
        .bind(roles)
        .bind(self.now_ms.div_euclid(1000))
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn note(&self, connection: &mut Connection, key: &ProfileKey) -> Result<()> {
        sqlx::query(
            "INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new_id_ms(self.now_ms).to_string())
        .bind(self.now_ms)
        .bind(self.account.to_string())
        .bind(&key.portal)
        .bind(&key.local_id)
        .bind(self.proof.as_str())
        .bind(self.actor)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// As [`crate::store::joining::Joining::create_joined_account`].
pub(super) async fn create_account(
    connection: &mut Connection,
    new: NewAccount,
    key: &ProfileKey,
    proof: JoinProof,
    actor: &str,
    now_ms: i64,
) -> Result<Option<Account>> {
    if addresses::holder(connection, &new.email).await? != Holder::None {
        return Ok(None);
    }
    let now = now_ms.div_euclid(1000);
    let CreateAccount::Created(account) = accounts::create(connection, new, now).await? else {
        return Ok(None);
    };
    let join = Join { account: account.id, proof, actor, now_ms };
    if join.run(connection, std::slice::from_ref(key)).await?.is_empty() {
        deletion::delete(connection, account.id, now).await?;
        return Ok(None);
    }
    accounts::by_id(connection, account.id).await
}

/// The record is free, active and not the account's second on that portal; and what the proof says holds.
/// A withdrawn one is for an operator alone to give.
macro_rules! take {
    ($holds:literal) => {
        concat!(
            "UPDATE imported_profiles
             SET account = $1, joined_at = $4, password_kept = 1, withdrawn_at = NULL
             WHERE portal = $2 AND local_id = $3 AND account IS NULL AND active = 1
             AND NOT EXISTS (SELECT 1 FROM profiles WHERE account = $1 AND portal = $2) ",
            $holds,
            " RETURNING roles"
        )
    };
}

fn take_by(proof: JoinProof) -> &'static str {
    match proof {
        JoinProof::Address => take!(
            "AND withdrawn_at IS NULL
             AND EXISTS (SELECT 1 FROM addresses WHERE addresses.account = $1
                 AND address = imported_profiles.email AND proof IN ('mail', 'operator'))"
        ),
        JoinProof::PortalPassword => take!(
            "AND withdrawn_at IS NULL
             AND EXISTS (SELECT 1 FROM addresses WHERE addresses.account = $1
                 AND address = imported_profiles.email)
             AND NOT EXISTS (SELECT 1 FROM addresses WHERE addresses.account = $1 AND proof <> 'none')"
        ),
        JoinProof::Operator => take!(""),
    }
}

/// More than one record where the portal had put an earlier one out of use. A withdrawn one stays where it is
/// for everybody but an operator: who was put out does not get it back by undoing and joining again.
pub(super) async fn undo(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    actor: &str,
    now_ms: i64,
) -> Result<bool> {
    let freed: Vec<String> = sqlx::query_scalar(
        "UPDATE imported_profiles SET account = NULL, joined_at = NULL, withdrawn_at = NULL
         WHERE account = $1 AND portal = $2 AND (withdrawn_at IS NULL OR $3 = 'operator')
         RETURNING local_id",
    )
    .bind(account.to_string())
    .bind(portal)
    .bind(actor)
    .fetch_all(&mut *connection)
    .await?;
    for local_id in &freed {
        let deleted = sqlx::query(
            "DELETE FROM profiles WHERE account = $1 AND portal = $2 AND local_id = $3",
        )
        .bind(account.to_string())
        .bind(portal)
        .bind(local_id)
        .execute(&mut *connection)
        .await?;
        if deleted.rows_affected() == 1 {
            let notice = Notice::unjoined(account, Some(local_id.clone()));
            notices::tell_portal(connection, portal, &notice, now_ms).await?;
        }
        sqlx::query(
            "UPDATE joins SET undone_at_ms = $1, undone_by = $2
             WHERE account = $3 AND portal = $4 AND local_id = $5 AND undone_at_ms IS NULL",
        )
        .bind(now_ms)
        .bind(actor)
        .bind(account.to_string())
        .bind(portal)
        .bind(local_id)
        .execute(&mut *connection)
        .await?;
    }
    if !freed.is_empty() {
        accounts::raise_generation(connection, account).await?;
    }
    Ok(!freed.is_empty())
}

#[derive(FromRow)]
struct JoinRow {
    at_ms: i64,
    portal: String,
    local_id: String,
    proof: String,
    actor: String,
    undone_at_ms: Option<i64>,
    undone_by: Option<String>,
}

impl TryFrom<JoinRow> for JoinEntry {
    type Error = StoreError;

    fn try_from(row: JoinRow) -> Result<Self> {
        Ok(Self {
            at_ms: row.at_ms,
            key: ProfileKey { portal: row.portal, local_id: row.local_id },
            proof: read_proof(&row.proof)?,
            actor: row.actor,
            undone: row.undone_at_ms.zip(row.undone_by),
        })
    }
}

pub(super) async fn journal(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<JoinEntry>> {
    let rows: Vec<JoinRow> = sqlx::query_as(
        "SELECT at_ms, portal, local_id, proof, actor, undone_at_ms, undone_by
         FROM joins WHERE account = $1 ORDER BY at_ms DESC, portal, local_id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(JoinEntry::try_from).collect()
}

fn read_proof(text: &str) -> Result<JoinProof> {
    Ok(match text {
        "address" => JoinProof::Address,
        "portal_password" => JoinProof::PortalPassword,
        "operator" => JoinProof::Operator,
        _ => return Err(corrupt("joins.proof")),
    })
}
