//! Who is let into a portal by people, not by operators: portals that people make, requests for access,
//! invitations.
//!
//! An *owner* of a portal is an account whose profile there has one of [`OWNER_ROLES`]. A *request* is a
//! person's wish to be let in; owners answer it, or an operator does by granting a profile. An *invitation*
//! is a secret that lets in whoever brings it, so many times, until its end, and while the account that
//! made it is an owner. Only its hash is kept.

use async_trait::async_trait;
use bitrix_id_config::NoticeEvent;
use uuid::Uuid;

use super::notices::Notice;
use super::{Account, QueuedMail, Result, StoredPortal};
use crate::identity::{AccountId, UnixSeconds};

/// Either of these makes the account of a profile an owner of the portal.
pub const OWNER_ROLES: [&str; 2] = ["owner", "admin"];
/// What somebody is who was let in by an owner.
pub const MEMBER_ROLE: &str = "employee";
/// Invitations of one portal that can be open at once.
pub const MOST_INVITATIONS: u32 = 100;

/// Whether these roles on a portal make an owner of it.
#[must_use]
pub fn is_owner(roles: &[String]) -> bool {
    roles.iter().any(|role| OWNER_ROLES.contains(&role.as_str()))
}

/// What [`Access::create_portal`] needs.
#[derive(Debug, Clone)]
pub struct NewPortal {
    /// Id and text, checked; [`StoredPortal::created_by`] names the maker.
    pub portal: StoredPortal,
    /// [`crate::portal_name::skeleton`] of the id.
    pub name_key: String,
    /// Portals that the maker may have made, this one included.
    pub most: u32,
    /// What it is told of from its first moment on, if it has a webhook.
    pub webhook: Option<Vec<NoticeEvent>>,
    /// That it was made.
    pub notice: Notice,
}

/// Outcome of [`Access::create_portal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatePortal {
    /// The portal is there, and its maker is its owner.
    Created,
    /// The name, or one that looks like it, is another portal's or was one: people still have profiles
    /// or requests there.
    NameTaken,
    /// The maker has made as many as may be.
    TooMany,
}

/// Somebody with a profile on a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose.
    pub account: AccountId,
    /// Display name.
    pub name: String,
    /// Primary address; `None` while the account has not proved it.
    pub email: Option<String>,
    /// Roles on the portal.
    pub roles: Vec<String>,
    /// Unix seconds.
    pub joined_at: UnixSeconds,
}

/// A person's wish to be let into a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    /// Names the request.
    pub id: Uuid,
    /// Portal id.
    pub portal: String,
    /// Who asks.
    pub account: AccountId,
    /// Display name.
    pub name: String,
    /// Primary address.
    pub email: String,
    /// Unix seconds.
    pub asked_at: UnixSeconds,
    /// It is no longer open from here on, Unix seconds.
    pub expires_at: UnixSeconds,
}

/// Outcome of [`Access::ask_for_access`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskForAccess {
    /// The request is open now.
    Asked,
    /// One was open already and stays as it is.
    AskedBefore,
    /// There is a profile already.
    Member,
}

/// One of those that [`Access::invite`] makes.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// SHA-256 of the secret.
    pub token_hash: [u8; 32],
    /// Where it is mailed; `None` for a link.
    pub email: Option<String>,
    /// What those who accept become.
    pub roles: Vec<String>,
    /// Who invites.
    pub invited_by: AccountId,
    /// Unix seconds.
    pub expires_at: UnixSeconds,
    /// How many may accept.
    pub most_uses: u32,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Names it; no secret.
    pub id: Uuid,
    /// Portal id.
    pub portal: String,
    /// Where it was mailed; `None` for a link.
    pub email: Option<String>,
    /// What those who accept become.
    pub roles: Vec<String>,
    /// Who invites.
    pub invited_by: AccountId,
    /// Unix seconds.
    pub created_at: UnixSeconds,
    /// Unix seconds.
    pub expires_at: UnixSeconds,
    /// Who made it took it back, or runs the portal no more.
    pub revoked: bool,
    /// How many may accept.
    pub most_uses: u32,
    /// How many have.
    pub uses: u32,
}

