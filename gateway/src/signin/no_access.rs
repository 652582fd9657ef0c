//! `/.bitrix-id/no-access`, asked for by the gateway itself: signed in, but not known on this portal.

use bitrix_id_auth_core::store::{Account, AddressProof, StoreError};
use bitrix_id_config::model::Portal;
use http::{HeaderValue, StatusCode};

use super::ask_access;
use super::failure::{Answer, Failure};
use super::hop::{self, Departure};
use super::portals;
use super::reply::Reply;
use super::visit::{AtPortal, Visit};
use super::welcome::join::waiting;
use crate::pages::{self, AskState, NoAccess, WayIn};

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
    let (way_in, cookie) = match &account {
        Some(account) => way_in(visit, portal, account, return_to).await?,
        None => (None, None),
    };
    let made_at = account.as_ref().map(|account| account.created_at);
    let time_zone = account.as_ref().and_then(|account| account.time_zone.clone());
    let view = NoAccess {
        new: made_at.is_some_and(|made_at| visit.now() - made_at < NEW_SECONDS),
        time_zone,
        portal_title: portal.title.clone(),
        email: account.map(|account| account.email).unwrap_or_default(),
        portals,
        ask,
        return_to: return_to.to_owned(),
        portals_url: visit.identity_url("/"),
        way_in,
        now: visit.now(),
    };
    // "Use another Bitrix ID" leads to the sign-in page.
    Ok(Reply::page(pages::no_access(&visit.frame(), &view))
        .form_targets([visit.identity_origin().to_owned()])
        .status(StatusCode::FORBIDDEN)
        .cookies(cookie))
}

/// Long enough to get here from the page of the code, and no longer.
const NEW_SECONDS: i64 = 60;

/// The page that proves the address, where that has not been done; the one that joins, where this very
/// portal has a free record of the person. Both lead back here; the cookie is that of the way back.
async fn way_in(
    visit: &Visit,
    portal: &Portal,
    account: &Account,
    return_to: &str,
) -> Result<(Option<WayIn>, Option<HeaderValue>), StoreError> {
    let way: fn(String) -> WayIn = if account.proof == AddressProof::None {
        if visit.snapshot.config.mail.is_none() {
            return Ok((None, None));
        }
        WayIn::Prove
    } else {
        let waiting = waiting(visit, account).await?;
        if !waiting.iter().any(|group| group.portal == portal.id) {
            return Ok((None, None));
        }
        WayIn::Join
    };
    let Departure { url, cookie } = hop::depart_to(visit, "/welcome", return_to);
    Ok((Some(way(url)), Some(cookie)))
}
