//! `bitrix-id account unmerge`, and what `show` says about merges.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::audit::{self, Actor};
use bitrix_id_auth_core::store::merging::{Merge, Unmerged};
use bitrix_id_auth_core::store::{Account, AccountState};
use clap::Args;
use serde_json::{Value, json};

use super::Which;
use crate::cli::workplace::Workplace;
use crate::cli::{Outcome, print};

/// Undo a merge: the account has back what is still there of it
///
/// ACCOUNT is the subject of the one that was merged away (`account show` of the other names it); its addresses
/// lead to the other one. It can sign in again with the password it had.
#[derive(Debug, Args)]
pub(in crate::cli) struct Unmerge {
    #[command(flatten)]
    which: Which,
}

impl Unmerge {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        self.which.with_account(unmerge)
    }
}

async fn unmerge(place: &Workplace, account: Account) -> anyhow::Result<()> {
    let AccountState::Merged { into } = account.state else {
        bail!("{} is not merged into another account", print::plain(&account.email));
    };
    match place.change().unmerge(account.id, into, Actor::Operator.as_str()).await? {
        Unmerged::Done => {}
        Unmerged::NotMerged => bail!("{} is not merged into another account", account.id),
        Unmerged::Impossible => bail!(
            "none of its addresses is left to go back, or {into} was merged since: undo that first"
        ),
    }
    for id in [account.id, into] {
        place.audit(audit::ACCOUNT_UNMERGED, |event| event.with_account(id)).await?;
    }
    let back = place.stores.directory.account(account.id).await?;
    let email = back.map(|back| back.email).unwrap_or_default();
    eprintln!("{} is an account of its own again, at {}.", account.id, print::plain(&email));
    Ok(())
}

/// Refuses what makes no sense for an account that was merged away.
pub(super) fn check_not_merged(account: &Account) -> anyhow::Result<()> {
    if let AccountState::Merged { into } = account.state {
        bail!("{} is part of {into} since they were merged; undo that first (unmerge)", account.id);
    }
    Ok(())
}

pub(super) fn print_merges(out: &mut dyn Write, merges: &[Merge]) -> anyhow::Result<()> {
    writeln!(out, "\nmerges    {}", merges.len())?;
    for merge in merges {
        let at = print::time(merge.at_ms.div_euclid(1_000));
        write!(out, "  {at}  {} into {}  by {}", merge.from, merge.into, merge.actor)?;
        match &merge.undone {
            Some((at_ms, actor)) => {
                writeln!(out, "  undone {} by {actor}", print::time(at_ms.div_euclid(1_000)))?;
            }
            None => writeln!(out)?,
        }
    }
    Ok(())
}

pub(super) fn merge_json(merge: &Merge) -> Value {
    let undone = merge.undone.as_ref();
    json!({
        "time": print::time(merge.at_ms.div_euclid(1_000)),
        "from": merge.from,
        "into": merge.into,
        "actor": merge.actor,
        "addresses": merge.moved.addresses,
        "undone_at": undone.map(|(at_ms, _)| print::time(at_ms.div_euclid(1_000))),
        "undone_by": undone.map(|(_, actor)| actor),
    })
}
