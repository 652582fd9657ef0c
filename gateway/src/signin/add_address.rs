//! Adding an address to an account: asked for with the current password (or, where there is none, after a
//! fresh sign-in), proved by a code that is mailed to the new address, and told to the primary one.
//!
//! Nobody learns here whether an address has a Bitrix ID: held by another account or not, the same happens
//! in the same time, and only the mail differs.
//!
//! What is under way belongs to the session and to the password it was asked with. It is dead when either
//! is replaced, so nothing that was begun in somebody else's hands outlives the owner's recovery.

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::email;
use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::{
    Account, AddAddress, AddressProof, Attempt, Holder, Quota, StoreError,
};
use bitrix_id_auth_core::throttle::attempt_key;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::code_step::{self, Said};
use super::emails::{self, Shown, to_list, to_list_url};
use super::failure::{Answer, Failure, RETRY_AFTER_SECONDS};
use super::fields::{Form, Pairs};
use super::flash::{self, Flash};
use super::fresh;
use super::home::to_sign_in;
use super::mail_quota;
use super::mailed_code::{MailedCode, lifetime, lifetime_minutes};
use super::outgoing::queue;
use super::own_password::{self, Checked};
use super::person::{self, SignedIn, event, record};
use super::reply::Reply;
use super::sign_in::minutes_of;
use super::sign_up::require_mail;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};
use crate::pages::mail::{self, addresses::Change};
use crate::pages::{AddressNews, CodeError, CodePurpose, EmailsError};

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
    if !send_code(&visit, &person, &adding, &digits).await {
        return again(&visit, &person, typed, Refused::plain(EmailsError::MailFailed)).await;
    }
    Ok(Reply::see_other(&visit.identity_url("/profile/emails/confirm")))
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

/// `GET /profile/emails/confirm`
pub(crate) async fn show_code(AtIdentity(visit): AtIdentity) -> Answer {
    let Some(person) = person::signed_in(&visit).await? else {
        return Ok(to_sign_in(&visit));
    };
    let found = transaction::find::<Adding>(&visit).await?;
    let Some((browser, adding)) = found.filter(|(_, adding)| adding.is_of(&person)) else {
        return Ok(to_list_url(&visit));
    };
    if Flash::read(&visit, Some(person.session.id)) == Some(Flash::CodeSent) {
        let page = code_page(&visit, &browser, &person, &adding, Said::Resent);
        return Ok(page.cookie(flash::clear()));
    }
    Ok(code_page(&visit, &browser, &person, &adding, Said::Nothing))
}

/// `POST /profile/emails/confirm`
pub(crate) async fn submit_code(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, adding) = match under_way(&visit, &fields).await? {
        Step::Go(step) => *step,
        Step::Answer(reply) => return Ok(reply),
    };
    let typed = fields.text("code");
    if let Some(error) = code_step::refused(&visit, &browser, &person, &adding.code, typed).await? {
        return Ok(code_page(&visit, &browser, &person, &adding, Said::Error(error)));
    }
    let (account, generation) = (person.account.id, adding.generation);
    let outcome = visit
        .change()
        .add_address(account, generation, &adding.address, AddressProof::Mail)
        .await?;
    visit.refuse_ended().await;
    let first = transaction::take::<Adding>(&visit, &browser).await?.is_some();
    let news = match outcome {
        AddAddress::Added | AddAddress::InsteadOf(_) if first => {
            let event = event(&visit, audit::EMAIL_ADDED).with_account(person.account.id);
            record(&visit, event).await;
            let change = Change::Added(&adding.address);
            emails::tell(&visit, &person, &person.account.email, change).await;
            AddressNews::Added(adding.address)
        }
        // A second press of the button: told and recorded already.
        AddAddress::Added | AddAddress::InsteadOf(_) => AddressNews::Added(adding.address),
        // Another account has proved it since the mail went out.
        AddAddress::Taken(_) => AddressNews::Elsewhere(adding.address),
        // Signed out everywhere while the code was being looked at.
        AddAddress::Outdated => return Ok(to_list_url(&visit)),
    };
    Ok(to_list(&visit, &person, &Flash::Addresses(news)))
}

