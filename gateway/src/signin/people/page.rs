//! What the owners' page shows: rows of the directory, and what the form before it left.

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::access::{AccessRequest, Invitation, Member};
use http::StatusCode;

use super::{News, Owner, path_of};
use crate::pages::{self, InvitationRow, MemberRow, People, PeopleError, PeopleNews, RequestRow};
use crate::signin::browser::Browser;
use crate::signin::failure::Answer;
use crate::signin::invite;
use crate::signin::reply::Reply;
use crate::signin::visit::Visit;

/// What the page says beside what the directory holds.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) news: Option<PeopleNews>,
    pub(super) error: Option<PeopleError>,
    pub(super) query: String,
    pub(super) emails: String,
    pub(super) uses: String,
}

/// News as the page words it; `None` for what it is not about.
pub(super) fn shown(visit: &Visit, news: News) -> Option<PeopleNews> {
    Some(match news {
        News::Approved => PeopleNews::Approved,
        News::Declined(name) => PeopleNews::Declined(name),
        News::AnsweredBefore => PeopleNews::AnsweredBefore,
        News::Invited(count) => PeopleNews::Invited(count),
        News::Link(token) => PeopleNews::Link(invite::url(visit, &token)),
        News::Revoked => PeopleNews::Revoked,
        News::Removed(name) => PeopleNews::Removed(name),
        News::PortalSoon => return None,
    })
}

/// The page as things stand now.
pub(super) async fn page(visit: &Visit, owner: &Owner, shown: Shown) -> Answer {
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
pub(super) const MOST_REQUESTS: u32 = 100;
/// Shown at once; the others are found by name or address.
const MOST_MEMBERS: u32 = 100;
