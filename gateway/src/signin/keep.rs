//! `/profile/keep`: an account that is leaving stays, or goes on leaving.
//!
//! Two ways lead here: the link of the mail, and a sign-in, which opens nothing else while the account is
//! leaving. Who came by a sign-in and keeps the account is signed in, if it is this that keeps it: what was
//! kept otherwise may have been signed out everywhere since. The link says no more than that
//! somebody reads the mail, weeks later perhaps: it keeps the account, and who wants to use it signs in.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::{AccountId, UnixSeconds};
use bitrix_id_auth_core::store::links::NewLink;
use bitrix_id_auth_core::store::{Account, AccountState, StoreError};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::enter::{self, Method, PASSWORD, SOCIAL};
use super::failure::{Answer, Failure};
use super::fields::{Form, Query};
use super::flash::{self, Flash};
use super::hop;
use super::link_value::{self, LinkValue};
use super::person::{self, event, record};
use super::reply::Reply;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Keep, Keeping};

/// The account that may be kept.
#[derive(Serialize, Deserialize)]
struct Leaving {
    account: AccountId,
    /// Of who has signed in but for the question.
    #[serde(default)]
    arrival: Option<Arrival>,
}

/// A sign-in that waits for the answer.
#[derive(Serialize, Deserialize)]
struct Arrival {
    way: Way,
    /// Of the account when the credential was checked: it rises with every change that makes the check
    /// out of date.
    generation: u32,
    /// When the credential was checked.
    shown_at: UnixSeconds,
    /// Where the browser was going.
    state: Option<String>,
}

/// How somebody signed in who may keep an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Way {
    /// By the account's password.
    Password,
    /// By this linked account.
    Social {
        /// The subject's space.
        issuer: String,
        /// The account there.
        subject: String,
    },
}

impl Way {
    /// By what a provider said.
    pub(super) fn by(link: &NewLink) -> Self {
        Self::Social { issuer: link.issuer.clone(), subject: link.subject.clone() }
    }

    fn method(&self) -> Method {
        match self {
            Self::Password => PASSWORD,
            Self::Social { .. } => SOCIAL,
        }
    }

    /// Whether it still leads to the account. A new password raises the generation; the end of a link does
    /// not.
    async fn leads_to(&self, visit: &Visit, account: AccountId) -> Result<bool, StoreError> {
        let Self::Social { issuer, subject } = self else {
            return Ok(true);
        };
        let linked = visit.hub().directory.linked(issuer, subject).await?;
        Ok(linked.is_some_and(|link| link.account == account))
    }
}

impl Transaction for Leaving {
    const KIND: &'static str = "leaving";
}

impl LinkValue for Leaving {
    const KIND: &'static str = "keep";
}

/// The absolute address for the mail; it works until the account is gone.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(super) async fn link(
    visit: &Visit,
    account: AccountId,
    delete_at: UnixSeconds,
) -> Result<String, Failure> {
    let lifetime = delete_at - visit.now();
    let key = link_value::make(visit, &Leaving { account, arrival: None }, lifetime).await?;
    Ok(visit.identity_url(&format!("/profile/keep?key={key}")))
}

/// For who has just shown to be the owner of an account that is leaving: to the question.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn begin(
    visit: &Visit,
    browser: &Browser,
    account: &Account,
    way: Way,
    state: Option<&str>,
) -> Answer {
    let (generation, state) = (account.generation, state.map(str::to_owned));
    let arrival = Some(Arrival { way, generation, shown_at: visit.now(), state });
    let leaving = Leaving { account: account.id, arrival };
    transaction::store(visit, browser, &leaving, QUESTION_SECONDS).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/keep")))
}

/// `GET /profile/keep`, with `key=…` from the mail
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    if Flash::read(&visit, None) == Some(Flash::Kept) {
        let signed_in = person::signed_in(&visit).await?.is_some();
        let onward = hop::with_state("/sign-in", query.optional("state"));
        let kept = Keeping::Kept { signed_in, onward };
        return Ok(page(&visit, kept, None, false)?.cookie(flash::clear()));
    }
    let key = query.optional("key");
    let state = standing(&visit, asked(&visit, key).await?).await?;
    page(&visit, state, key, false)
}

/// `POST /profile/keep`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let key = fields.optional("key");
    let Some(account) = asked(&visit, key).await? else {
        return page(&visit, Keeping::Nothing, None, false);
    };
    let Some(browser) = Browser::of_form(&visit, None, fields.text("csrf")) else {
        let state = standing(&visit, Some(account)).await?;
        return page(&visit, state, key, true);
    };
    match fields.text("choice") {
        "keep" => keep(&visit, &browser, account, key).await,
        "go" => let_go(&visit, &browser, account).await,
        _ => Err(Failure::BadRequest("neither kept nor let go")),
    }
}

