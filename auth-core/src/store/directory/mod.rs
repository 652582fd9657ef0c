//! The directory in SQL.
//!
//! One file per kind of record, each a set of functions over a connection; [`SqliteStore`] runs them with a
//! deadline and in transactions. The text of each query is meant for SQLite and PostgreSQL alike: `$1`
//! placeholders, TEXT and BIGINT, `ON CONFLICT`, `RETURNING`. Another database brings its own
//! [`Connection`] and its own way of opening, not its own queries.

mod access;
mod accounts;
mod addresses;
mod audit;
mod counters;
mod dealings;
mod deletion;
mod invitations;
mod joining;
mod keys;
mod links;
mod mail;
mod members;
mod merging;
mod notices;
mod people;
mod portals;
mod profiles;
mod recovery;
mod requests;
mod sqlite;

#[cfg(doc)]
use super::sqlite::SqliteStore;

/// What the query functions run on.
type Connection = sqlx::SqliteConnection;

pub(super) use counters::next as next_of_counter;
pub use mail::MAX_QUEUED_MAILS;
