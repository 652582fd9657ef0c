//! `/sign-in`: e-mail and password, or straight on for a browser that is signed in already.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::password::{AnyVerification, PasswordError, Verification};
use bitrix_id_auth_core::store::{Account, AccountState, AddressProof, Attempt, Holder};
use http::StatusCode;

use super::browser::Browser;
use super::device;
use super::enter::{PASSWORD, enter};
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Query};
use super::flash::Flash;
use super::hop::{self, Destination};
use super::keep::{self, Way};
use super::person::{self, event, record, record_seldom};
use super::portal_password;
use super::reply::Reply;
use super::social;
use super::switch;
use super::visit::{AtIdentity, Visit};
use super::welcome::{self, Begin};
use crate::pages::{self, SignIn, SignInError};

/// `GET /sign-in?state=…`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let state = query.optional("state");
    if let Some(person) = person::signed_in(&visit).await? {
        return hop::go_on(&visit, &person, state);
    }
    if let Destination::Again(state) = hop::destination(&visit, state) {
        return Ok(Reply::see_other(&hop::again_url(&visit, &state)));
    }
    if let Some(reply) = switch::arrived(&visit, state, &query) {
        return Ok(reply);
    }
    // Kept, not taken away: after one language there may be another to try.
    let typed = match Flash::read(&visit, None) {
        Some(Flash::Typed(typed)) => typed,
        _ => String::new(),
    };
    form(&visit, state, &typed, None)
}

/// `POST /sign-in`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(form_fields): Form) -> Answer {
    visit.require_same_origin()?;
    let state = form_fields.optional("state");
    // A second tab, or a second press of the button: signed in is signed in.
    if person::signed_in(&visit).await?.is_some() {
        return Ok(hop::go_on_after_form(&visit, state));
    }
    let typed = form_fields.text("email").trim();
    let Some(browser) = Browser::of_form(&visit, None, form_fields.text("csrf")) else {
        return form(&visit, state, typed, Some(SignInError::Expired));
    };
    let password = form_fields.text("password");
    if typed.is_empty() || password.is_empty() {
        return form(&visit, state, typed, Some(SignInError::Incomplete));
    }
    let error = match check(&visit, typed, password).await? {
        Checked::Matches(account) if account.state != AccountState::Active => {
            return keep::begin(&visit, &browser, &account, Way::Password, state).await;
        }
        Checked::Matches(account) => match enter(&visit, &account, PASSWORD, state).await? {
            Some(reply) => return Ok(reply),
            None => refuse(&visit, Some(&account), Refused::NoMatch).await,
        },
        Checked::OpensPortals(begin) => {
            let begin = Begin { state: state.map(str::to_owned), ..*begin };
            return welcome::begin(&visit, &browser, begin).await;
        }
        Checked::Refused(refused) => refused,
    };
    let reply = form(&visit, state, typed, Some(error.shown()))?;
    Ok(match error {
        Refused::TooMany { retry_after } => reply.retry_after(retry_after),
        Refused::Busy => reply.retry_after(RETRY_AFTER_SECONDS),
        Refused::NoMatch => reply,
    })
}

/// Outcome of looking at address and password.
enum Checked {
    /// They belong together.
    Matches(Box<Account>),
    /// The password is an old one of portals that know the address.
    OpensPortals(Box<Begin>),
    /// They were refused, or not looked at.
    Refused(Refused),
}

/// Why not.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// Unknown address, wrong password, disabled account: one answer.
    NoMatch,
    /// Attempts are limited.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// The hashing queue is full.
    Busy,
}

impl Refused {
    fn shown(self) -> SignInError {
        match self {
            Self::NoMatch => SignInError::NoMatch,
            Self::TooMany { retry_after } => {
                SignInError::TooMany { minutes: minutes_of(retry_after) }
            }
            Self::Busy => SignInError::Busy,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::NoMatch => "no_match",
            Self::TooMany { .. } => "throttled",
            Self::Busy => "busy",
        }
    }
}

