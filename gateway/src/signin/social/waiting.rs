//! `/social/next`: a word from the person is needed before a provider's word counts for anything.
//!
//! The provider has named somebody, nobody is signed in, and what it named waits in this browser. The form
//! says which way to go on, and nothing else: who it is about stands in what waits.

use bitrix_id_auth_core::email;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::links::{LinkOutcome, NewLink};
use bitrix_id_auth_core::store::{Account, AccountState};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::step;
use crate::pages::{self, SocialAsk, SocialNext, SocialNextError};
use crate::signin::browser::Browser;
use crate::signin::enter::{self, enter};
use crate::signin::failure::{Answer, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs};
use crate::signin::hop;
use crate::signin::own_password::{self, Checked};
use crate::signin::person;
use crate::signin::reply::Reply;
use crate::signin::sign_in::{LONGEST_ECHO, minutes_of};
use crate::signin::transaction::{self, Transaction};
use crate::signin::visit::{AtIdentity, Visit};
use crate::signin::welcome;

/// What waits, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Whom the provider named.
    pub link: NewLink,
    /// The provider as pages name it.
    pub provider: String,
    /// The hop's state.
    pub state: Option<String>,
    /// What is asked.
    pub matter: Matter,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Matter {
    /// An address: the provider told none.
    Address,
    /// The password of the account that has proved the address, or a code.
    Confirm(AccountId),
    /// Whether to go on as the account that the link leads to.
    BelongsTo(AccountId),
}

impl Transaction for Waiting {
    const KIND: &'static str = "social-next";
}

/// Keeps it and leads to the page.
///
/// # Errors
/// [`crate::signin::failure::Failure::Store`].
pub(super) async fn ask(visit: &Visit, browser: &Browser, waiting: &Waiting) -> Answer {
    transaction::store(visit, browser, waiting, LIFETIME_SECONDS).await?;
    Ok(Reply::see_other(&visit.identity_url("/social/next")).cookies(browser.cookie()))
}

/// `GET /social/next`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    if let Some(person) = person::signed_in(&visit).await? {
        return hop::go_on(&visit, &person, None);
    }
    match transaction::find::<Waiting>(&visit).await? {
        Some((browser, waiting)) => page(&visit, &browser, &waiting, "", None).await,
        None => Ok(to_sign_in(&visit, None)),
    }
}

/// `POST /social/next`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let visit = visit.as_ref();
    if let Some(person) = person::signed_in(visit).await? {
        return hop::go_on(visit, &person, None);
    }
    let Some(browser) = Browser::of_form(visit, None, fields.text("csrf")) else {
        return match transaction::find::<Waiting>(visit).await? {
            Some((browser, waiting)) => {
                let expired = Some(SocialNextError::Expired);
                page(visit, &browser, &waiting, "", expired).await
            }
            None => Ok(to_sign_in(visit, None)),
        };
    };
    let Some(waiting) = transaction::peek::<Waiting>(visit, &browser).await? else {
        return Ok(to_sign_in(visit, None));
    };
    if fields.text("do") == "cancel" {
        transaction::take::<Waiting>(visit, &browser).await?;
        return Ok(to_sign_in(visit, waiting.state.as_deref()));
    }
    match waiting.matter {
        Matter::Address => address(visit, &browser, &waiting, &fields).await,
        Matter::Confirm(account) => confirm(visit, &browser, &waiting, account, &fields).await,
        Matter::BelongsTo(account) => go_on(visit, &browser, &waiting, account).await,
    }
}

/// Whoever holds the typed address, the next page is the same.
async fn address(visit: &Visit, browser: &Browser, waiting: &Waiting, fields: &Pairs) -> Answer {
    let typed = fields.text("email").trim();
    let Ok(address) = email::canonical(typed) else {
        let typed: String = typed.chars().take(LONGEST_ECHO).collect();
        return page(visit, browser, waiting, &typed, Some(SocialNextError::EmailInvalid)).await;
    };
    by_code(visit, browser, waiting, address).await
}

async fn by_code(visit: &Visit, browser: &Browser, waiting: &Waiting, address: String) -> Answer {
    let state = waiting.state.as_deref();
    let begin = step::prove(&waiting.link, waiting.provider.clone(), address, state);
    let reply = welcome::begin(visit, browser, begin).await?;
    transaction::take::<Waiting>(visit, browser).await?;
    Ok(reply)
}

