//! The log of revocations. Entries get their number under a lock that lasts until they are visible, so a
//! reader who has seen a number has seen every smaller one.

use sqlx::FromRow;

use super::Connection;
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::directory::next_of_counter;
use crate::store::encode::{corrupt, read_id, read_number};
use crate::store::{Result, Revocation, Revoked, StoreError};

#[derive(FromRow)]
struct RevocationRow {
    sequence: i64,
    session: Option<String>,
    account: Option<String>,
    minimum_generation: Option<i64>,
    at_ms: i64,
    until: i64,
}

impl TryFrom<RevocationRow> for Revocation {
    type Error = StoreError;

    fn try_from(row: RevocationRow) -> Result<Self> {
        let what = match (row.session, row.account, row.minimum_generation) {
            (Some(session), None, None) => {
                Revoked::Session(SessionId(read_id("revocations.session", &session)?))
            }
            (None, Some(account), Some(generation)) => Revoked::Account {
                account: AccountId(read_id("revocations.account", &account)?),
                minimum_generation: read_number("revocations.minimum_generation", generation)?,
            },
            _ => return Err(corrupt("revocations")),
        };
        Ok(Self {
            sequence: read_number("revocations.sequence", row.sequence)?,
            what,
            at_ms: row.at_ms,
            until: row.until,
        })
    }
}

pub(super) async fn append(
    connection: &mut Connection,
    what: Revoked,
    until: UnixSeconds,
    at_ms: i64,
) -> Result<Revocation> {
    let sequence = next_of_counter(connection, COUNTER).await?;
    let (session, account, minimum_generation) = match what {
        Revoked::Session(session) => (Some(session.to_string()), None, None),
        Revoked::Account { account, minimum_generation } => {
            (None, Some(account.to_string()), Some(i64::from(minimum_generation)))
        }
    };
    sqlx::query(
        "INSERT INTO revocations (sequence, session, account, minimum_generation, at_ms, until)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(i64::try_from(sequence).map_err(|_| corrupt("counters.value"))?)
    .bind(session)
    .bind(account)
    .bind(minimum_generation)
    .bind(at_ms)
    .bind(until)
    .execute(connection)
    .await?;
    Ok(Revocation { sequence, what, at_ms, until })
}

/// One entry per session; `ids` are as stored.
pub(super) async fn append_sessions(
    connection: &mut Connection,
    ids: &[String],
    until: UnixSeconds,
    at_ms: i64,
) -> Result<Vec<Revocation>> {
    let mut appended = Vec::with_capacity(ids.len());
    for id in ids {
        let what = Revoked::Session(SessionId(read_id("sessions.id", id)?));
        appended.push(append(connection, what, until, at_ms).await?);
    }
    Ok(appended)
}

/// At most `limit` of them.
pub(super) async fn after(
    connection: &mut Connection,
    sequence: u64,
    limit: i64,
) -> Result<Vec<Revocation>> {
    let rows: Vec<RevocationRow> = sqlx::query_as(
        "SELECT sequence, session, account, minimum_generation, at_ms, until
         FROM revocations WHERE sequence > $1 ORDER BY sequence LIMIT $2",
    )
    .bind(i64::try_from(sequence).unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Revocation::try_from).collect()
}

/// Row of `counters`.
const COUNTER: &str = "revocation";