async fn keep(visit: &Visit, browser: &Browser, account: AccountId, key: Option<&str>) -> Answer {
    let kept = visit.hub().directory.keep_leaver(account).await?;
    if kept {
        record(visit, event(visit, audit::ACCOUNT_KEPT).with_account(account)).await;
    }
    if let Some(key) = key {
        link_value::take::<Leaving>(visit, key).await?;
    }
    // Spent: an arrival lets in once.
    let waiting = transaction::take::<Leaving>(visit, browser).await?;
    let waiting = waiting.filter(|waiting| waiting.account == account);
    let arrival = waiting.and_then(|waiting| waiting.arrival);
    let state = arrival.as_ref().and_then(|arrival| arrival.state.clone());
    if !kept && !is_active(visit, account).await? {
        return page(visit, Keeping::Nothing, None, false);
    }
    let cookies = match arrival {
        Some(arrival) if kept => arrive(visit, account, &arrival).await?,
        Some(_) | None => Vec::new(),
    };
    let path = hop::with_state("/profile/keep", state.as_deref());
    Ok(Reply::see_other(&visit.identity_url(&path))
        .cookies(cookies)
        .cookies(Flash::Kept.leave(visit, None)))
}

async fn is_active(visit: &Visit, account: AccountId) -> Result<bool, StoreError> {
    let account = visit.hub().directory.account(account).await?;
    Ok(account.is_some_and(|account| account.state == AccountState::Active))
}

/// The sign-in that had to wait, for who has kept the account just now. Without one, if the account or what
/// led to it has changed since: the person signs in anew.
async fn arrive(
    visit: &Visit,
    account: AccountId,
    arrival: &Arrival,
) -> Result<Vec<HeaderValue>, Failure> {
    let account = visit.hub().directory.account(account).await?;
    let Some(account) = account.filter(|account| account.generation == arrival.generation) else {
        return Ok(Vec::new());
    };
    if !arrival.way.leads_to(visit, account.id).await? {
        return Ok(Vec::new());
    }
    let (method, shown_at) = (arrival.way.method(), arrival.shown_at);
    let Some(started) = enter::begin(visit, &account, method, shown_at).await? else {
        return Ok(Vec::new());
    };
    let mut cookies = started.cookies;
    cookies.extend(person::language_cookie(visit, &account));
    Ok(cookies)
}

async fn let_go(visit: &Visit, browser: &Browser, account: AccountId) -> Answer {
    let flash = match standing(visit, Some(account)).await? {
        Keeping::Leaving { delete_at, time_zone } => Some(Flash::Leaving { delete_at, time_zone }),
        Keeping::Kept { .. } | Keeping::Nothing => None,
    };
    transaction::take::<Leaving>(visit, browser).await?;
    let flash = flash.and_then(|flash| flash.leave(visit, None));
    Ok(Reply::see_other(&visit.identity_url("/signed-out")).cookies(flash))
}

/// Whose leaving this browser, or this link, may undo.
async fn asked(visit: &Visit, key: Option<&str>) -> Result<Option<AccountId>, Failure> {
    let leaving = match key {
        Some(key) => link_value::peek::<Leaving>(visit, key).await?,
        None => transaction::find::<Leaving>(visit).await?.map(|(_, leaving)| leaving),
    };
    Ok(leaving.map(|leaving| leaving.account))
}

/// Whether the account is leaving still.
async fn standing(visit: &Visit, account: Option<AccountId>) -> Result<Keeping, Failure> {
    let Some(account) = account else {
        return Ok(Keeping::Nothing);
    };
    let account = visit.hub().directory.account(account).await?;
    Ok(match account {
        Some(Account { state: AccountState::Leaving { delete_at }, time_zone, .. }) => {
            Keeping::Leaving { delete_at, time_zone }
        }
        _ => Keeping::Nothing,
    })
}

fn page(visit: &Visit, state: Keeping, key: Option<&str>, expired: bool) -> Answer {
    let browser = Browser::of(visit)?;
    let gone = matches!(state, Keeping::Nothing);
    let path = match key.filter(|_| !gone) {
        Some(key) => format!("/profile/keep?key={key}"),
        None => "/profile/keep".to_owned(),
    };
    let csrf = browser.form_value(visit, None);
    let view = Keep { state, key: key.map(str::to_owned), csrf, expired };
    let status = match (gone, expired) {
        (true, _) => StatusCode::GONE,
        (false, true) => StatusCode::FORBIDDEN,
        (false, false) => StatusCode::OK,
    };
    Ok(Reply::page(pages::keep(&visit.frame_at(&path), &view))
        .status(status)
        .cookies(browser.cookie()))
}

/// Long enough to think. One can sign in again; who answers is signed in on what was shown so long ago.
const QUESTION_SECONDS: i64 = 600;
