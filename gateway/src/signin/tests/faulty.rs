//! Stores that fail when they are told to.

use std::any::Any;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_auth_core::store::SqlStore;
use bitrix_id_auth_core::store::access::{
    Accept, Access, AccessRequest, AskForAccess, CreatePortal, Invitation, Member, NewInvitation,
    NewPortal,
};
use bitrix_id_auth_core::store::joining::{
    ImportedBatch, ImportedProfile, JoinEntry, JoinProof, Joining, ProfileKey,
};
use bitrix_id_auth_core::store::links::{
    CreateLinked, Link, LinkOutcome, Links, NewLink, Unlinked,
};
use bitrix_id_auth_core::store::merging::{Merge, MergeOutcome, MergeRequest, Merging, Unmerged};
use bitrix_id_auth_core::store::notices::{
    Notice, NoticeDepth, NoticeFailure, NoticeState, Notices, QueuedNotice, Subscription,
    WhichNotices,
};
use bitrix_id_auth_core::store::people::{AccountDetails, Dealings, People, Photo};
use bitrix_id_auth_core::store::recovery::{
    Checkword, NewCheckword, Recovery, RecoveryRequest, ResetPassword, UnfinishedReset,
};
use bitrix_id_auth_core::store::{
    Account, AccountState, AddAddress, Address, AddressProof, Attempt, AuditEvent, CreateAccount,
    Directory, Holder, KeptMail, KeyRecord, LogPosition, LogRead, MailState, NewAccount,
    NewSession, Profile, QueuedMail, Quota, Result, Revocation, Session, SessionLimits,
    SessionPortal, SessionStore, StoreError, StoredPortal,
};
use uuid::Uuid;

/// Something that takes its time.
pub(super) type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A store that works until [`Faulty::down`] is set.
pub(super) struct Faulty {
    inner: Arc<SqlStore>,
    /// Every call fails.
    pub(super) down: AtomicBool,
    /// Only audit events are refused.
    pub(super) audit_down: AtomicBool,
    /// Names of calls; the next call of the name fails, once per entry.
    pub(super) failing: Mutex<Vec<&'static str>>,
    /// Names of calls that let one more pass before `failing` counts.
    pub(super) passing: Mutex<Vec<&'static str>>,
    /// Names of calls; the next of the name says that nobody holds the address, once per entry.
    pub(super) forgetting: Mutex<Vec<&'static str>>,
    /// How often each call was made.
    pub(super) made: Mutex<HashMap<String, usize>>,
    /// An account that is given this password hash right before the next session is created.
    pub(super) replacing: Mutex<Option<(AccountId, String)>>,
    /// What happens right before the next call of a name.
    pub(super) meanwhile: Mutex<Option<(&'static str, Meanwhile)>>,
}

impl Faulty {
    pub(super) fn new(inner: Arc<SqlStore>) -> Self {
        let (down, audit_down) = (AtomicBool::new(false), AtomicBool::new(false));
        let (failing, passing, forgetting) = Default::default();
        let (replacing, meanwhile, made) = Default::default();
        Self { inner, down, audit_down, failing, passing, forgetting, made, replacing, meanwhile }
    }

    async fn before(&self, name: &str) -> Result<()> {
        let meanwhile = self.meanwhile.lock().unwrap().take_if(|(call, _)| *call == name);
        if let Some((_, meanwhile)) = meanwhile {
            meanwhile.await;
        }
        if name != "create_session" {
            return Ok(());
        }
        let replacing = self.replacing.lock().unwrap().take();
        if let Some((account, new)) = replacing {
            let inner = self.inner.as_ref();
            let old = inner.account(account).await?.and_then(|account| account.password_hash);
            assert!(inner.replace_password_hash(account, old.as_deref(), &new).await?);
        }
        Ok(())
    }

