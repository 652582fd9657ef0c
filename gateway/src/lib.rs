//! Bitrix ID, the authentication gateway: one sign-in for every portal behind it.
//!
//! A request goes one way. The [`edge`] takes the connection and watches the bytes of a request's head;
//! [`proxy`] runs [`decide`] (route, [`authenticate`], authorize) and then either [`forward`] or [`respond`].
//! [`control`] runs beside it and is the only writer of what requests read: the [`snapshot`] of the
//! configuration, keys and revocations. The [`signin`] app is an upstream like any other, behind a unix
//! socket in the same process. [`server`] puts the parts together.

mod activity;
mod admin;
mod answer;
mod asked;
mod authenticate;
mod body;
mod cli;
mod context;
mod control;
mod decide;
mod demo;
mod descriptors;
mod document;
mod door;
mod edge;
mod files;
mod forward;
mod guarded_io;
mod handover;
mod hearing;
mod hub;
mod idle_clock;
mod idle_streams;
mod keep_alive;
mod kept;
mod leavers;
mod lifecycle;
mod locate;
mod notices;
mod own_paths;
mod pages;
mod place;
mod plain_head;
mod proxy;
mod proxy_header;
mod reload;
mod render;
mod request_id;
mod respond;
mod runtime_files;
mod runtimes;
mod server;
mod shards;
mod signin;
mod snapshot;
mod startup;
mod stopwatch;
mod stores;
mod streams;
mod successor;
mod supervisor;
mod telemetry;
mod tls;
mod to_sign_in;
mod upgrade_stream;
mod upstreams;
mod view;
mod wire;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// docs/decisions/0015-hot-path.md has what it gives.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Parses the command line of this process and runs the command: all that the program `bitrix-id` does.
#[must_use]
pub fn main() -> ExitCode {
    cli::main()
}
