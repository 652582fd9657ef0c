//! `/profile/keep`: an account that is leaving stays, or goes on leaving.
//!
//! Two ways lead here: the link of the mail, and the right password, which opens nothing else while the
//! account is leaving.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::identity::{AccountId, UnixSeconds};
use bitrix_id_auth_core::store::{Account, AccountState};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::{Form, Query};
use super::flash::{self, Flash};
use super::link_value::{self, LinkValue};
use super::person::{event, record};
use super::reply::Reply;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Keep, Keeping};

/// The account that may be kept.
#[derive(Serialize, Deserialize)]
struct Leaving {
    account: AccountId,
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
    let key = link_value::make(visit, &Leaving { account }, lifetime).await?;
    Ok(visit.identity_url(&format!("/profile/keep?key={key}")))
}

/// For who has just shown to be the owner of an account that is leaving: to the question.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn begin(visit: &Visit, browser: &Browser, account: &Account) -> Answer {
    let leaving = Leaving { account: account.id };
    transaction::store(visit, browser, &leaving, QUESTION_SECONDS).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/keep")))
}

/// `GET /profile/keep`, with `key=…` from the mail
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    if Flash::read(&visit, None) == Some(Flash::Kept) {
        return Ok(page(&visit, Keeping::Kept, None, false)?.cookie(flash::clear()));
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
    let flash = match fields.text("choice") {
        "keep" => {
            if visit.hub().directory.keep_leaver(account).await? {
                record(&visit, event(&visit, audit::ACCOUNT_KEPT).with_account(account)).await;
            }
            if let Some(key) = key {
                link_value::take::<Leaving>(&visit, key).await?;
            }
            Some(Flash::Kept)
        }
        "go" => match standing(&visit, Some(account)).await? {
            Keeping::Leaving { delete_at, time_zone } => {
                Some(Flash::Leaving { delete_at, time_zone })
            }
            Keeping::Kept | Keeping::Nothing => None,
        },
        _ => return Err(Failure::BadRequest("neither kept nor let go")),
    };
    transaction::take::<Leaving>(&visit, &browser).await?;
    let path = if flash == Some(Flash::Kept) { "/profile/keep" } else { "/signed-out" };
    let flash = flash.and_then(|flash| flash.leave(&visit, None));
    Ok(Reply::see_other(&visit.identity_url(path)).cookies(flash))
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

/// Long enough to think; the password can be typed again.
const QUESTION_SECONDS: i64 = 900;
