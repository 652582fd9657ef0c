//! `/profile/merge`: two Bitrix IDs of one person become one.
//!
//! Signed in to the one that stays, with a fresh sign-in, the person names the other by one of its
//! addresses and proves it: by its password, or by a code mailed to that address. A page then shows what
//! will happen, and one POST does it. Nobody learns here whether an address has a Bitrix ID.
//!
//! What was proved belongs to the session it was proved in, and to the other one's password of that moment.

mod code;
mod plan;
mod review;
mod undo;

use bitrix_id_auth_core::email;
use bitrix_id_auth_core::identity::{AccountId, SessionId};
use bitrix_id_auth_core::store::{Account, AccountState, AddressProof, StoreError};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::add_address::fingerprint;
use super::browser::Browser;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs};
use super::flash::{self, Flash};
use super::fresh;
use super::home::to_sign_in;
use super::own_password::{self, Checked};
use super::person::{self, SignedIn};
use super::reply::Reply;
use super::sign_in::{LONGEST_ECHO, minutes_of};
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, Merge, MergeError, MergeNews, MergeRow};

pub(crate) use code::{resend, send, show as show_code, submit as submit_code};
pub(crate) use review::{show as show_review, submit as submit_review};
pub(crate) use undo::submit as undo;

/// Another account that this session has shown to be the person's as well.
#[derive(Serialize, Deserialize)]
struct Proved {
    from: AccountId,
    /// What its password was.
    password: [u8; 32],
    session: SessionId,
}

impl Transaction for Proved {
    const KIND: &'static str = "merge";
}

/// `GET /profile/merge`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    if !fresh::is_fresh(&visit, &person) {
        return Ok(fresh::ask(&visit, PATH));
    }
    let news = match Flash::read(&visit, Some(person.session.id)) {
        Some(Flash::Merge(news)) => Some(news),
        _ => None,
    };
    let told = news.is_some();
    let reply = page(&visit, &person, Shown { news, ..Shown::default() }).await?;
    Ok(if told { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /profile/merge`: the other one's address and password.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, address) = match named(&visit, &fields).await? {
        Begun::Go(named) => *named,
        Begun::Answer(reply) => return Ok(reply),
    };
    let other = other_account(&visit, &address).await?;
    let typed = fields.text("password");
    let checked = own_password::check(&visit, &address, other.as_ref(), typed, PURPOSE).await?;
    let error = match (checked, other) {
        (Checked::Right, Some(other)) => {
            keep(&visit, &browser, &person, &other).await?;
            return Ok(Reply::see_other(&visit.identity_url("/profile/merge/review")));
        }
        (Checked::Right | Checked::Wrong, _) => MergeError::NoMatch,
        (Checked::Busy, _) => MergeError::Busy,
        (Checked::TooMany { retry_after }, _) => {
            let error = MergeError::TooMany { minutes: minutes_of(retry_after) };
            return Ok(refuse(&visit, &person, &address, error).await?.retry_after(retry_after));
        }
    };
    refuse(&visit, &person, &address, error).await
}

/// What every POST about the other account begins with.
enum Begun<T> {
    Go(Box<T>),
    Answer(Reply),
}

/// A person with a fresh sign-in and a genuine form.
async fn begin(visit: &Visit, fields: &Pairs) -> Result<Begun<(SignedIn, Browser)>, Failure> {
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(visit).await? else {
        return Ok(Begun::Answer(to_merge(visit)));
    };
    let session = Some(person.session.id);
    let Some(browser) = Browser::of_form(visit, session, fields.text("csrf")) else {
        let reply = refuse(visit, &person, "", MergeError::Expired).await?;
        return Ok(Begun::Answer(reply));
    };
    if !fresh::is_fresh(visit, &person) {
        return Ok(Begun::Answer(fresh::ask(visit, PATH)));
    }
    Ok(Begun::Go(Box::new((person, browser))))
}

/// And a canonical address that is not the person's own.
async fn named(
    visit: &Visit,
    fields: &Pairs,
) -> Result<Begun<(SignedIn, Browser, String)>, Failure> {
    let (person, browser) = match begin(visit, fields).await? {
        Begun::Go(begun) => *begun,
        Begun::Answer(reply) => return Ok(Begun::Answer(reply)),
    };
    let typed = fields.text("email").trim();
    let Ok(address) = email::canonical(typed) else {
        let reply = refuse(visit, &person, typed, MergeError::Invalid).await?;
        return Ok(Begun::Answer(reply));
    };
    let held = visit.hub().directory.addresses(person.account.id).await?;
    if held.iter().any(|held| held.address == address) {
        let reply = refuse(visit, &person, typed, MergeError::Own).await?;
        return Ok(Begun::Answer(reply));
    }
    Ok(Begun::Go(Box::new((person, browser, address))))
}

/// The account that has proved the address, if it may sign in.
async fn other_account(visit: &Visit, address: &str) -> Result<Option<Account>, StoreError> {
    let found = visit.hub().directory.account_by_email(address).await?;
    Ok(found.filter(may))
}

fn may(account: &Account) -> bool {
    account.state == AccountState::Active && account.proof != AddressProof::None
}

async fn keep(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    other: &Account,
) -> Result<(), Failure> {
    let session = person.session.id;
    let proved = Proved { from: other.id, password: fingerprint(other), session };
    transaction::store(visit, browser, &proved, PROVED_SECONDS).await
}

fn to_merge(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url(PATH))
}

fn tell(visit: &Visit, person: &SignedIn, news: MergeNews) -> Reply {
    to_merge(visit).cookies(Flash::Merge(news).leave(visit, Some(person.session.id)))
}

/// What the page says and what its form holds.
#[derive(Default)]
struct Shown {
    typed: String,
    news: Option<MergeNews>,
    error: Option<MergeError>,
}

async fn refuse(visit: &Visit, person: &SignedIn, typed: &str, error: MergeError) -> Answer {
    let shown = Shown { typed: typed.to_owned(), error: Some(error), ..Shown::default() };
    page(visit, person, shown).await
}

async fn page(visit: &Visit, person: &SignedIn, shown: Shown) -> Answer {
    let browser = Browser::of(visit)?;
    let account = person.account.id;
    let merges = visit.hub().directory.merges(account).await?;
    let Shown { typed, news, error } = shown;
    let view = Merge {
        person: person.person(),
        typed: typed.chars().take(LONGEST_ECHO).collect(),
        by_code: visit.snapshot.config.mail.is_some(),
        csrf: browser.form_value(visit, Some(person.session.id)),
        rows: merges.into_iter().filter(|merge| merge.into == account).map(row).collect(),
        news,
        error,
        now: visit.now(),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(MergeError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(MergeError::Busy | MergeError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(MergeError::Expired) => StatusCode::FORBIDDEN,
        Some(MergeError::Invalid | MergeError::Own | MergeError::NoMatch) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let reply = Reply::page(pages::merge(&visit.frame_at(PATH), &view))
        .status(status)
        .cookies(browser.cookie());
    Ok(match status {
        StatusCode::SERVICE_UNAVAILABLE => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    })
}

fn row(merge: bitrix_id_auth_core::store::merging::Merge) -> MergeRow {
    MergeRow {
        id: merge.id.to_string(),
        addresses: merge.moved.addresses,
        merged_at: merge.at_ms.div_euclid(1000),
        undone_at: merge.undone.map(|(at_ms, _)| at_ms.div_euclid(1000)),
    }
}

const PATH: &str = "/profile/merge";
/// In the audit table.
const PURPOSE: &str = "merge";
/// From the proof to the decision: time to read what will happen.
const PROVED_SECONDS: i64 = 15 * 60;
