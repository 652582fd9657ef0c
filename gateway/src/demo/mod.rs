//! The demo: a whole installation in one folder.
//!
//! [`run`] checks that the ports are free, makes the folder ([`folder`]), a CA and certificates
//! ([`certificates`]), starts three sample portals ([`portal`]), writes a configuration that points at them
//! ([`settings`]), adds the sample people ([`accounts`]) and runs the server that `serve` runs. Once that is
//! ready, what a newcomer needs is printed ([`announce`]).

mod accounts;
mod announce;
mod certificates;
mod folder;
mod portal;
mod ports;
mod settings;

use std::io::IsTerminal;
use std::path::PathBuf;

use bitrix_id_auth_core::clock::{Clock, SystemClock};

use self::folder::Folder;
use crate::server::{self, Run};

/// What the command line says.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The data folder.
    pub data: PathBuf,
    /// HTTPS.
    pub port: u16,
    /// Admin listener.
    pub admin_port: u16,
}

/// A sample portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    id: &'static str,
    title: &'static str,
    host: &'static str,
}

/// One line per request, where stdout is a terminal.
const ACCESS_LOG: &str = "access.log";
/// Portals that people create get a name under it.
const NETWORK_DOMAIN: &str = "bitrix24.localhost";
/// Host of Bitrix ID.
const IDENTITY_HOST: &str = "id.bitrix24.localhost";

/// Two portals under the network's domain, and one with a domain of its own.
const SAMPLES: [Sample; 3] = [
    Sample { id: "acme", title: "Acme Inc.", host: "acme.bitrix24.localhost" },
    Sample { id: "globex", title: "Globex", host: "globex.bitrix24.localhost" },
    Sample { id: "initech", title: "Initech", host: "portal.initech.localhost" },
];

/// What answers for the portals that people create in the demo.
const CREATED: Sample = Sample { id: "created", title: "A new portal", host: IDENTITY_HOST };

/// Prepares the folder and runs until Ctrl-C.
///
/// # Errors
/// A port is taken, the folder cannot be written, or the gateway does not start.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let listen = ports::free_addresses(options)?;
    let folder = Folder::open(&options.data)?;
    certificates::prepare(&folder, SystemClock.now())?;
    let upstreams = portal::start(options.port)?;
    let config = settings::write(&folder, &listen, options, &upstreams)?;
    let people = accounts::prepare(&folder, &config)?;
    // On a terminal the lines would push the addresses and passwords out of sight.
    let access_log = std::io::stdout().is_terminal().then(|| folder.path(ACCESS_LOG));
    let (text, admin_port) = (announce::text(&folder, options, &people), options.admin_port);
    server::run(Run {
        config: &config,
        upgrade: false,
        show_outbox: true,
        access_log,
        on_ready: Box::new(move || announce::when_ready(&text, admin_port)),
    })
}
