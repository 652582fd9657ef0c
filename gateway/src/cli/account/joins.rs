//! `bitrix-id account unjoin`, and what `show` says about addresses and joins.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::store::joining::{ImportedProfile, JoinEntry, JoinProof};
use bitrix_id_auth_core::store::{Account, Address, AddressProof, Profile};
use clap::Args;
use serde_json::{Value, json};

use super::Which;
use crate::cli::workplace::Workplace;
use crate::cli::{Outcome, print};

/// Undo a join: the portal's record is free again, for this person or another
///
/// Removes the profile that came of it; a running gateway closes what is open within a second. To keep a person
/// out of a portal without giving the record free, use `account withdraw`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Unjoin {
    #[command(flatten)]
    which: Which,
    /// The portal
    #[arg(long, value_name = "ID")]
    portal: String,
}

impl Unjoin {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Self { which, portal } = self;
        which.with_account(async |place, account| unjoin(place, &account, &portal).await)
    }
}

async fn unjoin(place: &Workplace, account: &Account, portal: &str) -> anyhow::Result<()> {
    let email = print::plain(&account.email);
    if !place.change().unjoin(account.id, portal, Actor::Operator.as_str()).await? {
        bail!("{email} has joined nothing on {}", print::plain(portal));
    }
    place
        .audit(audit::PROFILE_UNJOINED, |event| event.with_account(account.id).with_portal(portal))
        .await?;
    eprintln!("{email}'s profile on {portal} is free again.");
    Ok(())
}

/// The imported record that a profile came of.
pub(super) fn record_of<'a>(
    profile: &Profile,
    joined: &'a [ImportedProfile],
) -> Option<&'a ImportedProfile> {
    joined.iter().find(|record| {
        record.portal == profile.portal && profile.local_id.as_ref() == Some(&record.local_id)
    })
}

pub(super) fn print_addresses(out: &mut dyn Write, addresses: &[Address]) -> anyhow::Result<()> {
    writeln!(out, "\naddresses {}", addresses.len())?;
    for address in addresses {
        writeln!(
            out,
            "  {}  {}  since {}{}",
            print::plain(&address.address),
            proved_by(address.proof),
            print::time(address.added_at),
            if address.primary { "  primary" } else { "" },
        )?;
    }
    Ok(())
}

pub(super) fn print_journal(out: &mut dyn Write, journal: &[JoinEntry]) -> anyhow::Result<()> {
    writeln!(out, "\njoins     {}", journal.len())?;
    for entry in journal {
        write!(
            out,
            "  {}  {}  local id {}  for its {}  by {}",
            print::time(entry.at_ms.div_euclid(1_000)),
            entry.key.portal,
            print::plain(&entry.key.local_id),
            joined_for(entry.proof),
            entry.actor,
        )?;
        match &entry.undone {
            Some((at_ms, actor)) => {
                writeln!(out, "  undone {} by {actor}", print::time(at_ms.div_euclid(1_000)))?;
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

pub(super) fn address_json(address: &Address) -> Value {
    json!({
        "address": address.address,
        "proof": proof_name(address.proof),
        "primary": address.primary,
        "added_at": print::time(address.added_at),
    })
}

pub(super) fn join_json(entry: &JoinEntry) -> Value {
    let undone = entry.undone.as_ref();
    json!({
        "time": print::time(entry.at_ms.div_euclid(1_000)),
        "portal": entry.key.portal,
        "local_id": entry.key.local_id,
        "proof": entry.proof.as_str(),
        "actor": entry.actor,
        "undone_at": undone.map(|(at_ms, _)| print::time(at_ms.div_euclid(1_000))),
        "undone_by": undone.map(|(_, actor)| actor),
    })
}

fn proof_name(proof: AddressProof) -> Option<&'static str> {
    (proof != AddressProof::None).then(|| proof.as_str())
}

fn proved_by(proof: AddressProof) -> &'static str {
    match proof {
        AddressProof::None => "not proved",
        AddressProof::Provider => "proved by a provider",
        AddressProof::Mail => "proved by mail",
        AddressProof::Operator => "vouched for by an operator",
    }
}

fn joined_for(proof: JoinProof) -> &'static str {
    match proof {
        JoinProof::Address => "address",
        JoinProof::PortalPassword => "password there",
        JoinProof::Operator => "operator's word",
    }
}
