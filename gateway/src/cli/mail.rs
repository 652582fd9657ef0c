//! `bitrix-id mail`: what waits to be sent, and what could not be sent. Never what a mail says: it may hold
//! a code.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::store::{KeptMail, MailState};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::counted;
use super::workplace::{Workplace, with_store};
use super::{ConfigFile, Outcome, input, print};

#[derive(Debug, Subcommand)]
pub(super) enum Mail {
    /// List the mails that wait, or those that were given up
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Those that were given up
        #[arg(long)]
        failed: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Try to send what waits now, instead of when it is due
    ///
    /// For when the relay works again. A mail that was given up has no content any more and is not sent again:
    /// its code would be out of date.
    Retry {
        #[command(flatten)]
        config: ConfigFile,
        /// The mail's id; without it, every mail that waits
        #[arg(value_name = "ID", value_parser = input::id)]
        id: Option<Uuid>,
    },
    /// Forget a mail, or all that were given up
    Drop {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The mail's id
    #[arg(value_name = "ID", value_parser = input::id)]
    id: Option<Uuid>,
    /// All that were given up
    #[arg(long)]
    failed: bool,
}

impl Mail {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::List { config, failed, json } => {
                let state = if failed { MailState::Failed } else { MailState::Queued };
                with_store(&config.path, async |place| list(place, state, json, out).await)
            }
            Self::Retry { config, id } => with_store(&config.path, async |place| {
                let found = place.stores.directory.retry_mails(id, place.now()).await?;
                if let (Some(id), 0) = (id, found) {
                    bail!("no mail {id} waits");
                }
                said("due now", found, "No mail waits.")
            }),
            Self::Drop { config, which } => with_store(&config.path, async |place| {
                let found = place.stores.directory.drop_mails(which.id).await?;
                if let (Some(id), 0) = (which.id, found) {
                    bail!("there is no mail {id}");
                }
                said("forgotten", found, "No mail was given up.")
            }),
        }
    }
}

fn said(what: &str, found: u64, nothing: &str) -> anyhow::Result<Outcome> {
    match usize::try_from(found).unwrap_or(usize::MAX) {
        0 => eprintln!("{nothing}"),
        found => eprintln!("{} {what}.", counted(found, "mail")),
    }
    Ok(Outcome::Done)
}

async fn list(
    place: &Workplace,
    state: MailState,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let mails = place.stores.directory.mails(state, MOST_LISTED).await?;
    if as_json {
        print::json(out, &Value::Array(mails.iter().map(|mail| mail_json(mail, state)).collect()))?;
        return Ok(Outcome::Done);
    }
    for mail in &mails {
        let when = match state {
            MailState::Queued => "due",
            MailState::Failed => "last tried before",
        };
        writeln!(
            out,
            "{}  {}  {}  {}  {when} {}",
            mail.id,
            print::plain(&mail.to),
            print::plain(&mail.subject),
            counted(mail.attempts as usize, "attempt"),
            print::time(mail.due_at),
        )?;
    }
    if mails.is_empty() {
        eprintln!(
            "{}",
            match state {
                MailState::Queued => "No mail waits.",
                MailState::Failed => "No mail was given up.",
            }
        );
    }
    Ok(Outcome::Done)
}

fn mail_json(mail: &KeptMail, state: MailState) -> Value {
    json!({
        "id": mail.id,
        "to": mail.to,
        "subject": mail.subject,
        "attempts": mail.attempts,
        "state": match state {
            MailState::Queued => "queued",
            MailState::Failed => "failed",
        },
        "due_at": print::time(mail.due_at),
    })
}

const MOST_LISTED: u32 = 10_000;
