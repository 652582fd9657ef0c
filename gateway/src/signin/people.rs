//! `/portals/{id}/people`: who belongs to a portal, who asks to, and who is invited. For its owners alone;
//! for everybody else there is no such page, whether or not there is such a portal.
//!
//! The portal is named by the path and the person by the session. What a form names besides is looked up
//! as a row of that portal, so the id of another portal's row is the id of nothing.

use std::sync::Arc;

use axum::extract::Path;
use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::access::{
    AccessRequest, Invitation, MEMBER_ROLE, Member, is_owner,
};
use bitrix_id_auth_core::store::{Profile, StoreError};
use bitrix_id_config::model::Portal;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::access_mail;
use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::{Form, Pairs, Query};
use super::flash::{self, Flash};
use super::home::to_sign_in;
use super::invite;
use super::person::{self, SignedIn, event, record};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{
    self, InvitationRow, MemberRow, OwnedPortal, People, PeopleError, PeopleNews, RequestRow,
};

/// What a form of this page, or a new portal, leaves for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum News {
    /// A request was approved.
    Approved,
    /// A request was declined.
    Declined,
    /// A request had been answered, or had expired.
    AnsweredBefore,
    /// So many invitations are on their way.
    Invited(usize),
    /// An invitation was made; its secret, which is kept nowhere else.
    Link(String),
    /// An invitation was taken back.
    Revoked,
    /// Somebody was removed.
    Removed,
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
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let owner = owner(&visit, person, &id).await?;
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
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let owner = owner(&visit, person, &id).await?;
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

/// What the button that was pressed does.
async fn act(
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
    Ok(if approved { News::Approved } else { News::Declined })
}

async fn revoke(visit: &Visit, owner: &Owner, invitation: Uuid) -> Result<News, Failure> {
    let directory = &visit.hub().directory;
    if !directory.revoke_invitation(&owner.portal.id, invitation, visit.now()).await? {
        return Err(Failure::NotFound);
    }
    note(visit, owner, audit::INVITATION_REVOKED, owner.person.account.id).await;
    Ok(News::Revoked)
}

/// Nobody removes themselves: a portal would be left without owners.
async fn remove(visit: &Visit, owner: &Owner, account: AccountId) -> Result<News, Failure> {
    if account == owner.person.account.id {
        return Err(Failure::BadRequest("nobody removes themselves here"));
    }
    let there = visit.hub().directory.profile(account, &owner.portal.id).await?.is_some();
    if !there || !visit.change().remove_profile(account, &owner.portal.id).await? {
        return Err(Failure::NotFound);
    }
    visit.refuse_ended().await;
    note(visit, owner, audit::PROFILE_REMOVED, account).await;
    Ok(News::Removed)
}

/// Keeps what an owner did, and to whom.
pub(super) async fn note(visit: &Visit, owner: &Owner, action: &'static str, account: AccountId) {
    let event = event(visit, action)
        .with_account(account)
        .with_portal(owner.portal.id.clone())
        .with_detail(&format!("by the owner {}", owner.person.account.id));
    record(visit, event).await;
}

/// Whether the person runs this portal.
async fn owner(visit: &Visit, person: SignedIn, id: &str) -> Result<Owner, Failure> {
    let portal = visit.snapshot.portal(id).cloned().ok_or(Failure::NotFound)?;
    let profile = visit.hub().directory.profile(person.account.id, id).await?;
    let owns = profile.is_some_and(|profile| is_owner(&profile.roles));
    if !owns || person.is_unproved() {
        return Err(Failure::NotFound);
    }
    Ok(Owner { person, portal })
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

/// What the page says beside what the directory holds.
#[derive(Default)]
struct Shown {
    news: Option<PeopleNews>,
    error: Option<PeopleError>,
    query: String,
    emails: String,
    uses: String,
}

fn shown(visit: &Visit, news: News) -> Option<PeopleNews> {
    Some(match news {
        News::Approved => PeopleNews::Approved,
        News::Declined => PeopleNews::Declined,
        News::AnsweredBefore => PeopleNews::AnsweredBefore,
        News::Invited(count) => PeopleNews::Invited(count),
        News::Link(token) => PeopleNews::Link(invite::url(visit, &token)),
        News::Revoked => PeopleNews::Revoked,
        News::Removed => PeopleNews::Removed,
        News::PortalSoon => return None,
    })
}

async fn page(visit: &Visit, owner: &Owner, shown: Shown) -> Answer {
    let Owner { person, portal } = owner;
    let (directory, now) = (&visit.hub().directory, visit.now());
    let requests = directory.access_requests(&portal.id, now, MOST_REQUESTS).await?;
    let mut members = directory.members(&portal.id, &shown.query, MOST_MEMBERS + 1).await?;
    let more = members.len() > MOST_MEMBERS as usize;
    members.truncate(MOST_MEMBERS as usize);
    let invitations = directory.invitations(&portal.id, now).await?;
    let browser = Browser::of(visit)?;
    let status = status_of(shown.error.as_ref());
    let path = path_of(portal);
    let view = People {
        person: person.person(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        portal: portal.title.clone(),
        portal_url: visit.portal_url(portal),
        requests: requests.into_iter().map(request_row).collect(),
        members: members.into_iter().map(|row| member_row(row, person.account.id)).collect(),
        more,
        query: shown.query,
        invitations: invitations.into_iter().map(invitation_row).collect(),
        mail: visit.snapshot.config.mail.is_some(),
        emails: shown.emails.chars().take(8000).collect(),
        uses: if shown.uses.is_empty() { "1".into() } else { shown.uses.chars().take(9).collect() },
        news: shown.news,
        error: shown.error,
        now,
        path: path.clone(),
    };
    let page = pages::people(&visit.frame_at(&path), &view);
    Ok(Reply::page(page).status(status).cookies(browser.cookie()))
}

fn status_of(error: Option<&PeopleError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(PeopleError::Expired) => StatusCode::FORBIDDEN,
        Some(PeopleError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(PeopleError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(
            PeopleError::EmailsMissing
            | PeopleError::EmailInvalid(_)
            | PeopleError::EmailsTooMany
            | PeopleError::UsesWrong
            | PeopleError::InvitationsTooMany,
        ) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn request_row(request: AccessRequest) -> RequestRow {
    let AccessRequest { id, name, email, asked_at, .. } = request;
    RequestRow { id: id.to_string(), name, email, asked_at }
}

fn member_row(member: Member, own: AccountId) -> MemberRow {
    let Member { account, name, email, roles, joined_at } = member;
    MemberRow { id: account.to_string(), name, email, roles, joined_at, own: account == own }
}

fn invitation_row(invitation: Invitation) -> InvitationRow {
    let Invitation { id, email, uses, most_uses, expires_at, .. } = invitation;
    InvitationRow { id: id.to_string(), email, uses, most_uses, expires_at }
}

/// Shown at once.
const MOST_REQUESTS: u32 = 100;
/// Shown at once; the others are found by name or address.
const MOST_MEMBERS: u32 = 100;
