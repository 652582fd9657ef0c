//! How values look in SQL: ids, times, octets and lists as text and integers, the same in every database.
//!
//! Reading refuses what cannot have been written here ([`StoreError::Corrupt`], naming the column).

use std::net::IpAddr;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::{ContextV7, Timestamp, Uuid};

use super::sql::Interruption;
use super::{Result, StoreError};
use crate::identity::UnixSeconds;

/// A new UUIDv7 that says it was made at `now`, or when the newest one was if that is later: within a process
/// ids come in the order in which they were made.
pub(super) fn new_id(now: UnixSeconds) -> Uuid {
    new_id_ms(now.saturating_mul(1000))
}

/// As [`new_id`], at `now_ms` in Unix milliseconds.
pub(super) fn new_id_ms(now_ms: i64) -> Uuid {
    let now_ms = u64::try_from(now_ms).unwrap_or(0);
    // Less than a second, in nanoseconds.
    let nanoseconds = u32::try_from(now_ms % 1000 * 1_000_000).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(&NEWEST_ID, now_ms / 1000, nanoseconds))
}

/// Tells ids of one millisecond apart.
static NEWEST_ID: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A text as it is searched and ordered by: in lower case, in every alphabet that has one.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
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
        if let Some(interruption) = Interruption::of(&error) {
            return Self::Interrupted(interruption);
        }
        let text = error.to_string();
        match error {
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::RowNotFound
            | sqlx::Error::TypeNotFound { .. } => Self::Corrupt(text),
            _ => Self::Unavailable(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_the_order_they_were_made() {
        let ids: Vec<Uuid> = (0..1000)
            .map(|n| if n % 2 == 0 { new_id(1_700_000_000) } else { new_id_ms(1_700_000_000_250) })
            .collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
        let texts: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        assert!(texts.is_sorted(), "as a database compares them, too");
    }

    #[test]
    fn an_id_says_when_it_was_made() {
        let made = new_id_ms(1_900_000_000_250).get_timestamp().unwrap().to_unix();
        assert_eq!((made.0, made.1 / 1_000_000), (1_900_000_000, 250));
    }
}
