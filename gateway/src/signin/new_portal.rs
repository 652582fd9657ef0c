//! `/portals/new`: a person creates a portal of their own.
//!
//! The address is looked at three times: while it is typed (for advice), when the form is sent, and in the
//! one transaction that adds the portal, its maker's profile and the count of those made before. The last
//! one decides.

mod address;

use std::time::Duration;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::portal_name::{self, skeleton};
use bitrix_id_auth_core::store::access::{CreatePortal, NewPortal};
use bitrix_id_auth_core::store::notices::Notice;
use bitrix_id_auth_core::store::{Attempt, Quota, StoreError, StoredPortal};
use bitrix_id_auth_core::throttle::attempt_key;
use bitrix_id_config::model::Provisioning;
use bitrix_id_config::new_portal_toml;
use http::StatusCode;
use serde_json::json;
use tokio::pin;

use self::address::{check_fields, look_at};
use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::{Form, Query};
use super::flash::Flash;
use super::home::{to_proof, to_sign_in};
use super::people::News;
use super::person::{self, SignedIn, event, record};
use super::profile::to_profile_sign_in;
use super::reply::Reply;
use super::sign_in::{LONGEST_ECHO, minutes_of};
use super::visit::{AtIdentity, Visit};
use crate::hub::Hub;
use crate::pages::{self, NewPortal as Page, NewPortalError};

/// `GET /portals/new`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    provisioning(&visit)?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if person.is_unproved() {
        return Ok(to_proof(&visit));
    }
    page(&visit, &person, "", "", Vec::new()).await
}

/// `GET /portals/new/check?address=…` or `?title=…`: whether an address is free, and which one a title
/// suggests.
pub(crate) async fn check(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let settings = provisioning(&visit)?;
    let Some(person) = person::signed_in(&visit).await?.filter(|person| !person.is_unproved())
    else {
        let detail = "sign in to create a portal";
        let sign_in = visit.identity_url("/sign-in");
        return Ok(Reply::problem(StatusCode::UNAUTHORIZED, detail, Some(&sign_in)));
    };
    if let Attempt::Refused { retry_after } = count(&visit, &person, "check", CHECKS).await? {
        let problem = Reply::problem(StatusCode::TOO_MANY_REQUESTS, "too many questions", None);
        return Ok(problem.retry_after(retry_after));
    }
    let typed = match query.optional("address") {
        Some(address) => address.to_owned(),
        None => portal_name::suggest(query.text("title")),
    };
    if typed.is_empty() {
        return Ok(Reply::json(&json!({ "address": "", "free": false, "message": "" })));
    }
    let (address, problem) = match look_at(&visit, settings, &typed) {
        Ok(name) => (name, None),
        Err(problem) => (typed.chars().take(portal_name::MAX_CHARS).collect(), Some(problem)),
    };
    let brand = &visit.snapshot.config.identity.name;
    let host = format!("{address}.{}", settings.domain);
    let message = pages::address_message(visit.lang, brand, &host, problem);
    Ok(Reply::json(&json!({ "address": address, "free": problem.is_none(), "message": message })))
}

/// `POST /portals/new`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let settings = provisioning(&visit)?;
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_profile_sign_in(&visit));
    };
    if person.is_unproved() {
        return Ok(to_proof(&visit));
    }
    let (title, address) = (fields.text("title"), fields.text("address").trim());
    let session = Some(person.session.id);
    if Browser::of_form(&visit, session, fields.text("csrf")).is_none() {
        return page(&visit, &person, title, address, vec![NewPortalError::Expired]).await;
    }
    let (checked_title, name) = match check_fields(&visit, settings, title, address) {
        Ok(checked) => checked,
        Err(errors) => {
            let suggested = portal_name::suggest(title);
            let address = if address.is_empty() { &suggested } else { address };
            return page(&visit, &person, title, address, errors).await;
        }
    };
    if let Attempt::Refused { retry_after } = count(&visit, &person, "create", CREATIONS).await? {
        let errors = vec![NewPortalError::TooMany { minutes: minutes_of(retry_after) }];
        let again = page(&visit, &person, title, address, errors).await?;
        return Ok(again.retry_after(retry_after));
    }
    let new = new_portal(&visit, settings, person.account.id, &name, &checked_title);
    let error = match visit.change().create_portal(new).await? {
        CreatePortal::Created => {
            return created(&visit, &person, settings, &name).await;
        }
        CreatePortal::NameTaken => NewPortalError::AddressTaken,
        CreatePortal::TooMany => NewPortalError::NoneLeft,
    };
    page(&visit, &person, title, address, vec![error]).await
}

