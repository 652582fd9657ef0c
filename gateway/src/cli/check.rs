//! `bitrix-id check`: every problem of a configuration, with its place.

use std::io::Write;

use clap::Args;

use super::{ConfigFile, Outcome};

/// Find every problem of a configuration
///
/// Reads the file, what it includes, the secrets and certificates it names, and prints every problem as
/// `file:line:column: message` with the offending line. Exits with 1 if there is any. `serve` and a reload
/// run the same code.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
}

impl Check {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let path = &self.config.path;
        let (portals, problems) = match bitrix_id_config::load(path) {
            Ok(config) => (config.portals.len(), crate::snapshot::check(&config)),
            Err(error) => (0, error.problems),
        };
        for problem in &problems {
            writeln!(out, "{problem}")?;
        }
        if problems.is_empty() {
            eprintln!("{}: no problems found ({})", path.display(), counted(portals, "portal"));
            return Ok(Outcome::Done);
        }
        eprintln!("{}: {} found", path.display(), counted(problems.len(), "problem"));
        Ok(Outcome::Problem)
    }
}

/// `1 problem`, `2 problems`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
