//! Accounts, the addresses they hold, and their profiles.

#[cfg(doc)]
use super::Directory;
use super::Session;
use crate::identity::{AccountId, UnixSeconds};

/// A person's Bitrix ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Never reused.
    pub id: AccountId,
    /// The primary address, canonical (`crate::email`).
    pub email: String,
    /// How the person showed that [`Account::email`] is theirs. While it is [`AddressProof::None`] the
    /// account is *unproved*: no portal is told the address, nothing is linked or joined to it, and it
    /// gives way to whoever proves the address.
    pub proof: AddressProof,
    /// Display name.
    pub name: String,
    /// PHC string; `None` for an account that has no password yet.
    pub password_hash: Option<String>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Raised by whatever makes tokens out of date. [`crate::accounts`] then has tokens of an older
    /// generation refused.
    pub generation: u32,
    /// Sessions of an older generation are over, whether or not anybody has ended them yet
    /// ([`Account::admits`]).
    pub sessions_from: u32,
    /// BCP 47 tag the person chose, if any.
    pub language: Option<String>,
    /// IANA name of the time zone the person chose, if any.
    pub time_zone: Option<String>,
    /// Phone number as the person wrote it, if any.
    pub phone: Option<String>,
    /// Creation time.
    pub created_at: UnixSeconds,
}

impl Account {
    /// Whether the session is good for anything: the account may sign in, and nothing has put an end to
    /// the sessions of its time. Ask whenever a session is looked up.
    #[must_use]
    pub fn admits(&self, session: &Session) -> bool {
        self.state == AccountState::Active
            && self.id == session.account
            && self.sessions_from <= session.generation
    }
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Yes.
    Active,
    /// No; an operator said so.
    Disabled,
    /// No; the person wants it deleted at this time, and may still think better of it.
    Leaving {
        /// Unix seconds.
        delete_at: UnixSeconds,
    },
    /// No; it was merged into another account.
    Merged {
        /// The account that has its addresses and profiles since.
        into: AccountId,
    },
}

/// How the holder of an address showed that it is theirs, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressProof {
    /// Not at all.
    None,
    /// A provider that is trusted for it said so. Enough for an account, not for joining profiles.
    Provider,
    /// A code or link that was mailed to it came back.
    Mail,
    /// An operator vouches.
    Operator,
}

impl AddressProof {
    /// As the directory and programs have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Provider => "provider",
            Self::Mail => "mail",
            Self::Operator => "operator",
        }
    }
}

/// An address that an account holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Canonical.
    pub address: String,
    /// How it was proved.
    pub proof: AddressProof,
    /// Whether it is [`Account::email`].
    pub primary: bool,
    /// Unix seconds.
    pub added_at: UnixSeconds,
}

/// Who holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    None,
    /// An account that has not proved it.
    Unproved(AccountId),
    /// An account that has.
    Proved(AccountId),
}

/// Outcome of [`Directory::add_address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddAddress {
    /// The account holds it now, or did before.
    Added,
    /// Likewise; the account that held it without proof is gone. End its sessions.
    InsteadOf(AccountId),
    /// Another account has proved it. Nothing was written.
    Taken(AccountId),
    /// The account may not sign in, or whoever began this has been signed out since. Nothing was written.
    Outdated,
}

/// What [`Directory::create_account`] needs.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Canonical address.
    pub email: String,
    /// How it was proved.
    pub proof: AddressProof,
    /// Display name.
    pub name: String,
    /// PHC string.
    pub password_hash: Option<String>,
    /// BCP 47 tag.
    pub language: Option<String>,
}

/// Outcome of [`Directory::create_account`].
#[derive(Debug)]
pub enum CreateAccount {
    /// Done.
    Created(Account),
    /// Done, and the account that held the address without proof is gone with all it had: its password
    /// and links are deleted, its profiles are free. End its sessions
    /// ([`crate::accounts::AccountChange::end_remains`]).
    InsteadOf {
        /// The new account.
        account: Account,
        /// The one that is gone.
        displaced: AccountId,
    },
    /// Another account holds the address: it has proved it, or the new one would not. Nothing was written.
    EmailTaken(AccountId),
}

/// A person on a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Portal id.
    pub portal: String,
    /// Owner.
    pub account: AccountId,
    /// The portal's own user id, if it has one.
    pub local_id: Option<String>,
    /// Roles on this portal.
    pub roles: Vec<String>,
    /// What the person wants to be called here instead of [`Account::name`].
    pub display_name: Option<String>,
    /// The person's title on this portal, in their own words.
    pub title: Option<String>,
    /// When it was joined to the account.
    pub joined_at: UnixSeconds,
    /// Last token issued for the portal, if any.
    pub last_used_at: Option<UnixSeconds>,
}

impl Profile {
    /// A profile without local id, roles or a name of its own, not used yet.
    #[must_use]
    pub fn new(account: AccountId, portal: &str, joined_at: UnixSeconds) -> Self {
        Self {
            portal: portal.to_owned(),
            account,
            local_id: None,
            roles: Vec::new(),
            display_name: None,
            title: None,
            joined_at,
            last_used_at: None,
        }
    }
}
