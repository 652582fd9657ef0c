//! `/.bitrix-id/no-access`, asked for by the gateway itself: signed in, but not known on this portal.

use http::StatusCode;

use super::failure::{Answer, Failure};
use super::portals;
use super::reply::Reply;
use super::visit::AtPortal;
use crate::pages::{self, NoAccess};

/// The page that says who one is, which portals one has, and how to switch.
pub(crate) async fn show(AtPortal(visit, portal): AtPortal) -> Answer {
    // Only the gateway sets the purpose; a visitor who types the address meets no such page.
    let (Some((subject, _)), true) = (visit.token, visit.no_access) else {
        return Err(Failure::NotFound);
    };
    let account = visit.hub().directory.account(subject).await?;
    let view = NoAccess {
        portal_title: portal.title.clone(),
        email: account.map(|account| account.email).unwrap_or_default(),
        portals: portals::rows(&visit, subject).await?,
        switch_url: "/.bitrix-id/sign-out".into(),
        portals_url: visit.identity_url("/"),
    };
    Ok(Reply::page(pages::no_access(&visit.frame(), &view)).status(StatusCode::FORBIDDEN))
}
