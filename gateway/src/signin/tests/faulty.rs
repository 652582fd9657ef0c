//! Stores that fail when they are told to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_auth_core::store::joining::{
    ImportedBatch, ImportedProfile, JoinEntry, JoinProof, Joining, ProfileKey,
};
use bitrix_id_auth_core::store::sqlite::SqliteStore;
use bitrix_id_auth_core::store::{
    Account, AccountState, AddAddress, Address, AddressProof, Attempt, AuditEvent, CreateAccount,
    Directory, Holder, KeyRecord, NewAccount, NewSession, Profile, QueuedMail, Quota, Result,
    Revocation, Session, SessionLimits, SessionStore, StoreError, StoredPortal,
};
use uuid::Uuid;

/// A store that works until [`Faulty::down`] is set.
pub(super) struct Faulty {
    inner: Arc<SqliteStore>,
    /// Every call fails.
    pub(super) down: AtomicBool,
    /// Only audit events are refused.
    pub(super) audit_down: AtomicBool,
    /// Names of calls; the next call of the name fails, once per entry.
    pub(super) failing: Mutex<Vec<&'static str>>,
    /// Names of calls that let one more pass before `failing` counts.
    pub(super) passing: Mutex<Vec<&'static str>>,
}

impl Faulty {
    pub(super) fn new(inner: Arc<SqliteStore>) -> Self {
        let (down, audit_down) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { inner, down, audit_down, failing: Mutex::default(), passing: Mutex::default() }
    }

    fn check(&self, name: &str) -> Result<()> {
        let audit = name == "record" && self.audit_down.load(Ordering::SeqCst);
        let told = !take(&self.passing, name) && take(&self.failing, name);
        if told || audit || self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("told to fail".into()));
        }
        Ok(())
    }
}

/// Whether `name` was on the list; takes one off.
fn take(list: &Mutex<Vec<&'static str>>, name: &str) -> bool {
    let mut list = list.lock().unwrap();
    let at = list.iter().position(|listed| *listed == name);
    at.map(|at| list.remove(at)).is_some()
}

macro_rules! passing_on {
    ($store:ident { $(fn $name:ident($($arg:ident: $type:ty),*) -> $gives:ty;)* }) => {
        #[async_trait]
        impl $store for Faulty {
            $(async fn $name(&self, $($arg: $type),*) -> Result<$gives> {
                self.check(stringify!($name))?;
                $store::$name(self.inner.as_ref(), $($arg),*).await
            })*
        }
    };
}

passing_on!(SessionStore {
    fn create_session(new: NewSession, now: UnixSeconds) -> Session;
    fn session_by_cookie(hash: &[u8; 32], limits: SessionLimits, now: UnixSeconds) -> Option<Session>;
    fn session(id: SessionId, limits: SessionLimits, now: UnixSeconds) -> Option<Session>;
    fn sessions_of(account: AccountId, limits: SessionLimits, now: UnixSeconds) -> Vec<Session>;
    fn touch_session(id: SessionId, now: UnixSeconds) -> ();
    fn end_session(id: SessionId, until: UnixSeconds, now_ms: i64) -> Option<Revocation>;
    fn end_sessions_of(
        account: AccountId, except: Option<SessionId>, until: UnixSeconds, now_ms: i64
    ) -> Vec<Revocation>;
    fn revoke_account(
        account: AccountId, generation: u32, until: UnixSeconds, now_ms: i64
    ) -> Revocation;
    fn sweep(limits: SessionLimits, until: UnixSeconds, now_ms: i64) -> Vec<Revocation>;
    fn revocations_after(sequence: u64) -> Vec<Revocation>;
    fn count_sessions() -> u64;
    fn spend_ticket(id: Uuid, expires_at: UnixSeconds) -> bool;
    fn put_one_time(kind: &str, key: &[u8; 32], payload: &str, expires_at: UnixSeconds) -> ();
    fn peek_one_time(kind: &str, key: &[u8; 32], now: UnixSeconds) -> Option<String>;
    fn take_one_time(kind: &str, key: &[u8; 32], now: UnixSeconds) -> Option<String>;
    fn count_attempt(key: &[u8; 32], quota: Quota, now_ms: i64) -> Attempt;
    fn forgive_attempt(key: &[u8; 32], quota: Quota) -> ();
    fn clear_attempts(key: &[u8; 32]) -> ();
});

passing_on!(Directory {
    fn create_account(new: NewAccount, now: UnixSeconds) -> CreateAccount;
    fn account(id: AccountId) -> Option<Account>;
    fn account_by_email(email: &str) -> Option<Account>;
    fn holder(email: &str) -> Holder;
    fn addresses(account: AccountId) -> Vec<Address>;
    fn add_address(
        account: AccountId, address: &str, proof: AddressProof, now: UnixSeconds
    ) -> AddAddress;
    fn set_primary_address(account: AccountId, address: &str) -> bool;
    fn remove_address(account: AccountId, address: &str) -> bool;
    fn accounts(after: Option<AccountId>, limit: u32) -> Vec<Account>;
    fn replace_password_hash(id: AccountId, expected: Option<&str>, new: &str) -> bool;
    fn update_account(id: AccountId, name: &str, language: Option<&str>) -> ();
    fn set_account_state(id: AccountId, state: AccountState) -> ();
    fn raise_generation(id: AccountId) -> u32;
    fn delete_account(id: AccountId) -> bool;
    fn profiles(account: AccountId) -> Vec<Profile>;
    fn profile(account: AccountId, portal: &str) -> Option<Profile>;
    fn put_profile(profile: Profile) -> ();
    fn remove_profile(account: AccountId, portal: &str) -> bool;
    fn touch_profile(account: AccountId, portal: &str, now: UnixSeconds) -> ();
    fn portals() -> Vec<StoredPortal>;
    fn add_portal(portal: StoredPortal) -> bool;
    fn remove_portal(id: &str) -> bool;
    fn signing_keys() -> Vec<KeyRecord>;
    fn add_signing_key(
        key: KeyRecord, if_newest: Option<&str>, others_expire_at: Option<UnixSeconds>
    ) -> bool;
    fn remove_expired_keys(now: UnixSeconds) -> u64;
    fn secret(name: &str) -> [u8; 32];
    fn record(event: AuditEvent) -> ();
    fn audit(account: Option<AccountId>, limit: u32) -> Vec<AuditEvent>;
    fn queue_mail(mail: QueuedMail, now: UnixSeconds) -> ();
    fn take_mail(now: UnixSeconds, limit: u32) -> Vec<QueuedMail>;
    fn mail_sent(id: Uuid) -> ();
    fn mail_failed(id: Uuid, retry_at: Option<UnixSeconds>) -> ();
    fn version() -> u64;
    fn check() -> ();
});

passing_on!(Joining {
    fn import_profiles(
        portal: &str, records: Vec<ImportedProfile>, now: UnixSeconds
    ) -> ImportedBatch;
    fn free_profiles(emails: &[String]) -> Vec<ImportedProfile>;
    fn any_portal_password() -> bool;
    fn replace_portal_password(key: &ProfileKey, expected: &str, new: &str) -> bool;
    fn join(
        account: AccountId, keys: &[ProfileKey], proof: JoinProof, actor: &str, now_ms: i64
    ) -> Vec<ProfileKey>;
    fn unjoin(account: AccountId, portal: &str, actor: &str, now_ms: i64) -> bool;
    fn joined_profiles(account: AccountId) -> Vec<ImportedProfile>;
    fn journal(account: AccountId) -> Vec<JoinEntry>;
});
