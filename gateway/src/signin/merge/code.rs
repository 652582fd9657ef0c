//! The other account proved by a code that is mailed to one of its addresses.

use bitrix_id_auth_core::identity::{AccountId, SessionId};
use bitrix_id_auth_core::store::{Attempt, Holder, Quota, StoreError};
use bitrix_id_auth_core::throttle::attempt_key;
use serde::{Deserialize, Serialize};

use super::{Begun, PATH, begin, keep, may, named, other_account, refuse, to_merge};
use crate::pages::{CodeError, CodePurpose, MergeError, mail};
use crate::signin::browser::Browser;
use crate::signin::code_step::{self, Said};
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::{self, Flash};
use crate::signin::home::to_sign_in;
use crate::signin::mailed_code::{MailedCode, lifetime, lifetime_minutes};
use crate::signin::outgoing::{self, queue_or_log};
use crate::signin::person::{self, SignedIn};
use crate::signin::reply::Reply;
use crate::signin::sign_in::minutes_of;
use crate::signin::sign_up::require_mail;
use crate::signin::transaction::{self, Transaction};
use crate::signin::visit::{AtIdentity, Visit};

/// A code on its way to an address of the other account.
#[derive(Serialize, Deserialize)]
struct Asked {
    code: MailedCode,
    /// Canonical.
    address: String,
    /// Whose the address was when the mail went out; `None`: nobody's, and the mail held no code.
    from: Option<AccountId>,
    session: SessionId,
}

impl Transaction for Asked {
    const KIND: &'static str = "merge-code";
}

/// `POST /profile/merge/send`
pub(crate) async fn send(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    let (person, browser, address) = match named(&visit, &fields).await? {
        Begun::Go(named) => *named,
        Begun::Answer(reply) => return Ok(reply),
    };
    if let Some(wait) = wait(&visit, &person, None, &address).await? {
        let error = MergeError::TooMany { minutes: minutes_of(wait) };
        return Ok(refuse(&visit, &person, &address, error).await?.retry_after(wait));
    }
    if !ask(&visit, &browser, &person, &address).await? {
        return refuse(&visit, &person, &address, MergeError::MailFailed).await;
    }
    Ok(Reply::see_other(&visit.identity_url("/profile/merge/code")))
}

/// `POST /profile/merge/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, asked) = match under_way(&visit, &fields).await? {
        Begun::Go(step) => *step,
        Begun::Answer(reply) => return Ok(reply),
    };
    if let Some(wait) = wait(&visit, &person, Some(&asked.code), &asked.address).await? {
        let said = Said::Error(CodeError::ResendTooSoon);
        return Ok(code_page(&visit, &browser, &person, &asked, said).retry_after(wait));
    }
    if !ask(&visit, &browser, &person, &asked.address).await? {
        let said = Said::Error(CodeError::MailFailed);
        let page = code_page(&visit, &browser, &person, &asked, said);
        return Ok(page.retry_after(RETRY_AFTER_SECONDS));
    }
    Ok(Reply::see_other(&visit.identity_url("/profile/merge/code"))
        .cookies(Flash::CodeSent.leave(&visit, Some(person.session.id))))
}

/// `GET /profile/merge/code`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let found = transaction::find::<Asked>(&visit).await?;
    let Some((browser, asked)) = found.filter(|(_, asked)| asked.session == person.session.id)
    else {
        return Ok(to_merge(&visit));
    };
    if Flash::read(&visit, Some(person.session.id)) == Some(Flash::CodeSent) {
        let page = code_page(&visit, &browser, &person, &asked, Said::Resent);
        return Ok(page.cookie(flash::clear()));
    }
    Ok(code_page(&visit, &browser, &person, &asked, Said::Nothing))
}

/// `POST /profile/merge/code`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, asked) = match under_way(&visit, &fields).await? {
        Begun::Go(step) => *step,
        Begun::Answer(reply) => return Ok(reply),
    };
    let typed = fields.text("code");
    let refused = code_step::refused(&visit, &browser, &person, &asked.code, typed).await?;
    let directory = &visit.hub().directory;
    let proved = match asked.from {
        Some(from) if refused.is_none() => {
            let still = directory.holder(&asked.address).await? == Holder::Proved(from);
            directory.account(from).await?.filter(|other| still && may(other))
        }
        Some(_) | None => None,
    };
    let Some(other) = proved else {
        let error = refused.unwrap_or(CodeError::NoMatch);
        return Ok(code_page(&visit, &browser, &person, &asked, Said::Error(error)));
    };
    keep(&visit, &browser, &person, &other).await?;
    transaction::take::<Asked>(&visit, &browser).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/merge/review")))
}

async fn under_way(
    visit: &Visit,
    fields: &Pairs,
) -> Result<Begun<(SignedIn, Browser, Asked)>, Failure> {
    require_mail(visit)?;
    let (person, browser) = match begin(visit, fields).await? {
        Begun::Go(begun) => *begun,
        Begun::Answer(reply) => return Ok(Begun::Answer(reply)),
    };
    let found = transaction::peek::<Asked>(visit, &browser).await?;
    Ok(match found.filter(|asked| asked.session == person.session.id) {
        Some(asked) => Begun::Go(Box::new((person, browser, asked))),
        None => Begun::Answer(Reply::see_other(&visit.identity_url(PATH))),
    })
}

/// Seconds until a mail may go out, counted by asking account, and by mailbox within it.
async fn wait(
    visit: &Visit,
    person: &SignedIn,
    earlier: Option<&MailedCode>,
    address: &str,
) -> Result<Option<u32>, StoreError> {
    let key = attempt_key("merge-code/account", &[&person.account.id.to_string()]);
    let own = visit.hub().sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = own {
        return Ok(Some(retry_after));
    }
    code_step::wait_for_mail(visit, person, earlier, address).await
}

/// Keeps a new code and queues the mail; the one with the code, or the one that says there is nothing to
/// merge. False: the directory took no mail, which is in the log.
async fn ask(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    address: &str,
) -> Result<bool, Failure> {
    let (code, digits) = MailedCode::new(visit, browser)?;
    let other = other_account(visit, address).await?;
    let brand = visit.snapshot.config.identity.name.as_str();
    let letter = match &other {
        Some(other) => {
            let lang = visit.lang_of(other);
            mail::addresses::merge_code(lang, brand, &digits, lifetime_minutes(visit))
        }
        None => {
            let url = visit.identity_url("/profile/emails");
            mail::addresses::nothing_to_merge(visit.lang, brand, &url)
        }
    };
    let from = other.map(|other| other.id);
    let asked = Asked { code, address: address.to_owned(), from, session: person.session.id };
    transaction::store(visit, browser, &asked, lifetime(visit)).await?;
    Ok(queue_or_log(visit, address, letter, outgoing::MAIL).await)
}

fn code_page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    asked: &Asked,
    said: Said,
) -> Reply {
    let Asked { code, address, .. } = asked;
    code_step::page(visit, browser, person, CodePurpose::Merge, address, code, said)
}

/// Mails asked for from within one account.
const PER_ACCOUNT: Quota = Quota { limit: 20, window: 3600 };
