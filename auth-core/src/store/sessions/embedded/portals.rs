//! Which portals a session has opened.

use super::{Connection, sessions};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::encode::read_id;
use crate::store::{Result, SessionPortal};

/// A session that has ended meanwhile opens nothing.
pub(super) async fn note(
    connection: &mut Connection,
    session: SessionId,
    portal: &str,
    now: UnixSeconds,
) -> Result<()> {
    sessions::touch(connection, session, now).await?;
    sqlx::query(
        "INSERT INTO session_portals (session, portal, last_used_at)
         SELECT id, $2, $3 FROM sessions WHERE id = $1
         ON CONFLICT (session, portal) DO UPDATE SET last_used_at = excluded.last_used_at
         WHERE session_portals.last_used_at < excluded.last_used_at",
    )
    .bind(session.to_string())
    .bind(portal)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn of_account(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<SessionPortal>> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT session, portal, session_portals.last_used_at
         FROM session_portals JOIN sessions ON sessions.id = session
         WHERE account = $1 ORDER BY session, portal",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    let opened = |(session, portal, last_used_at): (String, String, i64)| {
        let session = SessionId(read_id("session_portals.session", &session)?);
        Ok(SessionPortal { session, portal, last_used_at })
    };
    rows.into_iter().map(opened).collect()
}
