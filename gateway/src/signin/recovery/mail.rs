//! The mail with the checkword and what portals have registered with the address.

use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{Account, QueuedMail, StoreError};
use uuid::Uuid;

use super::checkword::Checkword;
use crate::pages::Lang;
use crate::pages::mail::{self, CheckwordMail, Registered};
use crate::signin::app::App;
use crate::snapshot::Snapshot;

/// Writes it: to `address`, of `account` if somebody has proved it.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn write(
    app: &App,
    snapshot: &Snapshot,
    address: &str,
    account: Option<&Account>,
    language: &str,
    checkword: &Checkword,
) -> Result<QueuedMail, StoreError> {
    let own = account.and_then(|account| account.language.as_deref());
    let lang = own.and_then(Lang::from_tag).or_else(|| Lang::from_tag(language));
    let identity = &snapshot.config.identity;
    let seconds = identity.checkword_lifetime.as_secs();
    let body = CheckwordMail {
        email: address,
        code: &checkword.shown(),
        // From the configuration, whatever host the request claimed.
        link: &format!("{}/reset-password?checkword={}", snapshot.issuer, checkword.shown()),
        minutes: u32::try_from(seconds / 60).unwrap_or(u32::MAX).max(1),
        registered: registered(app, snapshot, address, account).await?,
    };
    let written = mail::checkword(lang.unwrap_or_default(), &identity.name, &body);
    Ok(QueuedMail {
        id: Uuid::now_v7(),
        to: address.to_owned(),
        subject: written.subject,
        text: written.text,
        html: written.html,
        attempts: 0,
    })
}

/// What the person is called where: on the portals of the account, and on those that know the address and
/// wait to be joined. Nobody else's, and of portals that are no more nothing.
async fn registered(
    app: &App,
    snapshot: &Snapshot,
    address: &str,
    account: Option<&Account>,
) -> Result<Vec<Registered>, StoreError> {
    let directory = &app.hub.directory;
    let mut imported = directory.free_profiles(&[address.to_owned()]).await?;
    let mut listed = Vec::new();
    if let Some(account) = account {
        imported.extend(directory.joined_profiles(account.id).await?);
        for profile in directory.profiles(account.id).await? {
            if !imported.iter().any(|known| known.portal == profile.portal)
                && let Some(portal) = snapshot.title_of(&profile.portal)
            {
                listed.push(Registered { portal, ..Registered::default() });
            }
        }
    }
    listed.extend(imported.into_iter().filter_map(|known| line(snapshot, known)));
    listed.sort_by(|left, right| left.portal.cmp(&right.portal));
    Ok(listed)
}

fn line(snapshot: &Snapshot, known: ImportedProfile) -> Option<Registered> {
    let portal = snapshot.title_of(&known.portal)?;
    Some(Registered { portal, name: known.name, user_name: known.login })
}
