//! `bitrix-id directory`: moving everything from one database to another.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use bitrix_id_auth_core::store::copy::{CopyProgress, copy_directory};
use bitrix_id_config::model::{DirectoryStore, PostgresDirectory};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use url::Url;

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
        /// The directory to fill, if you want it held against the configuration's: sqlite:PATH, or postgres://…
        #[arg(long, value_name = "DIRECTORY")]
        to: Option<String>,
        /// The summary as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Directory {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let Self::Copy { config, from, to, json } = self;
        let Some(file) = from.strip_prefix("sqlite:").filter(|path| !path.is_empty()) else {
            bail!("--from takes sqlite: and the path of a file");
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let copied = runtime.block_on(copy(&config.path, Path::new(file), to.as_deref()))?;
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

async fn copy(
    config: &Path,
    from: &Path,
    to: Option<&str>,
) -> anyhow::Result<Vec<(&'static str, u64)>> {
    let config = bitrix_id_config::load(config)?;
    if to.is_some_and(|to| !is_named(&config.store.directory, to)) {
        bail!(
            "--to is not what store.directory says: set it there, with its password in \
             directory_password_file, for the gateways will need it there as well"
        );
    }
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

/// Whether `text` names this directory; parameters of a URL aside.
fn is_named(directory: &DirectoryStore, text: &str) -> bool {
    match directory {
        DirectoryStore::Sqlite(path) => text.strip_prefix("sqlite:").is_some_and(|named| {
            let (named, path) = (std::path::absolute(named), std::path::absolute(path));
            matches!((named, path), (Ok(named), Ok(path)) if named == path)
        }),
        DirectoryStore::Postgres(PostgresDirectory { url, .. }) => {
            let parts = |text: &str| {
                let url = Url::parse(text).ok()?;
                let server = (url.host_str()?.to_owned(), url.port().unwrap_or(POSTGRES_PORT));
                let scheme = url.scheme().replace("postgresql", "postgres");
                Some((scheme, url.username().to_owned(), server, url.path().to_owned()))
            };
            parts(text).is_some_and(|named| Some(named) == parts(url))
        }
    }
}

const POSTGRES_PORT: u16 = 5432;
const BAR: &str = "{wide_bar} {percent}% {eta}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_may_be_named_to_be_sure() {
        let file = DirectoryStore::Sqlite("/var/lib/bitrix-id/id.db".into());
        assert!(is_named(&file, "sqlite:/var/lib/bitrix-id/id.db"));
        for other in ["sqlite:id.db", "/var/lib/bitrix-id/id.db", "postgres://db.example/id", ""] {
            assert!(!is_named(&file, other), "{other}");
        }
        let server = DirectoryStore::Postgres(PostgresDirectory {
            url: "postgres://gateway@db.example/id?sslmode=verify-full".to_owned(),
            password: None,
            connections: 10,
            replicas: Vec::new(),
        });
        for same in
            ["postgres://gateway@db.example/id", "postgresql://gateway@db.example:5432/id?a=b"]
        {
            assert!(is_named(&server, same), "{same}");
        }
        for other in [
            "postgres://other@db.example/id",
            "postgres://gateway@db.example:5433/id",
            "postgres://gateway@db2.example/id",
            "postgres://gateway@db.example/other",
            "sqlite:/var/lib/bitrix-id/id.db",
        ] {
            assert!(!is_named(&server, other), "{other}");
        }
    }
}
