//! `bitrix-id notice`: what waits to be told to portals, and what could not be told.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::store::notices::{NoticeState, QueuedNotice, WhichNotices};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::check::counted;
use super::workplace::{Workplace, with_store};
use super::{ConfigFile, Outcome, input, print};

#[derive(Debug, Subcommand)]
pub(super) enum Notice {
    /// List the notices that wait, or those that were given up
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// Those that were given up, and why
        #[arg(long)]
        dead: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Deliver a notice now, or everything that was given up for a portal
    ///
    /// A notice has three days again. One that was given up comes later than what happened after it: receivers
    /// compare `created_at`.
    Retry {
        #[command(flatten)]
        config: ConfigFile,
        #[command(flatten)]
        which: Which,
    },
    /// Forget a notice, or everything that was given up for a portal
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
    /// The notice's id
    #[arg(value_name = "ID", value_parser = input::id)]
    id: Option<Uuid>,
    /// All that were given up for this portal
    #[arg(long, value_name = "ID")]
    portal: Option<String>,
}

impl Notice {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::List { config, dead, json } => {
                let state = if dead { NoticeState::Dead } else { NoticeState::Queued };
                with_store(&config.path, async |place| list(place, state, json, out).await)
            }
            Self::Retry { config, which } => with_store(&config.path, async |place| {
                let which = which.read()?;
                let found = place.stores.directory.retry_notices(&which, place.now_ms()).await?;
                said("queued again", &which, found)
            }),
            Self::Drop { config, which } => with_store(&config.path, async |place| {
                let which = which.read()?;
                let found = place.stores.directory.drop_notices(&which).await?;
                said("forgotten", &which, found)
            }),
        }
    }
}

impl Which {
    fn read(&self) -> anyhow::Result<WhichNotices> {
        match (self.id, &self.portal) {
            (Some(id), None) => Ok(WhichNotices::Id(id)),
            (None, Some(portal)) => Ok(WhichNotices::DeadOf(portal.clone())),
            _ => bail!("name a notice, or a portal"),
        }
    }
}

fn said(what: &str, which: &WhichNotices, found: u64) -> anyhow::Result<Outcome> {
    match which {
        WhichNotices::Id(id) if found == 0 => bail!("there is no notice {id}"),
        WhichNotices::DeadOf(portal) if found == 0 => {
            eprintln!("Nothing was given up for {}.", print::plain(portal));
        }
        _ => {
            let found = usize::try_from(found).unwrap_or(usize::MAX);
            eprintln!("{} {what}.", counted(found, "notice"));
        }
    }
    Ok(Outcome::Done)
}

async fn list(
    place: &Workplace,
    state: NoticeState,
    as_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let notices = place.stores.directory.notices(state, MOST_LISTED).await?;
    if as_json {
        print::json(out, &Value::Array(notices.iter().map(notice_json).collect()))?;
        return Ok(Outcome::Done);
    }
    for notice in &notices {
        let subject = notice.subject.map_or_else(|| "-".to_owned(), |subject| subject.to_string());
        writeln!(
            out,
            "{}  {}  {}  {subject}  of {}  {}  {} {}  {}",
            notice.id,
            notice.portal,
            notice.event.name(),
            print::time(seconds(notice.created_at_ms)),
            counted(notice.attempts as usize, "attempt"),
            match notice.state {
                NoticeState::Queued => "due",
                NoticeState::Dead => "given up",
            },
            print::time(seconds(notice.due_at_ms)),
            print::plain(&notice.last_error),
        )?;
    }
    if notices.is_empty() {
        eprintln!(
            "{}",
            match state {
                NoticeState::Queued => "No notice waits.",
                NoticeState::Dead => "No notice was given up.",
            }
        );
    }
    Ok(Outcome::Done)
}

fn notice_json(notice: &QueuedNotice) -> Value {
    json!({
        "id": notice.id,
        "portal": notice.portal,
        "type": notice.event.name(),
        "subject": notice.subject.map(|subject| subject.to_string()),
        "portal_user": notice.portal_user,
        "created_at": print::time(seconds(notice.created_at_ms)),
        "attempts": notice.attempts,
        "state": match notice.state {
            NoticeState::Queued => "queued",
            NoticeState::Dead => "dead",
        },
        "due_at": print::time(seconds(notice.due_at_ms)),
        "last_error": notice.last_error,
    })
}

fn seconds(at_ms: i64) -> i64 {
    at_ms.div_euclid(1000)
}

const MOST_LISTED: u32 = 10_000;
