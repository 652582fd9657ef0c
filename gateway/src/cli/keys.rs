//! `bitrix-id keys`: which keys sign, and new ones.

use std::io::Write;

use anyhow::{Context, bail};
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::keys::{self, KeyRing, PUBLISH_BEFORE_USE, Rotation};
use bitrix_id_auth_core::store::KeyRecord;
use clap::Subcommand;
use serde_json::{Value, json};

use super::workplace::{Workplace, with_store};
use super::{ConfigFile, Outcome, print};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// List the signing keys
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a new signing key
    ///
    /// The new key is published at once and signs five minutes later, so that nobody meets a signature by a key
    /// not heard of yet. The old ones stay valid until everything they signed is out of date. A running gateway
    /// also does this by itself, on the schedule of `identity.key_rotation`.
    Rotate {
        #[command(flatten)]
        config: ConfigFile,
        /// A key has leaked: sign with the new one at once and refuse everything the others signed
        ///
        /// Every browser gets a new token from its session, without a new sign-in. Upstreams that verify
        /// assertions and keep the key set must fetch it again.
        #[arg(long)]
        now: bool,
    },
}

impl Keys {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::List { config, json } => {
                with_store(&config.path, async |place| list(place, json, out).await)
            }
            Self::Rotate { config, now } => {
                with_store(&config.path, async |place| rotate(place, now, out).await)
            }
        }
    }
}

async fn list(place: &Workplace, as_json: bool, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut records = place.stores.directory.signing_keys().await?;
    records.sort_by_key(|key| (key.active_from, key.created_at));
    let now = place.now();
    let signing = KeyRing::new(&records, now)
        .ok()
        .and_then(|ring| ring.signing_key(now).map(|key| key.id().to_owned()));
    if as_json {
        let keys = records.iter().map(|key| key_json(key, signing.as_deref(), now)).collect();
        print::json(out, &Value::Array(keys))?;
        return Ok(Outcome::Done);
    }
    for key in &records {
        writeln!(
            out,
            "{}  {:<9}  made {}  signs from {}  expires {}",
            key.id,
            state(key, signing.as_deref(), now),
            print::time(key.created_at),
            print::time(key.active_from),
            print::time_or_dash(key.expires_at),
        )?;
    }
    if records.is_empty() {
        eprintln!("There is no key yet; the gateway makes one when it starts.");
    }
    Ok(Outcome::Done)
}

async fn rotate(place: &Workplace, at_once: bool, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    // A running gateway may rotate at the same moment; in an emergency its key goes as well.
    for _ in 0..ATTEMPTS {
        let records = place.stores.directory.signing_keys().await?;
        let Rotation { key, if_newest, others_expire_at } = plan(place, &records, at_once)?;
        let (id, active_from) = (key.id.clone(), key.active_from);
        let added = place
            .stores
            .directory
            .add_signing_key(key, if_newest.as_deref(), others_expire_at)
            .await?;
        if added {
            let how = if at_once { "at once" } else { "after publication" };
            place
                .audit(audit::KEY_ROTATED, |event| event.with_detail(&format!("{id} {how}")))
                .await?;
            writeln!(out, "{id}")?;
            say_when(active_from, place.now(), others_expire_at);
            return Ok(Outcome::Done);
        }
        if !at_once {
            bail!("another process has made a new key just now; see `bitrix-id keys list`");
        }
    }
    bail!("other processes keep making new keys; try again")
}

fn plan(place: &Workplace, records: &[KeyRecord], at_once: bool) -> anyhow::Result<Rotation> {
    let now = place.now();
    let lifetime = place.config.identity.token_lifetime.as_secs();
    let lifetime = i64::try_from(lifetime).context("identity.token_lifetime is too long")?;
    let mut rotation = keys::plan_rotation(records, now, lifetime)?;
    if at_once {
        rotation.key.active_from = now;
        rotation.others_expire_at = Some(now);
    }
    Ok(rotation)
}

fn say_when(active_from: UnixSeconds, now: UnixSeconds, others_expire_at: Option<UnixSeconds>) {
    if active_from <= now {
        eprintln!("The new key signs from now on.");
    } else {
        eprintln!(
            "The new key is published now and signs from {} on (in {} minutes).",
            print::time(active_from),
            PUBLISH_BEFORE_USE / 60,
        );
    }
    match others_expire_at {
        Some(at) if at <= now => eprintln!("All others are refused from now on."),
        Some(at) => eprintln!("The others are accepted until {}.", print::time(at)),
        None => {}
    }
}

fn key_json(key: &KeyRecord, signing: Option<&str>, now: UnixSeconds) -> Value {
    json!({
        "id": key.id,
        "state": state(key, signing, now),
        "created_at": print::time(key.created_at),
        "active_from": print::time(key.active_from),
        "expires_at": key.expires_at.map(print::time),
    })
}

fn state(key: &KeyRecord, signing: Option<&str>, now: UnixSeconds) -> &'static str {
    if key.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else if signing == Some(key.id.as_str()) {
        "signing"
    } else if key.active_from > now {
        "published"
    } else {
        "retiring"
    }
}

const ATTEMPTS: u32 = 5;
