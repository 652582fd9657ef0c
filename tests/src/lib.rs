//! The harness of the end-to-end tests: it drives the real `bitrix-id` binary over real sockets.
//!
//! The words: a [`gateway::TestGateway`] is a running process with a folder of its own; a [`stage::Stage`] is
//! that plus three portals whose upstreams are [`upstream::Recorder`]s, which keep the exact bytes they
//! received; a [`sibling::Sibling`] is a second gateway on the same files, a [`fleet::Fleet`] both with their
//! accounts in PostgreSQL and their sessions in Redis; the clients in [`client`] are a browser that behaves, a raw socket that does not, HTTP/2
//! streams and WebSockets. A harness function panics when something is wrong, because that is how a
//! test says no.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "in a test harness a panic is the failed test"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "tests measure real time, and panics are their result"
)]

pub mod balancer;
pub mod cli;
pub mod client;
pub mod config_text;
pub mod consistency;
pub mod database;
pub mod door;
pub mod fake_clock;
pub mod fleet;
pub mod full_disk;
pub mod gateway;
pub mod html;
pub mod import;
pub mod journey;
pub mod jwt;
pub mod load;
pub mod logs;
pub mod newcomers;
pub mod pki;
pub mod poll;
pub mod ports;
pub mod process;
pub mod provider;
pub mod relay;
pub mod sibling;
pub mod stage;
pub mod tcp_proxy;
pub mod upstream;
pub mod watch;
