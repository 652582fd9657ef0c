//! Recovery: setting a password by a checkword that was mailed.
//!
//! Somebody types an address: that is a *request*, kept before anything is known about the address. A worker
//! answers it, with a *checkword* if the address is one that a person can recover by. Whoever brings the
//! checkword back has proved the address and sets the one password. A checkword works once; a newer one
//! makes those before it worthless, and both stay known for some days, so that an old mail can be told from
//! a made-up one.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Account, QueuedMail, Result};
use crate::identity::{AccountId, UnixSeconds};

/// Somebody asked for a checkword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryRequest {
    /// UUIDv7.
    pub id: Uuid,
    /// Canonical address as typed: anybody's, or nobody's.
    pub address: String,
    /// Tag of the language of the page, for a person of whom no other is known.
    pub language: String,
    /// When, Unix seconds.
    pub asked_at: UnixSeconds,
}

/// A checkword about to be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCheckword {
    /// SHA-256 of its characters in canonical form.
    pub hash: [u8; 32],
    /// Whose password it sets; `None`: nobody has proved the address, so it makes an account.
    pub account: Option<AccountId>,
    /// No longer good from here on, Unix seconds.
    pub expires_at: UnixSeconds,
}

/// Whom a checkword was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Whose password it sets, or has set; `None`: it makes an account.
    pub account: Option<AccountId>,
    /// Where it was sent: canonical address.
    pub address: String,
}

/// What a checkword is good for at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkword {
    /// It sets a password.
    Live(Recipient),
    /// A newer one was sent.
    Outdated {
        /// Whom it was sent to.
        to: Recipient,
        /// When the newest one was sent, which is still good. Unix seconds.
        newer_sent_at: UnixSeconds,
    },
    /// It, or the newest one after it, has set a password; or the password was changed since.
    Used(Recipient),
    /// It, or the newest one after it, was not used in time.
    Expired(Recipient),
    /// It never was one, is long forgotten, or its account may no longer use it: deleted, disabled, without
    /// the address.
    Unknown,
}

/// Outcome of [`Recovery::reset_password`].
#[derive(Debug)]
pub enum ResetPassword {
    /// Done. Older sessions and tokens have to end now
    /// ([`crate::accounts::AccountChange::reset_password`] does that).
    Done(Reset),
    /// Nothing was written; never [`Checkword::Live`].
    Refused(Checkword),
}

/// A password that was set by a checkword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The account as it is now.
    pub account: Account,
    /// Whether the account is new.
    pub created: bool,
    /// The account that is gone because it held the address without proof.
    pub displaced: Option<AccountId>,
}

/// A reset after which sessions from before may still be alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedReset {
    /// The account whose password was set.
    pub account: AccountId,
    /// As [`Reset::displaced`].
    pub displaced: Option<AccountId>,
}

/// Requests and checkwords.
#[async_trait]
pub trait Recovery: Send + Sync {
    /// Keeps a request durably, at the same cost for every address. The queue is bounded
    /// (`MAX_RECOVERY_REQUESTS`): full is [`super::StoreError::Unavailable`].
    async fn queue_recovery(&self, request: RecoveryRequest) -> Result<()>;
    /// The oldest requests, at most `limit`.
    async fn recovery_requests(&self, limit: u32) -> Result<Vec<RecoveryRequest>>;
    /// Answers a request: in one transaction it is removed, the checkword becomes the only live one of its
    /// account and its address, and the mail is queued; or it is removed without an answer. False: another
    /// process was faster and nothing was written.
    async fn answer_recovery(
        &self,
        request: &RecoveryRequest,
        answer: Option<(NewCheckword, QueuedMail)>,
        now: UnixSeconds,
    ) -> Result<bool>;
    /// What the checkword with this hash is good for. Never spends it.
    async fn peek_checkword(&self, hash: &[u8; 32], now: UnixSeconds) -> Result<Checkword>;
    /// Spends the checkword and sets the password, in one transaction with everything that is checked. The
    /// address counts as proved by mail from then on, the generation is raised, and sessions from before are
    /// over. Where nobody has proved
    /// the address, an account is made that has; one that held it without proof is deleted.
    async fn reset_password(
        &self,
        hash: &[u8; 32],
        new_password_hash: &str,
        now: UnixSeconds,
    ) -> Result<ResetPassword>;
    /// Resets at or before `until` whose older sessions nobody has ended for certain.
    async fn unfinished_resets(&self, until: UnixSeconds) -> Result<Vec<UnfinishedReset>>;
    /// The sessions from before are ended.
    async fn reset_finished(&self, account: AccountId) -> Result<()>;
    /// Replaces the password if its hash still is `expected`, and makes the account's checkwords worthless:
    /// what was mailed before a change does not undo it. Raises the generation; sessions from before are over
    /// but for one that is kept ([`super::SessionStore::keep_session`]) with the generation that this gives.
    /// `None`: the hash was another, and nothing was written.
    async fn change_password(
        &self,
        account: AccountId,
        expected: &str,
        new: &str,
        now: UnixSeconds,
    ) -> Result<Option<u32>>;
}

/// Requests that may wait at once.
pub const MAX_RECOVERY_REQUESTS: u32 = 10_000;
