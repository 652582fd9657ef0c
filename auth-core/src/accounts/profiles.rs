//! Which profiles an account has, and what they say.

use uuid::Uuid;

use super::AccountChange;
use crate::identity::AccountId;
use crate::store::access::{Accept, AccessRequest, CreatePortal, NewPortal};
use crate::store::joining::{ImportedBatch, ImportedProfile, JoinProof, ProfileKey};
use crate::store::{Profile, Result};

impl AccountChange<'_> {
    /// As [`crate::store::Joining::import_profiles`]; tokens that say what the portal no longer says are
    /// refused.
    ///
    /// # Errors
    /// [`StoreError`]. Where it comes between the two steps, tokens of what was changed live out their time.
    pub async fn import_profiles(
        &self,
        portal: &str,
        records: Vec<ImportedProfile>,
    ) -> Result<ImportedBatch> {
        let batch = self.directory.import_profiles(portal, records, self.now()).await?;
        for account in &batch.affected {
            self.refuse_outdated(*account).await?;
        }
        Ok(batch)
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
        self.directory.put_profile(profile, self.now()).await?;
        self.refuse_outdated(account).await
    }

    /// Removes a profile. Tokens that still know of it are refused; sessions live on. False: there was none.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn remove_profile(&self, account: AccountId, portal: &str) -> Result<bool> {
        let existed = self.directory.remove_profile(account, portal, self.now()).await?;
        // Also when there was none: a call before this one may have failed between the two steps.
        self.refuse_outdated(account).await?;
        Ok(existed)
    }

    /// As [`crate::store::People::set_profile_name`]; tokens that say otherwise are refused.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such account.
    pub async fn set_profile_name(
        &self,
        account: AccountId,
        portal: &str,
        display_name: Option<&str>,
        title: Option<&str>,
    ) -> Result<bool> {
        let now = self.now();
        let there =
            self.directory.set_profile_name(account, portal, display_name, title, now).await?;
        self.refuse_outdated(account).await?;
        Ok(there)
    }

    /// As [`crate::store::Access::create_portal`]; the maker's tokens, which do not know of it, are refused.
    ///
    /// # Errors
    /// [`StoreError`]; the portal may exist then.
    pub async fn create_portal(&self, new: NewPortal) -> Result<CreatePortal> {
        let maker = new.portal.created_by;
        let outcome = self.directory.create_portal(new, self.now()).await?;
        if let (CreatePortal::Created, Some(maker)) = (outcome, maker) {
            self.refuse_outdated(maker).await?;
        }
        Ok(outcome)
    }

    /// As [`crate::store::Access::answer_access_request`]; tokens that do not know of the profile are
    /// refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer_access_request(
        &self,
        portal: &str,
        id: Uuid,
        roles: Option<&[String]>,
    ) -> Result<Option<AccessRequest>> {
        let answered = self.directory.answer_access_request(portal, id, roles, self.now()).await?;
        if let Some(request) = &answered {
            self.refuse_outdated(request.account).await?;
        }
        Ok(answered)
    }

    /// As [`crate::store::Access::accept_invitation`]; tokens that do not know of the profile are refused.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accept_invitation(
        &self,
        token_hash: &[u8; 32],
        account: AccountId,
    ) -> Result<Accept> {
        let outcome = self.directory.accept_invitation(token_hash, account, self.now()).await?;
        if let Accept::Joined(_) | Accept::Member(_) = outcome {
            // A member may be one since a call before this one, which failed between the two steps.
            self.refuse_outdated(account).await?;
        }
        Ok(outcome)
    }
}
