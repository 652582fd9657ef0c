//! Invitations. One that nobody can use any more is kept for a while, so that whoever comes late is told
//! what became of it.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Connection, mail, profiles};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::access::{
    Accept, Invitation, MOST_INVITATIONS, NewInvitation, Standing, is_owner,
};
use crate::store::encode::{list, new_id, octets, read_id, read_list, read_number};
use crate::store::{Profile, QueuedMail, Result, StoreError};

#[derive(FromRow)]
struct InvitationRow {
    id: String,
    portal: String,
    email: Option<String>,
    roles: String,
    invited_by: String,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    most_uses: i64,
    uses: i64,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self> {
        Ok(Self {
            id: read_id("invitations.id", &row.id)?,
            portal: row.portal,
            email: row.email,
            roles: read_list("invitations.roles", &row.roles)?,
            invited_by: AccountId(read_id("invitations.invited_by", &row.invited_by)?),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked: row.revoked_at.is_some(),
            most_uses: read_number("invitations.most_uses", row.most_uses)?,
            uses: read_number("invitations.uses", row.uses)?,
        })
    }
}

pub(super) async fn add(
    connection: &mut Connection,
    portal: &str,
    new: Vec<NewInvitation>,
    mails: Vec<QueuedMail>,
    now: UnixSeconds,
) -> Result<Option<Vec<Invitation>>> {
    sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
        .bind(now - KEPT_SECONDS)
        .execute(&mut *connection)
        .await?;
    let open = open(connection, portal, now).await?;
    if open.len() + new.len() > MOST_INVITATIONS as usize {
        return Ok(None);
    }
    let mut made = Vec::with_capacity(new.len());
    for new in new {
        made.push(insert(connection, portal, new, now).await?);
    }
    for letter in mails {
        mail::queue(connection, letter, now).await?;
    }
    Ok(Some(made))
}

async fn insert(
    connection: &mut Connection,
    portal: &str,
    new: NewInvitation,
    now: UnixSeconds,
) -> Result<Invitation> {
    let invitation = Invitation {
        id: new_id(now),
        portal: portal.to_owned(),
        email: new.email,
        roles: new.roles,
        invited_by: new.invited_by,
        created_at: now,
        expires_at: new.expires_at,
        revoked: false,
        most_uses: new.most_uses,
        uses: 0,
    };
    sqlx::query(
        "INSERT INTO invitations (id, portal, token_hash, email, roles, invited_by, created_at,
                                  expires_at, most_uses, uses)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
    )
    .bind(invitation.id.to_string())
    .bind(&invitation.portal)
    .bind(octets(&new.token_hash))
    .bind(&invitation.email)
    .bind(list(&invitation.roles))
    .bind(invitation.invited_by.to_string())
    .bind(now)
    .bind(invitation.expires_at)
    .bind(i64::from(invitation.most_uses))
    .execute(connection)
    .await?;
    Ok(invitation)
}

pub(super) async fn open(
    connection: &mut Connection,
    portal: &str,
    now: UnixSeconds,
) -> Result<Vec<Invitation>> {
    let rows: Vec<InvitationRow> = sqlx::query_as(
        "SELECT id, portal, email, roles, invited_by, created_at, expires_at, revoked_at, most_uses, uses
         FROM invitations
         WHERE portal = $1 AND expires_at > $2 AND revoked_at IS NULL AND uses < most_uses
         ORDER BY created_at DESC, id DESC",
    )
    .bind(portal)
    .bind(now)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// Whatever has become of them, oldest first.
pub(super) async fn made_by(
    connection: &mut Connection,
    account: AccountId,
) -> Result<Vec<Invitation>> {
    let rows: Vec<InvitationRow> = sqlx::query_as(
        "SELECT id, portal, email, roles, invited_by, created_at, expires_at, revoked_at, most_uses, uses
         FROM invitations WHERE invited_by = $1 ORDER BY created_at, id",
    )
    .bind(account.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// One whose maker runs the portal no more counts as taken back.
pub(super) async fn by_hash(
    connection: &mut Connection,
    token_hash: &[u8; 32],
) -> Result<Option<Invitation>> {
    let row: Option<InvitationRow> = sqlx::query_as(
        "SELECT id, portal, email, roles, invited_by, created_at, expires_at, revoked_at, most_uses, uses
         FROM invitations WHERE token_hash = $1",
    )
    .bind(octets(token_hash))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let mut invitation = Invitation::try_from(row)?;
    let maker = profiles::on_portal(connection, invitation.invited_by, &invitation.portal).await?;
    invitation.revoked |= !maker.is_some_and(|profile| is_owner(&profile.roles));
    Ok(Some(invitation))
}

pub(super) async fn revoke(
    connection: &mut Connection,
    portal: &str,
    id: Uuid,
    now: UnixSeconds,
) -> Result<bool> {
    let updated = sqlx::query(
        "UPDATE invitations SET revoked_at = $1
         WHERE id = $2 AND portal = $3 AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(id.to_string())
    .bind(portal)
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn accept(
    connection: &mut Connection,
    token_hash: &[u8; 32],
    account: AccountId,
    now: UnixSeconds,
) -> Result<Accept> {
    let Some(mut invitation) = by_hash(connection, token_hash).await? else {
        return Ok(Accept::Unknown);
    };
    if profiles::on_portal(connection, account, &invitation.portal).await?.is_some() {
        return Ok(Accept::Member(invitation));
    }
    match invitation.standing(now) {
        Standing::Open => {}
        closed @ (Standing::Revoked | Standing::Used | Standing::Expired) => {
            return Ok(Accept::Closed(closed));
        }
    }
    // Who was put out of the portal is not let in again by a link kept from the first time.
    if has_used(connection, invitation.id, account).await? {
        return Ok(Accept::UsedBefore(invitation));
    }
    sqlx::query("INSERT INTO invitation_uses (invitation, account, used_at) VALUES ($1, $2, $3)")
        .bind(invitation.id.to_string())
        .bind(account.to_string())
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE invitations SET uses = uses + 1 WHERE id = $1")
        .bind(invitation.id.to_string())
        .execute(&mut *connection)
        .await?;
    invitation.uses += 1;
    let new = Profile::new(account, &invitation.portal, now);
    profiles::put(connection, Profile { roles: invitation.roles.clone(), ..new }, now).await?;
    Ok(Accept::Joined(invitation))
}

/// Itself, or by way of an account that is part of it since.
pub(super) async fn has_used(
    connection: &mut Connection,
    id: Uuid,
    account: AccountId,
) -> Result<bool> {
    let found: i64 = sqlx::query_scalar(
        "WITH RECURSIVE part (id) AS (
             SELECT id FROM accounts WHERE id = $2
             UNION SELECT accounts.id FROM accounts JOIN part ON accounts.merged_into = part.id)
         SELECT count(*) FROM invitation_uses JOIN part ON invitation_uses.account = part.id
         WHERE invitation = $1",
    )
    .bind(id.to_string())
    .bind(account.to_string())
    .fetch_one(connection)
    .await?;
    Ok(found > 0)
}

/// After its end, in seconds: a link found in last month's mail still gets a kind answer.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;
