//! Where accounts, profiles, portals, keys and audit events (the [`Directory`]) and sessions, tickets,
//! one-time values and attempt counters (the [`SessionStore`]) are kept.
//!
//! Duties of every implementation: each call has a deadline of its own (2 s) and answers
//! [`StoreError::Unavailable`] when it misses it (a write may then have happened or not); each method is
//! atomic; a write that was answered `Ok` is durable; a lost connection is re-made without a restart. Times
//! of last use and counts of attempts need only outlive the process, not a loss of power. No method is
//! called on the path of a signed-in request.
//!
//! `contract` is the suite that states all this as tests; [`sqlite`] is the first implementation.

pub mod access;
#[cfg(test)]
mod contract;
pub mod directory;
mod encode;
pub mod joining;
pub mod links;
pub mod merging;
pub mod notices;
pub mod people;
pub mod recovery;
pub mod sessions;
pub mod sqlite;

use std::net::IpAddr;

use async_trait::async_trait;
use bitrix_id_config::model::IdentitySettings;
use uuid::Uuid;

use crate::clock::whole_seconds;
use crate::identity::{AccountId, SessionId, UnixSeconds};

pub use access::Access;
pub use joining::Joining;
pub use links::Links;
pub use merging::Merging;
pub use notices::Notices;
pub use people::People;
pub use recovery::Recovery;
pub use sqlite::{OpenStoreError, SqliteStore, open_sqlite};

/// A store could not do what it was asked. Answer 503, never treat it as "not found".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Down, too slow, locked or full: the operator's to mend; trying again may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row that cannot be read: ours to mend; trying again will not help.
    #[error("the store holds a row that cannot be read: {0}")]
    Corrupt(String),
}

/// Shorthand for store results.
pub type Result<T> = std::result::Result<T, StoreError>;

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
    /// Adds a profile, or replaces local id and roles of the one that is there (which keeps its times), tells
    /// the portal as of [`Profile::joined_at`], and
    /// raises the account's generation if any of that changed. The portal's imported records of the person are
    /// withdrawn no more. Without the account: an error.
    async fn put_profile(&self, profile: Profile) -> Result<()>;
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
    /// Whether the store answers and takes writes.
    async fn check(&self) -> Result<()>;
}

/// A browser's sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `sid`.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// As [`NewSession::generation`], or as [`SessionStore::keep_session`] has set it since.
    pub generation: u32,
    /// Sign-in time.
    pub created_at: UnixSeconds,
    /// Last use seen by the store (token issue or a page of the Bitrix ID host).
    pub last_seen_at: UnixSeconds,
    /// When the credential was last checked.
    pub auth_time: UnixSeconds,
    /// RFC 8176 values.
    pub amr: Vec<String>,
    /// At sign-in, cut to 400 characters.
    pub user_agent: String,
    /// At sign-in.
    pub client_ip: Option<IpAddr>,
}

/// A portal that a session has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPortal {
    /// The session.
    pub session: SessionId,
    /// Portal id.
    pub portal: String,
    /// Last token issued there, Unix seconds.
    pub last_used_at: UnixSeconds,
}

/// What a new session consists of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub account: AccountId,
    /// [`Account::generation`] as it was read before the credential was checked.
    pub generation: u32,
    /// SHA-256 of the cookie's 43 base64url characters.
    pub cookie_hash: [u8; 32],
    /// RFC 8176 values.
    pub amr: Vec<String>,
    /// Browser.
    pub user_agent: String,
    /// Address.
    pub client_ip: Option<IpAddr>,
}

/// Idle and absolute limit, in seconds; both are checked by the store against `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Ends this long after `last_seen_at`.
    pub idle: i64,
    /// Ends this long after `created_at`.
    pub absolute: i64,
}

impl SessionLimits {
    /// Those of a configuration.
    #[must_use]
    pub fn of(identity: &IdentitySettings) -> Self {
        Self {
            idle: whole_seconds(identity.session_idle),
            absolute: whole_seconds(identity.session_lifetime),
        }
    }
}

/// Something that makes tokens invalid before their time, in the order it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Position in the log; grows.
    pub sequence: u64,
    /// What.
    pub what: Revoked,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The last token it covers is dead from here on, so the entry can be forgotten.
    pub until: UnixSeconds,
}

/// What a [`Revocation`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// A session.
    Session(SessionId),
    /// Every token of the account made before this generation. Open streams of it are closed too.
    Account {
        /// Whose.
        account: AccountId,
        /// Tokens with a smaller generation are refused.
        minimum_generation: u32,
    },
}

