//! `/invitation?token=…`: who invites to which portal, and the button that accepts.
//!
//! Opening the page changes nothing: mail scanners open links. The secret stays in the address and in the
//! form; no log holds a query, and nothing on the page leads to another host with it.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::hop::sha256;
use bitrix_id_auth_core::store::access::{Accept, Invitation, Standing};
use http::StatusCode;

use super::browser::{Browser, is_base64url};
use super::failure::Answer;
use super::fields::{Form, Query};
use super::home::to_proof;
use super::hop;
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, InvitationPage, InvitationStanding, InvitationView};

/// `GET /invitation?token=…`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let person = person::signed_in(&visit).await?;
    page(&visit, person.as_ref(), query.text("token"), false).await
}

/// `POST /invitation`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let token = fields.text("token");
    let Some(person) = person::signed_in(&visit).await? else {
        return page(&visit, None, token, false).await;
    };
    if person.is_unproved() {
        return Ok(to_proof(&visit));
    }
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, Some(&person), token, true).await;
    }
    let known = is_base64url(token, TOKEN_LENGTH) && {
        let invitation = visit.hub().directory.invitation(&sha256(token)).await?;
        invitation.is_some_and(|invitation| visit.snapshot.portal(&invitation.portal).is_some())
    };
    if !known {
        return page(&visit, Some(&person), token, false).await;
    }
    let account = person.account.id;
    match visit.change().accept_invitation(&sha256(token), account).await? {
        Accept::Joined(invitation) => {
            let event = event(&visit, audit::INVITATION_ACCEPTED)
                .with_account(account)
                .with_portal(invitation.portal.clone())
                .with_detail(&format!("invited by {}", invitation.invited_by));
            record(&visit, event).await;
            Ok(Reply::see_other(&portal_url(&visit, &invitation)).leads_to_portals(&visit))
        }
        Accept::Member(invitation) => Ok(Reply::see_other(&portal_url(&visit, &invitation))),
        Accept::UsedBefore(_) | Accept::Closed(_) | Accept::Unknown => {
            page(&visit, Some(&person), token, false).await
        }
    }
}

fn portal_url(visit: &Visit, invitation: &Invitation) -> String {
    let portal = visit.snapshot.portal(&invitation.portal);
    portal.map_or_else(|| visit.identity_url("/"), |portal| visit.portal_url(portal))
}

async fn page(visit: &Visit, person: Option<&SignedIn>, token: &str, expired: bool) -> Answer {
    let browser = Browser::of(visit)?;
    let token = if is_base64url(token, TOKEN_LENGTH) { token } else { "" };
    let path = format!("/invitation?token={token}");
    let invitation = look_up(visit, person, token).await?;
    let status = match &invitation {
        Some(view) if view.standing == InvitationStanding::Open && expired => StatusCode::FORBIDDEN,
        Some(view) => match view.standing {
            InvitationStanding::Open | InvitationStanding::Member => StatusCode::OK,
            InvitationStanding::Used
            | InvitationStanding::UsedBefore
            | InvitationStanding::Expired
            | InvitationStanding::Revoked => StatusCode::GONE,
        },
        None => StatusCode::NOT_FOUND,
    };
    let state = hop::own_state_to(visit, &path);
    let to = |page: &str| hop::with_state(page, Some(&state));
    let view = InvitationPage {
        invitation,
        email: person.map(|person| person.account.email.clone()),
        csrf: browser.form_value(visit, person.map(|person| person.session.id)),
        token: token.to_owned(),
        sign_in_url: to("/sign-in"),
        sign_up_url: visit.snapshot.config.mail.is_some().then(|| to("/sign-up")),
        path: path.clone(),
        expired,
    };
    Ok(Reply::page(pages::invitation(&visit.frame_at(&path), &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie()))
}

/// What the page says of it; `None` for a secret that is none, or whose portal is gone.
async fn look_up(
    visit: &Visit,
    person: Option<&SignedIn>,
    token: &str,
) -> Result<Option<InvitationView>, super::failure::Failure> {
    let directory = &visit.hub().directory;
    if token.is_empty() {
        return Ok(None);
    }
    let Some(invitation) = directory.invitation(&sha256(token)).await? else {
        return Ok(None);
    };
    let Some(portal) = visit.snapshot.portal(&invitation.portal) else {
        return Ok(None);
    };
    let Some(by) = directory.account(invitation.invited_by).await? else {
        return Ok(None);
    };
    let (member, before) = match person.map(|person| person.account.id) {
        Some(account) => (
            directory.profile(account, &portal.id).await?.is_some(),
            directory.has_used_invitation(invitation.id, account).await?,
        ),
        None => (false, false),
    };
    let standing = match invitation.standing(visit.now()) {
        _ if member => InvitationStanding::Member,
        Standing::Open if before => InvitationStanding::UsedBefore,
        Standing::Open => InvitationStanding::Open,
        Standing::Used => InvitationStanding::Used,
        Standing::Expired => InvitationStanding::Expired,
        Standing::Revoked => InvitationStanding::Revoked,
    };
    Ok(Some(InvitationView {
        portal: portal.title.clone(),
        address: visit.portal_address(portal),
        by_name: by.name,
        by_email: by.email,
        standing,
        url: visit.portal_url(portal),
    }))
}

/// 32 random bytes in base64url.
pub(super) const TOKEN_LENGTH: usize = 43;
