//! `bitrix-id portal import-users`: what a portal's export says about its people.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::import::{PeopleFile, Says};
use bitrix_id_auth_core::store::joining::{ImportedBatch, ImportedProfile};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::account::check_portals;
use crate::cli::workplace::{Workplace, with_store};
use crate::cli::{ConfigFile, Outcome, input, print};

/// Take in what a portal says about its people
///
/// The file is CSV in UTF-8. Its first line names the columns, in any order: local_id, login, email,
/// password_hash, name, last_name, active, external_auth_id, roles. People who sign in for the first time find
/// what is theirs by address, or by the password of the portal. A row that cannot be taken is told on standard
/// error with its line, and the others are taken; the exit code is 1 then. The same file again changes nothing,
/// a newer one changes what it says.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "the text is printed as it stands")]
pub(in crate::cli) struct ImportUsers {
    #[command(flatten)]
    config: ConfigFile,
    /// The portal's id
    #[arg(value_name = "PORTAL")]
    portal: String,
    /// The portal's export; `-` reads it from standard input
    #[arg(value_name = "CSV")]
    file: PathBuf,
    /// The summary as JSON
    #[arg(long)]
    json: bool,
}

impl ImportUsers {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        with_store(&self.config.path, async |place| {
            check_portals(place, std::slice::from_ref(&self.portal)).await?;
            let source = Source::open(&self.file)?;
            let import =
                Import { place, portal: &self.portal, source: &source.name, bar: &source.bar };
            let done = import.run(source.input).await;
            source.bar.finish_and_clear();
            let done = done?;
            self.print(&done, out)?;
            Ok(if done.refused == 0 { Outcome::Done } else { Outcome::Problem })
        })
    }

    fn print(&self, done: &Done, out: &mut dyn Write) -> anyhow::Result<()> {
        if !self.json {
            writeln!(out, "{}: {}", print::plain(&self.portal), done.text())?;
            return Ok(());
        }
        let summary = json!({
            "portal": self.portal,
            "added": done.added,
            "changed": done.changed,
            "unchanged": done.unchanged,
            "skipped": done.skipped,
            "refused": done.refused,
        });
        print::json(out, &summary)?;
        Ok(())
    }
}

/// What is read, what to call it, and how far it has come.
struct Source {
    name: String,
    input: Box<dyn BufRead>,
    /// Draws on standard error while that is a terminal, and nothing otherwise.
    bar: ProgressBar,
}

impl Source {
    fn open(file: &Path) -> anyhow::Result<Self> {
        if file == Path::new("-") {
            let bar = ProgressBar::new_spinner().with_style(style("{spinner} {bytes}, {elapsed}"));
            let input = Box::new(BufReader::new(bar.wrap_read(io::stdin())));
            return Ok(Self { name: "standard input".to_owned(), input, bar });
        }
        let name = file.display().to_string();
        let opened = input::open(file, PURPOSE)?;
        let bytes = opened.metadata().with_context(|| name.clone())?.len();
        let bar = ProgressBar::new(bytes)
            .with_style(style("{wide_bar} {bytes} of {total_bytes}, {eta} to go"));
        let input = Box::new(BufReader::new(bar.wrap_read(opened)));
        Ok(Self { name: print::plain(&name), input, bar })
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How many rows of each kind there were.
#[derive(Debug, Default)]
struct Done {
    added: u64,
    changed: u64,
    unchanged: u64,
    skipped: u64,
    refused: u64,
}

impl Done {
    fn text(&self) -> String {
        let Self { added, changed, unchanged, skipped, refused } = self;
        format!(
            "{added} added, {changed} changed, {unchanged} unchanged, {skipped} skipped, {refused} refused"
        )
    }
}

/// An import under way.
struct Import<'a> {
    place: &'a Workplace,
    portal: &'a str,
    source: &'a str,
    bar: &'a ProgressBar,
}

impl Import<'_> {
    async fn run(&self, input: Box<dyn BufRead>) -> anyhow::Result<Done> {
        let mut file = PeopleFile::open(input).with_context(|| format!("{}:1", self.source))?;
        let mut done = Done::default();
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(line) = file.next_line().with_context(|| self.source.to_owned())? {
            match line.says {
                Says::Person(person) => batch.push(*person),
                Says::NoPerson(_) => done.skipped += 1,
                Says::Bad(reason) => {
                    done.refused += 1;
                    self.bar.suspend(|| eprintln!("{}:{}: {reason}", self.source, line.number));
                }
            }
            if batch.len() == BATCH {
                self.take(std::mem::take(&mut batch), &mut done).await?;
            }
        }
        self.take(batch, &mut done).await?;
        let text = done.text();
        self.place
            .audit(audit::PORTAL_IMPORTED, |event| {
                event.with_portal(self.portal).with_detail(&text)
            })
            .await?;
        Ok(done)
    }

    async fn take(&self, batch: Vec<ImportedProfile>, done: &mut Done) -> anyhow::Result<()> {
        let ImportedBatch { added, changed, unchanged, affected } =
            self.place.change().import_profiles(self.portal, batch).await?;
        done.added += added;
        done.changed += changed;
        done.unchanged += unchanged;
        for account in affected {
            self.place
                .audit(audit::PROFILE_CHANGED, |event| {
                    event.with_account(account).with_portal(self.portal).with_detail("import")
                })
                .await?;
        }
        Ok(())
    }
}

const PURPOSE: &str = "the CSV file that the portal exported, or `-` for standard input";

/// Rows of one transaction.
const BATCH: usize = 1000;
