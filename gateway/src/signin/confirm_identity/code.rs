//! `/confirm/send` and `/confirm/code`: by a code from a mail instead of the password.

use bitrix_id_auth_core::identity::SessionId;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Begun, begin, confirm, page, takes_code};
use crate::pages::{CodeError, CodePurpose, ConfirmError, mail};
use crate::signin::browser::Browser;
use crate::signin::code_step::{self, Said};
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::Form;
use crate::signin::flash::{self, Flash};
use crate::signin::home::to_sign_in;
use crate::signin::hop;
use crate::signin::mailed_code::{MailedCode, lifetime, lifetime_minutes};
use crate::signin::outgoing::{self, queue_or_log};
use crate::signin::person::{self, SignedIn};
use crate::signin::reply::Reply;
use crate::signin::sign_in::minutes_of;
use crate::signin::transaction::{self, Transaction};
use crate::signin::visit::{AtIdentity, Visit};

/// A code on its way to the primary address.
#[derive(Serialize, Deserialize)]
struct Confirming {
    code: MailedCode,
    /// The session that asked; the code confirms no other.
    session: SessionId,
    /// Where the mail went.
    address: String,
    /// Where to go on to.
    state: Option<String>,
}

impl Transaction for Confirming {
    const KIND: &'static str = "confirm-identity";
}

/// `POST /confirm/send`: a code instead, or another one.
pub(crate) async fn send(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser) = match begin(&visit, &fields).await? {
        Begun::Go(person, browser) => (person, browser),
        Begun::Answer(reply) => return Ok(reply),
    };
    if !takes_code(&visit, &person.account) {
        return Err(Failure::NotFound);
    }
    let earlier = own(&visit, &browser, &person).await?;
    let state = earlier.as_ref().and_then(|earlier| earlier.state.clone());
    let state = fields.optional("state").map(str::to_owned).or(state);
    let address = person.account.email.clone();
    let code = earlier.as_ref().map(|earlier| &earlier.code);
    let wait = code_step::wait_for_mail(&visit, &person, code, &address).await?;
    if let Some(wait) = wait {
        return Ok(match earlier {
            Some(earlier) => code_page(
                &visit,
                &browser,
                &person,
                &earlier,
                Said::Error(CodeError::ResendTooSoon),
            ),
            None => page(
                &visit,
                &person,
                state.as_deref(),
                Some(ConfirmError::TooMany { minutes: minutes_of(wait) }),
            )?
            .status(StatusCode::TOO_MANY_REQUESTS),
        }
        .retry_after(wait));
    }
    let (kept, code) = MailedCode::new(&visit, &browser)?;
    let confirming = Confirming { code: kept, session: person.session.id, address, state };
    transaction::store(&visit, &browser, &confirming, lifetime(&visit)).await?;
    let lang = visit.lang_of(&person.account);
    let brand = visit.snapshot.config.identity.name.as_str();
    let letter = mail::addresses::confirm_identity(lang, brand, &code, lifetime_minutes(&visit));
    if !queue_or_log(&visit, &confirming.address, letter, outgoing::MAIL).await {
        let said = Said::Error(CodeError::MailFailed);
        return Ok(code_page(&visit, &browser, &person, &confirming, said)
            .retry_after(RETRY_AFTER_SECONDS));
    }
    let reply = Reply::see_other(&visit.identity_url("/confirm/code"));
    Ok(if earlier.is_some() {
        reply.cookies(Flash::CodeSent.leave(&visit, Some(person.session.id)))
    } else {
        reply
    })
}

/// `GET /confirm/code`
pub(crate) async fn show(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let found = transaction::find::<Confirming>(&visit).await?;
    let Some((browser, confirming)) = found.filter(|(_, c)| c.session == person.session.id) else {
        return Ok(Reply::see_other(&visit.identity_url("/confirm")));
    };
    if Flash::read(&visit, Some(person.session.id)) == Some(Flash::CodeSent) {
        let page = code_page(&visit, &browser, &person, &confirming, Said::Resent);
        return Ok(page.cookie(flash::clear()));
    }
    Ok(code_page(&visit, &browser, &person, &confirming, Said::Nothing))
}

/// `POST /confirm/code`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser) = match begin(&visit, &fields).await? {
        Begun::Go(person, browser) => (person, browser),
        Begun::Answer(reply) => return Ok(reply),
    };
    let Some(confirming) = own(&visit, &browser, &person).await? else {
        return Ok(Reply::see_other(&visit.identity_url("/confirm")));
    };
    let typed = fields.text("code");
    let code = &confirming.code;
    if let Some(error) = code_step::refused(&visit, &browser, &person, code, typed).await? {
        return Ok(code_page(&visit, &browser, &person, &confirming, Said::Error(error)));
    }
    // A primary address that changed meanwhile: the code proves one that is no longer asked about.
    let spent = transaction::take::<Confirming>(&visit, &browser).await?.is_some();
    if !spent || confirming.address != person.account.email {
        let path = hop::with_state("/confirm", confirming.state.as_deref());
        return Ok(Reply::see_other(&visit.identity_url(&path)));
    }
    confirm(&visit, &person, confirming.state.as_deref()).await
}

async fn own(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
) -> Result<Option<Confirming>, Failure> {
    let found = transaction::peek::<Confirming>(visit, browser).await?;
    Ok(found.filter(|confirming| confirming.session == person.session.id))
}

fn code_page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    confirming: &Confirming,
    said: Said,
) -> Reply {
    let Confirming { code, address, .. } = confirming;
    code_step::page(visit, browser, person, CodePurpose::Confirm, address, code, said)
}
