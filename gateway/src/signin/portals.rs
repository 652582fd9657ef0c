//! A person's portals: the rows that pages show, and what a portal host tells its own switcher.

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::{Profile, StoreError};
use http::StatusCode;
use serde_json::{Value, json};

use super::failure::Answer;
use super::hop::depart;
use super::reply::Reply;
use super::visit::{AtPortal, Visit};
use crate::pages::PortalRow;

/// `GET /.bitrix-id/portals`
pub(crate) async fn list(AtPortal(visit, _): AtPortal) -> Answer {
    let Some((subject, _)) = visit.token else {
        let departure = depart(&visit, "/", 0);
        let detail = "sign in to see your portals";
        let problem = Reply::problem(StatusCode::UNAUTHORIZED, detail, Some(&departure.url));
        return Ok(problem.cookie(departure.cookie));
    };
    let own = of(&visit, subject).await?;
    let portals: Vec<Value> = own
        .iter()
        .map(|own| {
            json!({
                "id": own.id,
                "title": own.row.title,
                "url": own.row.url,
                "current": own.row.current,
            })
        })
        .collect();
    Ok(Reply::json(&portals.into()))
}

/// `GET /.bitrix-id/profile`
pub(crate) async fn profile(AtPortal(visit, _): AtPortal) -> Answer {
    Ok(Reply::found(&visit.identity_url("/profile")))
}

/// A portal the person has a profile on.
pub(super) struct OwnPortal {
    /// Portal id.
    pub id: String,
    /// As pages show it.
    pub row: PortalRow,
}

/// The portals of an account, by title.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn of(visit: &Visit, account: AccountId) -> Result<Vec<OwnPortal>, StoreError> {
    let profiles = visit.hub().directory.profiles(account).await?;
    let mut own: Vec<OwnPortal> =
        profiles.iter().filter_map(|profile| own_portal(visit, profile)).collect();
    own.sort_by_key(|own| (own.row.title.to_lowercase(), own.id.clone()));
    Ok(own)
}

/// The same as rows.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn rows(visit: &Visit, account: AccountId) -> Result<Vec<PortalRow>, StoreError> {
    Ok(of(visit, account).await?.into_iter().map(|own| own.row).collect())
}

/// `None`: the portal is not configured (any more), or has no host a link could lead to.
fn own_portal(visit: &Visit, profile: &Profile) -> Option<OwnPortal> {
    let portal = visit.snapshot.portal(&profile.portal)?;
    let current = visit.portal.as_ref().is_some_and(|current| current.id == portal.id);
    let host = match (portal.first_host(), current) {
        (Some(host), _) => host,
        // Wildcards only: this host is one that works.
        (None, true) => &visit.host,
        (None, false) => return None,
    };
    Some(OwnPortal {
        id: portal.id.clone(),
        row: PortalRow {
            title: portal.title.clone(),
            address: visit.snapshot.authority_of(host),
            url: format!("{}/", visit.snapshot.origin_of(host)),
            last_used: profile.last_used_at,
            current,
        },
    })
}
