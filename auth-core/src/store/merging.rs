//! Merging: two accounts of one person become one.
//!
//! Everything of the one (*from*) that opens a door changes hands: addresses, links, profiles, joined
//! records and what it made on portals. It is then an empty shell that may not sign in and says where its
//! things went. The other one (*into*) keeps its name, password and primary address. On a portal where both
//! have a profile one stays, and the other is *released*: gone from its account, its record free again.
//!
//! All of it is written down, so that it can be undone: what moved, and is still where it moved to, goes
//! back.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Result;
use super::joining::ProfileKey;
use crate::identity::{AccountId, UnixSeconds};

/// Which two, and as the asker knows them.
#[derive(Clone, PartialEq, Eq)]
pub struct MergeRequest {
    /// Stays.
    pub into: AccountId,
    /// Generation of [`MergeRequest::into`] when the person was shown what would happen.
    pub into_generation: u32,
    /// Gives everything away.
    pub from: AccountId,
    /// Likewise.
    pub from_generation: u32,
    /// The password hash that [`MergeRequest::from`] had when it was proved: a new password means that
    /// somebody has taken it back since.
    pub from_password_hash: Option<String>,
    /// Portals on which both have a profile and that of [`MergeRequest::from`] is the one that stays.
    pub from_stays_on: Vec<String>,
    /// Who does it: `self`, `operator`.
    pub actor: String,
}

impl std::fmt::Debug for MergeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MergeRequest")
            .field("into", &self.into)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Outcome of [`Merging::merge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeOutcome {
    /// Done, now or by an earlier call for the same two.
    Merged(Box<Merge>),
    /// One of the two is no longer as the asker knew it. Nothing was written; look again.
    Changed,
    /// One of them is gone, may not sign in or has proved no address, or both are the same. Nothing was
    /// written.
    Refused,
}

/// A merge as written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Names it.
    pub id: Uuid,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Gave everything away.
    pub from: AccountId,
    /// Has it since.
    pub into: AccountId,
    /// Who did it.
    pub actor: String,
    /// What changed hands.
    pub moved: Moved,
    /// When it was undone, Unix milliseconds, and by whom.
    pub undone: Option<(i64, String)>,
}

/// What changed hands in a merge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The primary address before.
    pub primary: String,
    /// All addresses, canonical.
    pub addresses: Vec<String>,
    /// Profiles.
    pub profiles: Vec<MovedProfile>,
    /// Records that it had joined, with or without a profile.
    pub records: Vec<ProfileKey>,
    /// Issuer and subject of links.
    pub links: Vec<(String, String)>,
    /// Ids of portals it had made.
    pub portals: Vec<String>,
    /// Ids of invitations it had made.
    pub invitations: Vec<String>,
    /// Profiles that gave way to the other account's.
    pub released: Vec<ReleasedProfile>,
}

/// A profile that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedProfile {
    /// Portal id.
    pub portal: String,
    /// The portal's own user id.
    pub local_id: Option<String>,
}

/// A profile that gave way, with all it takes to have it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedProfile {
    /// Whose it was: either account's.
    pub account: AccountId,
    /// Portal id.
    pub portal: String,
    /// The portal's own user id.
    pub local_id: Option<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Name on this portal.
    pub display_name: Option<String>,
    /// Title on this portal.
    pub title: Option<String>,
    /// When it was joined.
    pub joined_at: UnixSeconds,
    /// When it was last used.
    pub last_used_at: Option<UnixSeconds>,
    /// Why its record was joined, as the journal had it; `None`: it had no record.
    pub join_proof: Option<String>,
}

/// Outcome of [`Merging::unmerge`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmerged {
    /// Undone.
    Done,
    /// It is not merged into that account (any more).
    NotMerged,
    /// Not one of its addresses is still there to go back, or the other account was itself merged since,
    /// which would have to be undone before. Nothing was written.
    Impossible,
}

/// Merges.
#[async_trait]
pub trait Merging: Send + Sync {
    /// Merges two active accounts that have proved their addresses, and raises both generations. Repeated,
    /// it gives what it gave.
    async fn merge(&self, request: MergeRequest, now_ms: i64) -> Result<MergeOutcome>;
    /// Undoes the merge of `from` into `into`: `from` is active again with the password it had, has back
    /// what is still `into`'s, and both generations are raised.
    async fn unmerge(
        &self,
        from: AccountId,
        into: AccountId,
        actor: &str,
        now_ms: i64,
    ) -> Result<Unmerged>;
    /// Merges in which the account is either side, newest first.
    async fn merges(&self, account: AccountId) -> Result<Vec<Merge>>;
}
