//! One-time values of the session store that are JSON: what a browser has begun ([`super::transaction`]),
//! what a mailed link stands for ([`super::link_value`]), the way to a provider and back.

use bitrix_id_auth_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::visit::Visit;

/// Under which a value is kept: its kind, which is never changed since values outlive an upgrade, and a
/// hash.
pub(super) struct Key {
    /// Keeps the kinds apart.
    pub kind: &'static str,
    /// Of what whoever asks has to have.
    pub hash: [u8; 32],
}

impl Key {
    /// Keeps a value for so many seconds, in place of the one before.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn put<T: Serialize>(
        &self,
        visit: &Visit,
        value: &T,
        lifetime_seconds: i64,
    ) -> Result<(), Failure> {
        let payload = serde_json::to_string(value).map_err(|error| {
            Failure::Internal(format!("{} was not written: {error}", self.kind))
        })?;
        let until = visit.now() + lifetime_seconds;
        Ok(visit.hub().sessions.put_one_time(self.kind, &self.hash, &payload, until).await?)
    }

    /// The value, which stays.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn peek<T: DeserializeOwned>(
        &self,
        visit: &Visit,
    ) -> Result<Option<T>, Failure> {
        let sessions = &visit.hub().sessions;
        self.read(sessions.peek_one_time(self.kind, &self.hash, visit.now()).await?)
    }

    /// Reads and spends it: `Some` exactly once, however many ask at once.
    ///
    /// # Errors
    /// [`Failure::Store`].
    pub(super) async fn take<T: DeserializeOwned>(
        &self,
        visit: &Visit,
    ) -> Result<Option<T>, Failure> {
        let sessions = &visit.hub().sessions;
        self.read(sessions.take_one_time(self.kind, &self.hash, visit.now()).await?)
    }

    fn read<T: DeserializeOwned>(&self, payload: Option<String>) -> Result<Option<T>, Failure> {
        let Some(payload) = payload else {
            return Ok(None);
        };
        // The error of serde_json would quote what it stumbled on.
        let value = serde_json::from_str(&payload)
            .map_err(|_| StoreError::Corrupt(format!("a one-time value of kind {}", self.kind)))?;
        Ok(Some(value))
    }
}
