//! From hand to hand: a profile, and the record it came from.

use crate::identity::AccountId;
use crate::store::directory::{Connection, notices};
use crate::store::encode::new_id_ms;
use crate::store::joining::ProfileKey;
use crate::store::notices::Notice;
use crate::store::{Profile, Result};

/// From whom to whom: what the statements below bind, in the order `$1` into, `$2` from.
#[derive(Clone, Copy)]
pub(super) struct Hands {
    pub(super) from: AccountId,
    pub(super) into: AccountId,
}

impl Hands {
    pub(super) async fn over(self, connection: &mut Connection, sql: &'static str) -> Result<()> {
        sqlx::query(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .execute(connection)
            .await?;
        Ok(())
    }

    pub(super) async fn ids(
        self,
        connection: &mut Connection,
        sql: &'static str,
    ) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .fetch_all(connection)
            .await?)
    }

    pub(super) async fn pairs(
        self,
        connection: &mut Connection,
        sql: &'static str,
    ) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(sql)
            .bind(self.into.to_string())
            .bind(self.from.to_string())
            .fetch_all(connection)
            .await?)
    }
}

/// Gives a profile to another account, which has none on that portal.
pub(super) async fn move_profile(
    connection: &mut Connection,
    profile: &Profile,
    to: AccountId,
    now_ms: i64,
) -> Result<()> {
    let from = profile.account;
    sqlx::query("UPDATE profiles SET account = $1 WHERE account = $2 AND portal = $3")
        .bind(to.to_string())
        .bind(from.to_string())
        .bind(&profile.portal)
        .execute(&mut *connection)
        .await?;
    let gone = Notice::unjoined(from, profile.local_id.clone());
    notices::tell_portal(connection, &profile.portal, &gone, now_ms).await?;
    notices::tell_portal(connection, &profile.portal, &Notice::joined(to), now_ms).await
}

/// Gives a joined record to another account, and says so in the journal. Nothing, if it is not
/// [`Hands::from`]'s any more.
pub(super) async fn move_record(
    connection: &mut Connection,
    key: &ProfileKey,
    hands: Hands,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    let moved = sqlx::query(
        "UPDATE imported_profiles SET account = $1
         WHERE account = $2 AND portal = $3 AND local_id = $4",
    )
    .bind(hands.into.to_string())
    .bind(hands.from.to_string())
    .bind(&key.portal)
    .bind(&key.local_id)
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    let proofs: Vec<String> = sqlx::query_scalar(
        "UPDATE joins SET undone_at_ms = $1, undone_by = $2
         WHERE account = $3 AND portal = $4 AND local_id = $5 AND undone_at_ms IS NULL
         RETURNING proof",
    )
    .bind(now_ms)
    .bind(actor)
    .bind(hands.from.to_string())
    .bind(&key.portal)
    .bind(&key.local_id)
    .fetch_all(&mut *connection)
    .await?;
    for proof in proofs {
        let (portal, local_id) = (&key.portal, &key.local_id);
        begin_join(connection, hands.into, portal, local_id, &proof, actor, now_ms).await?;
    }
    Ok(())
}

pub(super) async fn begin_join(
    connection: &mut Connection,
    account: AccountId,
    portal: &str,
    local_id: &str,
    proof: &str,
    actor: &str,
    now_ms: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO joins (id, at_ms, account, portal, local_id, proof, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new_id_ms(now_ms).to_string())
    .bind(now_ms)
    .bind(account.to_string())
    .bind(portal)
    .bind(local_id)
    .bind(proof)
    .bind(actor)
    .execute(connection)
    .await?;
    Ok(())
}
