//! `bitrix-id demo`: everything on one machine, to look at.

use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::demo::{self, Options};

/// Try it out: a gateway, three sample portals, accounts and a mail outbox on this machine
///
/// Listens on loopback only. Makes a CA, certificates, a SQLite file and sample accounts on the first start and
/// keeps them in the data folder; nothing is written anywhere else. Prints URLs, accounts and passwords, and
/// runs until Ctrl-C.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Data folder; delete it to start afresh
    #[arg(long, value_name = "DIR", default_value = "bitrix-id-demo")]
    data: PathBuf,
    /// Port of the portals and of Bitrix ID
    #[arg(long, value_name = "PORT", default_value_t = 8443, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Port of the admin listener and of the mail outbox
    #[arg(long, value_name = "PORT", default_value_t = 9090, value_parser = clap::value_parser!(u16).range(1..))]
    admin_port: u16,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Self { data, port, admin_port } = self;
        demo::run(&Options { data, port, admin_port })?;
        Ok(Outcome::Done)
    }
}
