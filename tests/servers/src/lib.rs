//! Real servers for tests: a PostgreSQL that all test processes of a user share, or one of a test's own.
//!
//! A test runner may give every test a process of its own, so nothing in memory can be shared. The first
//! process that needs a server starts it ([`server`]); every one holds a lock for as long as it lives; a
//! supervisor beside them stops the server and removes its folder once nobody has held the lock for a
//! while, however the processes ended. A function here panics when something is wrong, because that is how
//! a test says no.
#![expect(clippy::expect_used, reason = "in a test harness a panic is the failed test")]
#![allow(
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "tests measure real time, and panics are their result"
)]

pub mod postgres;
pub mod redis;
pub mod server;
