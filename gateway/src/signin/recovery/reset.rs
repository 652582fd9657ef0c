//! `/reset-password`: the checkword comes back, typed or by link, and the button sets the password.
//!
//! Mail scanners open every link, some of them as often as they like: GET only looks. A form of this page
//! carries the checkword, and nothing else in it says whose password is set.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::recovery::Checkword as Judged;
use bitrix_id_auth_core::store::{Attempt, Quota};
use bitrix_id_auth_core::throttle::{attempt_key, client_network};
use http::StatusCode;
use http::header::REFERRER_POLICY;

use super::checkword::Checkword;
use super::set;
use super::under_way::UnderWay;
use crate::pages::{
    self, CheckwordError, EnterCheckword, NewPassword, NewPasswordError, OldCheckword, WhyOld,
};
use crate::signin::browser::Browser;
use crate::signin::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use crate::signin::fields::{Form, Pairs, Query};
use crate::signin::flash::{self, Flash};
use crate::signin::mailed_code::lifetime_minutes;
use crate::signin::person::{self, event, record_seldom};
use crate::signin::reply::Reply;
use crate::signin::sign_in::minutes_of;
use crate::signin::sign_up::require_mail;
use crate::signin::transaction;
use crate::signin::visit::{AtIdentity, Visit};

/// `GET /reset-password`, the step of the checkword, and `GET /reset-password?checkword=…`, the link of
/// the mail.
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    require_mail(&visit)?;
    match query.optional("checkword") {
        Some(unverified) => open(&visit, unverified).await,
        None => ask_checkword(&visit, None).await,
    }
}

/// `POST /reset-password`: the typed checkword, or the new password with the checkword beside it.
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    visit.require_same_origin()?;
    let unverified = fields.text("checkword");
    // Typing it is only another way of opening the link.
    if fields.text("step") != "password" {
        return open(&visit, unverified).await;
    }
    let Some(checkword) = Checkword::parse(unverified) else {
        return open(&visit, unverified).await;
    };
    let session = person::signed_in(&visit).await?.map(|person| person.session.id);
    let genuine = Browser::of_form(&visit, session, fields.text("csrf")).is_some();
    match look(&visit, &checkword).await? {
        Looked::At(Judged::Live(to)) if genuine => {
            set_password(&visit, &checkword, &to.address, to.account.is_some(), &fields).await
        }
        Looked::At(Judged::Live(to)) => {
            new_password(&visit, &checkword, &to.address, Some(NewPasswordError::Expired)).await
        }
        looked => refuse(&visit, &checkword, looked).await,
    }
}

async fn set_password(
    visit: &Visit,
    checkword: &Checkword,
    address: &str,
    known: bool,
    fields: &Pairs,
) -> Answer {
    let (new, again) = (fields.text("password"), fields.text("again"));
    match set::set_password(visit, checkword, address, known, new, again).await? {
        set::Outcome::Done(reply) => Ok(reply),
        set::Outcome::NotTaken(error) => new_password(visit, checkword, address, Some(error)).await,
        // Between the look and the button: the same checkword twice at once, say.
        set::Outcome::Refused(judged) => refuse(visit, checkword, Looked::At(judged)).await,
    }
}

/// What a text that may be a checkword leads to. Changes nothing.
async fn open(visit: &Visit, unverified: &str) -> Answer {
    let Some(checkword) = Checkword::parse(unverified) else {
        return not_known(visit).await;
    };
    match look(visit, &checkword).await? {
        Looked::At(Judged::Live(to)) => new_password(visit, &checkword, &to.address, None).await,
        looked => refuse(visit, &checkword, looked).await,
    }
}

/// Outcome of looking at a checkword.
pub(super) enum Looked {
    /// It was looked at.
    At(Judged),
    /// Too many that never were one came from this network.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
}

/// Looks a checkword up. Those that never were one are counted by client network: an office whose mail
/// scanner opens the link of everybody's mail uses nothing up.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn look(visit: &Visit, checkword: &Checkword) -> Result<Looked, Failure> {
    let sessions = &visit.hub().sessions;
    let network = client_network(visit.client_ip).to_string();
    let key = attempt_key("recovery/tries", &[&network]);
    let counted = sessions.count_attempt(&key, TRIES_PER_NETWORK, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = counted {
        return Ok(Looked::TooMany { retry_after });
    }
    let judged = visit.hub().directory.peek_checkword(&checkword.hash(), visit.now()).await?;
    if judged == Judged::Unknown {
        record_seldom(visit, event(visit, audit::RECOVERY_REFUSED)).await;
    } else {
        sessions.forgive_attempt(&key, TRIES_PER_NETWORK).await?;
    }
    Ok(Looked::At(judged))
}

