//! The step that proves the address: the six digits of the mail.

mod page;

use bitrix_id_auth_core::store::Holder;

use super::send::{self, Sent};
use super::{Begin, Proving, Purpose, begin, proved};
use crate::pages::CodeError;
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs};
use crate::signin::flash::{self, Flash};
use crate::signin::hop;
use crate::signin::mailed_code::Tried;
use crate::signin::person::{self, SignedIn};
use crate::signin::reply::Reply;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

pub(super) use page::{Note, offer, page};

/// `GET /welcome` with a proof under way.
pub(super) async fn show(
    visit: &Visit,
    browser: &Browser,
    proving: &Proving,
    person: Option<&SignedIn>,
    code: &str,
) -> Answer {
    let session = person.map(|person| person.session.id);
    let resent = Flash::read(visit, session) == Some(Flash::CodeSent);
    let note = if resent { Note::Resent } else { Note::Typed(code) };
    let reply = page(visit, browser, proving, person, note).await?;
    Ok(if resent { reply.cookie(flash::clear()) } else { reply })
}

/// `POST /welcome`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, proving, person) = match under_way(&visit, &fields).await? {
        Step::Go(under_way) => *under_way,
        Step::Answer(reply) => return Ok(reply),
    };
    let tried = match &proving.code {
        Some(code) => {
            let account = match (&person, visit.hub().directory.holder(&proving.email).await?) {
                (Some(person), _) => Some(person.account.id),
                (None, Holder::Proved(account)) => Some(account),
                (None, Holder::None | Holder::Unproved(_)) => None,
            };
            code.try_code(&visit, &browser, account, fields.text("code")).await?
        }
        None => Tried::Wrong,
    };
    let error = match tried {
        Tried::Right => return proved::go_on(&visit, &browser, proving).await,
        Tried::Expired => CodeError::CodeExpired,
        Tried::TooOften => CodeError::TooMany,
        Tried::Wrong => {
            visit.hub().telemetry.metrics.sign_in("mailed_code", "no_match");
            CodeError::NoMatch
        }
    };
    page(&visit, &browser, &proving, person.as_ref(), Note::error(error)).await
}

/// `POST /welcome/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (browser, mut proving, person) = match under_way(&visit, &fields).await? {
        Step::Go(under_way) => *under_way,
        Step::Answer(reply) => return Ok(reply),
    };
    let wait = proving.code.as_ref().map_or(0, |code| code.resend_in(visit.now()));
    let sent = match wait {
        0 => send::code(&visit, &browser, &mut proving).await?,
        _ => Sent::TooMany { retry_after: wait },
    };
    let (error, retry_after) = match sent {
        Sent::Queued => {
            proving.store(&visit, &browser).await?;
            let session = person.map(|person| person.session.id);
            return Ok(Reply::see_other(&visit.identity_url("/welcome"))
                .cookies(Flash::CodeSent.leave(&visit, session)));
        }
        // Not one mail has gone out that could be waited for.
        Sent::TooMany { retry_after } if proving.code.is_none() => {
            (CodeError::MailFailed, retry_after)
        }
        Sent::TooMany { retry_after } => (CodeError::ResendTooSoon, retry_after),
        Sent::Failed => (CodeError::MailFailed, RETRY_AFTER_SECONDS),
    };
    let reply = page(&visit, &browser, &proving, person.as_ref(), Note::error(error)).await?;
    Ok(reply.retry_after(retry_after))
}

/// `POST /welcome/prove`: an account that has proved nothing does so now.
pub(crate) async fn start(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    visit.require_same_origin()?;
    let state = fields.optional("state");
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state))));
    };
    let again = || Reply::see_other(&visit.identity_url(&hop::with_state("/welcome", state)));
    let session = Some(person.session.id);
    let Some(browser) = Browser::of_form(&visit, session, fields.text("csrf")) else {
        return Ok(again());
    };
    let Some(password_hash) = person.account.password_hash.clone().filter(|_| person.is_unproved())
    else {
        return Ok(again());
    };
    // Whoever returns the code gets a new account, whose password is the one that is known to work.
    let joined = visit.hub().directory.joined_profiles(person.account.id).await?;
    let keys = joined.iter().map(|record| record.key()).collect();
    let proof = Begin {
        email: person.account.email.clone(),
        name: person.account.name.clone(),
        state: state.map(str::to_owned),
        purpose: Purpose::PortalPassword { keys, password_hash },
    };
    begin(&visit, &browser, proof).await
}

/// What the POSTs begin with.
pub(super) enum Step {
    /// A proof under way in this browser, and who is signed in, with nothing proved.
    Go(Box<(Browser, Proving, Option<SignedIn>)>),
    /// Something else to say first.
    Answer(Reply),
}

pub(super) async fn under_way(visit: &Visit, fields: &Pairs) -> Result<Step, Failure> {
    visit.require_same_origin()?;
    let person = person::signed_in(visit).await?;
    if person.as_ref().is_some_and(|person| !person.is_unproved()) {
        return Ok(Step::Answer(hop::go_on_after_form(visit, fields.optional("state"))));
    }
    let session = person.as_ref().map(|person| person.session.id);
    let Some(browser) = Browser::of_form(visit, session, fields.text("csrf")) else {
        return Ok(Step::Answer(match transaction::find::<Proving>(visit).await? {
            Some((browser, proving)) => {
                let note = Note::error(CodeError::Expired);
                page(visit, &browser, &proving, person.as_ref(), note).await?
            }
            None => start_over(visit, fields),
        }));
    };
    Ok(match transaction::peek::<Proving>(visit, &browser).await? {
        Some(proving) => Step::Go(Box::new((browser, proving, person))),
        None => Step::Answer(start_over(visit, fields)),
    })
}

/// To the sign-in page, or on for whom is signed in.
pub(super) fn start_over(visit: &Visit, fields: &Pairs) -> Reply {
    let target = hop::with_state("/sign-in", fields.optional("state"));
    Reply::see_other(&visit.identity_url(&target))
}
