//! Removing somebody: asked about on a page of its own, then done.

use axum::extract::Path;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use uuid::Uuid;

use super::{News, Owner, note, owner, path_of};
use crate::pages::{self, RemoveMember};
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure};
use crate::signin::fields::Query;
use crate::signin::home::to_sign_in;
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /portals/{id}/people/remove?person=…`: changes nothing.
pub(crate) async fn ask(
    AtIdentity(visit): AtIdentity,
    Path(id): Path<String>,
    Query(query): Query,
) -> Answer {
    let Some(owner) = owner(&visit, &id).await? else {
        return Ok(to_sign_in(&visit));
    };
    let path = path_of(&owner.portal);
    let account = Uuid::try_parse(query.text("person")).map(AccountId);
    let account = account.map_err(|_| Failure::NotFound)?;
    let Some(name) = name_of(&visit, &owner, account).await? else {
        // Removed meanwhile, perhaps by somebody else: the list says who is left.
        return Ok(Reply::see_other(&visit.identity_url(&path)));
    };
    let browser = Browser::of(&visit)?;
    let view = RemoveMember {
        person: owner.person.person(),
        csrf: browser.form_value(&visit, Some(owner.person.session.id)),
        portal: owner.portal.title.clone(),
        id: account.to_string(),
        name,
        path,
    };
    let own = format!("{}/remove?person={}", view.path, view.id);
    let page = pages::remove_member(&visit.frame_at(&own), &view);
    Ok(Reply::page(page).cookies(browser.cookie()))
}

/// Removes somebody. Nobody removes themselves: a portal would be left without owners.
pub(super) async fn remove(
    visit: &Visit,
    owner: &Owner,
    account: AccountId,
) -> Result<News, Failure> {
    if account == owner.person.account.id {
        return Err(Failure::BadRequest("nobody removes themselves here"));
    }
    let name = name_of(visit, owner, account).await?.ok_or(Failure::NotFound)?;
    if !visit.change().remove_profile(account, &owner.portal.id).await? {
        return Err(Failure::NotFound);
    }
    visit.refuse_ended().await;
    note(visit, owner, audit::PROFILE_REMOVED, account).await;
    Ok(News::Removed(name))
}

/// What another person of the portal is called; `None` for whoever is not one.
async fn name_of(
    visit: &Visit,
    owner: &Owner,
    account: AccountId,
) -> Result<Option<String>, Failure> {
    let directory = &visit.hub().directory;
    let there = directory.profile(account, &owner.portal.id).await?.is_some();
    if !there || account == owner.person.account.id {
        return Ok(None);
    }
    Ok(directory.account(account).await?.map(|account| account.name))
}
