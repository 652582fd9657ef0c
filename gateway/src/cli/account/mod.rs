//! `bitrix-id account`: accounts, by e-mail address or subject.

mod create;
mod grant;
mod joins;
mod profile;
mod show;
mod stop;
mod unmerge;

use std::io::Write;

use anyhow::{Context, anyhow};
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{self, AccountState, Holder};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::workplace::{Workplace, with_store};
use super::{ConfigFile, Outcome, print};

pub(super) use profile::check_portals;

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    Create(create::Create),
    /// List all accounts
    List {
        #[command(flatten)]
        config: ConfigFile,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one account: its addresses, portals, joins, live sessions and latest security events
    Show {
        #[command(flatten)]
        which: Which,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    Grant(grant::Grant),
    Withdraw(grant::Withdraw),
    Unjoin(joins::Unjoin),
    Unmerge(unmerge::Unmerge),
    /// Keep a person from signing in, and end all sessions
    Disable(Which),
    /// Let a person sign in again
    Enable(Which),
    /// End all sessions: every browser must sign in again
    RevokeSessions(Which),
    /// Remove an account, its profiles and sessions; this cannot be undone
    Delete(Which),
}

/// Which account of which gateway.
#[derive(Debug, Args)]
pub(super) struct Which {
    #[command(flatten)]
    config: ConfigFile,
    /// E-mail address, or subject (the UUID in tokens and logs)
    #[arg(value_name = "ACCOUNT")]
    account: String,
}

impl Account {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        match self {
            Self::Create(command) => command.run(out),
            Self::List { config, json } => {
                with_store(&config.path, async |place| show::list(place, json, out).await)
            }
            Self::Show { which, json } => which
                .with_account(async |place, account| show::show(place, &account, json, out).await),
            Self::Grant(command) => command.run(out),
            Self::Withdraw(command) => command.run(),
            Self::Unjoin(command) => command.run(),
            Self::Unmerge(command) => command.run(),
            Self::Disable(which) => which.with_account(stop::disable),
            Self::Enable(which) => which.with_account(stop::enable),
            Self::RevokeSessions(which) => which.with_account(stop::revoke_sessions),
            Self::Delete(which) => which.with_account(stop::delete),
        }
    }
}

impl Which {
    /// Opens the store, finds the account and does `work` with it.
    fn with_account(
        &self,
        work: impl AsyncFnOnce(&Workplace, store::Account) -> anyhow::Result<()>,
    ) -> anyhow::Result<Outcome> {
        with_store(&self.config.path, async |place| {
            let account = self.find(place).await?;
            work(place, account).await?;
            Ok(Outcome::Done)
        })
    }

    async fn find(&self, place: &Workplace) -> anyhow::Result<store::Account> {
        let named = print::plain(&self.account);
        let directory = place.stores.directory.as_ref();
        if let Ok(subject) = self.account.parse::<Uuid>() {
            let found = directory.account(AccountId(subject)).await?;
            return found.ok_or_else(|| anyhow!("there is no account {named}"));
        }
        let email = email::canonical(&self.account)
            .with_context(|| format!("{named} is neither an e-mail address nor a subject"))?;
        let found = match directory.holder(&email).await? {
            Holder::Proved(holder) | Holder::Unproved(holder) => directory.account(holder).await?,
            Holder::None => None,
        };
        if let Some(account) = found {
            return Ok(account);
        }
        let records = directory.free_profiles(&[email]).await?;
        Err(anyhow!("there is no account {named}{}", known_to(&records)))
    }
}

/// What to say of an address that nobody holds, but portals have imported.
fn known_to(records: &[ImportedProfile]) -> String {
    let mut portals: Vec<&str> = records.iter().map(|record| record.portal.as_str()).collect();
    portals.dedup();
    match portals.as_slice() {
        [] => String::new(),
        [portal] => format!(
            " yet; {portal} knows the address, and the first sign-in with it joins that profile"
        ),
        portals => format!(
            " yet; {} know the address, and the first sign-in with it joins their profiles",
            portals.join(", ")
        ),
    }
}

fn state_name(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "active",
        AccountState::Disabled => "disabled",
        AccountState::Leaving { .. } => "leaving",
        AccountState::Merged { .. } => "merged",
    }
}
