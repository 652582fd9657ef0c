//! Where accounts, profiles, portals, keys and audit events (the [`Directory`]) and sessions, tickets,
//! one-time values and attempt counters (the [`SessionStore`]) are kept.
//!
//! Duties of every implementation: each call has a deadline of its own (2 s) and answers
//! [`StoreError::Unavailable`] when it misses it (a write may then have happened or not); each method is
//! atomic, or what it leaves half-done lets nobody in and is completed by others; a write that was answered
//! `Ok` is durable; a lost connection is re-made without a restart. Times of last use and counts of attempts
//! need only outlive the process, not a loss of power. No method is called on the path of a signed-in request.
//!
//! `contract` is the suite that states all this as tests. [`SqlStore`] implements both, on [`sqlite`] and on
//! [`postgres`]; [`RedisStore`] keeps sessions for several gateways.

pub mod access;
mod account;
#[cfg(test)]
mod contract;
pub mod copy;
pub mod directory;
mod encode;
pub mod joining;
pub mod links;
pub mod merging;
mod migrations;
pub mod notices;
pub mod people;
pub mod postgres;
pub mod recovery;
mod session;
pub mod sessions;
pub mod sql;
pub mod sqlite;

use std::net::IpAddr;

use async_trait::async_trait;
use uuid::Uuid;

use crate::identity::{AccountId, SessionId, UnixSeconds};

pub use access::Access;
pub use account::{
    Account, AccountState, AddAddress, Address, AddressProof, CreateAccount, Holder, NewAccount,
    Profile,
};
pub use joining::Joining;
pub use links::Links;
pub use merging::Merging;
pub use migrations::TooNew;
#[doc(hidden)]
pub use migrations::pretend_next_version;
pub use notices::Notices;
pub use people::People;
pub use postgres::{OpenPostgresError, PostgresOptions, open_postgres};
pub use recovery::Recovery;
pub use session::{
    Attempt, LogPosition, LogRead, NewSession, Quota, Revocation, Revoked, Session, SessionLimits,
    SessionPortal, SessionStore,
};
use session::{created_bound, last_seen_bound};
pub use sessions::redis::{OpenRedisError, RedisStore, open_redis};
pub use sql::{Interruption, SqlStore};
pub use sqlite::{OpenStoreError, open_sqlite};

/// A store could not do what it was asked. Answer 503, never treat it as "not found".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Down, too slow, locked or full: the operator's to mend; trying again may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row that cannot be read: ours to mend; trying again will not help.
    #[error("the store holds a row that cannot be read: {0}")]
    Corrupt(String),
    /// The database asks for another run. Its store answers that itself: none comes out of one.
    #[error("the store is unavailable: {0}")]
    Interrupted(Interruption),
}

/// Shorthand for store results.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A portal kept in the directory instead of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPortal {
    /// Portal id.
    pub id: String,
    /// One `[[portal]]` table as TOML text; checked by `bitrix_id_config::portal_from_toml` before it is stored.
    pub toml: String,
    /// Creation time.
    pub created_at: UnixSeconds,
    /// The person who made it; `None`: an operator.
    pub created_by: Option<AccountId>,
}

/// A signing key as kept: Ed25519.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// `kid`: RFC 7638 thumbprint.
    pub id: String,
    /// PKCS#8 v2 DER.
    pub pkcs8: Vec<u8>,
    /// Published from here on.
    pub created_at: UnixSeconds,
    /// Signs from here on (publication first, so that nobody meets an unknown key).
    pub active_from: UnixSeconds,
    /// No longer published or accepted from here on; `None` while it or its successor signs.
    pub expires_at: Option<UnixSeconds>,
}

impl std::fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRecord")
            .field("id", &self.id)
            .field("active_from", &self.active_from)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A security event. Never holds a password, code, token or checkword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Dotted verb, from `crate::audit`: `sign_in.succeeded`, `session.ended`, …
    pub action: String,
    /// Whose account, if known.
    pub account: Option<AccountId>,
    /// Which session, if any.
    pub session: Option<SessionId>,
    /// Who did it: `self`, `operator`, `system`.
    pub actor: String,
    /// Which portal, if any.
    pub portal: Option<String>,
    /// Client address, if any.
    pub client_ip: Option<IpAddr>,
    /// Request id, if any.
    pub request_id: Option<String>,
    /// Short free text; no secrets.
    pub detail: String,
}

