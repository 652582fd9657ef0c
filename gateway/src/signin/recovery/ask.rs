//! `/forgot-password`: which address? The answer is the same for every address that is one.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::store::recovery::{Checkword as Judged, RecoveryRequest};
use bitrix_id_auth_core::store::{Attempt, Quota};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};
use http::StatusCode;
use uuid::Uuid;

use super::checkword::Checkword;
use super::reset::{Looked, look};
use super::under_way::UnderWay;
use crate::pages::{self, ForgotError, ForgotPassword};
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure};
use crate::signin::fields::{Form, Query};
use crate::signin::flash::Flash;
use crate::signin::hop;
use crate::signin::mailed_code::RESEND_AFTER_SECONDS;
use crate::signin::person::{self, SignedIn, event, record};
use crate::signin::reply::Reply;
use crate::signin::sign_in::{LONGEST_ECHO, minutes_of};
use crate::signin::sign_up::require_mail;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /forgot-password?state=…`. Also for who is signed in: by a provider alone, say.
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    require_mail(&visit)?;
    let person = person::signed_in(&visit).await?;
    let typed = match Flash::read(&visit, None) {
        Some(Flash::Typed(typed)) => typed,
        _ => person.as_ref().map(|person| person.account.email.clone()).unwrap_or_default(),
    };
    form(&visit, person.as_ref(), query.optional("state"), &typed, None)
}

/// `POST /forgot-password`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    visit.require_same_origin()?;
    let person = person::signed_in(&visit).await?;
    let (state, typed) = (fields.optional("state"), fields.text("email").trim());
    let again = |error| form(&visit, person.as_ref(), state, typed, Some(error));
    let session = person.as_ref().map(|person| person.session.id);
    let Some(browser) = Browser::of_form(&visit, session, fields.text("csrf")) else {
        return again(ForgotError::Expired);
    };
    let Ok(address) = email::canonical(typed) else {
        return again(ForgotError::EmailInvalid);
    };
    match ask(&visit, &browser, address, state.map(str::to_owned)).await? {
        Asked::Mailing | Asked::JustMailed => Ok(to_reset(&visit)),
        Asked::TooMany { retry_after } => {
            let error = ForgotError::TooMany { minutes: minutes_of(retry_after) };
            Ok(again(error)?.retry_after(retry_after))
        }
    }
}

/// `POST /forgot-password/again`: a new mail to the same address, known from this browser's own request or
/// from a checkword that is too old.
pub(crate) async fn again(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    visit.require_same_origin()?;
    let person = person::signed_in(&visit).await?;
    let session = person.as_ref().map(|person| person.session.id);
    let start_over = Ok(Reply::see_other(&visit.identity_url("/forgot-password")));
    let Some(browser) = Browser::of_form(&visit, session, fields.text("csrf")) else {
        return start_over;
    };
    let earlier = transaction::peek::<UnderWay>(&visit, &browser).await?;
    let address = match Checkword::parse(fields.text("checkword")) {
        Some(old) => address_of(&visit, &old).await?,
        None => earlier.as_ref().map(|earlier| earlier.email.clone()),
    };
    let Some(address) = address else {
        return start_over;
    };
    let state = earlier.and_then(|earlier| earlier.state);
    match ask(&visit, &browser, address.clone(), state.clone()).await? {
        Asked::Mailing => Ok(to_reset(&visit).cookies(Flash::CodeSent.leave(&visit, session))),
        Asked::JustMailed => Ok(to_reset(&visit)),
        Asked::TooMany { retry_after } => {
            let error = ForgotError::TooMany { minutes: minutes_of(retry_after) };
            let page = form(&visit, person.as_ref(), state.as_deref(), &address, Some(error))?;
            Ok(page.retry_after(retry_after))
        }
    }
}

/// Where a checkword was sent that no longer works.
async fn address_of(visit: &Visit, old: &Checkword) -> Result<Option<String>, Failure> {
    Ok(match look(visit, old).await? {
        Looked::At(
            Judged::Live(to) | Judged::Outdated { to, .. } | Judged::Used(to) | Judged::Expired(to),
        ) => Some(to.address),
        Looked::At(Judged::Unknown) | Looked::TooMany { .. } => None,
    })
}

/// Outcome of asking for a mail.
enum Asked {
    /// If the address is somebody's, a mail is on its way.
    Mailing,
    /// One was asked for less than a minute ago, here or elsewhere; it is as good.
    JustMailed,
    /// Limits.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
}

/// Keeps the request and what this browser has begun. Whose address it is, if anybody's, is not looked at:
/// the work, and so the time, is the same for all.
async fn ask(
    visit: &Visit,
    browser: &Browser,
    address: String,
    state: Option<String>,
) -> Result<Asked, Failure> {
    let (asked, asked_at) = match count(visit, &address).await? {
        Counted::Allowed => (Asked::Mailing, visit.now()),
        Counted::JustAsked { asked_at } => (Asked::JustMailed, asked_at),
        Counted::TooMany { retry_after } => return Ok(Asked::TooMany { retry_after }),
    };
    if matches!(asked, Asked::Mailing) {
        let request = RecoveryRequest {
            id: Uuid::now_v7(),
            address: address.clone(),
            language: visit.lang.tag().to_owned(),
            asked_at,
        };
        visit.hub().directory.queue_recovery(request).await?;
        record(visit, event(visit, audit::RECOVERY_ASKED)).await;
    }
    UnderWay { email: address, state, asked_at }.store(visit, browser).await?;
    if matches!(asked, Asked::Mailing) {
        // Last of all: the worker's writes, which come sooner for an address that is nobody's, must not
        // stand in the way of this visit's.
        visit.app.recovery_bell.notify_one();
    }
    Ok(asked)
}

enum Counted {
    Allowed,
    JustAsked { asked_at: i64 },
    TooMany { retry_after: u32 },
}

/// By client network and by mailbox. A stranger can use a mailbox's share up: the mails that it gets for
/// that work for its owner, in any browser.
async fn count(visit: &Visit, address: &str) -> Result<Counted, Failure> {
    let network = client_network(visit.client_ip).to_string();
    let by_network = attempt_key("recovery/network", &[&network]);
    let sessions = &visit.hub().sessions;
    let counted = sessions.count_attempt(&by_network, PER_NETWORK, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = counted {
        return Ok(Counted::TooMany { retry_after });
    }
    let gap = attempt_key("recovery/gap", &[address]);
    let counted = sessions.count_attempt(&gap, MAIL_GAP, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = counted {
        let asked_at = visit.now() + i64::from(retry_after) - RESEND_AFTER_SECONDS;
        return Ok(Counted::JustAsked { asked_at });
    }
    let by_mailbox = attempt_key("recovery/mailbox", &[address]);
    let counted = sessions.count_attempt(&by_mailbox, PER_MAILBOX, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = counted {
        return Ok(Counted::TooMany { retry_after });
    }
    Ok(Counted::Allowed)
}

fn to_reset(visit: &Visit) -> Reply {
    Reply::see_other(&visit.identity_url("/reset-password"))
}

fn form(
    visit: &Visit,
    person: Option<&SignedIn>,
    state: Option<&str>,
    email: &str,
    error: Option<ForgotError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let view = ForgotPassword {
        email: email.chars().take(LONGEST_ECHO).collect(),
        state: state.map(str::to_owned),
        csrf: browser.form_value(visit, person.map(|person| person.session.id)),
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(ForgotError::EmailInvalid) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(ForgotError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(ForgotError::Expired) => StatusCode::FORBIDDEN,
    };
    let frame = visit.frame_at(&hop::with_state("/forgot-password", state));
    Ok(Reply::page(pages::forgot_password(&frame, &view)).status(status).cookies(browser.cookie()))
}

/// Asked for from one network: a school or an office may share an address.
const PER_NETWORK: Quota = Quota { limit: 30, window: 3600 };
/// Between two mails to one mailbox.
const MAIL_GAP: Quota = Quota { limit: 1, window: 60 };
/// Mails to one mailbox.
const PER_MAILBOX: Quota = Quota { limit: 5, window: 3600 };
