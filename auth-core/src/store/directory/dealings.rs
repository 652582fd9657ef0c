//! What a person has asked for, offered, taken and made on portals.

use super::{Connection, invitations};
use crate::identity::AccountId;
use crate::store::Result;
use crate::store::encode::read_list;
use crate::store::people::{Accepted, Asked, Dealings, Made};

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Dealings> {
    Ok(Dealings {
        requests: requests(connection, account).await?,
        invitations: invitations::made_by(connection, account).await?,
        accepted: accepted(connection, account).await?,
        portals: portals(connection, account).await?,
    })
}

async fn requests(connection: &mut Connection, account: AccountId) -> Result<Vec<Asked>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT portal, asked_at, expires_at FROM access_requests WHERE account = $1
         ORDER BY portal",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    let asked = |(portal, asked_at, expires_at)| Asked { portal, asked_at, expires_at };
    Ok(rows.into_iter().map(asked).collect())
}

/// Those of the accounts that are part of this one by a merge as well: they count as its own there.
async fn accepted(connection: &mut Connection, account: AccountId) -> Result<Vec<Accepted>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "WITH RECURSIVE part (id) AS (
             SELECT id FROM accounts WHERE id = $1
             UNION SELECT accounts.id FROM accounts JOIN part ON accounts.merged_into = part.id)
         SELECT portal, roles, used_at FROM invitation_uses
         JOIN part ON invitation_uses.account = part.id
         JOIN invitations ON invitations.id = invitation
         ORDER BY used_at, invitation",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(portal, roles, used_at)| {
            Ok(Accepted { portal, roles: read_list("invitations.roles", &roles)?, used_at })
        })
        .collect()
}

async fn portals(connection: &mut Connection, account: AccountId) -> Result<Vec<Made>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, created_at FROM portals WHERE created_by = $1 ORDER BY id")
            .bind(account.to_string())
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(portal, created_at)| Made { portal, created_at }).collect())
}
