//! `bitrix-id account grant` and `withdraw`: who belongs to a portal, and as whom.

use std::io::Write;

use anyhow::bail;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::Account;
use clap::Args;

use super::Which;
use super::profile::{Attributes, check_portals, put};
use super::show::print_profile;
use crate::cli::workplace::Workplace;
use crate::cli::{Outcome, print};

/// Let a person into a portal, and say who they are there
///
/// Adds the profile, or replaces the one that is there: a local id or role that is not named is gone. Prints
/// the profile. A running gateway knows within a second; the person need not sign in again.
#[derive(Debug, Args)]
pub(in crate::cli) struct Grant {
    #[command(flatten)]
    which: Which,
    /// The portal
    #[arg(long, value_name = "ID")]
    portal: String,
    #[command(flatten)]
    attributes: Attributes,
}

impl Grant {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let Self { which, portal, attributes } = self;
        attributes.check()?;
        which.with_account(async |place, account| {
            check_portals(place, std::slice::from_ref(&portal)).await?;
            let profile = put(place, account.id, &portal, &attributes).await?;
            print_profile(out, &profile)
        })
    }
}

/// Keep a person out of a portal
///
/// Removes the profile. A running gateway closes what is open within a second; the person stays signed in
/// elsewhere.
#[derive(Debug, Args)]
pub(in crate::cli) struct Withdraw {
    #[command(flatten)]
    which: Which,
    /// The portal, which need not exist any more
    #[arg(long, value_name = "ID")]
    portal: String,
}

impl Withdraw {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Self { which, portal } = self;
        which.with_account(async |place, account| withdraw(place, &account, &portal).await)
    }
}

async fn withdraw(place: &Workplace, account: &Account, portal: &str) -> anyhow::Result<()> {
    let email = print::plain(&account.email);
    if !place.change().remove_profile(account.id, portal).await? {
        bail!("{email} has no profile on {}", print::plain(portal));
    }
    place
        .audit(audit::PROFILE_REMOVED, |event| event.with_account(account.id).with_portal(portal))
        .await?;
    eprintln!("{email} has no profile on {portal} any more.");
    Ok(())
}