    fn check(&self, name: &str) -> Result<()> {
        *self.made.lock().unwrap().entry(name.to_owned()).or_default() += 1;
        let audit = name == "record" && self.audit_down.load(Ordering::SeqCst);
        let told = !take(&self.passing, name) && take(&self.failing, name);
        if told || audit || self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("told to fail".into()));
        }
        Ok(())
    }

    fn told(&self, name: &str, answer: &mut dyn Any) {
        if let Some(holder) = answer.downcast_mut::<Holder>()
            && take(&self.forgetting, name)
        {
            *holder = Holder::None;
        }
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
                self.before(stringify!($name)).await?;
                let mut answer = $store::$name(self.inner.as_ref(), $($arg),*).await?;
                self.told(stringify!($name), &mut answer);
                Ok(answer)
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
    fn note_portal(id: SessionId, portal: &str, now: UnixSeconds) -> ();
    fn portals_of_sessions(account: AccountId) -> Vec<SessionPortal>;
    fn confirm_session(id: SessionId, now: UnixSeconds) -> bool;
    fn keep_session(id: SessionId, generation: u32) -> bool;
    fn end_session(id: SessionId, until: UnixSeconds, now_ms: i64) -> Option<Revocation>;
    fn end_sessions_of(
        account: AccountId, except: Option<SessionId>, until: UnixSeconds, now_ms: i64
    ) -> Vec<Revocation>;
    fn end_sessions_on(
        account: AccountId, device: &str, until: UnixSeconds, now_ms: i64
    ) -> Vec<Revocation>;
    fn revoke_account(
        account: AccountId, generation: u32, until: UnixSeconds, now_ms: i64
    ) -> Revocation;
    fn sweep(limits: SessionLimits, until: UnixSeconds, now_ms: i64) -> Vec<Revocation>;
    fn read_log(seen: LogPosition) -> LogRead;
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
        account: AccountId, generation: u32, address: &str, proof: AddressProof, now: UnixSeconds
    ) -> AddAddress;
    fn set_primary_address(account: AccountId, address: &str, now: UnixSeconds) -> bool;
    fn remove_address(account: AccountId, address: &str) -> bool;
    fn accounts(after: Option<AccountId>, limit: u32) -> Vec<Account>;
    fn replace_password_hash(id: AccountId, expected: Option<&str>, new: &str) -> bool;
    fn set_account_state(id: AccountId, state: AccountState) -> ();
    fn raise_generation(id: AccountId) -> u32;
    fn delete_account(id: AccountId, now: UnixSeconds) -> bool;
    fn profiles(account: AccountId) -> Vec<Profile>;
    fn profile(account: AccountId, portal: &str) -> Option<Profile>;
    fn put_profile(profile: Profile, now: UnixSeconds) -> ();
    fn remove_profile(account: AccountId, portal: &str, now: UnixSeconds) -> bool;
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
    fn signed_in_before(account: AccountId, session: SessionId) -> bool;
    fn queue_mail(mail: QueuedMail, now: UnixSeconds) -> ();
    fn take_mail(now: UnixSeconds, limit: u32) -> Vec<QueuedMail>;
    fn mail_sent(id: Uuid) -> ();
    fn mail_failed(id: Uuid, retry_at: Option<UnixSeconds>) -> ();
    fn mails(state: MailState, limit: u32) -> Vec<KeptMail>;
    fn retry_mails(id: Option<Uuid>, now: UnixSeconds) -> u64;
    fn drop_mails(id: Option<Uuid>) -> u64;
    fn mail_depths() -> (u64, u64);
    fn version() -> u64;
    fn check() -> ();
    fn complete_rows() -> u64;
});

passing_on!(Recovery {
    fn queue_recovery(request: RecoveryRequest) -> ();
    fn recovery_requests(limit: u32) -> Vec<RecoveryRequest>;
    fn answer_recovery(
        request: &RecoveryRequest, answer: Option<(NewCheckword, QueuedMail)>, now: UnixSeconds
    ) -> bool;
    fn peek_checkword(hash: &[u8; 32], now: UnixSeconds) -> Checkword;
    fn reset_password(hash: &[u8; 32], new: &str, now: UnixSeconds) -> ResetPassword;
    fn unfinished_resets(until: UnixSeconds) -> Vec<UnfinishedReset>;
    fn reset_finished(account: AccountId) -> ();
    fn change_password(
        account: AccountId, expected: &str, new: &str, now: UnixSeconds
    ) -> Option<u32>;
});

passing_on!(Joining {
    fn import_profiles(
        portal: &str, records: Vec<ImportedProfile>, now: UnixSeconds
    ) -> ImportedBatch;
    fn free_profiles(emails: &[String]) -> Vec<ImportedProfile>;
    fn any_portal_password() -> bool;
    fn replace_portal_password(key: &ProfileKey, expected: &str, new: &str) -> bool;
    fn forget_portal_passwords(joined_before: UnixSeconds) -> u64;
    fn join(
        account: AccountId, keys: &[ProfileKey], proof: JoinProof, actor: &str, now_ms: i64
    ) -> Vec<ProfileKey>;
    fn create_joined_account(
        new: NewAccount, key: &ProfileKey, proof: JoinProof, actor: &str, now_ms: i64
    ) -> Option<Account>;
    fn unjoin(account: AccountId, portal: &str, actor: &str, now_ms: i64) -> bool;
    fn joined_profiles(account: AccountId) -> Vec<ImportedProfile>;
    fn journal(account: AccountId) -> Vec<JoinEntry>;
});

