//! `/.bitrix-id/no-access`, asked for by the gateway itself: signed in, but not known on this portal.

use bitrix_id_auth_core::store::{Account, StoreError};
use bitrix_id_config::model::Portal;
use http::StatusCode;

use super::ask_access;
use super::failure::{Answer, Failure};
use super::hop::{self, Departure};
use super::portals;
use super::reply::Reply;
use super::visit::{AtPortal, Visit};
use super::welcome::join::waiting;
use crate::pages::{self, AskState, NoAccess};

/// The page that says who one is, whom the portal knows, and what one can do.
pub(crate) async fn show(AtPortal(visit, portal): AtPortal) -> Answer {
    // Only the gateway sets the purpose; a visitor who types the address meets no such page.
    let (Some((subject, _)), true) = (visit.token, visit.no_access) else {
        return Err(Failure::NotFound);
    };
    let account = visit.hub().directory.account(subject).await?;
    let ask = match &account {
        Some(account) => ask_access::state(&visit, &portal, account).await?,
        None => AskState::Hidden,
    };
    page(&visit, &portal, account, ask, &visit.target).await
}

/// The page; `return_to` is where its forms lead back to.
pub(super) async fn page(
    visit: &Visit,
    portal: &Portal,
    account: Option<Account>,
    ask: AskState,
    return_to: &str,
) -> Answer {
    let portals = match &account {
        Some(account) => portals::rows(visit, account.id).await?,
        None => Vec::new(),
    };
    let departure = match &account {
        Some(account) => to_join(visit, portal, account, return_to).await?,
        None => None,
    };
    let view = NoAccess {
        portal_title: portal.title.clone(),
        email: account.map(|account| account.email).unwrap_or_default(),
        portals,
        ask,
        return_to: return_to.to_owned(),
        portals_url: visit.identity_url("/"),
        join_url: departure.as_ref().map(|departure| departure.url.clone()),
        now: visit.now(),
    };
    // "Use another Bitrix ID" leads to the sign-in page.
    Ok(Reply::page(pages::no_access(&visit.frame(), &view))
        .form_targets([visit.identity_origin().to_owned()])
        .status(StatusCode::FORBIDDEN)
        .cookies(departure.map(|departure| departure.cookie)))
}

/// The page that joins, and the way back here from it, where this very portal has a free record of the
/// person.
async fn to_join(
    visit: &Visit,
    portal: &Portal,
    account: &Account,
    return_to: &str,
) -> Result<Option<Departure>, StoreError> {
    let waiting = waiting(visit, account).await?;
    let found = waiting.iter().any(|group| group.portal == portal.id);
    Ok(found.then(|| hop::depart_to(visit, "/welcome", return_to)))
}