/// A limit on attempts: at most `limit` in any `window` seconds (approximated by GCRA).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Attempts.
    pub limit: u32,
    /// Seconds.
    pub window: u32,
}

/// Outcome of counting an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Go on.
    Allowed,
    /// Too many; try again in this many seconds.
    Refused {
        /// Seconds.
        retry_after: u32,
    },
}

/// Sessions, tickets, one-time values, attempt counters, revocations.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Creates a session; `id` is made by the store.
    async fn create_session(&self, new: NewSession, now: UnixSeconds) -> Result<Session>;
    /// By cookie. `None`: unknown, ended, or past a limit.
    async fn session_by_cookie(
        &self,
        cookie_hash: &[u8; 32],
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>>;
    /// By id, likewise.
    async fn session(
        &self,
        id: SessionId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Option<Session>>;
    /// Live sessions of an account, newest first.
    async fn sessions_of(
        &self,
        account: AccountId,
        limits: SessionLimits,
        now: UnixSeconds,
    ) -> Result<Vec<Session>>;
    /// Moves `last_seen_at` forward, never back. For a session just found live: it knows no limits.
    async fn touch_session(&self, id: SessionId, now: UnixSeconds) -> Result<()>;
    /// As [`SessionStore::touch_session`], and remembers that the session has opened a portal.
    async fn note_portal(&self, id: SessionId, portal: &str, now: UnixSeconds) -> Result<()>;
    /// The portals that the sessions of an account have opened, each with the last time, in order of the
    /// session's id, then of the portal's.
    async fn portals_of_sessions(&self, account: AccountId) -> Result<Vec<SessionPortal>>;
    /// The session's person has shown again who they are: moves `auth_time` forward, never back. False: the
    /// session has ended. Like [`SessionStore::touch_session`] it knows no limits.
    async fn confirm_session(&self, id: SessionId, now: UnixSeconds) -> Result<bool>;
    /// The session outlives what has put an end to those before `generation`: it belongs to that one from
    /// here on, or to a later one if it did before. False: the session has ended.
    async fn keep_session(&self, id: SessionId, generation: u32) -> Result<bool>;
    /// Ends a session and appends the revocation, in one transaction. `None`: it had ended before.
    async fn end_session(
        &self,
        id: SessionId,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Option<Revocation>>;
    /// Ends all sessions of an account but `except`.
    async fn end_sessions_of(
        &self,
        account: AccountId,
        except: Option<SessionId>,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>>;
    /// Appends an account-wide revocation.
    async fn revoke_account(
        &self,
        account: AccountId,
        minimum_generation: u32,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Revocation>;
    /// Ends sessions past a limit, appends their revocations and forgets what is out of date (sessions,
    /// spent tickets, one-time values, counters, revocations past `until`). Called every second.
    async fn sweep(
        &self,
        limits: SessionLimits,
        until: UnixSeconds,
        now_ms: i64,
    ) -> Result<Vec<Revocation>>;
    /// Revocations after `sequence`, oldest first; from 0: all that still matter.
    async fn revocations_after(&self, sequence: u64) -> Result<Vec<Revocation>>;
    /// Live sessions, for the gauge.
    async fn count_sessions(&self) -> Result<u64>;

    /// Spends a ticket id. True exactly once per id, however many ask at once.
    async fn spend_ticket(&self, id: Uuid, expires_at: UnixSeconds) -> Result<bool>;

    /// Keeps a one-time value: `kind` and `key_hash` name it, `payload` is JSON. Replaces one of the same name.
    async fn put_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        payload: &str,
        expires_at: UnixSeconds,
    ) -> Result<()>;
    /// Reads without spending. `None`: unknown or expired.
    async fn peek_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>>;
    /// Reads and spends: `Some` exactly once.
    async fn take_one_time(
        &self,
        kind: &str,
        key_hash: &[u8; 32],
        now: UnixSeconds,
    ) -> Result<Option<String>>;

    /// Counts an attempt under `key` (already a hash: no address or name in clear).
    async fn count_attempt(&self, key: &[u8; 32], quota: Quota, now_ms: i64) -> Result<Attempt>;
    /// Takes one attempt under `key` back, if any are counted.
    async fn forgive_attempt(&self, key: &[u8; 32], quota: Quota) -> Result<()>;
    /// Forgets the attempts under `key`, after a success.
    async fn clear_attempts(&self, key: &[u8; 32]) -> Result<()>;
}