/// A queued mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Queue id.
    pub id: Uuid,
    /// Recipient, the stored address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Plain text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// Attempts so far.
    pub attempts: u32,
}

/// What an operator sees of a mail: not its body, which may hold a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMail {
    /// Queue id.
    pub id: Uuid,
    /// Recipient.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Attempts so far.
    pub attempts: u32,
    /// Next attempt at the earliest; of one given up, the last.
    pub due_at: UnixSeconds,
}

/// What is to become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It waits to be sent.
    Queued,
    /// It was given up.
    Failed,
}

/// Accounts, profiles, portals, keys, audit, mail queue. What belongs to one area alone has a trait of its
/// own, in the module of that name.
#[async_trait]
pub trait Directory:
    Access + Joining + Links + Merging + Notices + People + Recovery + Send + Sync
{
    /// Creates an account. A proved address is taken from an account that has not proved it, which is
    /// deleted in the same transaction.
    async fn create_account(&self, new: NewAccount, now: UnixSeconds) -> Result<CreateAccount>;
    /// By id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;
    /// By canonical address, any of those the account has proved.
    async fn account_by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Who holds a canonical address.
    async fn holder(&self, email: &str) -> Result<Holder>;
    /// All addresses of an account, the primary one first, then in the order they were added.
    async fn addresses(&self, account: AccountId) -> Result<Vec<Address>>;
    /// Adds a proved address, or strengthens the proof of one that the account holds. One that another
    /// account holds without proof changes hands, and that account is deleted if it was its last. Only an
    /// active account gets one, and only from who is as good as a session of `generation`
    /// ([`Account::sessions_from`]); both are looked at in the transaction.
    async fn add_address(
        &self,
        account: AccountId,
        generation: u32,
        address: &str,
        proof: AddressProof,
        now: UnixSeconds,
    ) -> Result<AddAddress>;
    /// Makes one of the account's proved addresses the primary one, raises the generation and tells the
    /// account's portals. False: it is not one of them.
    async fn set_primary_address(
        &self,
        account: AccountId,
        address: &str,
        now: UnixSeconds,
    ) -> Result<bool>;
    /// Gives an address up. False: it is the primary one, or not the account's.
    async fn remove_address(&self, account: AccountId, address: &str) -> Result<bool>;
    /// In order of id, after `after`, at most `limit`.
    async fn accounts(&self, after: Option<AccountId>, limit: u32) -> Result<Vec<Account>>;
    /// Replaces the hash if it still is `expected` (so a rehash never undoes a change). False: it was not.
    async fn replace_password_hash(
        &self,
        id: AccountId,
        expected: Option<&str>,
        new: &str,
    ) -> Result<bool>;
    /// Enables, disables, or lets it leave; the latter two raise the generation, and sessions from before
    /// are over. An account that is not there is an error, here and in the next one.
    async fn set_account_state(&self, id: AccountId, state: AccountState) -> Result<()>;
    /// Raises the generation and returns the new one; sessions from before are over. Tokens made before
    /// carry an older one; they are refused once a revocation says so ([`SessionStore::revoke_account`], by
    /// way of [`crate::accounts`]).
    async fn raise_generation(&self, id: AccountId) -> Result<u32>;
    /// Removes the account and its profiles. False: there was none.
    async fn delete_account(&self, id: AccountId, now: UnixSeconds) -> Result<bool>;

    /// All profiles of an account, in order of portal id.
    async fn profiles(&self, account: AccountId) -> Result<Vec<Profile>>;
    /// One profile.
    async fn profile(&self, account: AccountId, portal: &str) -> Result<Option<Profile>>;
    /// Adds a profile, or replaces local id and roles of the one that is there (which keeps its times); tells
    /// the portal, as of `now`, and raises the account's generation if any of that changed. The portal's
    /// imported records of the person are withdrawn no more. Without the account: an error.
    async fn put_profile(&self, profile: Profile, now: UnixSeconds) -> Result<()>;
    /// Removes a profile, tells the portal, withdraws the portal's imported records of the person ([`joining`]) and raises the
    /// generation. False: there was none.
    async fn remove_profile(
        &self,
        account: AccountId,
        portal: &str,
        now: UnixSeconds,
    ) -> Result<bool>;
    /// Remembers a use of the profile, if it is there; moves forward only.
    async fn touch_profile(&self, account: AccountId, portal: &str, now: UnixSeconds)
    -> Result<()>;

    /// Portals kept here, in order of id.
    async fn portals(&self) -> Result<Vec<StoredPortal>>;
    /// Adds one. False: the id is taken.
    async fn add_portal(&self, portal: StoredPortal) -> Result<bool>;
    /// Removes one. False: there was none.
    async fn remove_portal(&self, id: &str) -> Result<bool>;

    /// All signing keys that have not been removed, in the order they were added: the last is the newest.
    async fn signing_keys(&self) -> Result<Vec<KeyRecord>>;
    /// Stores a new key and sets `expires_at` of the others (never later than it was), in one transaction.
    /// `if_newest` is the id of the newest key the caller knows; false: another process was faster and
    /// nothing was written.
    async fn add_signing_key(
        &self,
        key: KeyRecord,
        if_newest: Option<&str>,
        others_expire_at: Option<UnixSeconds>,
    ) -> Result<bool>;
    /// Deletes keys whose `expires_at` is past.
    async fn remove_expired_keys(&self, now: UnixSeconds) -> Result<u64>;
    /// A 32-byte secret by name, made at random on first use and then always the same.
    async fn secret(&self, name: &str) -> Result<[u8; 32]>;

    /// Keeps a security event.
    async fn record(&self, event: AuditEvent) -> Result<()>;
    /// Newest first, at most `limit`, of one account or of all.
    async fn audit(&self, account: Option<AccountId>, limit: u32) -> Result<Vec<AuditEvent>>;
    /// Whether the audit table holds a sign-in to the account that succeeded, other than the one that began
    /// `session`.
    async fn signed_in_before(&self, account: AccountId, session: SessionId) -> Result<bool>;

    /// Queues a mail durably. The queue is bounded: full is [`StoreError::Unavailable`].
    async fn queue_mail(&self, mail: QueuedMail, now: UnixSeconds) -> Result<()>;
    /// Takes up to `limit` mails that are due, hiding them from other takers for 60 s and counting an
    /// attempt; `attempts` are those before this one.
    async fn take_mail(&self, now: UnixSeconds, limit: u32) -> Result<Vec<QueuedMail>>;
    /// The mail was sent: forget it.
    async fn mail_sent(&self, id: Uuid) -> Result<()>;
    /// The mail was not sent: due again at `retry_at`; `None` gives up and keeps it as failed, for
    /// some time and without its body.
    async fn mail_failed(&self, id: Uuid, retry_at: Option<UnixSeconds>) -> Result<()>;

    /// Mails in a state in the order they were queued, at most `limit`.
    async fn mails(&self, state: MailState, limit: u32) -> Result<Vec<KeptMail>>;
    /// Has mails that wait tried at once: one, or all. One that was given up has no body left to send.
    /// Gives their number.
    async fn retry_mails(&self, id: Option<Uuid>, now: UnixSeconds) -> Result<u64>;
    /// Forgets a mail, or all that were given up. Gives their number.
    async fn drop_mails(&self, id: Option<Uuid>) -> Result<u64>;
    /// How many wait, and how many were given up.
    async fn mail_depths(&self) -> Result<(u64, u64)>;

    /// A number that grows with every change to portals or signing keys, cheap to ask twice a second.
    async fn version(&self) -> Result<u64>;
    /// Whether the store answers, takes writes, and has not been raised too far for this program ([`TooNew`]).
    async fn check(&self) -> Result<()>;
    /// Completes rows that programs of older versions wrote while this one ran, and gives their number. Where a
    /// newer one has raised the schema, that one does it.
    async fn complete_rows(&self) -> Result<u64>;
}