/// The holder of the address links by password or has a code sent to it.
async fn confirm(
    visit: &Visit,
    browser: &Browser,
    waiting: &Waiting,
    account: AccountId,
    fields: &Pairs,
) -> Answer {
    let Some(address) = waiting.link.email.clone() else {
        return Ok(to_sign_in(visit, waiting.state.as_deref()));
    };
    if fields.text("do") == "code" {
        return by_code(visit, browser, waiting, address).await;
    }
    let account = visit.hub().directory.account(account).await?;
    let account = account.filter(|account| account.state == AccountState::Active);
    let typed = fields.text("password");
    let purpose = "social link";
    let checked = own_password::check(visit, &address, account.as_ref(), typed, purpose).await?;
    let error = match (checked, account) {
        (Checked::Right, Some(account)) => {
            return link_and_enter(visit, browser, waiting, &account).await;
        }
        (Checked::Right | Checked::Wrong, _) => SocialNextError::NoMatch,
        (Checked::TooMany { retry_after }, _) => {
            let error = SocialNextError::TooMany { minutes: minutes_of(retry_after) };
            return Ok(page(visit, browser, waiting, "", Some(error))
                .await?
                .retry_after(retry_after));
        }
        (Checked::Busy, _) => SocialNextError::Busy,
    };
    page(visit, browser, waiting, "", Some(error)).await
}

async fn link_and_enter(
    visit: &Visit,
    browser: &Browser,
    waiting: &Waiting,
    account: &Account,
) -> Answer {
    let state = waiting.state.as_deref();
    // Spent first: of two that come at once one goes on.
    if transaction::take::<Waiting>(visit, browser).await?.is_none() {
        return Ok(to_sign_in(visit, state));
    }
    let directory = &visit.hub().directory;
    // The address may have changed hands since.
    let address = waiting.link.email.as_deref().unwrap_or_default();
    let holder = directory.account_by_email(address).await?.map(|holder| holder.id);
    if holder != Some(account.id) {
        return Ok(to_sign_in(visit, state));
    }
    let (link, now) = (waiting.link.clone(), visit.now());
    match directory.link(account.id, account.generation, link, now).await? {
        LinkOutcome::Linked => {
            step::added(visit, account, &waiting.link, &waiting.provider).await;
            step::used(visit, &waiting.link).await;
        }
        LinkOutcome::Elsewhere(_) | LinkOutcome::Refused | LinkOutcome::Outdated => {
            return Ok(to_sign_in(visit, state));
        }
    }
    let entered = enter(visit, account, enter::SOCIAL_AND_PASSWORD, state).await?;
    Ok(entered.unwrap_or_else(|| to_sign_in(visit, state)))
}

/// As the account that the link leads to, which the person has just shown to be theirs.
async fn go_on(visit: &Visit, browser: &Browser, waiting: &Waiting, account: AccountId) -> Answer {
    let state = waiting.state.as_deref();
    if transaction::take::<Waiting>(visit, browser).await?.is_none() {
        return Ok(to_sign_in(visit, state));
    }
    let account = visit.hub().directory.account(account).await?;
    let Some(account) = account.filter(|account| account.state == AccountState::Active) else {
        return Ok(to_sign_in(visit, state));
    };
    let entered = step::enter_linked(visit, &account, &waiting.link, state).await?;
    Ok(entered.unwrap_or_else(|| to_sign_in(visit, state)))
}

async fn page(
    visit: &Visit,
    browser: &Browser,
    waiting: &Waiting,
    typed: &str,
    error: Option<SocialNextError>,
) -> Answer {
    let ask = match waiting.matter {
        Matter::Address => SocialAsk::Address { typed: typed.to_owned() },
        Matter::Confirm(account) => {
            let account = visit.hub().directory.account(account).await?;
            let password = account.is_some_and(|account| account.password_hash.is_some());
            SocialAsk::Confirm { email: waiting.link.email.clone().unwrap_or_default(), password }
        }
        Matter::BelongsTo(account) => {
            // The provider's account opens it, so whoever shows that one may read its name.
            let account = visit.hub().directory.account(account).await?;
            let owner = account.map(|account| account.email).unwrap_or_default();
            SocialAsk::BelongsTo { owner, told: waiting.link.email.clone() }
        }
    };
    let view = SocialNext {
        provider: waiting.provider.clone(),
        ask,
        by_mail: visit.snapshot.config.mail.is_some(),
        csrf: browser.form_value(visit, None),
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(SocialNextError::EmailInvalid | SocialNextError::NoMatch) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(SocialNextError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SocialNextError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(SocialNextError::Expired) => StatusCode::FORBIDDEN,
    };
    let reply = Reply::page(pages::social_next(&visit.frame_at("/social/next"), &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie());
    Ok(match error {
        Some(SocialNextError::Busy) => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    })
}

fn to_sign_in(visit: &Visit, state: Option<&str>) -> Reply {
    Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state)))
}

/// The provider's word is not kept for longer than a sign-in takes.
const LIFETIME_SECONDS: i64 = 900;
