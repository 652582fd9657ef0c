//! The commands of `bitrix-id`: parsing, and one file per command.
//!
//! Results go to stdout, messages to stderr. The exit code is 0 when all is well, 1 when something was found
//! or failed, 2 when the command line makes no sense.

mod account;
mod check;
mod demo;
mod directory;
mod health;
mod input;
mod keys;
mod mail;
mod notice;
mod portal;
mod print;
mod requests;
pub(crate) mod serve;
mod workplace;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::telemetry::logging;

/// Sign in once, be at home on every portal: the authentication gateway in front of Bitrix24 portals.
#[derive(Debug, Parser)]
#[command(name = "bitrix-id", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  bitrix-id demo                                  try it out on this machine
  bitrix-id check --config bitrix-id.toml         find every problem of a configuration
  bitrix-id serve --config bitrix-id.toml         run the gateway

Messages are written to stderr; BITRIX_ID_LOG=debug makes them more detailed.
Exit codes: 0 all is well, 1 a problem was found or something failed, 2 wrong usage.";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Serve(Serve),
    Check(check::Check),
    Health(health::Health),
    /// Portals kept in the directory (those written in files are changed there)
    #[command(subcommand, arg_required_else_help = true)]
    Portal(portal::Portal),
    /// Accounts, by e-mail address or subject
    #[command(subcommand, arg_required_else_help = true)]
    Account(account::Account),
    /// Keys that sign tokens and assertions
    #[command(subcommand, arg_required_else_help = true)]
    Keys(keys::Keys),
    /// The database that accounts, portals, keys and sessions are kept in
    #[command(subcommand, arg_required_else_help = true)]
    Directory(directory::Directory),
    /// The queue of outgoing mail
    #[command(subcommand, arg_required_else_help = true)]
    Mail(mail::Mail),
    /// The queue of notices to portals
    #[command(subcommand, arg_required_else_help = true)]
    Notice(notice::Notice),
}

/// Run the gateway
///
/// Runs until SIGTERM or Ctrl-C. SIGHUP, or a change of the file, puts a changed configuration in force; a
/// file with problems changes nothing. SIGUSR2 starts the same command line again with --upgrade. A
/// supervisor such as systemd is told what happens.
#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    config: ConfigFile,

    /// Take the listening sockets over from the gateway that is running with this configuration
    ///
    /// The running one serves until this one is ready, then finishes its requests and ends. If this one does
    /// not come up, the running one stays.
    #[arg(long)]
    upgrade: bool,
}

/// Which configuration a command works with.
#[derive(Debug, Clone, Args)]
struct ConfigFile {
    /// The configuration file (TOML)
    #[arg(long = "config", short = 'c', value_name = "FILE")]
    path: PathBuf,
}

/// Whether the command found what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1; the command has said what is wrong.
    Problem,
}

/// Parses the command line and runs the command.
pub(crate) fn main() -> ExitCode {
    // Prints help or the usage error and exits with 0 or 2 itself.
    let cli = Cli::parse();
    logging::init();
    // Not locked: the access log of `serve` and `demo` is written to stdout by a thread.
    let mut out = io::stdout();
    match cli.run(&mut out).and_then(|outcome| Ok(out.flush().map(|()| outcome)?)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problem) => ExitCode::from(1),
        // `bitrix-id account list | head`: whoever reads has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => match error.downcast::<clap::Error>() {
            // Options that do not go together, beyond what the parser can tell: exit code 2.
            Ok(usage) => usage.exit(),
            Err(error) => {
                eprintln!("bitrix-id: {}", describe(&error));
                ExitCode::from(1)
            }
        },
    }
}

impl Cli {
    fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Demo(command) => command.run(),
            Command::Serve(command) => {
                serve::run(&command.config.path, command.upgrade)?;
                Ok(Outcome::Done)
            }
            Command::Check(command) => command.run(out),
            Command::Health(command) => command.run(out),
            Command::Portal(command) => command.run(out),
            Command::Account(command) => command.run(out),
            Command::Keys(command) => command.run(out),
            Command::Directory(command) => command.run(out),
            Command::Mail(command) => command.run(out),
            Command::Notice(command) => command.run(out),
        }
    }
}

/// An error and its causes in one line; many an error quotes its cause already.
fn describe(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| {
        if text.is_empty() {
            cause
        } else if text.contains(&cause) {
            text
        } else {
            format!("{text}: {cause}")
        }
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(is_pipe)
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
