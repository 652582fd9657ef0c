//! Recovery: the address, the checkword, the new password, and what became of an old checkword.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::password::WeakPassword;

use super::Frame;
use super::entry::{carry, countdown};
use super::surround::{Surround, render};
use super::text::Text;
use super::when::time_of_day;
use super::zone::Zone;

/// `GET /forgot-password`. The form posts `email`, `state`, `csrf` to `/forgot-password`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ForgotPassword {
    /// What was typed before, or empty.
    pub email: String,
    /// The hop's state.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<ForgotError>,
}

/// Why nothing was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForgotError {
    /// Not an address mail can be sent to.
    EmailInvalid,
    /// Limits.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The anti-forgery value is stale.
    Expired,
}

/// `GET /reset-password`, before the checkword is known. The form posts `checkword`, `csrf` to
/// `/reset-password`; the resend button posts `csrf` to `/forgot-password/again`.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnterCheckword {
    /// Where it was sent, if the address is anybody's.
    pub email: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<CheckwordError>,
    /// A new one was asked for.
    pub resent: bool,
    /// Until the next one may be asked for, 0 for at once, at most 60.
    pub resend_in_seconds: u32,
}

/// Why a checkword was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckwordError {
    /// It never was one.
    NoMatch,
    /// Too many such texts came from here.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
}

/// `GET /reset-password?checkword=…`. The form posts `checkword`, `step` = `password`, `password`, `again`,
/// `csrf` to `/reset-password`.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewPassword {
    /// Where the checkword was sent.
    pub email: String,
    /// In the form that is sent back.
    pub checkword: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// Shortest password accepted, in characters; shown as a hint.
    pub min_length: usize,
    /// Why the password was not set.
    pub error: Option<NewPasswordError>,
}

/// Why a password was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewPasswordError {
    /// Not good enough.
    Weak(WeakPassword),
    /// The second time something else was typed.
    Differs,
    /// The hashing queue is full.
    Busy,
    /// The anti-forgery value is stale.
    Expired,
}

/// What a checkword leads to that does not work any more. The button posts `checkword`, `csrf` to
/// `/forgot-password/again`.
#[derive(Debug, Clone)]
pub(crate) struct OldCheckword {
    /// Why.
    pub why: WhyOld,
    /// Where it was sent; empty for one that never was.
    pub email: String,
    /// Likewise.
    pub checkword: String,
    /// Anti-forgery value.
    pub csrf: String,
}

/// Why a checkword does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyOld {
    /// There is a newer mail.
    Outdated {
        /// When that was sent, Unix seconds.
        newer_sent_at: UnixSeconds,
        /// IANA name of the person's time zone.
        zone: Option<String>,
    },
    /// A password was set since.
    Used,
    /// Too old.
    Expired {
        /// How long one holds.
        minutes: u32,
    },
    /// It never was one.
    Unknown,
}

/// `GET /reset-password/done`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PasswordSet {
    /// Whose.
    pub email: String,
    /// How many portals the password opens.
    pub portals: usize,
    /// What else opens the account: titles of providers and addresses.
    pub also: Vec<String>,
    /// Title of the portal the visitor is on the way to.
    pub to_portal: Option<String>,
    /// Where to go on: path and query.
    pub onward: String,
}

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct ForgotPage<'a> {
    c: Surround<'a>,
    v: &'a ForgotPassword,
    problem: Option<String>,
    email_wrong: Option<String>,
    sign_in_url: String,
}

/// Which address?
pub(crate) fn forgot_password(frame: &Frame, view: &ForgotPassword) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut email_wrong) = (None, None);
    match view.error {
        None => {}
        Some(ForgotError::EmailInvalid) => email_wrong = Some(c.t.say("email-invalid")),
        Some(ForgotError::TooMany { minutes }) => problem = Some(c.t.count("too-many", &minutes)),
        Some(ForgotError::Expired) => problem = Some(c.t.say("form-expired")),
    }
    let sign_in_url = carry("/sign-in", view.state.as_deref());
    render(&ForgotPage { c, v: view, problem, email_wrong, sign_in_url })
}

