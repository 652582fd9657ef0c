//! What a merge will do, as the person is shown it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::oauth;
use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::links::Link;
use bitrix_id_auth_core::store::{Account, Profile, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;

use crate::pages::MergeChoice;
use crate::signin::person::SignedIn;
use crate::signin::visit::Visit;

/// What moves from the other account, and what cannot without a choice.
pub(super) struct Plan {
    /// The other account's.
    pub addresses: Vec<String>,
    /// Accounts at providers, in words.
    pub links: Vec<String>,
    /// Titles of the portals that come along.
    pub portals: Vec<String>,
    /// Portals that know both.
    pub both: Vec<MergeChoice>,
}

/// Looks at both accounts.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn make(
    visit: &Visit,
    person: &SignedIn,
    other: &Account,
) -> Result<Plan, StoreError> {
    let directory = &visit.hub().directory;
    let held = directory.addresses(other.id).await?;
    let links = directory.links(other.id).await?;
    let own = directory.profiles(person.account.id).await?;
    let theirs = directory.profiles(other.id).await?;
    let own_records = directory.joined_profiles(person.account.id).await?;
    let their_records = directory.joined_profiles(other.id).await?;
    let title = |portal: &str| visit.snapshot.title_of(portal).unwrap_or_else(|| portal.to_owned());
    let (mut portals, mut both) = (Vec::new(), Vec::new());
    for profile in &theirs {
        let title = title(&profile.portal);
        match own.iter().find(|own| own.portal == profile.portal) {
            None => portals.push(title),
            Some(mine) => both.push(MergeChoice {
                portal: profile.portal.clone(),
                title,
                own: in_words(mine, &own_records, &person.account.name),
                other: in_words(profile, &their_records, &other.name),
            }),
        }
    }
    let link = |link: Link| {
        let known = visit.snapshot.config.social.iter().find(|social| social.id == link.provider);
        let provider = known.map_or(link.provider, oauth::title);
        match link.email.or(link.name) {
            Some(who) => format!("{provider} ({who})"),
            None => provider,
        }
    };
    Ok(Plan {
        addresses: held.into_iter().map(|held| held.address).collect(),
        links: links.into_iter().map(link).collect(),
        portals,
        both,
    })
}

/// Whom the portal knows.
fn in_words(profile: &Profile, records: &[ImportedProfile], name: &str) -> String {
    let record = records.iter().find(|record| record.portal == profile.portal);
    let name = profile.display_name.as_deref().unwrap_or(record.map_or(name, |r| &r.name));
    let login = record.map(|record| record.login.as_str());
    match login.or(profile.local_id.as_deref()) {
        Some(id) => format!("{name} ({id})"),
        None => name.to_owned(),
    }
}

impl Plan {
    /// Of all that is shown: who presses the button has seen this and nothing else.
    pub(super) fn digest(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for list in [&self.addresses, &self.links, &self.portals] {
            parts.push("list");
            parts.extend(list.iter().map(String::as_str));
        }
        for both in &self.both {
            parts.extend(["both", &both.portal, &both.own, &both.other]);
        }
        URL_SAFE_NO_PAD.encode(attempt_key("merge-plan", &parts))
    }
}
