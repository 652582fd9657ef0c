//! `/portals/{id}/people`: who belongs to a portal, who asks to, and who is invited. For its owners alone;
//! for everybody else there is no such page, whether or not there is such a portal.
//!
//! The portal is named by the path and the person by the session. What a form names besides is looked up
//! as a row of that portal, so the id of another portal's row is the id of nothing.

mod act;
mod page;
pub(super) mod remove;

use std::sync::Arc;

use axum::extract::Path;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::access::is_owner;
use bitrix_id_auth_core::store::{Profile, StoreError};
use bitrix_id_config::model::Portal;
use serde::{Deserialize, Serialize};

use self::act::act;
use self::page::{MOST_REQUESTS, Shown, page, shown};
use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::{Form, Query};
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::person::{self, SignedIn, event, record};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{OwnedPortal, PeopleError};

/// What a form of this page, or a new portal, leaves for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum News {
    /// A request was approved.
    Approved,
    /// The request of the person of this name was declined.
    Declined(String),
    /// A request had been answered, or had expired.
    AnsweredBefore,
    /// So many invitations are on their way.
    Invited(usize),
    /// An invitation was made; its secret, which is kept nowhere else.
    Link(String),
    /// An invitation was taken back.
    Revoked,
    /// The person of this name was removed.
    Removed(String),
    /// A portal was created, and is not served yet.
    PortalSoon,
}

/// An owner, and the portal.
pub(super) struct Owner {
    pub(super) person: SignedIn,
    pub(super) portal: Arc<Portal>,
}

/// `GET /portals/{id}/people`
pub(crate) async fn show(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    Query(query): Query,
) -> Answer {
    let Some(owner) = owner(&visit, &id).await? else {
        return Ok(to_sign_in(&visit));
    };
    let news = match Flash::read(&visit, Some(owner.person.session.id)) {
        Some(Flash::People(news)) => shown(&visit, news),
        _ => None,
    };
    let query = query.text("q").trim().chars().take(100).collect();
    let told = news.is_some();
    let reply = page(&visit, &owner, Shown { news, query, ..Shown::default() }).await?;
    Ok(if told { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /portals/{id}/people`
pub(crate) async fn submit(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    Form(fields): Form,
) -> Answer {
    visit.require_same_origin()?;
    let Some(owner) = owner(&visit, &id).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let session = Some(owner.person.session.id);
    let outcome = if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        Err(PeopleError::Expired)
    } else {
        act(&visit, &owner, &fields).await?
    };
    match outcome {
        Ok(news) => Ok(Reply::see_other(&visit.identity_url(&path_of(&owner.portal)))
            .cookies(Flash::People(news).leave(&visit, session))),
        Err(error) => {
            let (emails, uses) = (fields.text("emails").to_owned(), fields.text("uses").to_owned());
            page(&visit, &owner, Shown { error: Some(error), emails, uses, ..Shown::default() })
                .await
        }
    }
}

/// Keeps what an owner did, and to whom.
pub(super) async fn note(visit: &Visit, owner: &Owner, action: &'static str, account: AccountId) {
    let event = event(visit, action)
        .with_account_changed_by(account, owner.person.account.id)
        .with_portal(owner.portal.id.clone());
    record(visit, event).await;
}

/// Whoever asks, as one who runs this portal; `None`: nobody is signed in.
///
/// # Errors
/// [`Failure::NotFound`] for anybody else, as for a portal that does not exist.
async fn owner(visit: &Visit, id: &str) -> Result<Option<Owner>, Failure> {
    let Some(person) = person::signed_in(visit).await? else {
        return Ok(None);
    };
    let portal = visit.snapshot.portal(id).cloned().ok_or(Failure::NotFound)?;
    let profile = visit.hub().directory.profile(person.account.id, id).await?;
    let owns = profile.is_some_and(|profile| is_owner(&profile.roles));
    if !owns || person.is_unproved() {
        return Err(Failure::NotFound);
    }
    Ok(Some(Owner { person, portal }))
}

/// The page of a portal's owners: path on the Bitrix ID host. Ids need no escape.
pub(super) fn path_of(portal: &Portal) -> String {
    format!("/portals/{}/people", portal.id)
}

/// The portals that an account runs, with what waits there; by title.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn owned(
    visit: &Visit,
    person: &SignedIn,
) -> Result<Vec<OwnedPortal>, StoreError> {
    let directory = &visit.hub().directory;
    if person.is_unproved() {
        return Ok(Vec::new());
    }
    let owns = |profile: &Profile| is_owner(&profile.roles);
    let profiles = directory.profiles(person.account.id).await?;
    let mut owned = Vec::new();
    for profile in profiles.iter().filter(|profile| owns(profile)) {
        let Some(portal) = visit.snapshot.portal(&profile.portal) else {
            continue;
        };
        let requests = directory.access_requests(&portal.id, visit.now(), MOST_REQUESTS).await?;
        let (title, url) = (portal.title.clone(), path_of(portal));
        owned.push(OwnedPortal { title, url, requests: requests.len() });
    }
    owned.sort_by_key(|portal| (portal.title.to_lowercase(), portal.url.clone()));
    Ok(owned)
}