/// On to the new portal, once this process serves it.
async fn created(visit: &Visit, person: &SignedIn, settings: &Provisioning, name: &str) -> Answer {
    let event = event(visit, audit::PORTAL_CREATED).with_account(person.account.id);
    record(visit, event.with_portal(name)).await;
    visit.app.notice_bell.notify_one();
    let host = format!("{name}.{}", settings.domain);
    if is_served(visit.hub(), name, PATIENCE).await {
        let origin = visit.snapshot.origin_of(&host);
        return Ok(Reply::see_other(&format!("{origin}/")).leads_to_portals(visit));
    }
    tracing::warn!(request_id = visit.request_id, portal = name, "a new portal is not served yet");
    let news = Flash::People(News::PortalSoon).leave(visit, Some(person.session.id));
    Ok(Reply::see_other(&visit.identity_url("/")).cookies(news))
}

/// Waits, for a while, until the snapshot in force has the portal.
pub(super) async fn is_served(hub: &Hub, name: &str, patience: Duration) -> bool {
    hub.portal_bells.added.notify_one();
    let served = async {
        loop {
            let taken = hub.portal_bells.taken.notified();
            pin!(taken);
            // From here on a bell is heard: one that rings between the look and the wait is not lost.
            taken.as_mut().enable();
            if hub.snapshot.load().portal(name).is_some() {
                return;
            }
            taken.await;
        }
    };
    tokio::time::timeout(patience, served).await.is_ok()
}

fn new_portal(
    visit: &Visit,
    settings: &Provisioning,
    maker: AccountId,
    name: &str,
    title: &str,
) -> NewPortal {
    let portal = StoredPortal {
        id: name.to_owned(),
        toml: new_portal_toml(name, title, settings),
        created_at: visit.now(),
        created_by: Some(maker),
    };
    let host = format!("{name}.{}", settings.domain);
    NewPortal {
        portal,
        name_key: skeleton(name),
        most: settings.max_per_account,
        webhook: settings.webhook.as_ref().map(|webhook| webhook.events.clone()),
        notice: Notice::portal_created(maker, title, &host),
    }
}

fn provisioning(visit: &Visit) -> Result<&Provisioning, Failure> {
    visit.snapshot.config.provisioning.as_ref().ok_or(Failure::NotFound)
}

async fn count(
    visit: &Visit,
    person: &SignedIn,
    what: &str,
    quota: Quota,
) -> Result<Attempt, StoreError> {
    let key = attempt_key("new-portal/account", &[what, &person.account.id.to_string()]);
    visit.hub().sessions.count_attempt(&key, quota, visit.now_ms).await
}

async fn page(
    visit: &Visit,
    person: &SignedIn,
    title: &str,
    address: &str,
    errors: Vec<NewPortalError>,
) -> Answer {
    let settings = provisioning(visit)?;
    let browser = Browser::of(visit)?;
    let made = visit.hub().directory.portals_made(person.account.id).await?;
    let status = match errors.first() {
        None | Some(NewPortalError::Suggested) => StatusCode::OK,
        Some(NewPortalError::Expired) => StatusCode::FORBIDDEN,
        Some(NewPortalError::AddressTaken) => StatusCode::CONFLICT,
        Some(NewPortalError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = Page {
        person: person.person(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        title: title.chars().take(LONGEST_ECHO).collect(),
        address: address.chars().take(LONGEST_ECHO).collect(),
        domain: settings.domain.clone(),
        left: settings.max_per_account.saturating_sub(made),
        errors,
    };
    Ok(Reply::page(pages::new_portal(&visit.frame_at("/portals/new"), &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie()))
}

/// Questions of a person who types.
const CHECKS: Quota = Quota { limit: 120, window: 60 };
/// Forms, most of which fail for a name that is taken.
const CREATIONS: Quota = Quota { limit: 30, window: 3600 };
/// For the control service to take the portal in; normally a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
