//! `/profile/social`: the accounts at providers that open this Bitrix ID.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::oauth::title;
use bitrix_id_auth_core::store::links::{Link, Unlinked};
use http::StatusCode;

use super::{find, notice, offered, plain_button};
use crate::pages::{self, LinkRow, SocialButton, SocialLinks, SocialLinksError, SocialNews};
use crate::signin::browser::Browser;
use crate::signin::failure::Answer;
use crate::signin::fields::Form;
use crate::signin::flash::{self, Flash};
use crate::signin::fresh;
use crate::signin::home::to_sign_in;
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::profile::to_profile_sign_in;
use crate::signin::reply::Reply;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /profile/social`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let news = match Flash::read(&visit, Some(person.session.id)) {
        Some(Flash::Social(news)) => Some(news),
        Some(Flash::Confirmed) => Some(SocialNews::Confirmed),
        _ => None,
    };
    let told = news.is_some();
    let reply = page(&visit, &person, news, None).await?;
    Ok(if told { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/social`: disconnects one. A fresh sign-in is asked for, and something must be left to
/// sign in with.
pub(crate) async fn disconnect(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return expired(&visit, &person).await;
    }
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, "/profile/social"));
    }
    let (directory, account) = (&visit.hub().directory, &person.account);
    let links = directory.links(account.id).await?;
    let wanted = links.iter().find(|link| row_id(link) == fields.text("link"));
    let Some(link) = wanted else {
        return page(&visit, &person, None, Some(SocialLinksError::Gone)).await;
    };
    let usable: Vec<String> =
        visit.snapshot.config.social.iter().map(|social| social.id.clone()).collect();
    let outcome = directory.unlink(account.id, &link.issuer, &link.subject, &usable).await?;
    let error = match outcome {
        Unlinked::Done => None,
        Unlinked::LastWayIn => Some(SocialLinksError::LastWayIn),
        Unlinked::NotThere => Some(SocialLinksError::Gone),
    };
    if error.is_some() {
        return page(&visit, &person, None, error).await;
    }
    let event = event(&visit, audit::LINK_REMOVED).with_account(account.id);
    record(&visit, event.with_detail(&link.provider)).await;
    let provider = provider_of(&visit, link);
    notice::unlinked(&visit, account, &provider).await;
    let news = Flash::Social(SocialNews::Unlinked(provider));
    Ok(Reply::see_other(&visit.identity_url("/profile/social"))
        .cookies(news.leave(&visit, session)))
}

/// The page again, for a form that was open too long.
pub(super) async fn expired(visit: &Visit, person: &SignedIn) -> Answer {
    page(visit, person, None, Some(SocialLinksError::Expired)).await
}

/// What a provider's account is called here. One whose table is gone keeps its id.
fn provider_of(visit: &Visit, link: &Link) -> String {
    find(visit, &link.provider).map_or_else(|| link.provider.clone(), title)
}

/// Names a link in the form: the owner's own, so it need not be secret, and short.
fn row_id(link: &Link) -> String {
    let key = bitrix_id_auth_core::throttle::attempt_key("link", &[&link.issuer, &link.subject]);
    key.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

async fn page(
    visit: &Visit,
    person: &SignedIn,
    news: Option<SocialNews>,
    error: Option<SocialLinksError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let links = visit.hub().directory.links(person.account.id).await?;
    let row = |link: &Link| LinkRow {
        id: row_id(link),
        provider: provider_of(visit, link),
        icon: find(visit, &link.provider).map(|social| super::icon(&social.preset)),
        name: link.name.clone(),
        email: link.email.clone(),
        linked_at: link.linked_at,
        last_used_at: link.last_used_at,
    };
    let offered: Vec<SocialButton> = offered(visit).map(plain_button).collect();
    let view = SocialLinks {
        person: person.person(),
        rows: links.iter().map(row).collect(),
        offered,
        csrf: browser.form_value(visit, Some(person.session.id)),
        news,
        error,
        now: visit.now(),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(SocialLinksError::Expired) => StatusCode::FORBIDDEN,
        Some(SocialLinksError::LastWayIn | SocialLinksError::Gone) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    // The form of a button ends on a provider's page, wherever that leads.
    Ok(Reply::page(pages::social_links(&visit.frame_at("/profile/social"), &view))
        .form_targets(["https:".to_owned()])
        .status(status)
        .cookies(browser.cookie()))
}