/// A checkword that sets no password, in words.
async fn refuse(visit: &Visit, checkword: &Checkword, looked: Looked) -> Answer {
    let (why, to) = match looked {
        Looked::TooMany { retry_after } => {
            let error = CheckwordError::TooMany { minutes: minutes_of(retry_after) };
            return Ok(ask_checkword(visit, Some(error)).await?.retry_after(retry_after));
        }
        Looked::At(Judged::Unknown | Judged::Live(_)) => return not_known(visit).await,
        Looked::At(Judged::Outdated { to, newer_sent_at }) => {
            let zone = match to.account {
                Some(account) => visit.hub().directory.account(account).await?,
                None => None,
            };
            let zone = zone.and_then(|account| account.time_zone);
            (WhyOld::Outdated { newer_sent_at, zone }, to)
        }
        Looked::At(Judged::Used(to)) => (WhyOld::Used, to),
        Looked::At(Judged::Expired(to)) => {
            (WhyOld::Expired { minutes: lifetime_minutes(visit) }, to)
        }
    };
    old_checkword(visit, why, &to.address, &checkword.shown()).await
}

/// A text that is no checkword: back to the step that asks for it, or to the beginning.
async fn not_known(visit: &Visit) -> Answer {
    if transaction::find::<UnderWay>(visit).await?.is_some() {
        return ask_checkword(visit, Some(CheckwordError::NoMatch)).await;
    }
    old_checkword(visit, WhyOld::Unknown, "", "").await
}

/// The step that asks for the checkword, if this browser has begun a recovery.
async fn ask_checkword(visit: &Visit, error: Option<CheckwordError>) -> Answer {
    let session = person::signed_in(visit).await?.map(|person| person.session.id);
    let Some((browser, under_way)) = transaction::find::<UnderWay>(visit).await? else {
        return Ok(Reply::see_other(&visit.identity_url("/forgot-password")));
    };
    let resent = error.is_none() && Flash::read(visit, session) == Some(Flash::CodeSent);
    let view = EnterCheckword {
        email: under_way.email.clone(),
        csrf: browser.form_value(visit, session),
        error,
        resent,
        resend_in_seconds: under_way.resend_in(visit.now()),
    };
    let status = match error {
        None => StatusCode::OK,
        Some(CheckwordError::NoMatch) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(CheckwordError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
    };
    let reply = Reply::page(pages::enter_checkword(&visit.frame_at("/reset-password"), &view))
        .status(status)
        .cookies(resent.then(flash::clear));
    Ok(secretive(reply))
}

async fn new_password(
    visit: &Visit,
    checkword: &Checkword,
    address: &str,
    error: Option<NewPasswordError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let session = person::signed_in(visit).await?.map(|person| person.session.id);
    let view = NewPassword {
        email: address.to_owned(),
        checkword: checkword.shown(),
        csrf: browser.form_value(visit, session),
        min_length: visit.snapshot.config.passwords.min_length,
        error,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(NewPasswordError::Expired) => StatusCode::FORBIDDEN,
        Some(NewPasswordError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(NewPasswordError::Weak(_) | NewPasswordError::Differs) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    // In another language the same page: the link holds what the mail's link holds.
    let frame = visit.frame_at(&format!("/reset-password?checkword={}", checkword.shown()));
    let reply = Reply::page(pages::new_password(&frame, &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie());
    Ok(secretive(match error {
        Some(NewPasswordError::Busy) => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    }))
}

async fn old_checkword(visit: &Visit, why: WhyOld, address: &str, checkword: &str) -> Answer {
    let browser = Browser::of(visit)?;
    let session = person::signed_in(visit).await?.map(|person| person.session.id);
    let view = OldCheckword {
        why,
        email: address.to_owned(),
        checkword: checkword.to_owned(),
        csrf: browser.form_value(visit, session),
    };
    let reply = Reply::page(pages::old_checkword(&visit.frame_at("/forgot-password"), &view))
        .status(StatusCode::UNPROCESSABLE_ENTITY)
        .cookies(browser.cookie());
    Ok(secretive(reply))
}

/// For a page whose address may hold a checkword: no request that it causes tells the address, not even to
/// this host. (`no-referrer` would do that too, and make browsers send `Origin: null` with the form.)
fn secretive(reply: Reply) -> Reply {
    reply.header(REFERRER_POLICY, "strict-origin")
}

/// That never were a checkword. Of 2^140 there is nothing to guess; this bounds the work.
const TRIES_PER_NETWORK: Quota = Quota { limit: 60, window: 600 };