impl Invitation {
    /// Whether it lets somebody in, and if not, why.
    #[must_use]
    pub fn standing(&self, now: UnixSeconds) -> Standing {
        if self.revoked {
            Standing::Revoked
        } else if self.uses >= self.most_uses {
            Standing::Used
        } else if now >= self.expires_at {
            Standing::Expired
        } else {
            Standing::Open
        }
    }
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It lets somebody in.
    Open,
    /// Taken back.
    Revoked,
    /// As many have accepted as may.
    Used,
    /// Too old.
    Expired,
}

/// Outcome of [`Access::accept_invitation`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// There is a profile on this portal now.
    Joined(Invitation),
    /// There was one before; the invitation is as it was.
    Member(Invitation),
    /// It let this account in before, which has no profile there any more: nobody is let in twice by the
    /// same one.
    UsedBefore(Invitation),
    /// It lets nobody in.
    Closed(Standing),
    /// There is no such invitation.
    Unknown,
}

/// Portals made by people, requests, invitations.
#[async_trait]
pub trait Access: Send + Sync {
    /// Adds a portal and its maker's profile as owner, in one transaction with the count of those made
    /// before. However many ask at once for one name, or for two that look alike, one gets it.
    async fn create_portal(&self, new: NewPortal, now: UnixSeconds) -> Result<CreatePortal>;
    /// How many portals of the directory an account has made.
    async fn portals_made(&self, account: AccountId) -> Result<u32>;

    /// Who belongs to a portal: owners first, then by name; at most `limit`. With `query`, those whose name
    /// or proved address contains it, in any case.
    async fn members(&self, portal: &str, query: &str, limit: u32) -> Result<Vec<Member>>;
    /// Owners that mail can reach and that may sign in, those who joined first coming first; at most
    /// `limit`.
    async fn owners(&self, portal: &str, limit: u32) -> Result<Vec<Account>>;

    /// Opens a request until `expires_at`.
    async fn ask_for_access(
        &self,
        portal: &str,
        account: AccountId,
        now: UnixSeconds,
        expires_at: UnixSeconds,
    ) -> Result<AskForAccess>;
    /// The open request of an account.
    async fn access_request(
        &self,
        portal: &str,
        account: AccountId,
        now: UnixSeconds,
    ) -> Result<Option<AccessRequest>>;
    /// The open requests for a portal, oldest first, at most `limit`.
    async fn access_requests(
        &self,
        portal: &str,
        now: UnixSeconds,
        limit: u32,
    ) -> Result<Vec<AccessRequest>>;
    /// Answers an open request, if it is one for this portal: with `roles` the person is let in, without
    /// the request alone goes. The request comes back once, however many answer it.
    async fn answer_access_request(
        &self,
        portal: &str,
        id: Uuid,
        roles: Option<&[String]>,
        now: UnixSeconds,
    ) -> Result<Option<AccessRequest>>;

    /// Keeps invitations to a portal and queues the mails that bring them, all or none of it, in one
    /// transaction with the count of those that are open. They come back in the order given. `None`: with
    /// them, more of the portal would be open than [`MOST_INVITATIONS`]. A mail queue that is full: an error.
    async fn invite(
        &self,
        portal: &str,
        new: Vec<NewInvitation>,
        mails: Vec<QueuedMail>,
        now: UnixSeconds,
    ) -> Result<Option<Vec<Invitation>>>;
    /// The open invitations of a portal, newest first.
    async fn invitations(&self, portal: &str, now: UnixSeconds) -> Result<Vec<Invitation>>;
    /// By its secret's hash, whatever has become of it.
    async fn invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>>;
    /// Takes an invitation of this portal back. False: there is none of it.
    async fn revoke_invitation(&self, portal: &str, id: Uuid, now: UnixSeconds) -> Result<bool>;
    /// Whether an invitation has let the account in, or one that is part of it by a merge.
    async fn has_used_invitation(&self, id: Uuid, account: AccountId) -> Result<bool>;
    /// Lets an account in by an invitation and counts the use, in one transaction; an account once by the same
    /// invitation.
    async fn accept_invitation(
        &self,
        token_hash: &[u8; 32],
        account: AccountId,
        now: UnixSeconds,
    ) -> Result<Accept>;
}
