//! The real binary over real sockets. One module per subject; each test has a gateway of its own.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests measure real time, and a panic is the failed test"
)]

mod addresses;
mod admin;
mod answers;
mod asked;
mod attacks;
mod audit;
mod certificates;
mod check;
mod connections;
mod consistency;
mod cookies;
mod demo;
mod direct;
mod directory_portals;
mod empty_lists;
mod failover;
mod faults;
mod floods;
mod forwarded;
mod framing;
mod grants;
mod heavy;
mod identity_headers;
mod import;
mod joining;
mod keys;
mod kills;
mod lifecycle;
mod lifetimes;
mod log_lines;
mod mail;
mod notices;
mod operations_files;
mod own_answers;
mod own_paths;
mod own_portals;
mod pages;
mod passwords;
mod paths;
mod people;
mod postgres;
mod presets;
mod profile;
mod proxy_header;
mod proxying;
mod recovery;
mod redis;
mod reload;
mod renewal;
mod restart;
mod routing;
mod sign_out;
mod sign_up;
mod slow_bodies;
mod soak;
mod social;
mod spoofing;
mod store_outage;
mod streaming;
mod supervisor;
mod tickets;
mod timing;
mod token_cookie;
mod two_gateways;
mod upgrades;
mod upstream_tls;
mod visit;
mod without_store;
