//! Adding an address to an account: asked for with the current password (or, where there is none, after a
//! fresh sign-in), proved by a code that is mailed to the new address, and told to the primary one.
//!
//! Nobody learns here whether an address has a Bitrix ID: held by another account or not, the same happens
//! in the same time, and only the mail differs.
//!
//! What is under way belongs to the session and to the password it was asked with. It is dead when either
//! is replaced, so nothing that was begun in somebody else's hands outlives the owner's recovery.

mod code;

use bitrix_id_auth_core::email;
use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::{Account, AddressProof, Attempt, Quota};
use bitrix_id_auth_core::throttle::attempt_key;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::emails::{self, Shown, to_list_url};
use super::failure::{Answer, Failure};
use super::fields::{Form, Pairs};
use super::fresh;
use super::mail_quota;
use super::mailed_code::{MailedCode, lifetime};
use super::own_password::{self, Checked};
use super::person::{self, SignedIn};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::sign_up::require_mail;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::EmailsError;

pub(crate) use code::{cancel, resend, show_code, submit_code};

/// An address that waits for its code.
#[derive(Serialize, Deserialize)]
struct Adding {
    code: MailedCode,
    /// Canonical.
    address: String,
    /// The session that asked; in another one, of the same account or not, there is nothing to confirm.
    session: SessionId,
    /// Of that session when it asked: whatever puts an end to the sessions of then drops this.
    generation: u32,
    /// What the account's password was.
    password: [u8; 32],
}

impl Transaction for Adding {
    const KIND: &'static str = "add-address";
}

/// `POST /profile/emails`
pub(crate) async fn submit(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    require_mail(&visit)?;
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_list_url(&visit));
    };
    let typed = fields.text("email").trim().to_owned();
    let browser = Browser::of_form(&visit, Some(person.session.id), fields.text("csrf"));
    let Some(browser) = browser else {
        return again(&visit, &person, typed, Refused::plain(EmailsError::Expired)).await;
    };
    let address = match check(&visit, &person, &typed, &fields).await? {
        Ok(address) => address,
        Err(Refused { error: None, .. }) => return Ok(fresh::ask(&visit, "/profile/emails")),
        Err(refused) => return again(&visit, &person, typed, refused).await,
    };
    let (code, digits) = MailedCode::new(&visit, &browser)?;
    let adding = Adding {
        code,
        address,
        session: person.session.id,
        generation: person.session.generation,
        password: fingerprint(&person.account),
    };
    transaction::store(&visit, &browser, &adding, lifetime(&visit)).await?;
    if !code::send_code(&visit, &person, &adding, &digits).await {
        return again(&visit, &person, typed, Refused::plain(EmailsError::MailFailed)).await;
    }
    Ok(Reply::see_other(&visit.identity_url("/profile/emails/confirm")))
}

/// The address that waits for its code in this browser and session, and the value it is kept under.
///
/// # Errors
/// [`Failure::Store`].
pub(super) async fn pending(
    visit: &Visit,
    person: &SignedIn,
) -> Result<Option<(Browser, String)>, Failure> {
    let found = transaction::find::<Adding>(visit).await?;
    let own = found.filter(|(_, adding)| adding.is_of(person));
    Ok(own.map(|(browser, adding)| (browser, adding.address)))
}

/// Why a request went no further.
struct Refused {
    /// `None`: the sign-in is not fresh.
    error: Option<EmailsError>,
    /// Seconds.
    retry_after: Option<u32>,
}

impl Refused {
    fn plain(error: EmailsError) -> Self {
        Self { error: Some(error), retry_after: None }
    }

    fn too_many(retry_after: u32) -> Self {
        let error = EmailsError::TooMany { minutes: minutes_of(retry_after) };
        Self { error: Some(error), retry_after: Some(retry_after) }
    }
}

async fn again(visit: &Visit, person: &SignedIn, typed: String, refused: Refused) -> Answer {
    let shown = Shown { typed, error: refused.error, ..Shown::default() };
    let reply = emails::page(visit, person, shown).await?;
    Ok(match refused.retry_after {
        Some(seconds) => reply.retry_after(seconds),
        None => reply,
    })
}

/// The canonical address, if it may be asked about.
async fn check(
    visit: &Visit,
    person: &SignedIn,
    typed: &str,
    fields: &Pairs,
) -> Result<Result<String, Refused>, Failure> {
    let Ok(address) = email::canonical(typed) else {
        return Ok(Err(Refused::plain(EmailsError::Invalid)));
    };
    let account = &person.account;
    if account.password_hash.is_none() && !fresh::is_fresh(visit, person) {
        return Ok(Err(Refused { error: None, retry_after: None }));
    }
    if account.password_hash.is_some() {
        let password = fields.text("password");
        match own_password::check(visit, &account.email, Some(account), password, PURPOSE).await? {
            Checked::Right => {}
            Checked::Wrong => return Ok(Err(Refused::plain(EmailsError::CurrentNoMatch))),
            Checked::Busy => return Ok(Err(Refused::plain(EmailsError::Busy))),
            Checked::TooMany { retry_after } => return Ok(Err(Refused::too_many(retry_after))),
        }
    }
    let held = visit.hub().directory.addresses(account.id).await?;
    if held.iter().any(|held| held.address == address && held.proof >= AddressProof::Mail) {
        return Ok(Err(Refused::plain(EmailsError::Held)));
    }
    if held.len() >= MOST_ADDRESSES {
        let count = u32::try_from(MOST_ADDRESSES).unwrap_or(u32::MAX);
        return Ok(Err(Refused::plain(EmailsError::Most { count })));
    }
    let key = attempt_key("add-address/account", &[&account.id.to_string()]);
    let own = visit.hub().sessions.count_attempt(&key, PER_ACCOUNT, visit.now_ms).await?;
    if let Attempt::Refused { retry_after } = own {
        return Ok(Err(Refused::too_many(retry_after)));
    }
    Ok(match mail_quota::of_person(visit, person, &address).await? {
        Attempt::Allowed => Ok(address),
        Attempt::Refused { retry_after } => Err(Refused::too_many(retry_after)),
    })
}

impl Adding {
    /// Whether it was begun in this session, with the password that the account has.
    fn is_of(&self, person: &SignedIn) -> bool {
        self.session == person.session.id && self.password == fingerprint(&person.account)
    }
}

/// Of the password's hash: a new password, even the same one hashed anew, gives another.
pub(super) fn fingerprint(account: &Account) -> [u8; 32] {
    attempt_key("password-of", &[account.password_hash.as_deref().unwrap_or_default()])
}

/// Of one account. Each is looked at wherever profiles are joined.
const MOST_ADDRESSES: usize = 20;
/// Addresses asked about from within one account.
const PER_ACCOUNT: Quota = Quota { limit: 20, window: 3600 };
/// In the audit table.
const PURPOSE: &str = "add-address";
