//! `/welcome`: the first sign-in. An address is proved by a mailed code, and the records that portals keep
//! of the person join the Bitrix ID.
//!
//! It has two steps. *Prove* ([`prove`]): whoever came with the old password of a portal, or by a provider
//! whose word does not suffice, has a [`Proving`] under way in this browser and types the code of the mail;
//! [`proved`] then finds or makes the account. *Join* ([`join`]): a signed-in person is shown every free
//! record of the addresses they have proved, and ticks those that are theirs. An account that has proved
//! nothing yet is [`limited`] until it does.

mod end;
pub(super) mod join;
mod later;
pub(super) mod limited;
pub(super) mod notice;
mod prove;
mod proved;
mod send;
mod waiting;

use bitrix_id_auth_core::audit;
use bitrix_id_auth_core::store::joining::ProfileKey;
use bitrix_id_auth_core::store::links::NewLink;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::failure::{Answer, Failure};
use super::fields::Query;
use super::hop;
use super::mailed_code::{MailedCode, lifetime};
use super::person::{self, event, record};
use super::reply::Reply;
use super::transaction::{self, Transaction};
use super::visit::{AtIdentity, Visit};

pub(crate) use join::submit as join_submit;
pub(crate) use later::submit as later_submit;
pub(crate) use prove::{resend, start, submit};

/// What is to be proved, and what for.
pub(crate) struct Begin {
    /// Canonical address: the one a portal has registered, or that a provider told or the person typed.
    pub email: String,
    /// What the account is called if one has to be made.
    pub name: String,
    /// The hop's state.
    pub state: Option<String>,
    /// What happens on the right code besides.
    pub purpose: Purpose,
}

/// Why somebody is asked to prove an address.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// The old password of these records was typed.
    PortalPassword {
        /// All registered with the address, free when they were looked at.
        keys: Vec<ProfileKey>,
        /// PHC string of what was typed: the password of the account, if one is made.
        password_hash: String,
    },
    /// A provider vouched for the person, and not enough for the address.
    Link {
        /// Made once the address is proved.
        link: NewLink,
        /// The provider as pages name it.
        provider: String,
    },
}

/// A proof under way: what the store keeps, as JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proving {
    /// The code in the newest mail; `None` while no mail could be sent.
    code: Option<MailedCode>,
    /// Canonical address, which the mail goes to.
    email: String,
    /// Display name of an account that is made.
    name: String,
    /// Tag of the language it began in.
    language: String,
    /// The hop's state.
    state: Option<String>,
    purpose: Purpose,
}

impl Transaction for Proving {
    const KIND: &'static str = "proving";
}

impl Proving {
    async fn store(&self, visit: &Visit, browser: &Browser) -> Result<(), Failure> {
        transaction::store(visit, browser, self, lifetime(visit) + GRACE_SECONDS).await
    }

    /// Whether it is this very matter, begun anew: a second press of the button.
    fn is_about(&self, begin: &Begin) -> bool {
        let same = match (&self.purpose, &begin.purpose) {
            (Purpose::PortalPassword { keys, .. }, Purpose::PortalPassword { keys: again, .. }) => {
                keys == again
            }
            (Purpose::Link { link, .. }, Purpose::Link { link: again, .. }) => link == again,
            (Purpose::PortalPassword { .. }, Purpose::Link { .. })
            | (Purpose::Link { .. }, Purpose::PortalPassword { .. }) => false,
        };
        same && self.email == begin.email
    }

    /// What the audit table says it is for.
    fn reason(&self) -> &'static str {
        match self.purpose {
            Purpose::PortalPassword { .. } => "portal password",
            Purpose::Link { .. } => "provider",
        }
    }
}

/// Has an address proved: mails a code, keeps the rest, and leads to the page that asks for the code. A
/// mail that cannot be sent stops nobody here; the page says so.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Internal`].
pub(crate) async fn begin(visit: &Visit, browser: &Browser, begin: Begin) -> Answer {
    let earlier = transaction::peek::<Proving>(visit, browser).await?;
    // Who presses twice gets one mail.
    let code = earlier
        .filter(|earlier| earlier.is_about(&begin))
        .and_then(|earlier| earlier.code)
        .filter(|code| code.resend_in(visit.now()) > 0);
    let is_new = code.is_none();
    let Begin { email, name, state, purpose } = begin;
    let language = visit.lang.tag().to_owned();
    let mut proving = Proving { code, email, name, language, state, purpose };
    if is_new {
        send::code(visit, browser, &mut proving).await?;
        record(visit, event(visit, audit::PROOF_STARTED).with_detail(proving.reason())).await;
    }
    proving.store(visit, browser).await?;
    Ok(Reply::see_other(&visit.identity_url("/welcome")).cookies(browser.cookie()))
}

/// `GET /welcome?state=…&code=…`: whichever step this browser is at.
pub(crate) async fn show(AtIdentity(visit): AtIdentity, Query(query): Query) -> Answer {
    let (visit, state, code) = (visit.as_ref(), query.optional("state"), query.text("code"));
    let person = person::signed_in(visit).await?;
    if let Some(person) = person.as_ref().filter(|person| !person.is_unproved()) {
        return if code.is_empty() {
            join::show(visit, person, state).await
        } else {
            Ok(end::code_elsewhere(visit, code, true))
        };
    }
    if let Some((browser, proving)) = transaction::find::<Proving>(visit).await? {
        return prove::show(visit, &browser, &proving, person.as_ref(), code).await;
    }
    match person {
        person if !code.is_empty() => Ok(end::code_elsewhere(visit, code, person.is_some())),
        Some(person) => prove::offer(visit, &person, state),
        None => Ok(Reply::see_other(&visit.identity_url(&hop::with_state("/sign-in", state)))),
    }
}

/// A proof outlives its code by this, so that who comes late needs a new code and nothing else.
const GRACE_SECONDS: i64 = 3600;
