//! Imported profiles, joins and their journal.

use async_trait::async_trait;

use crate::identity::{AccountId, UnixSeconds};
use crate::store::joining::{
    ImportedBatch, ImportedProfile, JoinEntry, JoinProof, Joining, ProfileKey,
};
use crate::store::sqlite::SqliteStore;
use crate::store::{Result, StoreError};

fn later<T>() -> Result<T> {
    Err(StoreError::Unavailable("not there yet".to_owned()))
}

#[async_trait]
impl Joining for SqliteStore {
    async fn import_profiles(
        &self,
        _portal: &str,
        _records: Vec<ImportedProfile>,
        _now: UnixSeconds,
    ) -> Result<ImportedBatch> {
        later()
    }

    async fn free_profiles(&self, _emails: &[String]) -> Result<Vec<ImportedProfile>> {
        Ok(Vec::new())
    }

    async fn any_portal_password(&self) -> Result<bool> {
        Ok(false)
    }

    async fn replace_portal_password(
        &self,
        _key: &ProfileKey,
        _expected: &str,
        _new: &str,
    ) -> Result<bool> {
        later()
    }

    async fn join(
        &self,
        _account: AccountId,
        _keys: &[ProfileKey],
        _proof: JoinProof,
        _actor: &str,
        _now_ms: i64,
    ) -> Result<Vec<ProfileKey>> {
        later()
    }

    async fn unjoin(
        &self,
        _account: AccountId,
        _portal: &str,
        _actor: &str,
        _now_ms: i64,
    ) -> Result<bool> {
        later()
    }

    async fn joined_profiles(&self, _account: AccountId) -> Result<Vec<ImportedProfile>> {
        Ok(Vec::new())
    }

    async fn journal(&self, _account: AccountId) -> Result<Vec<JoinEntry>> {
        Ok(Vec::new())
    }
}
