//! Who belongs to a portal.

use sqlx::FromRow;

use super::{Connection, accounts};
use crate::identity::AccountId;
use crate::store::access::{Member, OWNER_ROLES, is_owner};
use crate::store::encode::{folded, read_id, read_list};
use crate::store::{Account, AccountState, AddressProof, Result};

#[derive(FromRow)]
struct MemberRow {
    account: String,
    name: String,
    email: Option<String>,
    roles: String,
    joined_at: i64,
}

/// An address that is not proved is neither shown nor found.
pub(super) async fn matching(
    connection: &mut Connection,
    portal: &str,
    query: &str,
    limit: u32,
) -> Result<Vec<Member>> {
    let rows: Vec<MemberRow> = sqlx::query_as(
        "SELECT profiles.account, accounts.name,
                CASE WHEN addresses.proof <> 'none' THEN accounts.email END AS email,
                profiles.roles, profiles.joined_at
         FROM profiles JOIN accounts ON accounts.id = profiles.account
         LEFT JOIN addresses ON addresses.address = accounts.email
                            AND addresses.account = accounts.id
         WHERE profiles.portal = $1
           AND ($2 = '' OR accounts.name_key LIKE $3 ESCAPE '!'
                OR (addresses.proof <> 'none' AND lower(accounts.email) LIKE $3 ESCAPE '!'))
         ORDER BY CASE WHEN profiles.roles LIKE $4 OR profiles.roles LIKE $5 THEN 0 ELSE 1 END,
                  accounts.name_key, profiles.account
         LIMIT $6",
    )
    .bind(portal)
    .bind(query)
    .bind(containing(query))
    .bind(naming(OWNER_ROLES[0]))
    .bind(naming(OWNER_ROLES[1]))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(member).collect()
}

pub(super) async fn owners(
    connection: &mut Connection,
    portal: &str,
    limit: u32,
) -> Result<Vec<Account>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT account, roles FROM profiles
         WHERE portal = $1 AND (roles LIKE $2 OR roles LIKE $3)
         ORDER BY joined_at, account LIMIT $4",
    )
    .bind(portal)
    .bind(naming(OWNER_ROLES[0]))
    .bind(naming(OWNER_ROLES[1]))
    .bind(i64::from(limit.saturating_mul(SPARE)))
    .fetch_all(&mut *connection)
    .await?;
    let mut owners = Vec::new();
    for (account, roles) in rows {
        if owners.len() == limit as usize {
            break;
        }
        if !is_owner(&read_list("profiles.roles", &roles)?) {
            continue;
        }
        let id = AccountId(read_id("profiles.account", &account)?);
        let found = accounts::by_id(connection, id).await?;
        owners.extend(found.filter(|account| {
            account.state == AccountState::Active && account.proof != AddressProof::None
        }));
    }
    Ok(owners)
}

fn member(row: MemberRow) -> Result<Member> {
    Ok(Member {
        account: AccountId(read_id("profiles.account", &row.account)?),
        roles: read_list("profiles.roles", &row.roles)?,
        name: row.name,
        email: row.email,
        joined_at: row.joined_at,
    })
}

/// A pattern for texts that contain this one.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in folded(text).chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// A pattern for lists with this word in them; letters only, so it needs no escape. It may match a little
/// more, which is read again.
fn naming(role: &str) -> String {
    format!("%\"{role}\"%")
}

/// Rows looked at for each owner wanted: some may be disabled.
const SPARE: u32 = 4;
