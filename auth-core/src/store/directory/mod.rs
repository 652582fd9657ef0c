//! The directory in SQL.
//!
//! One file per kind of record, each a set of functions over a connection; [`SqlStore`] runs them with a
//! deadline and in transactions. The text of each query is meant for SQLite and PostgreSQL alike: `$1`
//! placeholders, TEXT and BIGINT, `ON CONFLICT`, `RETURNING`. What differs between the two is how they are
//! opened and how a transaction is run, and that is in [`super::sql`].

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
mod methods;
mod notices;
mod people;
mod portals;
mod profiles;
mod recovery;
mod requests;

use super::sql::Connection;
#[cfg(doc)]
use super::sql::SqlStore;

pub(super) use counters::next as next_of_counter;
pub use mail::MAX_QUEUED_MAILS;
