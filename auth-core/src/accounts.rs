//! Changes that tokens in circulation must not outlive.
//!
//! A token says what was true when it was made, and carries the account's generation of that moment.
//! Raising the generation alone refuses nothing: the proxy asks no directory. What it does hear, within a
//! second, is the session store's log of revocations. So whoever changes what tokens say does it here:
//! first the directory, then the log. Each call may be repeated after it failed half-way.

use crate::identity::{AccountId, UnixSeconds};
use crate::revocation::remembered_until;
use crate::store::joining::{JoinProof, ProfileKey};
use crate::store::{
    Account, AddAddress, AddressProof, CreateAccount, Directory, NewAccount, Profile, Result,
    SessionStore, StoreError,
};

/// The stores, and when it happens.
#[derive(Clone, Copy)]
pub struct AccountChange<'a> {
    /// Where accounts and profiles are.
    pub directory: &'a dyn Directory,
    /// Where sessions and the log of revocations are.
    pub sessions: &'a dyn SessionStore,
    /// Unix milliseconds.
    pub now_ms: i64,
}

impl AccountChange<'_> {
    /// Creates an account. If it takes its address from one that has not proved it, whatever is left of
    /// that one in browsers ends.
    ///
    /// # Errors
    /// [`StoreError`]; the account may exist then.
    pub async fn create_account(&self, new: NewAccount) -> Result<NewOwner> {
        Ok(match self.directory.create_account(new, self.now()).await? {
            CreateAccount::Created(account) => NewOwner::Account(account),
            CreateAccount::InsteadOf { account, displaced } => {
                self.end_remains(displaced).await?;
                NewOwner::Account(account)
            }
            CreateAccount::EmailTaken(owner) => NewOwner::Taken(owner),
        })
    }

    /// Ends the sessions and refuses every token of an account that has been deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_remains(&self, account: AccountId) -> Result<()> {
        self.sessions.end_sessions_of(account, None, self.until(), self.now_ms).await?;
        self.refuse_older_than(account, u32::MAX).await
    }

    /// As [`Directory::add_address`]; tokens that do not say what they should are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_address(
        &self,
        account: AccountId,
        address: &str,
        proof: AddressProof,
    ) -> Result<AddAddress> {
        let outcome = self.directory.add_address(account, address, proof, self.now()).await?;
        if let AddAddress::InsteadOf(displaced) = outcome {
            self.end_remains(displaced).await?;
        }
        self.refuse_outdated(account).await?;
        Ok(outcome)
    }

    /// As [`Directory::set_primary_address`]; tokens that name the old one are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_primary_address(&self, account: AccountId, address: &str) -> Result<bool> {
        let done = self.directory.set_primary_address(account, address).await?;
        self.refuse_outdated(account).await?;
        Ok(done)
    }

    /// As [`crate::store::Joining::join`]; tokens that do not know of the new profiles are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn join(
        &self,
        account: AccountId,
        keys: &[ProfileKey],
        proof: JoinProof,
        actor: &str,
    ) -> Result<Vec<ProfileKey>> {
        let joined = self.directory.join(account, keys, proof, actor, self.now_ms).await?;
        self.refuse_outdated(account).await?;
        Ok(joined)
    }

    /// As [`crate::store::Joining::unjoin`]; tokens that still know of the profile are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unjoin(&self, account: AccountId, portal: &str, actor: &str) -> Result<bool> {
        let done = self.directory.unjoin(account, portal, actor, self.now_ms).await?;
        self.refuse_outdated(account).await?;
        Ok(done)
    }

    /// Adds or replaces a profile. Tokens that do not know of it are refused; sessions live on, so the
    /// browser's next request gets it a new token.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn put_profile(&self, profile: Profile) -> Result<()> {
        let account = profile.account;
        self.directory.put_profile(profile).await?;
        self.refuse_outdated(account).await
    }

    /// Removes a profile. Tokens that still know of it are refused; sessions live on. False: there was none.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn remove_profile(&self, account: AccountId, portal: &str) -> Result<bool> {
        let existed = self.directory.remove_profile(account, portal).await?;
        // Also when there was none: a call before this one may have failed between the two steps.
        self.refuse_outdated(account).await?;
        Ok(existed)
    }

    /// Ends every session of the account and refuses every token it has now. Gives the number of sessions.
    ///
    /// Whether it may sign in again is the caller's to say before.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn end_everything(&self, account: AccountId) -> Result<usize> {
        let generation = self.directory.raise_generation(account).await?;
        let ended =
            self.sessions.end_sessions_of(account, None, self.until(), self.now_ms).await?.len();
        self.refuse_older_than(account, generation).await?;
        Ok(ended)
    }

    /// After a change for which the directory has raised the generation, if anything changed. Not another
    /// time: a call that is repeated must not refuse what was made from what stands.
    async fn refuse_outdated(&self, account: AccountId) -> Result<()> {
        let current = self.directory.account(account).await?;
        let generation = current.map(|account| account.generation);
        let missing = || StoreError::Corrupt(format!("account {account} is gone"));
        self.refuse_older_than(account, generation.ok_or_else(missing)?).await
    }

    async fn refuse_older_than(&self, account: AccountId, generation: u32) -> Result<()> {
        self.sessions.revoke_account(account, generation, self.until(), self.now_ms).await?;
        Ok(())
    }

    fn now(&self) -> UnixSeconds {
        self.now_ms.div_euclid(1000)
    }

    fn until(&self) -> UnixSeconds {
        remembered_until(self.now())
    }
}

