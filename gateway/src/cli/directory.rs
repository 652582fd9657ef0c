//! `bitrix-id directory`: moving everything from one database to another.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bitrix_id_auth_core::store::copy::{CopyProgress, copy_directory};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};

use super::{ConfigFile, Outcome, print};
use crate::stores;

#[derive(Debug, Subcommand)]
pub(super) enum Directory {
    /// Copy a SQLite directory into the one that the configuration names
    ///
    /// Everything is copied, sessions and signing keys included: nobody has to sign in again. Stop every gateway on
    /// the file first. The target must be empty; what is copied is read through on both sides and compared. A copy
    /// that was interrupted goes on when the command is given again, and no gateway starts on half a copy.
    Copy {
        #[command(flatten)]
        config: ConfigFile,
        /// The file to copy: sqlite:PATH
        #[arg(long, value_name = "DIRECTORY")]
        from: String,
        /// The summary as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Directory {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let Self::Copy { config, from, json } = self;
        let Some(file) = from.strip_prefix("sqlite:").filter(|path| !path.is_empty()) else {
            bail!("--from takes sqlite: and the path of a file");
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let copied = runtime.block_on(copy(&config.path, &PathBuf::from(file)))?;
        if json {
            let tables: Map<String, Value> =
                copied.iter().map(|(table, rows)| ((*table).to_owned(), (*rows).into())).collect();
            print::json(out, &Value::Object(tables))?;
            return Ok(Outcome::Done);
        }
        for (table, rows) in &copied {
            writeln!(out, "{table:<18} {rows:>10}")?;
        }
        Ok(Outcome::Done)
    }
}

async fn copy(config: &Path, from: &Path) -> anyhow::Result<Vec<(&'static str, u64)>> {
    let config = bitrix_id_config::load(config)?;
    if !from.is_file() {
        bail!("{}: there is no such file", from.display());
    }
    let to = stores::open_directory(&config).await?;
    // Draws on standard error while that is a terminal, and nothing otherwise.
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(BAR).context("the bar's template")?);
    let copied = copy_directory(from, &to, &mut |progress| match progress {
        // Each row is written once and compared once.
        CopyProgress::Rows(rows) => bar.set_length(rows * 2),
        CopyProgress::Copied(rows) | CopyProgress::Compared(rows) => bar.inc(rows),
    })
    .await;
    bar.finish_and_clear();
    to.close().await;
    Ok(copied?)
}

const BAR: &str = "{wide_bar} {percent}% {eta}";
