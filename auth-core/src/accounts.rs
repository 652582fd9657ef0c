//! Changes that tokens in circulation must not outlive.
//!
//! A token says what was true when it was made, and carries the account's generation of that moment.
//! Raising the generation alone refuses nothing: the proxy asks no directory. What it does hear, within a
//! second, is the session store's log of revocations. So whoever changes what tokens say does it here:
//! first the directory, then the log. Each call may be repeated after it failed half-way.

mod merging;
mod profiles;

use crate::identity::{AccountId, SessionId, UnixSeconds};
use crate::revocation::remembered_until;
use crate::store::notices::Notice;
use crate::store::recovery::{ResetPassword, UnfinishedReset};
use crate::store::{
    Account, AccountState, AddAddress, AddressProof, CreateAccount, Directory, NewAccount, Result,
    Revocation, Revoked, SessionStore, StoreError,
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
        generation: u32,
        address: &str,
        proof: AddressProof,
    ) -> Result<AddAddress> {
        let outcome =
            self.directory.add_address(account, generation, address, proof, self.now()).await?;
        match outcome {
            AddAddress::Taken(_) | AddAddress::Outdated => return Ok(outcome),
            AddAddress::InsteadOf(displaced) => self.end_remains(displaced).await?,
            AddAddress::Added => {}
        }
        self.refuse_outdated(account).await?;
        Ok(outcome)
    }

    /// As [`Directory::set_primary_address`]; tokens that name the old one are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_primary_address(&self, account: AccountId, address: &str) -> Result<bool> {
        let done = self.directory.set_primary_address(account, address, self.now()).await?;
        self.refuse_outdated(account).await?;
        Ok(done)
    }

    /// The account will be deleted at `delete_at` unless it is kept; it is signed out everywhere. Gives the
    /// number of sessions that ended.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn leave(&self, account: AccountId, delete_at: UnixSeconds) -> Result<usize> {
        self.directory.set_account_state(account, AccountState::Leaving { delete_at }).await?;
        self.end_everything(account).await
    }

    /// Deletes an account whose time has come. False: it is not leaving any more, or not yet.
    ///
    /// # Errors
    /// [`StoreError`]; the account may be gone then.
    pub async fn delete_leaver(&self, account: AccountId) -> Result<bool> {
        let gone = self.directory.delete_leaver(account, self.now()).await?;
        if gone {
            self.end_remains(account).await?;
        }
        Ok(gone)
    }

    /// As [`crate::store::Recovery::reset_password`]; every session from before ends, and every token. What a
    /// failure leaves undone is [`crate::store::Recovery::unfinished_resets`].
    ///
    /// # Errors
    /// [`StoreError`]; the password may be set then.
    pub async fn reset_password(
        &self,
        checkword_hash: &[u8; 32],
        new_password_hash: &str,
    ) -> Result<ResetPassword> {
        let directory = self.directory;
        let outcome =
            directory.reset_password(checkword_hash, new_password_hash, self.now()).await?;
        if let ResetPassword::Done(reset) = &outcome {
            let (account, displaced) = (reset.account.id, reset.displaced);
            self.finish_reset(&UnfinishedReset { account, displaced }).await?;
        }
        Ok(outcome)
    }

    /// Ends whatever is left from before a reset.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_reset(&self, reset: &UnfinishedReset) -> Result<()> {
        if let Some(displaced) = reset.displaced {
            self.end_remains(displaced).await?;
        }
        self.end_sessions_of(reset.account).await?;
        self.refuse_outdated(reset.account).await?;
        self.directory.reset_finished(reset.account).await
    }

    /// Ends every session of the account and refuses every token it has now. Gives the number of sessions.
    ///
    /// Whether it may sign in again is the caller's to say before.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn end_everything(&self, account: AccountId) -> Result<usize> {
        let generation = self.directory.raise_generation(account).await?;
        let ended = self.end_sessions_of(account).await?;
        self.refuse_older_than(account, generation).await?;
        Ok(ended)
    }

    /// Gives their number.
    async fn end_sessions_of(&self, account: AccountId) -> Result<usize> {
        let ended = self.sessions.end_sessions_of(account, None, self.until(), self.now_ms).await?;
        if !ended.is_empty() {
            self.tell(account, Notice::sessions_ended(account, &sessions_of(&ended), true)).await;
        }
        Ok(ended.len())
    }

    /// Has happened already: what is not told is no failure of the change.
    async fn tell(&self, account: AccountId, notice: Notice) {
        let event = notice.event.name();
        if let Err(error) = self.directory.notify(account, notice, self.now_ms).await {
            tracing::error!(event, "portals were not told: {error}");
        }
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

/// The sessions that these revocations end.
#[must_use]
pub fn sessions_of(revocations: &[Revocation]) -> Vec<SessionId> {
    let session = |revocation: &Revocation| match revocation.what {
        Revoked::Session(session) => Some(session),
        Revoked::Account { .. } => None,
    };
    revocations.iter().filter_map(session).collect()
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
mod tests;
