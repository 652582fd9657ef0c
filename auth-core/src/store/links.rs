//! Which account at an identity provider opens which Bitrix ID.
//!
//! A link is known by (issuer, subject) and by nothing else; the address and the name that come along are
//! for people to read. *Issuer* is a text for the space in which the provider's subjects are unique: the
//! real `iss` for OpenID Connect, a fixed name for a preset without one, and with the client's id in it
//! where a provider gives each client other subjects (`crate::oauth`).
//!
//! A link never moves from one account to another, and an account that has proved no address gets none.

use async_trait::async_trait;

use super::{Account, Holder, NewAccount, Result};
use crate::identity::{AccountId, UnixSeconds};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The subject's space.
    pub issuer: String,
    /// The account there.
    pub subject: String,
    /// The account here.
    pub account: AccountId,
    /// Id of the `[[social]]` table the link was made with.
    pub provider: String,
    /// Name at the provider, as last told.
    pub name: Option<String>,
    /// Address at the provider, as last told; proved by nobody.
    pub email: Option<String>,
    /// Unix seconds.
    pub linked_at: UnixSeconds,
    /// Last sign-in with it, Unix seconds.
    pub last_used_at: Option<UnixSeconds>,
}

/// What a provider says of an account of its own: a [`Link`] without the account it leads to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewLink {
    /// The subject's space.
    pub issuer: String,
    /// The account there, at most [`MOST_SUBJECT_BYTES`].
    pub subject: String,
    /// Id of the `[[social]]` table.
    pub provider: String,
    /// Name at the provider.
    pub name: Option<String>,
    /// Address at the provider.
    pub email: Option<String>,
}

/// Outcome of [`Links::link`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOutcome {
    /// It leads to the account, as of now or since before.
    Linked,
    /// It leads to another one and stays there. Nothing was written.
    Elsewhere(AccountId),
    /// The account is gone, may not sign in, or has not proved its address. Nothing was written.
    Refused,
    /// Whoever asked has been signed out since. Nothing was written.
    Outdated,
}

/// Outcome of [`Links::create_linked_account`].
#[derive(Debug)]
pub enum CreateLinked {
    /// Account and link are there.
    Created(Account),
    /// The link leads to this account already. Nothing was written.
    Elsewhere(AccountId),
    /// Somebody holds the address, with or without proof. Nothing was written.
    Held(Holder),
}

/// Outcome of [`Links::unlink`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// The link is gone.
    Done,
    /// Without it nothing would be left to sign in with. Nothing was written.
    LastWayIn,
    /// The account has no such link.
    NotThere,
}

/// Links.
#[async_trait]
pub trait Links: Send + Sync {
    /// Links a provider's account to an account of ours, for who is as good as a session of `generation`
    /// ([`Account::sessions_from`]); that is looked at in the transaction.
    async fn link(
        &self,
        account: AccountId,
        generation: u32,
        link: NewLink,
        now: UnixSeconds,
    ) -> Result<LinkOutcome>;
    /// Creates an account for an address that nobody holds, and its link, in one transaction.
    async fn create_linked_account(
        &self,
        new: NewAccount,
        link: NewLink,
        now: UnixSeconds,
    ) -> Result<CreateLinked>;
    /// By its key.
    async fn linked(&self, issuer: &str, subject: &str) -> Result<Option<Link>>;
    /// Those of an account, in the order they were made.
    async fn links(&self, account: AccountId) -> Result<Vec<Link>>;
    /// Removes a link, unless the account would then have neither a password nor another link of one of
    /// `providers`, the ids that one can sign in with.
    async fn unlink(
        &self,
        account: AccountId,
        issuer: &str,
        subject: &str,
        providers: &[String],
    ) -> Result<Unlinked>;
    /// Remembers a sign-in, and what the provider said of the person at it. One that is gone is no error.
    async fn touch_link(&self, link: &NewLink, now: UnixSeconds) -> Result<()>;
}

/// Longest subject in bytes: OpenID Connect Core 2 has at most 255.
pub const MOST_SUBJECT_BYTES: usize = 255;
