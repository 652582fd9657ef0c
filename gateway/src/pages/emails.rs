//! The signed-in person's addresses.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::{Address, AddressProof};
use serde::{Deserialize, Serialize};

use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::{Frame, Person};

/// `GET /profile/emails`. The form posts `email`, `password` (where there is one), `csrf` to
/// `/profile/emails`; the button of a row posts `address`, `csrf` to `/profile/emails/primary`, and the one
/// of the address that waits `csrf` to `/profile/emails/cancel`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Emails {
    /// Who.
    pub person: Person,
    /// The primary one first.
    pub addresses: Vec<Address>,
    /// The address that waits for its code.
    pub pending: Option<String>,
    /// Titles of portals that know one of the addresses and are not joined.
    pub waiting: Vec<String>,
    /// A new address takes the password, because there is one.
    pub by_password: bool,
    /// Mail can be sent, so addresses can be added.
    pub can_add: bool,
    /// What was typed as a new address.
    pub typed: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// What happened just now.
    pub news: Option<AddressNews>,
    /// Why it did not.
    pub error: Option<EmailsError>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// What happened to an address; left by one answer for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AddressNews {
    /// It is one of the person's now.
    Added(String),
    /// It is the primary one now.
    Primary(String),
    /// It no longer is one of the person's.
    Removed(String),
    /// It was proved for another account while the code was on its way. Nothing changed.
    Elsewhere(String),
    /// It waited for its code, and does so no more.
    Cancelled(String),
    /// The person has shown again who they are; nothing changed yet.
    Confirmed,
}

/// Why nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmailsError {
    /// Not an address.
    Invalid,
    /// One of the person's own.
    Held,
    /// There are as many as may be.
    Most {
        /// So many.
        count: u32,
    },
    /// Not the current password.
    CurrentNoMatch,
    /// The row that was pressed is not there (any more).
    Gone,
    /// The primary one stays.
    Primary,
    /// Attempts are limited.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The hashing queue is full.
    Busy,
    /// The mail could not be sent.
    MailFailed,
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "emails.html")]
struct EmailsPage<'a> {
    c: Surround<'a>,
    v: &'a Emails,
    rows: Vec<AddressLine<'a>>,
    news: Option<String>,
    /// The news is that nothing happened.
    calm: bool,
    waiting: Option<String>,
    problem: Option<String>,
    email_wrong: Option<String>,
    password_wrong: Option<String>,
    section: &'static str,
}

struct AddressLine<'a> {
    address: &'a str,
    proof: String,
    added: Moment,
    primary: bool,
}

/// Addresses, and the way to one more.
pub(crate) fn emails(frame: &Frame, view: &Emails) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut email_wrong, mut password_wrong) = (None, None, None);
    if let Some(error) = view.error {
        let place = match error {
            EmailsError::Invalid | EmailsError::Held => &mut email_wrong,
            EmailsError::CurrentNoMatch => &mut password_wrong,
            EmailsError::Most { .. }
            | EmailsError::Gone
            | EmailsError::Primary
            | EmailsError::TooMany { .. }
            | EmailsError::Busy
            | EmailsError::MailFailed
            | EmailsError::Expired => &mut problem,
        };
        *place = Some(words(&c.t, error));
    }
    let line = |address| AddressLine::new(&c.t, address, view.now);
    let rows = view.addresses.iter().map(line).collect();
    let waiting = (!view.waiting.is_empty())
        .then(|| c.t.with("emails-waiting", "portals", c.t.list(&view.waiting)));
    let news = view.news.as_ref().map(|news| match news {
        AddressNews::Added(address) => c.t.with("email-added", "email", address),
        AddressNews::Primary(address) => c.t.with("email-primary-changed", "email", address),
        AddressNews::Removed(address) => c.t.with("email-removed", "email", address),
        AddressNews::Elsewhere(address) => c.t.with("email-elsewhere", "email", address),
        AddressNews::Cancelled(address) => c.t.with("email-cancelled", "email", address),
        AddressNews::Confirmed => c.t.say("again-done"),
    });
    let calm = matches!(view.news, Some(AddressNews::Elsewhere(_)));
    let section = "emails";
    render(&EmailsPage {
        v: view,
        rows,
        news,
        calm,
        waiting,
        problem,
        email_wrong,
        password_wrong,
        section,
        c,
    })
}

impl<'a> AddressLine<'a> {
    fn new(t: &Text<'_>, address: &'a Address, now: UnixSeconds) -> Self {
        Self {
            address: &address.address,
            proof: match address.proof {
                AddressProof::None => t.say("proof-none"),
                AddressProof::Provider => t.say("proof-provider"),
                AddressProof::Mail => t.say("proof-mail"),
                AddressProof::Operator => t.say("proof-operator"),
            },
            added: Moment::new(t, address.added_at, now),
            primary: address.primary,
        }
    }
}

/// `GET /profile/emails/remove?place=…`, where an address stands in the list, from 1. The form posts
/// `address`, `csrf` to `/profile/emails/remove`.
#[derive(Debug, Clone, Default)]
pub(crate) struct RemoveAddress {
    /// Who.
    pub person: Person,
    /// The one to go.
    pub address: String,
    /// Titles of the joined portals that know the person by it.
    pub portals: Vec<String>,
    /// Anti-forgery value.
    pub csrf: String,
}

#[derive(Template)]
#[template(path = "remove_address.html")]
struct RemoveAddressPage<'a> {
    c: Surround<'a>,
    v: &'a RemoveAddress,
    portals: Option<String>,
    section: &'static str,
}

/// "Remove anna@firma.example?"
pub(crate) fn remove_address(frame: &Frame, view: &RemoveAddress) -> String {
    let c = Surround::new(frame);
    let portals = (!view.portals.is_empty())
        .then(|| c.t.with("remove-portals", "portals", c.t.list(&view.portals)));
    render(&RemoveAddressPage { c, v: view, portals, section: "emails" })
}

fn words(t: &Text<'_>, error: EmailsError) -> String {
    match error {
        EmailsError::Invalid => t.say("email-invalid"),
        EmailsError::Held => t.say("email-held"),
        EmailsError::Most { count } => t.count("emails-most", &count),
        EmailsError::CurrentNoMatch => t.say("current-no-match"),
        EmailsError::Gone => t.say("email-gone"),
        EmailsError::Primary => t.say("email-is-primary"),
        EmailsError::TooMany { minutes } => t.count("too-many", &minutes),
        EmailsError::Busy => t.say("busy"),
        EmailsError::MailFailed => t.say("mail-failed"),
        EmailsError::Expired => t.say("form-expired"),
    }
}
