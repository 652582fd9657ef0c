//! Joining: what portals say about their people, and how that becomes part of a Bitrix ID.
//!
//! An *imported profile* is a portal's own record of a person. It is *free* until an account *joins* it,
//! which gives the account a [`super::Profile`] with its local id and roles. A profile joins an account
//! for one of two reasons: its address is one that the account has proved by mail or that an operator
//! vouches for; or, for an account that has proved nothing yet, its old password was typed, and then that
//! profile alone. Every join is journalled and can be undone: the profile is free again.
//!
//! A record is *withdrawn* when an owner of the portal or an operator takes the profile away
//! ([`super::Directory::remove_profile`]). It stays so whatever becomes of the account, neither found nor joined
//! nor undone by the person, until one of them lets the person in again
//! ([`super::Directory::put_profile`], an accepted request or invitation) or an operator undoes the join.

use async_trait::async_trait;

use super::{Account, NewAccount, Result};
use crate::identity::{AccountId, UnixSeconds};

/// A portal's record of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedProfile {
    /// Portal id.
    pub portal: String,
    /// The portal's own user id; one record each.
    pub local_id: String,
    /// What the person signed in with there.
    pub login: String,
    /// Canonical address the portal has registered; `None`: none that is one.
    pub email: Option<String>,
    /// The portal's password hash (`crate::password`), or argon2id once it was used; `None`: none.
    pub password_hash: Option<String>,
    /// The person's name on the portal.
    pub name: String,
    /// Whether the portal lets the person in. One who is not is neither found nor joined.
    pub active: bool,
    /// Roles on the portal.
    pub roles: Vec<String>,
    /// Newest import that changed it, Unix seconds.
    pub imported_at: UnixSeconds,
    /// Who joined it.
    pub account: Option<AccountId>,
}

impl ImportedProfile {
    /// Names the record.
    #[must_use]
    pub fn key(&self) -> ProfileKey {
        ProfileKey { portal: self.portal.clone(), local_id: self.local_id.clone() }
    }
}

impl std::fmt::Debug for ImportedProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportedProfile")
            .field("portal", &self.portal)
            .field("local_id", &self.local_id)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Names an imported profile.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct ProfileKey {
    /// Portal id.
    pub portal: String,
    /// The portal's own user id.
    pub local_id: String,
}

/// What an import did to a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportedBatch {
    /// New records.
    pub added: u64,
    /// Records that say something else now.
    pub changed: u64,
    /// Records that say what they said.
    pub unchanged: u64,
    /// Accounts whose tokens are out of date now: they joined a record that changed.
    pub affected: Vec<AccountId>,
}

/// Why a join is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinProof {
    /// The record's address is one of the account's, proved by mail or vouched for.
    Address,
    /// The record's old password was typed. Only for an account that holds the record's address and has
    /// proved none.
    PortalPassword,
    /// An operator said so.
    Operator,
}

impl JoinProof {
    /// As the directory and programs have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::PortalPassword => "portal_password",
            Self::Operator => "operator",
        }
    }
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinEntry {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Which record.
    pub key: ProfileKey,
    /// Why it was allowed.
    pub proof: JoinProof,
    /// Who did it: `self`, `operator`, `system`.
    pub actor: String,
    /// When it was undone, Unix milliseconds, and by whom.
    pub undone: Option<(i64, String)>,
}

/// Imported profiles and the journal.
#[async_trait]
pub trait Joining: Send + Sync {
    /// Adds or updates records of one portal; at most 1000 at a time. What the portal says wins over what
    /// was known, except that the password hash of a record that was ever joined or used stays as it is.
    /// A joined record that changed changes the account's profile with it (roles; no longer active: no
    /// profile) and raises its generation. It stays joined while it is not active; active again, it gives
    /// the profile back, unless the account has another on that portal by then or the record was withdrawn.
    /// Records that are not among `records` stay as they are. `imported_at`, `account` and the portal of each
    /// are given by the call.
    async fn import_profiles(
        &self,
        portal: &str,
        records: Vec<ImportedProfile>,
        now: UnixSeconds,
    ) -> Result<ImportedBatch>;
    /// Free, active records, none of them withdrawn, registered with one of these canonical addresses, in order of portal and local
    /// id, at most `MOST_FREE_PROFILES`.
    async fn free_profiles(&self, emails: &[String]) -> Result<Vec<ImportedProfile>>;
    /// Whether any free record has a password hash: if not, no sign-in need look for one.
    async fn any_portal_password(&self) -> Result<bool>;
    /// Replaces the hash of a free record if it still is `expected`. False: it was not.
    async fn replace_portal_password(
        &self,
        key: &ProfileKey,
        expected: &str,
        new: &str,
    ) -> Result<bool>;
    /// Forgets the hashes of records that were joined before `joined_before` and still are: until then they
    /// stay, so that an undone join gives everything back. Gives the number.
    async fn forget_portal_passwords(&self, joined_before: UnixSeconds) -> Result<u64>;
    /// Joins those of `keys` for which `proof` holds, that are free and active, and on whose portal the
    /// account has no profile; writes the journal and raises the generation. Gives what was joined. All
    /// of it is checked in the transaction, whatever the caller checked before.
    async fn join(
        &self,
        account: AccountId,
        keys: &[ProfileKey],
        proof: JoinProof,
        actor: &str,
        now_ms: i64,
    ) -> Result<Vec<ProfileKey>>;
    /// Makes an account and joins one record to it, in one transaction with everything that is checked: whoever
    /// dies in between leaves nobody without a portal. `None`: somebody holds the address, or the record is not
    /// to be had by `proof`, and nothing was written.
    async fn create_joined_account(
        &self,
        new: NewAccount,
        key: &ProfileKey,
        proof: JoinProof,
        actor: &str,
        now_ms: i64,
    ) -> Result<Option<Account>>;
    /// Undoes the join of the account's profile on a portal: the profile is removed, the record is free
    /// again, the journal says so, the generation is raised. False: nothing is joined there, or it is withdrawn
    /// and `actor` is no operator.
    async fn unjoin(
        &self,
        account: AccountId,
        portal: &str,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool>;
    /// The records that an account has joined, in order of portal.
    async fn joined_profiles(&self, account: AccountId) -> Result<Vec<ImportedProfile>>;
    /// The journal of an account, newest first.
    async fn journal(&self, account: AccountId) -> Result<Vec<JoinEntry>>;
}

/// Most records looked at for one person's addresses.
pub const MOST_FREE_PROFILES: u32 = 100;
