//! Showing once more who one is: by the password, or by a code from a mail. The page of the code serves
//! other purposes as well.

use askama::Template;

use super::surround::{Surround, render};
use super::text::Text;
use super::{CodeError, Frame};

/// `GET /confirm?state=…`. The form posts `password`, `state`, `csrf` to `/confirm`; the button for a code
/// posts the same without `password` to `/confirm/send`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfirmIdentity {
    /// The primary address.
    pub email: String,
    /// The account has a password.
    pub by_password: bool,
    /// A code can be mailed.
    pub by_code: bool,
    /// Where to go on to.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<ConfirmError>,
}

/// Why a proof was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfirmError {
    /// Not the password.
    NoMatch,
    /// Attempts are limited.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The hashing queue is full.
    Busy,
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "confirm_identity.html")]
struct ConfirmPage<'a> {
    c: Surround<'a>,
    v: &'a ConfirmIdentity,
    problem: Option<String>,
    wrong: bool,
}

/// "Is it still you?"
pub(crate) fn confirm_identity(frame: &Frame, view: &ConfirmIdentity) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        ConfirmError::NoMatch => c.t.say("current-no-match"),
        ConfirmError::TooMany { minutes } => c.t.count("too-many", &minutes),
        ConfirmError::Busy => c.t.say("busy"),
        ConfirmError::Expired => c.t.say("form-expired"),
    });
    let wrong = view.error == Some(ConfirmError::NoMatch);
    render(&ConfirmPage { c, v: view, problem, wrong })
}

/// A code is asked for. The form posts `code`, `csrf` to [`CodePurpose::path`], the resend button `csrf` to
/// [`CodePurpose::resend_path`].
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeStep {
    /// What the code proves.
    pub purpose: CodePurpose,
    /// Where it was sent.
    pub email: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why the form is shown again.
    pub error: Option<CodeError>,
    /// A new code has just been sent.
    pub resent: bool,
    /// Until the next code may be asked for, 0 for at once, at most 60.
    pub resend_in_seconds: u32,
}

/// What a code from a mail proves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CodePurpose {
    /// Who the person is.
    #[default]
    Confirm,
    /// That a new address is theirs.
    AddAddress,
    /// That another Bitrix ID is theirs.
    Merge,
}

impl CodePurpose {
    /// The page and its form.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Confirm => "/confirm/code",
            Self::AddAddress => "/profile/emails/confirm",
            Self::Merge => "/profile/merge/code",
        }
    }

    /// Where another code is asked for.
    pub(crate) fn resend_path(self) -> &'static str {
        match self {
            Self::Confirm => "/confirm/send",
            Self::AddAddress => "/profile/emails/resend",
            Self::Merge => "/profile/merge/resend",
        }
    }

    /// Where one goes who will not enter a code.
    fn back_path(self) -> &'static str {
        match self {
            Self::Confirm => "/profile",
            Self::AddAddress => "/profile/emails",
            Self::Merge => "/profile/merge",
        }
    }
}

#[derive(Template)]
#[template(path = "code_step.html")]
struct CodeStepPage<'a> {
    c: Surround<'a>,
    v: &'a CodeStep,
    words: CodeStepWords,
    problem: Option<String>,
    /// The code is wrong, and its field takes the focus; else the message does.
    retype: bool,
    /// Class that starts the countdown of `style.css`.
    wait: Option<&'static str>,
    action: &'static str,
    resend: &'static str,
    back: &'static str,
}

/// What the page says of the mail.
struct CodeStepWords {
    sent: String,
    resent: String,
    resend: String,
    resend_in: String,
}

impl CodeStepWords {
    /// Only a mail to the person's own address is sure to hold a code, and nothing here tells whether the
    /// others do.
    fn new(t: &Text<'_>, view: &CodeStep) -> Self {
        let sent = match view.purpose {
            CodePurpose::Confirm => t.with("confirm-sent", "email", &view.email),
            CodePurpose::AddAddress => t.with("code-or-else", "email", &view.email),
            CodePurpose::Merge => t.with("merge-code-sent", "email", &view.email),
        };
        if view.purpose == CodePurpose::Confirm {
            return Self {
                sent,
                resent: t.say("confirm-resent"),
                resend: t.say("resend"),
                resend_in: t.say("resend-in"),
            };
        }
        Self {
            sent,
            resent: t.say("message-resent"),
            resend: t.say("resend-message"),
            resend_in: t.say("resend-message-in"),
        }
    }
}

/// The six digits of the mail.
pub(crate) fn code_step(frame: &Frame, view: &CodeStep) -> String {
    let c = Surround::new(frame);
    let words = CodeStepWords::new(&c.t, view);
    let problem = view.error.map(|error| match error {
        CodeError::NoMatch => c.t.say("code-no-match"),
        CodeError::TooMany => c.t.say("code-too-many"),
        CodeError::CodeExpired => c.t.say("code-expired"),
        CodeError::ResendTooSoon => c.t.say("resend-too-soon"),
        CodeError::MailFailed => c.t.say("mail-failed"),
        CodeError::Expired => c.t.say("form-expired"),
    });
    render(&CodeStepPage {
        words,
        problem,
        retype: view.error == Some(CodeError::NoMatch),
        wait: super::entry::countdown(view.resend_in_seconds),
        action: view.purpose.path(),
        resend: view.purpose.resend_path(),
        back: view.purpose.back_path(),
        c,
        v: view,
    })
}
