//! `bitrix-id account create`: an account for whose address the operator vouches.

use std::io::{self, IsTerminal, Read, Write};

use anyhow::{Context, bail};
use bitrix_id_auth_core::accounts::NewOwner;
use bitrix_id_auth_core::password::{MAX_PASSWORD_BYTES, PasswordPool, check_new};
use bitrix_id_auth_core::store::{AddressProof, NewAccount};
use bitrix_id_auth_core::{audit, email, name};
use clap::Args;
use clap::error::ErrorKind;

use super::profile::{Attributes, check_portals, put};
use crate::cli::workplace::{Workplace, with_store};
use crate::cli::{ConfigFile, Outcome};

/// Make an account; you vouch that the address is the person's own
///
/// Prints the new subject. The person can sign in at once. With exactly one --portal, --local-id and --role
/// say who the person is there.
#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    #[command(flatten)]
    config: ConfigFile,
    /// The address the person signs in with
    #[arg(value_name = "EMAIL")]
    email: String,
    /// Display name [default: the part of the address before the @]
    #[arg(long)]
    name: Option<String>,
    /// Add a profile on this portal (may be given several times)
    #[arg(long = "portal", value_name = "ID")]
    portals: Vec<String>,
    #[command(flatten)]
    attributes: Attributes,
    /// Read the password from standard input; a line end after it does not count
    ///
    /// A password is never taken from the command line, where other users of the machine can see it.
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl Create {
    pub(super) fn run(self, out: &mut dyn Write) -> anyhow::Result<Outcome> {
        let email = email::canonical(&self.email)
            .with_context(|| format!("{} is not an e-mail address", self.email))?;
        self.check_attributes()?;
        let password = read_password(io::stdin().lock())?;
        with_store(&self.config.path, async |place| {
            self.create(place, email, &password, out).await?;
            Ok(Outcome::Done)
        })
    }

    async fn create(
        &self,
        place: &Workplace,
        email: String,
        password: &str,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let settings = &place.config.passwords;
        let name = self.display_name(&email)?;
        let brand = place.config.identity.name.as_str();
        check_new(password, settings.min_length, &[&email, &name, brand])?;
        check_portals(place, &self.portals).await?;
        let password_hash = Some(PasswordPool::new(settings).hash(password).await?);
        let proof = AddressProof::Operator;
        let new = NewAccount { email, proof, name, password_hash, language: None };
        let account = match place.change().create_account(new).await? {
            NewOwner::Account(account) => account,
            NewOwner::Taken(owner) => bail!("the address belongs to {owner} already"),
        };
        place.audit(audit::ACCOUNT_CREATED, |event| event.with_account(account.id)).await?;
        for portal in &self.portals {
            put(place, account.id, portal, &self.attributes).await?;
        }
        writeln!(out, "{}", account.id)?;
        Ok(())
    }

    /// A user id on one portal says nothing about another.
    fn check_attributes(&self) -> anyhow::Result<()> {
        if !self.attributes.is_empty() && self.portals.len() != 1 {
            let message = "--local-id and --role say who the person is on one portal: give exactly one \
                --portal, and `account grant` for each of the others\n";
            bail!(clap::Error::raw(ErrorKind::ArgumentConflict, message));
        }
        self.attributes.check()
    }

    fn display_name(&self, email: &str) -> anyhow::Result<String> {
        let local_part = email::local_part(email);
        let typed = self.name.as_deref().unwrap_or(local_part);
        name::check(typed).context("give a --name")
    }
}

/// Everything up to the end, without one line end.
fn read_password(input: impl Read) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        eprintln!("Type the password (it will be visible), then Enter and Ctrl-D.");
    }
    // One byte more than allowed plus a line end: enough to see that it is too long.
    let limit = u64::try_from(MAX_PASSWORD_BYTES + 3)?;
    let mut text = String::new();
    input.take(limit).read_to_string(&mut text).context("the password cannot be read")?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let password = line.strip_suffix('\r').unwrap_or(line);
    if password.is_empty() {
        bail!("there is no password on standard input");
    }
    if password.contains(['\n', '\r']) {
        bail!("the password on standard input is more than one line");
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_after_the_password_does_not_count() {
        for text in ["pass word ", "pass word \n", "pass word \r\n"] {
            assert_eq!(read_password(text.as_bytes()).unwrap(), "pass word ");
        }
    }

    #[test]
    fn no_password_or_several_lines_are_refused() {
        for text in ["", "\n", "one\ntwo\n", "one\n\n"] {
            assert!(read_password(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
