//! The mail with the code.

use std::collections::BTreeSet;

use bitrix_id_auth_core::store::{Attempt, Holder, StoreError};

use super::{Proving, Purpose};
use crate::pages::Lang;
use crate::pages::mail::{self, JoiningCode};
use crate::signin::browser::Browser;
use crate::signin::failure::Failure;
use crate::signin::mail_quota;
use crate::signin::mailed_code::{MailedCode, lifetime_minutes};
use crate::signin::outgoing::{self, queue, queued_or_logged};
use crate::signin::visit::Visit;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is queued.
    Queued,
    /// The address or the client's network has had many.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// The queue took it not, which is in the log, or mail is not configured.
    Failed,
}

/// Mails a new code, which replaces the one before once it is queued.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn code(
    visit: &Visit,
    browser: &Browser,
    proving: &mut Proving,
) -> Result<Sent, Failure> {
    if visit.snapshot.config.mail.is_none() {
        return Ok(Sent::Failed);
    }
    let counted = match proving.purpose {
        Purpose::PortalPassword { .. } => {
            mail_quota::of_portal_password(visit, &proving.email).await?
        }
        Purpose::Link { .. } => mail_quota::of_stranger(visit, &proving.email).await?,
    };
    if let Attempt::Refused { retry_after } = counted {
        return Ok(Sent::TooMany { retry_after });
    }
    let (kept, code) = MailedCode::new(visit, browser)?;
    if !queued_or_logged(visit, queue_code(visit, proving, &code).await, outgoing::MAIL) {
        return Ok(Sent::Failed);
    }
    proving.code = Some(kept);
    Ok(Sent::Queued)
}

async fn queue_code(visit: &Visit, proving: &Proving, code: &str) -> Result<(), StoreError> {
    let titles = titles_ahead(visit, proving).await?;
    let link = visit.identity_url(&format!("/welcome?code={code}"));
    let letter =
        JoiningCode { code, minutes: lifetime_minutes(visit), link: &link, portals: &titles };
    let brand = visit.snapshot.config.identity.name.as_str();
    let lang = language(visit, &proving.email).await?;
    queue(visit, &proving.email, mail::joining_code(lang, brand, &letter)).await
}

/// Titles of the portals that can be joined once the address is proved. The mail goes to the address, so
/// its reader may know.
async fn titles_ahead(visit: &Visit, proving: &Proving) -> Result<Vec<String>, StoreError> {
    let free = visit.hub().directory.free_profiles(std::slice::from_ref(&proving.email)).await?;
    let mut portals: BTreeSet<&str> = free.iter().map(|record| record.portal.as_str()).collect();
    if let Purpose::PortalPassword { keys, .. } = &proving.purpose {
        portals.extend(keys.iter().map(|key| key.portal.as_str()));
    }
    let mut titles: Vec<String> =
        portals.into_iter().filter_map(|id| visit.snapshot.title_of(id)).collect();
    titles.sort_by_key(|title| title.to_lowercase());
    Ok(titles)
}

/// The one that the address's owner chose, else the visit's.
async fn language(visit: &Visit, email: &str) -> Result<Lang, StoreError> {
    let directory = &visit.hub().directory;
    let Holder::Proved(owner) = directory.holder(email).await? else {
        return Ok(visit.lang);
    };
    let owner = directory.account(owner).await?;
    Ok(owner.map_or(visit.lang, |owner| visit.lang_of(&owner)))
}
