//! Who a person is on a portal: what `create` and `grant` share.

use anyhow::bail;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::Profile;
use clap::Args;

use crate::cli::print;
use crate::cli::workplace::Workplace;

/// What a profile says, beyond that there is one.
#[derive(Debug, Args)]
pub(super) struct Attributes {
    /// The person's user id on that portal, as its app knows it
    #[arg(long, value_name = "N")]
    local_id: Option<String>,
    /// A role on that portal (may be given several times)
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
}

impl Attributes {
    pub(super) fn is_empty(&self) -> bool {
        self.local_id.is_none() && self.roles.is_empty()
    }

    /// Whether they can stand in a token and in headers.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let unfit = |value: &&String| {
            value.is_empty() || value.trim() != *value || value.contains(char::is_control)
        };
        if let Some(value) = self.local_id.iter().chain(&self.roles).find(unfit) {
            bail!("{value:?} is no user id and no role: visible text is, without blanks around it");
        }
        if let Some(role) = self.roles.iter().find(|role| role.contains(',')) {
            bail!("{role:?} is not one role: give --role once for each");
        }
        let length = serde_json::to_string(&(&self.local_id, &self.roles))?.len();
        if length > MAX_JSON_BYTES {
            bail!(
                "user id and roles are too long for a cookie: {length} bytes, {MAX_JSON_BYTES} fit"
            );
        }
        Ok(())
    }

    /// In the order given, each once.
    fn distinct_roles(&self) -> Vec<String> {
        let mut roles: Vec<String> = Vec::new();
        for role in &self.roles {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
        roles
    }
}

/// Adds or replaces a profile, and gives the one that stands then.
pub(super) async fn put(
    place: &Workplace,
    account: AccountId,
    portal: &str,
    attributes: &Attributes,
) -> anyhow::Result<Profile> {
    let before = place.stores.directory.profile(account, portal).await?;
    let action = if before.is_some() { audit::PROFILE_CHANGED } else { audit::PROFILE_ADDED };
    let new = Profile {
        local_id: attributes.local_id.clone(),
        roles: attributes.distinct_roles(),
        ..Profile::new(account, portal, place.now())
    };
    place.change().put_profile(new.clone()).await?;
    place.audit(action, |event| event.with_account(account).with_portal(portal)).await?;
    let kept = before.map(|old| (old.joined_at, old.last_used_at));
    let (joined_at, last_used_at) = kept.unwrap_or((new.joined_at, new.last_used_at));
    Ok(Profile { joined_at, last_used_at, ..new })
}

/// A profile on a portal that does not exist is a slip of the pen.
pub(in crate::cli) async fn check_portals(
    place: &Workplace,
    wanted: &[String],
) -> anyhow::Result<()> {
    let stored = place.stores.directory.portals().await?;
    let written = place.config.portals.iter().map(|portal| &portal.id);
    let mut known: Vec<&str> =
        written.chain(stored.iter().map(|portal| &portal.id)).map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    for id in wanted {
        if !known.contains(&id.as_str()) {
            bail!("there is no portal with the id {}; {}", print::plain(id), hint(&known));
        }
    }
    Ok(())
}

fn hint(known: &[&str]) -> String {
    match known {
        [] => {
            "none is known, neither from the configuration files nor from the directory".to_owned()
        }
        _ if known.len() > MAX_NAMED => {
            let others = known.len() - MAX_NAMED;
            format!("known are {} and {others} more", known[..MAX_NAMED].join(", "))
        }
        _ => format!("known are {}", known.join(", ")),
    }
}

/// Of user id and roles as JSON, which is how they stand in a token. With these, the longest host, name and
/// address, it still fits into its cookie.
const MAX_JSON_BYTES: usize = 1_024;
/// Portals in an error message.
const MAX_NAMED: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(local_id: &str, roles: &[&str]) -> Attributes {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Attributes { local_id: Some(local_id.to_owned()), roles }
    }

    #[test]
    fn user_ids_and_roles_are_visible_text_of_bounded_length() {
        assert!(attributes("17", &["admin", "Sales Team", "отдел"]).check().is_ok());
        // ["17",["x…"]] has eleven bytes around the role.
        assert!(attributes("17", &[&"x".repeat(1_013)]).check().is_ok());
        for (local_id, roles) in [
            ("", &[][..]),
            (" 17", &[]),
            ("1\r\n7", &[]),
            ("17", &[""]),
            ("17", &["admin,employee"]),
            ("17", &["x"; 300]),
            ("17", &[&"x".repeat(1_014)]),
        ] {
            assert!(attributes(local_id, roles).check().is_err(), "{local_id:?} {roles:?}");
        }
    }

    #[test]
    fn the_hint_stays_short() {
        assert_eq!(hint(&["acme", "globex"]), "known are acme, globex");
        assert!(hint(&["a"; 25]).ends_with("a, a and 5 more"));
        assert!(hint(&[]).starts_with("none is known"));
    }
}