/// Counts the attempt, then verifies the password: of the account, or of nobody at the same cost.
async fn check(visit: &Visit, typed: &str, password: &str) -> Result<Checked, Failure> {
    // A text that is no address is counted and hashed like an unknown one.
    let address = email::canonical(typed).unwrap_or_else(|_| typed.to_lowercase());
    let hub = visit.hub();
    let account = match hub.directory.holder(&address).await? {
        Holder::None => None,
        Holder::Proved(id) | Holder::Unproved(id) => hub.directory.account(id).await?,
    };
    let known = device::known(visit, account.as_ref()).await?;
    let (throttle, known) = (&visit.app.throttle, known.as_deref());
    let attempt = throttle.before(&address, visit.client_ip, known, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = attempt {
        return Ok(Checked::Refused(
            refuse(visit, account.as_ref(), Refused::TooMany { retry_after }).await,
        ));
    }
    let old = portal_password::candidates(visit, &address).await?;
    // Who is leaving may still come back to say no.
    let comes = |state| matches!(state, AccountState::Active | AccountState::Leaving { .. });
    let active = account.as_ref().filter(|account| comes(account.state));
    let stored = active.and_then(|account| account.password_hash.as_deref());
    let pool = hub.passwords.load_full();
    let verified = match pool.verify_any(stored, &old.hashes(), old.slots, password).await {
        Ok(verified) => verified,
        Err(PasswordError::TooLong) => {
            AnyVerification { own: Verification::NoMatch, others: Vec::new() }
        }
        Err(PasswordError::Busy) => {
            return Ok(Checked::Refused(refuse(visit, account.as_ref(), Refused::Busy).await));
        }
        Err(error @ PasswordError::Internal(_)) => return Err(error.into()),
    };
    let checked = match account.clone() {
        Some(account) if stored.is_some() && verified.own != Verification::NoMatch => {
            let mut account = Box::new(account);
            if verified.own == Verification::MatchButWeaker {
                rehash(visit, &mut account, password).await;
            }
            Checked::Matches(account)
        }
        holder => {
            match portal_password::opened(visit, holder.as_ref(), old, &verified.others, password)
                .await
            {
                Ok(Some(begin)) => Checked::OpensPortals(Box::new(begin)),
                Ok(None) => {
                    let refused = refuse(visit, account.as_ref(), Refused::NoMatch).await;
                    return Ok(Checked::Refused(refused));
                }
                Err(Failure::Busy) => {
                    let refused = refuse(visit, account.as_ref(), Refused::Busy).await;
                    return Ok(Checked::Refused(refused));
                }
                Err(failure) => return Err(failure),
            }
        }
    };
    // The password of a Bitrix ID that somebody has proved is the only one that counts at its address. An
    // unproved one's and those of portals are one of several there: whoever knows one takes back no guesses
    // at the others. Nor does an old portal password take back anything at a proved Bitrix ID.
    let proved = account.is_some_and(|account| account.proof != AddressProof::None);
    let forgotten = match (&checked, proved) {
        (Checked::Matches(_), true) => throttle.succeeded(&address, visit.client_ip, known).await,
        (Checked::OpensPortals(_), true) | (Checked::Refused(_), _) => Ok(()),
        (_, false) => throttle.forgive(&address, visit.client_ip, known).await,
    };
    if let Err(error) = forgotten {
        tracing::warn!(request_id = visit.request_id, "attempts were not forgotten: {error}");
    }
    Ok(checked)
}

/// Counts and keeps a refusal.
async fn refuse(visit: &Visit, account: Option<&Account>, refused: Refused) -> Refused {
    visit.hub().telemetry.metrics.sign_in("password", refused.label());
    let about = |action| {
        let event = event(visit, action).with_detail("password");
        match account {
            Some(account) => event.with_account(account.id),
            None => event,
        }
    };
    match refused {
        Refused::NoMatch => record(visit, about(audit::SIGN_IN_FAILED)).await,
        Refused::TooMany { .. } => record_seldom(visit, about(audit::SIGN_IN_THROTTLED)).await,
        Refused::Busy => {}
    }
    refused
}

/// Replaces a hash whose parameters have been outgrown. The sign-in goes on without it.
async fn rehash(visit: &Visit, account: &mut Account, password: &str) {
    let hub = visit.hub();
    let Ok(fresh) = hub.passwords.load_full().hash(password).await else {
        return;
    };
    let expected = account.password_hash.as_deref();
    match hub.directory.replace_password_hash(account.id, expected, &fresh).await {
        Ok(true) => account.password_hash = Some(fresh),
        // Somebody set a new password meanwhile: the session's own check finds out.
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(
                request_id = visit.request_id,
                "a password hash was not renewed: {error}"
            );
        }
    }
}

/// The form, with the status that goes with the error.
fn form(visit: &Visit, state: Option<&str>, email: &str, error: Option<SignInError>) -> Answer {
    let browser = Browser::of(visit)?;
    let told = Flash::read(visit, None);
    let switched = told == Some(Flash::Switched);
    let news = match told {
        Some(Flash::Social(news)) => Some(news),
        _ => None,
    };
    let email: String = email.chars().take(LONGEST_ECHO).collect();
    // The language links lead to a GET, which would come without what was typed.
    let left = error.and_then(|_| Flash::Typed(email.clone()).leave(visit, None));
    let view = SignIn {
        to_portal: hop::portal_ahead(visit, state),
        email,
        state: state.map(str::to_owned),
        csrf: browser.form_value(visit, None),
        error,
        sign_up: visit.snapshot.config.mail.is_some(),
        social: social::buttons(visit, state),
        news,
        switched,
    };
    let status = match error {
        None => StatusCode::OK,
        Some(SignInError::NoMatch | SignInError::Incomplete) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(SignInError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignInError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(SignInError::Expired) => StatusCode::FORBIDDEN,
    };
    let frame = visit.frame_at(&hop::with_state("/sign-in", state));
    Ok(Reply::page(pages::sign_in(&frame, &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie())
        .cookies(left))
}

/// Seconds as whole minutes, at least one.
pub(super) fn minutes_of(seconds: u32) -> u32 {
    seconds.div_ceil(60).max(1)
}

/// Longest typed text shown again, in characters; nothing that is an address is longer.
pub(super) const LONGEST_ECHO: usize = 320;