passing_on!(Links {
    fn link(
        account: AccountId, generation: u32, link: NewLink, now: UnixSeconds
    ) -> LinkOutcome;
    fn create_linked_account(new: NewAccount, link: NewLink, now: UnixSeconds) -> CreateLinked;
    fn linked(issuer: &str, subject: &str) -> Option<Link>;
    fn links(account: AccountId) -> Vec<Link>;
    fn unlink(account: AccountId, issuer: &str, subject: &str, providers: &[String]) -> Unlinked;
    fn touch_link(link: &NewLink, now: UnixSeconds) -> ();
});

passing_on!(Merging {
    fn merge(request: MergeRequest, now_ms: i64) -> MergeOutcome;
    fn unmerge(from: AccountId, into: AccountId, actor: &str, now_ms: i64) -> Unmerged;
    fn merges(account: AccountId) -> Vec<Merge>;
});

passing_on!(People {
    fn update_account(id: AccountId, details: AccountDetails, now: UnixSeconds) -> ();
    fn set_profile_name(
        account: AccountId, portal: &str, display_name: Option<&str>, title: Option<&str>,
        now: UnixSeconds
    ) -> bool;
    fn put_photo(account: AccountId, photo: Photo) -> ();
    fn photo(account: AccountId) -> Option<Photo>;
    fn photo_hash(account: AccountId) -> Option<String>;
    fn remove_photo(account: AccountId) -> bool;
    fn dealings(account: AccountId) -> Dealings;
    fn leavers_due(now: UnixSeconds, limit: u32) -> Vec<AccountId>;
    fn delete_leaver(account: AccountId, now: UnixSeconds) -> bool;
    fn keep_leaver(account: AccountId) -> bool;
});

passing_on!(Notices {
    fn subscribe(subscriptions: &[Subscription]) -> Vec<(String, u64)>;
    fn notify(account: AccountId, notice: Notice, now_ms: i64) -> ();
    fn notify_portal(portal: &str, notice: Notice, now_ms: i64) -> ();
    fn take_notices(now_ms: i64, limit: u32) -> Vec<QueuedNotice>;
    fn notice_delivered(id: Uuid) -> ();
    fn notice_failed(id: Uuid, failure: NoticeFailure, now_ms: i64) -> ();
    fn notices(state: NoticeState, limit: u32) -> Vec<QueuedNotice>;
    fn retry_notices(which: &WhichNotices, now_ms: i64) -> u64;
    fn drop_notices(which: &WhichNotices) -> u64;
    fn notice_depths() -> Vec<NoticeDepth>;
});

passing_on!(Access {
    fn create_portal(new: NewPortal, now: UnixSeconds) -> CreatePortal;
    fn portals_made(account: AccountId) -> u32;
    fn members(portal: &str, query: &str, limit: u32) -> Vec<Member>;
    fn owners(portal: &str, limit: u32) -> Vec<Account>;
    fn ask_for_access(
        portal: &str, account: AccountId, now: UnixSeconds, expires_at: UnixSeconds
    ) -> AskForAccess;
    fn access_request(portal: &str, account: AccountId, now: UnixSeconds) -> Option<AccessRequest>;
    fn access_requests(portal: &str, now: UnixSeconds, limit: u32) -> Vec<AccessRequest>;
    fn answer_access_request(
        portal: &str, id: Uuid, roles: Option<&[String]>, now: UnixSeconds
    ) -> Option<AccessRequest>;
    fn invite(
        portal: &str, new: Vec<NewInvitation>, mails: Vec<QueuedMail>, now: UnixSeconds
    ) -> Option<Vec<Invitation>>;
    fn invitations(portal: &str, now: UnixSeconds) -> Vec<Invitation>;
    fn invitation(token_hash: &[u8; 32]) -> Option<Invitation>;
    fn revoke_invitation(portal: &str, id: Uuid, now: UnixSeconds) -> bool;
    fn has_used_invitation(id: Uuid, account: AccountId) -> bool;
    fn accept_invitation(token_hash: &[u8; 32], account: AccountId, now: UnixSeconds) -> Accept;
});
