//! What people say about themselves: names, photo, what they are called on one portal, and that they want
//! to leave.

use async_trait::async_trait;

use super::Result;
use super::access::Invitation;
use crate::identity::{AccountId, UnixSeconds};

/// What a person says anew about themselves. `None` leaves it as it is: nobody writes back what they have
/// only read, so changes from two places do not undo each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountDetails {
    /// Display name.
    pub name: Option<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// IANA name; `Some(None)`: none.
    pub time_zone: Option<Option<String>>,
    /// As `crate::phone` has checked it; `Some(None)`: none.
    pub phone: Option<Option<String>>,
}

/// A person's photo.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// A JPEG of our own making.
    pub jpeg: Vec<u8>,
    /// SHA-256 of it, base64url.
    pub hash: String,
    /// When it was given, Unix seconds.
    pub updated_at: UnixSeconds,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Photo").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// What a person has asked for, offered, taken and made on portals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dealings {
    /// Requests to be let into portals, by portal; answered ones are gone.
    pub requests: Vec<Asked>,
    /// Invitations the person made, oldest first.
    pub invitations: Vec<Invitation>,
    /// Invitations that let the person in, oldest first.
    pub accepted: Vec<Accepted>,
    /// Portals the person made, by id.
    pub portals: Vec<Made>,
}

/// A request to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Portal id.
    pub portal: String,
    /// Unix seconds.
    pub asked_at: UnixSeconds,
    /// It is no longer open from here on, Unix seconds.
    pub expires_at: UnixSeconds,
}

/// An invitation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Portal id.
    pub portal: String,
    /// What it made of the person.
    pub roles: Vec<String>,
    /// Unix seconds.
    pub used_at: UnixSeconds,
}

/// A portal that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Portal id.
    pub portal: String,
    /// Unix seconds.
    pub created_at: UnixSeconds,
}

/// People's own words and picture.
#[async_trait]
pub trait People: Send + Sync {
    /// Replaces what is given and tells the account's portals. Tokens say the new name when they are next
    /// made. Without the account: an error.
    async fn update_account(
        &self,
        id: AccountId,
        details: AccountDetails,
        now: UnixSeconds,
    ) -> Result<()>;
    /// What the person is called on a portal, and the title there; `None` is as everywhere. Raises the
    /// generation and tells the portal if any of it changed. False: the account has no profile there.
    async fn set_profile_name(
        &self,
        account: AccountId,
        portal: &str,
        display_name: Option<&str>,
        title: Option<&str>,
        now: UnixSeconds,
    ) -> Result<bool>;

    /// Stores the photo in place of the one before. Without the account: an error.
    async fn put_photo(&self, account: AccountId, photo: Photo) -> Result<()>;
    /// The photo, if there is one.
    async fn photo(&self, account: AccountId) -> Result<Option<Photo>>;
    /// The hash of the photo alone.
    async fn photo_hash(&self, account: AccountId) -> Result<Option<String>>;
    /// False: there was none.
    async fn remove_photo(&self, account: AccountId) -> Result<bool>;

    /// What the person has asked for, offered, taken and made on portals: for their own eyes.
    async fn dealings(&self, account: AccountId) -> Result<Dealings>;

    /// Accounts that are leaving and whose time has come, at most `limit`.
    async fn leavers_due(&self, now: UnixSeconds, limit: u32) -> Result<Vec<AccountId>>;
    /// As [`super::Directory::delete_account`], if the account still is leaving and its time has come.
    async fn delete_leaver(&self, account: AccountId, now: UnixSeconds) -> Result<bool>;
    /// Lets an account that is leaving stay. False: it was not leaving.
    async fn keep_leaver(&self, account: AccountId) -> Result<bool>;
}