/// Outcome of [`AccountChange::create_account`].
#[derive(Debug)]
pub enum NewOwner {
    /// The new account, which has the address now.
    Account(Account),
    /// Another account has it; nothing was written.
    Taken(AccountId),
}

impl std::fmt::Debug for AccountChange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountChange").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::Revocations;
    use crate::store::sqlite::{SqliteStore, open_sqlite};
    use crate::store::{AddressProof, CreateAccount, NewAccount, NewSession};

    const NOW: i64 = 1_700_000_000;

    async fn store() -> (SqliteStore, AccountId, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = open_sqlite(&folder.path().join("store.db")).await.unwrap();
        let new = NewAccount {
            email: "anna@example.com".into(),
            proof: AddressProof::Mail,
            name: "Anna".into(),
            password_hash: None,
            language: None,
        };
        let created = store.create_account(new, NOW).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        (store, account.id, folder)
    }

    fn change(store: &SqliteStore) -> AccountChange<'_> {
        AccountChange { directory: store, sessions: store, now_ms: NOW * 1000 }
    }

    fn profile(account: AccountId, role: &str) -> Profile {
        Profile { roles: vec![role.into()], ..Profile::new(account, "acme", NOW) }
    }

    /// Whether tokens of this generation are refused by a node that has just read the log.
    async fn refuses(store: &SqliteStore, account: AccountId, generation: u32) -> bool {
        let set = Revocations::new();
        for revocation in store.revocations_after(0).await.unwrap() {
            assert_eq!(revocation.until, remembered_until(NOW));
            set.apply(&revocation);
        }
        set.is_revoked(crate::testing::identity().session, account, generation)
    }

    async fn generation(store: &SqliteStore, account: AccountId) -> u32 {
        store.account(account).await.unwrap().unwrap().generation
    }

    #[tokio::test]
    async fn a_changed_profile_refuses_the_tokens_made_before_it() {
        let (store, anna, _folder) = store().await;
        change(&store).put_profile(profile(anna, "employee")).await.unwrap();
        let before = generation(&store, anna).await;
        change(&store).put_profile(profile(anna, "admin")).await.unwrap();
        assert!(refuses(&store, anna, before).await);
        let now = generation(&store, anna).await;
        assert!(!refuses(&store, anna, now).await, "tokens of the new profile count");
        change(&store).put_profile(profile(anna, "admin")).await.unwrap();
        assert!(!refuses(&store, anna, now).await, "the same again changes nothing");
    }

    #[tokio::test]
    async fn a_removed_profile_refuses_the_tokens_that_know_of_it() {
        let (store, anna, _folder) = store().await;
        change(&store).put_profile(profile(anna, "employee")).await.unwrap();
        let before = generation(&store, anna).await;
        assert!(!refuses(&store, anna, before).await);
        assert!(change(&store).remove_profile(anna, "acme").await.unwrap());
        assert!(refuses(&store, anna, before).await);
        let now = generation(&store, anna).await;
        assert!(!refuses(&store, anna, now).await, "tokens without the profile count");
        assert!(!change(&store).remove_profile(anna, "acme").await.unwrap());
        assert!(!refuses(&store, anna, now).await, "the same again changes nothing");
    }

    #[tokio::test]
    async fn a_removal_that_failed_half_way_is_completed_by_the_next() {
        let (store, anna, _folder) = store().await;
        change(&store).put_profile(profile(anna, "employee")).await.unwrap();
        let before = generation(&store, anna).await;
        assert!(store.remove_profile(anna, "acme").await.unwrap(), "the directory alone");
        assert!(!refuses(&store, anna, before).await);
        assert!(!change(&store).remove_profile(anna, "acme").await.unwrap());
        assert!(refuses(&store, anna, before).await);
    }

    #[tokio::test]
    async fn ending_everything_ends_sessions_and_refuses_every_token() {
        let (store, anna, _folder) = store().await;
        let session = NewSession {
            account: anna,
            cookie_hash: [7; 32],
            amr: vec!["pwd".into()],
            user_agent: String::new(),
            client_ip: None,
        };
        store.create_session(session, NOW).await.unwrap();
        let before = generation(&store, anna).await;
        assert_eq!(change(&store).end_everything(anna).await.unwrap(), 1);
        assert!(refuses(&store, anna, before).await);
        assert_eq!(store.count_sessions().await.unwrap(), 0);
        assert_eq!(change(&store).end_everything(anna).await.unwrap(), 0, "it can be repeated");
    }

    #[tokio::test]
    async fn nobody_s_account_is_an_error() {
        let (store, _, _folder) = store().await;
        let nobody = AccountId(uuid::Uuid::from_u128(1));
        assert!(change(&store).end_everything(nobody).await.is_err());
        assert!(change(&store).put_profile(profile(nobody, "x")).await.is_err());
        assert!(change(&store).remove_profile(nobody, "acme").await.is_err());
    }
}
