//! Portals that people make, and who is let into portals by people.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Connection, invitations, mail, members, notices, portals, requests};
use crate::identity::{AccountId, UnixSeconds};
use crate::store::access::{
    Accept, Access, AccessRequest, AskForAccess, CreatePortal, Invitation, Member, NewInvitation,
    NewPortal, OWNER_ROLES,
};
use crate::store::encode::read_number;
use crate::store::notices::Subscription;
use crate::store::sql::{SqlStore, reading, reading_several, writing};
use crate::store::{Account, Profile, QueuedMail, Result, StoreError};

#[async_trait]
impl Access for SqlStore {
    async fn create_portal(&self, new: NewPortal, now: UnixSeconds) -> Result<CreatePortal> {
        writing!(self, c => create_portal(c, new.clone(), now))
    }

    async fn portals_made(&self, account: AccountId) -> Result<u32> {
        reading!(self, c => portals_made(c, account))
    }

    async fn members(&self, portal: &str, query: &str, limit: u32) -> Result<Vec<Member>> {
        reading!(self, c => members::matching(c, portal, query, limit))
    }

    async fn owners(&self, portal: &str, limit: u32) -> Result<Vec<Account>> {
        reading_several!(self, c => members::owners(c, portal, limit))
    }

    async fn ask_for_access(
        &self,
        portal: &str,
        account: AccountId,
        now: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> Result<AskForAccess> {
        writing!(self, c => requests::open(c, portal, account, now, expires_at))
    }

    async fn access_request(
        &self,
        portal: &str,
        account: AccountId,
        now: UnixSeconds,
    ) -> Result<Option<AccessRequest>> {
        reading!(self, c => requests::of_account(c, portal, account, now))
    }

    async fn access_requests(
        &self,
        portal: &str,
        now: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<AccessRequest>> {
        reading!(self, c => requests::of_portal(c, portal, now, limit))
    }

    async fn answer_access_request(
        &self,
        portal: &str,
        id: Uuid,
        roles: Option<&[String]>,
        now: UnixSeconds,
    ) -> Result<Option<AccessRequest>> {
        writing!(self, c => requests::answer(c, portal, id, roles, now))
    }

    async fn invite(
        &self,
        portal: &str,
        new: Vec<NewInvitation>,
        mails: Vec<QueuedMail>,
        now: UnixSeconds,
    ) -> Result<Option<Vec<Invitation>>> {
        if !mails.is_empty() {
            reading!(self, c => mail::require_room(c))?;
        }
        writing!(self, c => invitations::add(c, portal, new.clone(), mails.clone(), now))
    }

    async fn invitations(&self, portal: &str, now: UnixSeconds) -> Result<Vec<Invitation>> {
        reading!(self, c => invitations::open(c, portal, now))
    }

    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>> {
        reading!(self, c => invitations::by_hash(c, token_hash))
    }

    async fn revoke_invitation(&self, portal: &str, id: Uuid, now: UnixSeconds) -> Result<bool> {
        writing!(self, c => invitations::revoke(c, portal, id, now))
    }

    async fn has_used_invitation(&self, id: Uuid, account: AccountId) -> Result<bool> {
        reading!(self, c => invitations::has_used(c, id, account))
    }

    async fn accept_invitation(
        &self,
        token_hash: &[u8; 32],
        account: AccountId,
        now: UnixSeconds,
    ) -> Result<Accept> {
        writing!(self, c => invitations::accept(c, token_hash, account, now))
    }
}

async fn create_portal(
    connection: &mut Connection,
    new: NewPortal,
    now: UnixSeconds,
) -> Result<CreatePortal> {
    let missing = || StoreError::Corrupt("a portal that nobody made".to_owned());
    let maker = new.portal.created_by.ok_or_else(missing)?;
    // First, so that who has reached the limit learns nothing of names.
    if portals_made(connection, maker).await? >= new.most {
        return Ok(CreatePortal::TooMany);
    }
    let id = new.portal.id.clone();
    // Whoever belonged to a portal that is gone would belong to the new one, its owners above all.
    if is_remembered(connection, &id).await?
        || !portals::add_named(connection, new.portal, &new.name_key).await?
    {
        return Ok(CreatePortal::NameTaken);
    }
    if let Some(events) = new.webhook {
        notices::add_subscription(connection, &Subscription { portal: id.clone(), events }).await?;
    }
    let roles = vec![OWNER_ROLES[0].to_owned()];
    let profile = Profile { roles, ..Profile::new(maker, &id, now) };
    super::profiles::put(connection, profile, now).await?;
    notices::tell_portal(connection, &id, &new.notice, now * 1000).await?;
    Ok(CreatePortal::Created)
}

async fn portals_made(connection: &mut Connection, account: AccountId) -> Result<u32> {
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM portals WHERE created_by = $1")
        .bind(account.to_string())
        .fetch_one(connection)
        .await?;
    read_number("portals.created_by", made)
}

/// Whether anybody has, or may have, something to do with a portal of this id.
async fn is_remembered(connection: &mut Connection, portal: &str) -> Result<bool> {
    let found: i64 = sqlx::query_scalar(
        "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM profiles WHERE portal = $1)
                  OR EXISTS (SELECT 1 FROM imported_profiles WHERE portal = $1)
                  OR EXISTS (SELECT 1 FROM access_requests WHERE portal = $1)
                  OR EXISTS (SELECT 1 FROM invitations WHERE portal = $1)
                THEN 1 ELSE 0 END AS BIGINT)",
    )
    .bind(portal)
    .fetch_one(connection)
    .await?;
    Ok(found == 1)
}
