//! The directory in SQL: each method one call to a query function, with deadline and transaction.

use async_trait::async_trait;
use uuid::Uuid;

use super::{accounts, addresses, audit, counters, deletion, keys, mail, portals, profiles};
use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::store::migrations::BATCH;
use crate::store::sql::{SqlStore, listing, marking, reading, writing};
use crate::store::{
    Account, AccountState, AddAddress, Address, AddressProof, AuditEvent, CreateAccount, Directory,
    Holder, KeptMail, KeyRecord, MailState, NewAccount, Profile, QueuedMail, Result, StoredPortal,
};

#[async_trait]
impl Directory for SqlStore {
    async fn create_account(&self, new: NewAccount, now: UnixSeconds) -> Result<CreateAccount> {
        writing!(self, c => accounts::create(c, new.clone(), now))
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        reading!(self, c => accounts::by_id(c, id))
    }

    async fn account_by_email(&self, email: &str) -> Result<Option<Account>> {
        reading!(self, c => accounts::by_email(c, email))
    }

    async fn holder(&self, email: &str) -> Result<Holder> {
        reading!(self, c => addresses::holder(c, email))
    }

    async fn addresses(&self, account: AccountId) -> Result<Vec<Address>> {
        reading!(self, c => addresses::of_account(c, account))
    }

    async fn add_address(
        &self,
        account: AccountId,
        generation: u32,
        address: &str,
        proof: AddressProof,
        now: UnixSeconds,
    ) -> Result<AddAddress> {
        writing!(self, c => addresses::add_to_active(c, account, generation, address, proof, now))
    }

    async fn set_primary_address(
        &self,
        account: AccountId,
        address: &str,
        now: UnixSeconds,
    ) -> Result<bool> {
        writing!(self, c => addresses::choose_primary(c, account, address, now))
    }

    async fn remove_address(&self, account: AccountId, address: &str) -> Result<bool> {
        writing!(self, c => addresses::remove(c, account, address))
    }

    async fn accounts(&self, after: Option<AccountId>, limit: u32) -> Result<Vec<Account>> {
        listing!(self, c => accounts::page(c, after, limit))
    }

    async fn replace_password_hash(
        &self,
        id: AccountId,
        expected: Option<&str>,
        new: &str,
    ) -> Result<bool> {
        writing!(self, c => accounts::replace_password_hash(c, id, expected, new))
    }

    async fn set_account_state(&self, id: AccountId, state: AccountState) -> Result<()> {
        writing!(self, c => accounts::set_state(c, id, state))
    }

    async fn raise_generation(&self, id: AccountId) -> Result<u32> {
        writing!(self, c => accounts::end_sessions(c, id))
    }

    async fn delete_account(&self, id: AccountId, now: UnixSeconds) -> Result<bool> {
        writing!(self, c => deletion::delete(c, id, now))
    }

    async fn profiles(&self, account: AccountId) -> Result<Vec<Profile>> {
        reading!(self, c => profiles::of_account(c, account))
    }

    async fn profile(&self, account: AccountId, portal: &str) -> Result<Option<Profile>> {
        reading!(self, c => profiles::on_portal(c, account, portal))
    }

    async fn put_profile(&self, profile: Profile, now: UnixSeconds) -> Result<()> {
        writing!(self, c => profiles::put(c, profile.clone(), now))
    }

    async fn remove_profile(
        &self,
        account: AccountId,
        portal: &str,
        now: UnixSeconds,
    ) -> Result<bool> {
        writing!(self, c => profiles::remove(c, account, portal, now))
    }

    async fn touch_profile(
        &self,
        account: AccountId,
        portal: &str,
        now: UnixSeconds,
    ) -> Result<()> {
        marking!(self, c => profiles::touch(c, account, portal, now))
    }

    async fn portals(&self) -> Result<Vec<StoredPortal>> {
        reading!(self, c => portals::all(c))
    }

    async fn add_portal(&self, portal: StoredPortal) -> Result<bool> {
        writing!(self, c => portals::add(c, portal.clone()))
    }