/// `POST /profile/emails/resend`
pub(crate) async fn resend(AtIdentity(visit): AtIdentity, Form(fields): Form) -> Answer {
    let (person, browser, mut adding) = match under_way(&visit, &fields).await? {
        Step::Go(step) => *step,
        Step::Answer(reply) => return Ok(reply),
    };
    let wait =
        code_step::wait_for_mail(&visit, &person, Some(&adding.code), &adding.address).await?;
    if let Some(wait) = wait {
        let said = Said::Error(CodeError::ResendTooSoon);
        return Ok(code_page(&visit, &browser, &person, &adding, said).retry_after(wait));
    }
    let (code, digits) = MailedCode::new(&visit, &browser)?;
    adding.code = code;
    if !send_code(&visit, &person, &adding, &digits).await {
        let said = Said::Error(CodeError::MailFailed);
        return Ok(
            code_page(&visit, &browser, &person, &adding, said).retry_after(RETRY_AFTER_SECONDS)
        );
    }
    transaction::store(&visit, &browser, &adding, lifetime(&visit)).await?;
    Ok(Reply::see_other(&visit.identity_url("/profile/emails/confirm"))
        .cookies(Flash::CodeSent.leave(&visit, Some(person.session.id))))
}

/// What both POSTs about a code begin with.
enum Step {
    Go(Box<(SignedIn, Browser, Adding)>),
    Answer(Reply),
}

async fn under_way(visit: &Visit, fields: &Pairs) -> Result<Step, Failure> {
    require_mail(visit)?;
    visit.require_same_origin()?;
    let Some(person) = person::signed_in(visit).await? else {
        return Ok(Step::Answer(to_list_url(visit)));
    };
    let session = Some(person.session.id);
    let Some(browser) = Browser::of_form(visit, session, fields.text("csrf")) else {
        let found = transaction::find::<Adding>(visit).await?;
        return Ok(Step::Answer(match found.filter(|(_, adding)| adding.is_of(&person)) {
            Some((browser, adding)) => {
                let said = Said::Error(CodeError::Expired);
                code_page(visit, &browser, &person, &adding, said)
            }
            None => to_list_url(visit),
        }));
    };
    let found = transaction::peek::<Adding>(visit, &browser).await?;
    Ok(match found.filter(|adding| adding.is_of(&person)) {
        Some(adding) => Step::Go(Box::new((person, browser, adding))),
        None => Step::Answer(to_list_url(visit)),
    })
}

impl Adding {
    fn is_of(&self, person: &SignedIn) -> bool {
        self.session == person.session.id && self.password == fingerprint(&person.account)
    }
}

/// Of the password's hash: a new password, even the same one hashed anew, gives another.
pub(super) fn fingerprint(account: &Account) -> [u8; 32] {
    attempt_key("password-of", &[account.password_hash.as_deref().unwrap_or_default()])
}

/// Queues the code, or, for an address that another account has proved, the mail that says so. False: the
/// directory took no mail, which is in the log.
async fn send_code(visit: &Visit, person: &SignedIn, adding: &Adding, code: &str) -> bool {
    let queued = try_send_code(visit, person, adding, code).await;
    if let Err(error) = &queued {
        tracing::error!(request_id = visit.request_id, "a mail was not queued: {error}");
    }
    queued.is_ok()
}

async fn try_send_code(
    visit: &Visit,
    person: &SignedIn,
    adding: &Adding,
    code: &str,
) -> Result<(), StoreError> {
    let brand = visit.snapshot.config.identity.name.as_str();
    let directory = &visit.hub().directory;
    let owner = match directory.holder(&adding.address).await? {
        Holder::Proved(owner) => owner,
        // The same work, for an answer in the same time.
        Holder::None | Holder::Unproved(_) => person.account.id,
    };
    let other = directory.account(owner).await?.filter(|owner| owner.id != person.account.id);
    let body = match other {
        Some(owner) => {
            let lang = visit.lang_of(&owner);
            mail::addresses::held_elsewhere(lang, brand, &visit.identity_url("/profile/merge"))
        }
        None => {
            let lang = visit.lang_of(&person.account);
            mail::addresses::add_address(lang, brand, code, lifetime_minutes(visit))
        }
    };
    queue(visit, &adding.address, body).await
}

fn code_page(
    visit: &Visit,
    browser: &Browser,
    person: &SignedIn,
    adding: &Adding,
    said: Said,
) -> Reply {
    let Adding { code, address, .. } = adding;
    code_step::page(visit, browser, person, CodePurpose::AddAddress, address, code, said)
}

/// Of one account. Each is looked at wherever profiles are joined.
const MOST_ADDRESSES: usize = 20;
/// Addresses asked about from within one account.
const PER_ACCOUNT: Quota = Quota { limit: 20, window: 3600 };
/// In the audit table.
const PURPOSE: &str = "add-address";
