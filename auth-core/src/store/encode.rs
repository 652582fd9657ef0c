//! How values look in SQL: ids, times, octets and lists as text and integers, the same in every database.
//!
//! Reading refuses what cannot have been written here ([`StoreError::Corrupt`], naming the column).

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::error::ErrorKind;
use uuid::{NoContext, Timestamp, Uuid};

use super::{Result, StoreError};
use crate::identity::UnixSeconds;

/// A new UUIDv7 that says it was made at `now`.
pub(super) fn new_id(now: UnixSeconds) -> Uuid {
    let seconds = u64::try_from(now).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0))
}

pub(super) fn octets(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn read_octets(column: &str, text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| corrupt(column))
}

pub(super) fn read_id(column: &str, text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| corrupt(column))
}

/// A list as a JSON array.
pub(super) fn list(values: &[String]) -> String {
    serde_json::Value::from(values.to_vec()).to_string()
}

pub(super) fn read_list(column: &str, text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text).map_err(|_| corrupt(column))
}

pub(super) fn read_ip(column: &str, text: Option<&str>) -> Result<Option<IpAddr>> {
    text.map(|text| text.parse().map_err(|_| corrupt(column))).transpose()
}

pub(super) fn read_number<T: TryFrom<i64>>(column: &str, number: i64) -> Result<T> {
    T::try_from(number).map_err(|_| corrupt(column))
}

/// The value is not named: it may be a secret.
pub(super) fn corrupt(column: &str) -> StoreError {
    StoreError::Corrupt(column.to_owned())
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match error {
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::RowNotFound
            | sqlx::Error::TypeNotFound { .. } => Self::Corrupt(text),
            // A broken constraint: a reference to a row that is not there, say.
            sqlx::Error::Database(refused) if !matches!(refused.kind(), ErrorKind::Other) => {
                Self::Corrupt(text)
            }
            _ => Self::Unavailable(text),
        }
    }
}
