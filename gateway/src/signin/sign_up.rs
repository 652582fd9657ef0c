//! `/sign-up`: name, e-mail and a new password; the account is made when the mailed code comes back.
//!
//! Nobody learns here whether an address has a Bitrix ID: known or not, the password is hashed, a record
//! is kept, a mail is queued and the same page follows. Only the mail differs.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::name::{self, BadName};
use bitrix_id_auth_core::password::{PasswordError, WeakPassword};
use bitrix_id_auth_core::store::{Attempt, StoreError};
use http::StatusCode;

use super::browser::Browser;
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs, Query};
use super::hop;
use super::invited;
use super::mail_quota;
use super::mailed_code::{MailedCode, lifetime_minutes};
use super::outgoing::{self, queue, queued_or_logged};
use super::password_rules::check_password;
use super::pending::Pending;
use super::person::{self, event, record};
use super::reply::Reply;
use super::sign_in::{LONGEST_ECHO, minutes_of};
use super::social;
use super::transaction;
use super::visit::{AtIdentity, Visit};
use crate::pages::{self, SignUp, SignUpError, mail};

/// `GET /sign-up?state=…`
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    require_mail(&visit)?;
    let state = query.optional("state");
    if let Some(person) = person::signed_in(&visit).await? {
        return hop::go_on(&visit, &person, state);
    }
    // "Use another address" on the page of the code: only what is wrong has to be typed again.
    match transaction::find::<Pending>(&visit).await? {
        Some((_, earlier)) => form(&visit, state, &earlier.name, &earlier.email, Vec::new()).await,
        None => form(&visit, state, "", "", Vec::new()).await,
    }
}

/// `POST /sign-up`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    visit.require_same_origin()?;
    let state = fields.optional("state");
    if person::signed_in(&visit).await?.is_some() {
        return Ok(hop::go_on_after_form(&visit, state));
    }
    let (name, typed) = (fields.text("name").trim(), fields.text("email").trim());
    let again = |errors| form(&visit, state, name, typed, errors);
    let Some(browser) = Browser::of_form(&visit, None, fields.text("csrf")) else {
        return again(vec![SignUpError::Expired]).await;
    };
    let (checked_name, address) = match check_fields(&visit, &fields).await? {
        Ok(checked) => checked,
        Err(errors) if errors.contains(&SignUpError::Busy) => {
            return Ok(again(errors).await?.retry_after(RETRY_AFTER_SECONDS));
        }
        Err(errors) => return again(errors).await,
    };
    if let Attempt::Refused { retry_after } = mail_quota::of_stranger(&visit, &address).await? {
        let error = SignUpError::TooMany { minutes: minutes_of(retry_after) };
        return Ok(again(vec![error]).await?.retry_after(retry_after));
    }
    let password_hash = match visit.hub().passwords.load_full().hash(fields.text("password")).await
    {
        Ok(hash) => hash,
        Err(PasswordError::Busy) => {
            return Ok(again(vec![SignUpError::Busy]).await?.retry_after(RETRY_AFTER_SECONDS));
        }
        Err(error) => return Err(error.into()),
    };
    let (kept, code) = MailedCode::new(&visit, &browser)?;
    let pending = Pending {
        code: kept,
        state: state.map(str::to_owned),
        name: checked_name,
        email: address,
        password_hash,
        language: visit.lang.tag().to_owned(),
    };
    pending.store(&visit, &browser).await?;
    if !send_code(&visit, &pending, &code).await {
        let errors = vec![SignUpError::MailFailed];
        return Ok(again(errors).await?.retry_after(RETRY_AFTER_SECONDS));
    }
    record(&visit, event(&visit, audit::SIGN_UP_STARTED)).await;
    Ok(Reply::see_other(&visit.identity_url("/sign-up/confirm")))
}

/// Queues the code, or, for an address that has a Bitrix ID, the mail that says so. False: the directory
/// took no mail, which is in the log.
pub(super) async fn send_code(visit: &Visit, pending: &Pending, code: &str) -> bool {
    queued_or_logged(visit, try_send_code(visit, pending, code).await, outgoing::MAIL)
}

async fn try_send_code(visit: &Visit, pending: &Pending, code: &str) -> Result<(), StoreError> {
    let brand = visit.snapshot.config.identity.name.as_str();
    let body = match visit.hub().directory.account_by_email(&pending.email).await? {
        Some(owner) => {
            let lang = visit.lang_of(&owner);
            mail::already_registered(lang, brand, &visit.identity_url("/sign-in"))
        }
        None => mail::confirm_code(visit.lang, brand, code, lifetime_minutes(visit)),
    };
    queue(visit, &pending.email, body).await
}

/// Without a way to send mail there is no proof of an address, hence no sign-up.
pub(super) fn require_mail(visit: &Visit) -> Result<(), Failure> {
    if visit.snapshot.config.mail.is_some() { Ok(()) } else { Err(Failure::NotFound) }
}

/// Name and canonical address, or everything that has to be put right, in the order of the fields.
async fn check_fields(
    visit: &Visit,
    fields: &Pairs,
) -> Result<Result<(String, String), Vec<SignUpError>>, Failure> {
    let name = name::check(fields.text("name")).map_err(|bad| match bad {
        BadName::Missing => SignUpError::NameMissing,
        BadName::TooLong => SignUpError::NameTooLong,
    });
    let address =
        email::canonical(fields.text("email").trim()).map_err(|_| SignUpError::EmailInvalid);
    let known = [address.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default()];
    let password = match check_password(visit, fields.text("password"), &known).await {
        Ok(checked) => checked.map_err(SignUpError::from),
        Err(PasswordError::Busy) => Err(SignUpError::Busy),
        Err(error) => return Err(error.into()),
    };
    Ok(match (name, address, password) {
        (Ok(name), Ok(address), Ok(())) => Ok((name, address)),
        (name, address, password) => {
            Err([name.err(), address.err(), password.err()].into_iter().flatten().collect())
        }
    })
}

impl From<WeakPassword> for SignUpError {
    fn from(weak: WeakPassword) -> Self {
        match weak {
            WeakPassword::TooShort { .. } => Self::PasswordTooShort,
            WeakPassword::TooLong => Self::PasswordTooLong,
            WeakPassword::Common => Self::PasswordCommon,
            WeakPassword::LikeEmail => Self::PasswordIsEmail,
            WeakPassword::Guessable => Self::PasswordGuessable,
        }
    }
}

async fn form(
    visit: &Visit,
    state: Option<&str>,
    name: &str,
    email: &str,
    errors: Vec<SignUpError>,
) -> Answer {
    let browser = Browser::of(visit)?;
    let status = match errors.first() {
        None => StatusCode::OK,
        Some(SignUpError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignUpError::Busy | SignUpError::MailFailed) => StatusCode::SERVICE_UNAVAILABLE,
        Some(SignUpError::Expired) => StatusCode::FORBIDDEN,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = SignUp {
        to_portal: hop::portal_ahead(visit, state),
        to_join: invited::portal_ahead(visit, state).await?,
        name: name.chars().take(LONGEST_ECHO).collect(),
        email: email.chars().take(LONGEST_ECHO).collect(),
        state: state.map(str::to_owned),
        csrf: browser.form_value(visit, None),
        min_length: visit.snapshot.config.passwords.min_length,
        errors,
        social: social::buttons(visit, state),
    };
    let frame = visit.frame_at(&hop::with_state("/sign-up", state));
    Ok(Reply::page(pages::sign_up(&frame, &view))
        .leads_to_portals(visit)
        .status(status)
        .cookies(browser.cookie()))
}