#[derive(Template)]
#[template(path = "enter_checkword.html")]
struct EnterCheckwordPage<'a> {
    c: Surround<'a>,
    v: &'a EnterCheckword,
    problem: Option<String>,
    /// The checkword is wrong, and its field takes the focus; else the message does.
    retype: bool,
    /// Class that starts the countdown of `style.css`.
    wait: Option<&'static str>,
}

/// Check your mail.
pub(crate) fn enter_checkword(frame: &Frame, view: &EnterCheckword) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        CheckwordError::NoMatch => c.t.say("checkword-no-match"),
        CheckwordError::TooMany { minutes } => c.t.count("too-many", &minutes),
    });
    let retype = view.error == Some(CheckwordError::NoMatch);
    let wait = countdown(view.resend_in_seconds);
    render(&EnterCheckwordPage { c, v: view, problem, retype, wait })
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage<'a> {
    c: Surround<'a>,
    v: &'a NewPassword,
    problem: Option<String>,
    new_wrong: Option<String>,
    again_wrong: Option<String>,
}

/// A new password, twice.
pub(crate) fn new_password(frame: &Frame, view: &NewPassword) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut new_wrong, mut again_wrong) = (None, None, None);
    match view.error {
        None => {}
        Some(NewPasswordError::Weak(weak)) => new_wrong = Some(weak_words(&c.t, weak)),
        Some(NewPasswordError::Differs) => again_wrong = Some(c.t.say("passwords-differ")),
        Some(NewPasswordError::Busy) => problem = Some(c.t.say("busy")),
        Some(NewPasswordError::Expired) => problem = Some(c.t.say("form-expired")),
    }
    render(&NewPasswordPage { c, v: view, problem, new_wrong, again_wrong })
}

fn weak_words(t: &Text<'_>, weak: WeakPassword) -> String {
    match weak {
        WeakPassword::TooShort { minimum } => t.count("password-too-short", &minimum),
        WeakPassword::TooLong => t.say("password-too-long"),
        WeakPassword::Common => t.say("password-common"),
        WeakPassword::LikeEmail => t.say("password-is-email"),
        WeakPassword::Guessable => t.say("password-guessable"),
    }
}

#[derive(Template)]
#[template(path = "old_checkword.html")]
struct OldCheckwordPage<'a> {
    c: Surround<'a>,
    v: &'a OldCheckword,
    title: String,
    words: String,
    /// A new mail is offered; else signing in, or beginning anew.
    resend: bool,
    used: bool,
}

/// A checkword that does not work any more, and what to do.
pub(crate) fn old_checkword(frame: &Frame, view: &OldCheckword) -> String {
    let c = Surround::new(frame);
    let (title, words) = match &view.why {
        WhyOld::Outdated { newer_sent_at, zone } => {
            let time = time_of_day(*newer_sent_at, &Zone::named(zone.as_deref()));
            (c.t.say("checkword-outdated"), c.t.with("checkword-outdated-text", "time", time))
        }
        WhyOld::Used => (c.t.say("checkword-used"), c.t.say("checkword-used-text")),
        WhyOld::Expired { minutes } => {
            (c.t.say("checkword-expired"), c.t.count("checkword-expired-text", minutes))
        }
        WhyOld::Unknown => (c.t.say("checkword-unknown"), c.t.say("checkword-unknown-text")),
    };
    let resend = matches!(view.why, WhyOld::Outdated { .. } | WhyOld::Expired { .. });
    let used = view.why == WhyOld::Used;
    render(&OldCheckwordPage { c, v: view, title, words, resend, used })
}

#[derive(Template)]
#[template(path = "password_set.html")]
struct PasswordSetPage<'a> {
    c: Surround<'a>,
    v: &'a PasswordSet,
}

/// The end: what the new password did, and the way on.
pub(crate) fn password_set(frame: &Frame, view: &PasswordSet) -> String {
    render(&PasswordSetPage { c: Surround::new(frame), v: view })
}
