//! The ways in and out: sign-in, sign-up and its code, going on, sign-out.

use askama::Template;

use super::sessions::ended_words;
use super::social::news_at_sign_in;
use super::surround::{Surround, render, with_query};
use super::text::Text;
use super::when::day;
use super::zone::Zone;
use super::{
    CodeError, ConfirmCode, Frame, SignIn, SignInError, SignOutAsk, SignUp, SignUpError, SignedOut,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    c: Surround<'a>,
    v: &'a SignIn,
    problem: Option<String>,
    /// The fields are wrong, and the password takes the focus; else the message does.
    retype: bool,
    /// What was done just now, or came of a way to a provider.
    news: Option<String>,
    sign_up_url: String,
    forgot_url: String,
}

/// E-mail and password.
pub(crate) fn sign_in(frame: &Frame, view: &SignIn) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        SignInError::NoMatch if view.sign_up => c.t.say("sign-in-no-match-or-new"),
        SignInError::NoMatch => c.t.say("sign-in-no-match"),
        SignInError::Incomplete => c.t.say("sign-in-incomplete"),
        SignInError::TooMany { minutes } => c.t.count("too-many", &minutes),
        SignInError::Busy => c.t.say("busy"),
        SignInError::Expired => c.t.say("form-expired"),
    });
    let retype = matches!(view.error, Some(SignInError::NoMatch | SignInError::Incomplete));
    let sign_up_url = carry("/sign-up", view.state.as_deref());
    let forgot_url = carry("/forgot-password", view.state.as_deref());
    let switched = view.switched.then(|| c.t.say("switched-out"));
    let news = switched.or_else(|| news_at_sign_in(&c.t, view.news.as_ref()));
    render(&SignInPage { c, v: view, problem, retype, news, sign_up_url, forgot_url })
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    c: Surround<'a>,
    v: &'a SignUp,
    /// What no field is to blame for.
    general: Vec<String>,
    wrong: Vec<Wrong>,
    name_wrong: Option<String>,
    email_wrong: Option<String>,
    password_wrong: Option<String>,
    sign_in_url: String,
}

/// A field and what is wrong with it.
struct Wrong {
    field: &'static str,
    words: String,
}

/// Name, e-mail and a new password.
pub(crate) fn sign_up(frame: &Frame, view: &SignUp) -> String {
    let c = Surround::new(frame);
    let (mut general, mut wrong) = (Vec::new(), Vec::<Wrong>::new());
    for error in &view.errors {
        let (field, words) = sign_up_words(&c.t, *error, view.min_length);
        match field {
            None => general.push(words),
            Some(field) => wrong.push(Wrong { field, words }),
        }
    }
    let at = |field: &str| wrong.iter().find(|w| w.field == field).map(|w| w.words.clone());
    let (name_wrong, email_wrong, password_wrong) = (at("name"), at("email"), at("password"));
    let sign_in_url = carry("/sign-in", view.state.as_deref());
    render(&SignUpPage {
        c,
        v: view,
        general,
        wrong,
        name_wrong,
        email_wrong,
        password_wrong,
        sign_in_url,
    })
}

/// The field an error stands at, if any, and its words.
fn sign_up_words(
    t: &Text<'_>,
    error: SignUpError,
    min_length: usize,
) -> (Option<&'static str>, String) {
    match error {
        SignUpError::NameMissing => (Some("name"), t.say("name-missing")),
        SignUpError::NameTooLong => (Some("name"), t.say("name-too-long")),
        SignUpError::EmailInvalid => (Some("email"), t.say("email-invalid")),
        SignUpError::PasswordTooShort => {
            (Some("password"), t.count("password-too-short", &min_length))
        }
        SignUpError::PasswordTooLong => (Some("password"), t.say("password-too-long")),
        SignUpError::PasswordCommon => (Some("password"), t.say("password-common")),
        SignUpError::PasswordIsEmail => (Some("password"), t.say("password-is-email")),
        SignUpError::PasswordGuessable => (Some("password"), t.say("password-guessable")),
        SignUpError::TooMany { minutes } => (None, t.count("too-many", &minutes)),
        SignUpError::Busy => (None, t.say("busy")),
        SignUpError::MailFailed => (None, t.say("mail-failed")),
        SignUpError::Expired => (None, t.say("form-expired")),
    }
}

#[derive(Template)]
#[template(path = "confirm_code.html")]
struct ConfirmCodePage<'a> {
    c: Surround<'a>,
    v: &'a ConfirmCode,
    problem: Option<String>,
    /// The code is wrong, and its field takes the focus; else the message does.
    retype: bool,
    /// Class that starts the countdown of `style.css`.
    wait: Option<&'static str>,
    sign_up_url: String,
}

/// The six digits of the mail.
pub(crate) fn confirm_code(frame: &Frame, view: &ConfirmCode) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        CodeError::NoMatch => c.t.say("code-no-match"),
        CodeError::TooMany => c.t.say("code-too-many"),
        CodeError::CodeExpired => c.t.say("code-expired"),
        CodeError::ResendTooSoon => c.t.say("resend-too-soon"),
        CodeError::MailFailed => c.t.say("mail-failed"),
        CodeError::Expired => c.t.say("form-expired"),
    });
    render(&ConfirmCodePage {
        problem,
        retype: view.error == Some(CodeError::NoMatch),
        wait: countdown(view.resend_in_seconds),
        sign_up_url: carry("/sign-up", view.state.as_deref()),
        c,
        v: view,
    })
}

/// The stylesheet counts down without script, from six starting points: the next one above is taken, so
/// that the button never comes too early.
pub(super) fn countdown(seconds: u32) -> Option<&'static str> {
    Some(match seconds {
        0 => return None,
        1..=10 => "s10",
        11..=20 => "s20",
        21..=30 => "s30",
        31..=40 => "s40",
        41..=50 => "s50",
        _ => "s60",
    })
}

#[derive(Template)]
#[template(path = "sign_out_ask.html")]
struct SignOutAskPage<'a> {
    c: Surround<'a>,
    v: &'a SignOutAsk,
}

/// "Sign out everywhere in this browser?"
pub(crate) fn sign_out_ask(frame: &Frame, view: &SignOutAsk) -> String {
    render(&SignOutAskPage { c: Surround::new(frame), v: view })
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    c: Surround<'a>,
    note: Option<String>,
}

/// The end of a sign-out.
pub(crate) fn signed_out(frame: &Frame, view: &SignedOut) -> String {
    let c = Surround::new(frame);
    let note = match (&view.leaving, &view.ended) {
        (Some((delete_at, zone)), _) => {
            let date = day(&c.t, *delete_at, &Zone::named(zone.as_deref()));
            Some(c.t.with("leaving-note", "date", date))
        }
        (None, Some(ended)) => Some(ended_words(&c.t, ended)),
        (None, None) => None,
    };
    render(&SignedOutPage { c, note })
}

/// A page of the same host, with the hop's state carried along.
pub(super) fn carry(path: &str, state: Option<&str>) -> String {
    state.map_or_else(|| path.to_owned(), |state| with_query(path, "state", state))
}