    async fn remove_portal(&self, id: &str) -> Result<bool> {
        writing!(self, c => portals::remove(c, id))
    }

    async fn signing_keys(&self) -> Result<Vec<KeyRecord>> {
        reading!(self, c => keys::all(c))
    }

    async fn add_signing_key(
        &self,
        key: KeyRecord,
        if_newest: Option<&str>,
        others_expire_at: Option<UnixSeconds>,
    ) -> Result<bool> {
        writing!(self, c => keys::add(c, key.clone(), if_newest, others_expire_at))
    }

    async fn remove_expired_keys(&self, now: UnixSeconds) -> Result<u64> {
        writing!(self, c => keys::remove_expired(c, now))
    }

    async fn secret(&self, name: &str) -> Result<[u8; 32]> {
        // Written once and read ever after, also while another process holds the write lock.
        if let Some(secret) = reading!(self, c => keys::find_secret(c, name))? {
            return Ok(secret);
        }
        writing!(self, c => keys::find_or_make_secret(c, name))
    }

    async fn record(&self, event: AuditEvent) -> Result<()> {
        writing!(self, c => audit::record(c, event.clone()))
    }

    async fn audit(&self, account: Option<AccountId>, limit: u32) -> Result<Vec<AuditEvent>> {
        match account {
            Some(account) => reading!(self, c => audit::newest_of(c, account, limit)),
            None => listing!(self, c => audit::newest(c, limit)),
        }
    }

    async fn signed_in_before(&self, account: AccountId, session: SessionId) -> Result<bool> {
        reading!(self, c => audit::signed_in_before(c, account, session))
    }

    async fn queue_mail(&self, mail: QueuedMail, now: UnixSeconds) -> Result<()> {
        reading!(self, c => mail::require_room(c))?;
        writing!(self, c => mail::queue(c, mail.clone(), now))
    }

    async fn take_mail(&self, now: UnixSeconds, limit: u32) -> Result<Vec<QueuedMail>> {
        // Asked often and mostly in vain: the write lock is taken only when something is due.
        if !reading!(self, c => mail::any_due(c, now))? {
            return Ok(Vec::new());
        }
        writing!(self, c => mail::take(c, now, limit))
    }

    async fn mail_sent(&self, id: Uuid) -> Result<()> {
        writing!(self, c => mail::sent(c, id))
    }

    async fn mail_failed(&self, id: Uuid, retry_at: Option<UnixSeconds>) -> Result<()> {
        match retry_at {
            Some(at) => writing!(self, c => mail::retry(c, id, at)),
            None => writing!(self, c => mail::give_up(c, id)),
        }
    }

    async fn mails(&self, state: MailState, limit: u32) -> Result<Vec<KeptMail>> {
        reading!(self, c => mail::in_state(c, state, limit))
    }

    async fn retry_mails(&self, id: Option<Uuid>, now: UnixSeconds) -> Result<u64> {
        writing!(self, c => mail::retry_now(c, id, now))
    }

    async fn drop_mails(&self, id: Option<Uuid>) -> Result<u64> {
        writing!(self, c => mail::drop(c, id))
    }

    async fn mail_depths(&self) -> Result<(u64, u64)> {
        reading!(self, c => mail::depths(c))
    }

    async fn version(&self) -> Result<u64> {
        reading!(self, c => counters::current(c, counters::DIRECTORY))
    }

    async fn check(&self) -> Result<()> {
        marking!(self, c => counters::next(c, counters::CHECK))?;
        let schema = self.schema();
        reading!(self, c => schema.still_fits(c)).map(drop)
    }

    async fn complete_rows(&self) -> Result<u64> {
        let schema = self.schema();
        if reading!(self, c => schema.still_fits(c))? > schema.version() {
            return Ok(0);
        }
        let mut completed = 0;
        loop {
            let some = writing!(self, c => async { Ok(schema.complete_some(c).await?) })?;
            completed += some;
            if some < BATCH {
                return Ok(completed);
            }
        }
    }
}
