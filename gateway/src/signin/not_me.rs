//! `/not-me`: the link of the mail about a new device. Ends what the account has open in that browser, for
//! whoever has the mail, and the browser is known no more.
//!
//! The session that the mail tells of may be over, and others may have begun there since: a browser that is
//! known is not told of again.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_auth_core::store::Account;
use bitrix_id_auth_core::store::notices::Notice;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::device;
use super::failure::{Answer, Failure};
use super::fields::{Form, Query};
use super::flash::{self, Flash};
use super::link_value::{self, LinkValue};
use super::notices;
use super::person::{self, Named, Started, event, record};
use super::reply::Reply;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Disowned, NotMe};

/// The sign-in a link is about.
#[derive(Serialize, Deserialize)]
struct About {
    account: AccountId,
    session: SessionId,
    #[serde(default)]
    browser: Option<Seen>,
}

/// The browser, which may be known for longer than its session lives.
#[derive(Serialize, Deserialize)]
struct Seen {
    /// The name under which it is known for the account since.
    name: String,
    /// What the account's sessions there have in common.
    sessions: String,
    user_agent: String,
    address: String,
    at: UnixSeconds,
}

impl LinkValue for About {
    const KIND: &'static str = "not-me";
}

/// The absolute address for the mail.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn link(
    visit: &Visit,
    account: &Account,
    started: &Started,
) -> Result<String, Failure> {
    let browser = started.device.clone().map(|Named { name, sessions }| Seen {
        name,
        sessions,
        user_agent: visit.user_agent.clone(),
        address: visit.client_ip.to_canonical().to_string(),
        at: visit.now(),
    });
    let about = About { account: account.id, session: started.session, browser };
    let key = link_value::make(visit, &about, LIFETIME_SECONDS).await?;
    Ok(visit.identity_url(&format!("/not-me?key={key}")))
}

/// `GET /not-me?key=…`: says what would happen.
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    if Flash::read(&visit, None) == Some(Flash::Disowned) {
        return Ok(page(&visit, Disowned::Ended, "", false)?.cookie(flash::clear()));
    }
    let key = query.text("key");
    let about = live(&visit, key).await?;
    page(&visit, about, key, false)
}

/// `POST /not-me`: does it.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let key = fields.text("key");
    if Browser::of_form(&visit, None, fields.text("csrf")).is_none() {
        let about = live(&visit, key).await?;
        return page(&visit, about, key, true);
    }
    let Some(about) = link_value::peek::<About>(&visit, key).await? else {
        return page(&visit, Disowned::Gone, "", false);
    };
    // Spent after that: a store that fails in between costs the person nothing.
    let ended = end(&visit, &about).await?;
    for session in &ended {
        let event = event(&visit, audit::SESSION_DISOWNED).with_account(about.account);
        record(&visit, event.with_session(*session)).await;
    }
    if !ended.is_empty() {
        let notice = Notice::sessions_ended(about.account, &ended, false);
        notices::tell(&visit, about.account, notice).await;
    }
    link_value::take::<About>(&visit, key).await?;
    Ok(Reply::see_other(&visit.identity_url("/not-me"))
        .cookies(Flash::Disowned.leave(&visit, None)))
}

/// Ends every session of the account in that browser. The browser is unknown before that: a sign-in that is
/// under way there finds out, and is told of.
async fn end(visit: &Visit, about: &About) -> Result<Vec<SessionId>, Failure> {
    if let Some(browser) = &about.browser {
        device::disown(visit, &browser.name).await?;
        return Ok(person::end_sessions_on(visit, about.account, &browser.sessions).await?);
    }
    let ended = person::end_session(visit, about.session).await?;
    Ok(ended.then_some(about.session).into_iter().collect())
}

/// The sign-in behind a link, while there is something to end.
async fn live(visit: &Visit, key: &str) -> Result<Disowned, Failure> {
    let Some(about) = link_value::peek::<About>(visit, key).await? else {
        return Ok(Disowned::Gone);
    };
    let hub = visit.hub();
    let Some(account) = hub.directory.account(about.account).await? else {
        return Ok(Disowned::Gone);
    };
    if let Some(Seen { user_agent, address, at, .. }) = about.browser {
        return Ok(Disowned::Session { user_agent, address, at, time_zone: account.time_zone });
    }
    let session = hub.sessions.session(about.session, hub.session_limits(), visit.now()).await?;
    Ok(session.map_or(Disowned::Gone, |session| {
        let address = session.client_ip.map(|ip| ip.to_canonical().to_string());
        Disowned::Session {
            user_agent: session.user_agent,
            address: address.unwrap_or_default(),
            at: session.created_at,
            time_zone: account.time_zone,
        }
    }))
}

fn page(visit: &Visit, about: Disowned, key: &str, expired: bool) -> Answer {
    let browser = Browser::of(visit)?;
    let gone = matches!(about, Disowned::Gone);
    let path = if gone || key.is_empty() { String::new() } else { format!("/not-me?key={key}") };
    // Forms here belong to the browser alone: the link works whoever is signed in.
    let csrf = browser.form_value(visit, None);
    let view = NotMe { about, key: key.to_owned(), csrf, expired };
    let status = match (gone, expired) {
        (true, _) => StatusCode::GONE,
        (false, true) => StatusCode::FORBIDDEN,
        (false, false) => StatusCode::OK,
    };
    Ok(Reply::page(pages::not_me(&visit.frame_at(&path), &view))
        .status(status)
        .cookies(browser.cookie()))
}

/// As the mail says: 7 days.
const LIFETIME_SECONDS: i64 = 7 * 24 * 3600;
