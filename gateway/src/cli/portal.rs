//! `bitrix-id portal`: portals kept in the directory.

mod import;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::route::Router;
use bitrix_id_auth_core::store::StoredPortal;
use bitrix_id_config::model::{HostPattern, Portal as CheckedPortal};
use bitrix_id_config::portal_from_toml;
use clap::Subcommand;
use serde_json::{Value, json};

use super::check::counted;
use super::requests;
use super::workplace::{Workplace, with_store};
use super::{ConfigFile, Outcome, input, print};

#[derive(Debug, Subcommand)]
pub(super) enum Portal {
    /// List the portals kept in the directory
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a portal to the directory
    ///
    /// The file holds one [[portal]] table, as it would stand in the configuration. A running gateway serves the
    /// portal within a second.
    Add {
        #[command(flatten)]
        config: ConfigFile,
        /// A file with one [[portal]] table; `-` reads it from standard input
        #[arg(value_name = "TOML")]
        file: PathBuf,
    },
    /// List the people who ask to be let into a portal
    ///
    /// Its owners answer on their page. A portal without owners has nobody to do so: let a person in with
    /// `account grant`, or make an owner with `account grant … --role owner`.
    Requests {
        #[command(flatten)]
        config: ConfigFile,
        /// The portal's id
        #[arg(value_name = "PORTAL")]
        portal: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a portal from the directory
    ///
    /// A running gateway closes its door to new requests within a second. People's profiles there are kept.
    Remove {
        #[command(flatten)]
        config: ConfigFile,
        /// The portal's id
        #[arg(value_name = "ID")]
        id: String,
    },
    ImportUsers(import::ImportUsers),
}

impl Portal {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::List { config, json } => {
                with_store(&config.path, async |place| list(place, json, out).await)
            }
            Self::Requests { config, portal, json } => with_store(&config.path, async |place| {
                requests::list(place, &portal, json, out).await
            }),
            Self::Add { config, file } => {
                let toml = read(&file)?;
                let Some(portal) = checked(&file, &toml, out)? else {
                    return Ok(Outcome::Problem);
                };
                with_store(&config.path, async |place| add(place, portal, toml).await)
            }
            Self::Remove { config, id } => {
                with_store(&config.path, async |place| remove(place, &config.path, &id).await)
            }
            Self::ImportUsers(command) => command.run(out),
        }
    }
}

async fn list(place: &Workplace, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let stored = place.stores.directory.portals().await?;
    if as_json {
        let mut portals = Vec::new();
        for portal in &stored {
            portals.push(portal_json(portal, maker(place, portal).await?.as_deref()));
        }
        print::json(out, &Value::Array(portals))?;
        return Ok(Outcome::Done);
    }
    for portal in &stored {
        let added = print::time(portal.created_at);
        let by = maker(place, portal).await?.map(|maker| format!(" by {}", print::plain(&maker)));
        let by = by.unwrap_or_default();
        match portal_from_toml(&portal.toml) {
            Ok(checked) => writeln!(
                out,
                "{}  {}  {}  added {added}{by}",
                portal.id,
                print::plain(&checked.title),
                hosts(&checked).join(" "),
            )?,
            Err(_) => writeln!(out, "{}  (cannot be read)  added {added}{by}", portal.id)?,
        }
    }
    if stored.is_empty() {
        let written = counted(place.config.portals.len(), "portal");
        eprintln!("The directory keeps no portal; the configuration files have {written}.");
    }
    Ok(Outcome::Done)
}

async fn add(place: &Workplace, portal: CheckedPortal, toml: String) -> anyhow::Result<Outcome> {
    let id = portal.id.clone();
    if place.config.portals.iter().any(|other| other.id == id) {
        bail!("the configuration files already have a portal with the id {id}");
    }
    let stored = place.stores.directory.portals().await?;
    if stored.iter().any(|other| other.id == id) {
        bail!("the directory already has a portal with the id {id}");
    }
    // The router's own rules: no host twice, none that is the Bitrix ID host's.
    let others = stored.iter().filter_map(|other| portal_from_toml(&other.toml).ok());
    let all = place.config.portals.iter().cloned().chain(others).chain([portal]);
    Router::new(all.map(Arc::new).collect(), &place.config.identity.url.host)?;

    let portal = StoredPortal { id: id.clone(), toml, created_at: place.now(), created_by: None };
    if !place.stores.directory.add_portal(portal).await? {
        bail!("the directory already has a portal with the id {id}");
    }
    place.audit(audit::PORTAL_ADDED, |event| event.with_portal(&id)).await?;
    eprintln!("{id} is added.");
    Ok(Outcome::Done)
}

async fn remove(place: &Workplace, config: &Path, id: &str) -> anyhow::Result<Outcome> {
    if !place.stores.directory.remove_portal(id).await? {
        if place.config.portals.iter().any(|portal| portal.id == id) {
            bail!("{id} is written in {} or a file it includes; remove it there", config.display());
        }
        bail!("the directory has no portal with the id {id}");
    }
    place.audit(audit::PORTAL_REMOVED, |event| event.with_portal(id)).await?;
    eprintln!("{id} is removed.");
    Ok(Outcome::Done)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context(STDIN)?;
        return Ok(text);
    }
    let mut text = String::new();
    input::open(file, PURPOSE)?
        .read_to_string(&mut text)
        .map_err(|error| input::refused(file, &error, PURPOSE))?;
    Ok(text)
}

const STDIN: &str = "standard input";
const PURPOSE: &str = "a TOML file with one [[portal]] table, or `-` for standard input";

/// Checks the table; prints its problems, with the file's own name, when there are any.
fn checked(file: &Path, toml: &str, out: &mut dyn Write) -> io::Result<Option<CheckedPortal>> {
    match portal_from_toml(toml) {
        Ok(portal) => Ok(Some(portal)),
        Err(error) => {
            for mut problem in error.problems {
                problem.place.file =
                    if file == Path::new("-") { STDIN.into() } else { file.to_owned() };
                writeln!(out, "{problem}")?;
            }
            Ok(None)
        }
    }
}

/// Address, or subject where the account is gone, of the person who made a portal.
async fn maker(place: &Workplace, portal: &StoredPortal) -> anyhow::Result<Option<String>> {
    let Some(maker) = portal.created_by else {
        return Ok(None);
    };
    let account = place.stores.directory.account(maker).await?;
    Ok(Some(account.map_or_else(|| maker.to_string(), |account| account.email)))
}

fn portal_json(portal: &StoredPortal, maker: Option<&str>) -> Value {
    let checked = portal_from_toml(&portal.toml).ok();
    json!({
        "id": portal.id,
        "title": checked.as_ref().map(|portal| portal.title.as_str()),
        "hosts": checked.as_ref().map(hosts),
        "created_at": print::time(portal.created_at),
        "created_by": maker,
        "toml": portal.toml,
    })
}

fn hosts(portal: &CheckedPortal) -> Vec<String> {
    let text = |host: &HostPattern| match host {
        HostPattern::Exact(host) => host.clone(),
        HostPattern::Wildcard(suffix) => format!("*.{suffix}"),
    };
    portal.hosts.iter().map(text).collect()
}
