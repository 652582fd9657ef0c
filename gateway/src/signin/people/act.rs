//! What an owner's buttons do: answering a request, taking an invitation back. [`super::remove`] removes.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::access::MEMBER_ROLE;
use uuid::Uuid;

use super::remove::remove;
use super::{News, Owner, note};
use crate::pages::PeopleError;
use crate::signin::access_mail;
use crate::signin::failure::Failure;
use crate::signin::fields::Pairs;
use crate::signin::invite;
use crate::signin::visit::Visit;

/// Does what the button that was pressed says.
pub(super) async fn act(
    visit: &Visit,
    owner: &Owner,
    fields: &Pairs,
) -> Result<Result<News, PeopleError>, Failure> {
    if fields.optional("invite").is_some() {
        return invite::by_mail(visit, owner, fields.text("emails")).await;
    }
    if fields.optional("link").is_some() {
        return invite::by_link(visit, owner, fields.text("uses")).await;
    }
    let id = |name| fields.optional(name).and_then(|text| Uuid::try_parse(text).ok());
    if let Some(request) = id("approve") {
        return Ok(Ok(answer(visit, owner, request, true).await?));
    }
    if let Some(request) = id("decline") {
        return Ok(Ok(answer(visit, owner, request, false).await?));
    }
    if let Some(invitation) = id("revoke") {
        return Ok(Ok(revoke(visit, owner, invitation).await?));
    }
    if let Some(account) = id("remove") {
        return Ok(Ok(remove(visit, owner, AccountId(account)).await?));
    }
    Err(Failure::BadRequest("the form says nothing to do"))
}

async fn answer(
    visit: &Visit,
    owner: &Owner,
    request: Uuid,
    approved: bool,
) -> Result<News, Failure> {
    let portal = &owner.portal;
    let roles = [MEMBER_ROLE.to_owned()];
    let roles = approved.then_some(&roles[..]);
    let answered = visit.change().answer_access_request(&portal.id, request, roles).await?;
    let Some(request) = answered else {
        return Ok(News::AnsweredBefore);
    };
    let action = if approved { audit::ACCESS_GRANTED } else { audit::ACCESS_DECLINED };
    note(visit, owner, action, request.account).await;
    access_mail::tell_requester(visit, portal, request.account, approved).await;
    Ok(if approved { News::Approved } else { News::Declined(request.name) })
}

async fn revoke(visit: &Visit, owner: &Owner, invitation: Uuid) -> Result<News, Failure> {
    let directory = &visit.hub().directory;
    if !directory.revoke_invitation(&owner.portal.id, invitation, visit.now()).await? {
        return Err(Failure::NotFound);
    }
    note(visit, owner, audit::INVITATION_REVOKED, owner.person.account.id).await;
    Ok(News::Revoked)
}
