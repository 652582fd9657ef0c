//! The first sign-in: proving an address, joining what portals know of the person, and where it ends.

use askama::Template;

use super::entry::countdown;
use super::surround::{Surround, render, with_query};
use super::{CodeError, Frame};

/// `GET /welcome` while an address is to be proved. The form posts `code`, `csrf`, `state` to `/welcome`;
/// "send a new code" posts the same without `code` to `/welcome/resend`; a way on without the proof posts
/// `portal` (a [`LaterPortal::value`]), `csrf`, `state` to `/welcome/later`. Where no code was asked for
/// yet, the one button posts `csrf`, `state` to `/welcome/prove`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prove {
    /// The address.
    pub email: String,
    /// The hop's state.
    pub state: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// What the mail's link brought, or empty.
    pub code: String,
    /// Why it is asked for.
    pub reason: ProveReason,
    /// What became of the mail.
    pub mail: ProveMail,
    /// Ways on without the proof.
    pub later: Vec<LaterPortal>,
    /// The visitor is signed in and may go back to the list of portals.
    pub stay: bool,
    /// Why the form is shown again.
    pub error: Option<ProveError>,
    /// A new code has just been sent.
    pub resent: bool,
    /// Until the next code may be asked for, 0 for at once, at most 60.
    pub resend_in_seconds: u32,
}

/// Why an address is to be proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ProveReason {
    /// The account that is signed in has not proved it.
    #[default]
    Unproved,
    /// The password opens the portals of these titles, and nobody has proved the address.
    Portals(Vec<String>),
    /// Likewise, but the address has a Bitrix ID with another password.
    OtherPassword(Vec<String>),
    /// The visitor came by the provider of this name.
    Provider(String),
}

/// What became of the mail with the code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ProveMail {
    /// Nobody has asked for one yet.
    #[default]
    NotAsked,
    /// It is on its way.
    Sent,
    /// It could not be sent, or not so soon.
    Failed,
    /// This service sends no mail.
    Impossible,
}

/// A portal that can be gone on to without the proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LaterPortal {
    /// As the button posts it.
    pub value: String,
    /// Title.
    pub title: String,
}

/// What keeps a visitor on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProveError {
    /// The code was not taken, or not sent.
    Code(CodeError),
    /// Somebody has the address already, so there is no going on without the proof.
    LaterTaken,
    /// The portal keeps the person no longer, so there is nothing to go on to.
    LaterGone,
}

#[derive(Template)]
#[template(path = "prove.html")]
struct ProvePage<'a> {
    c: Surround<'a>,
    v: &'a Prove,
    title: String,
    lead: String,
    problem: Option<String>,
    /// The code is wrong, and its field takes the focus; else the message does.
    retype: bool,
    /// Class that starts the countdown of `style.css`.
    wait: Option<&'static str>,
    /// Where the Bitrix ID's own password can be typed instead.
    sign_in_url: Option<String>,
}

/// The address is to be proved.
pub(crate) fn prove(frame: &Frame, view: &Prove) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        ProveError::Code(CodeError::NoMatch) => c.t.say("code-no-match"),
        ProveError::Code(CodeError::TooMany) => c.t.say("code-too-many"),
        ProveError::Code(CodeError::CodeExpired) => c.t.say("code-expired"),
        ProveError::Code(CodeError::ResendTooSoon) => c.t.say("resend-too-soon"),
        ProveError::Code(CodeError::MailFailed) => c.t.say("mail-failed"),
        ProveError::Code(CodeError::Expired) => c.t.say("form-expired"),
        ProveError::LaterTaken => c.t.with("prove-later-taken", "email", &view.email),
        ProveError::LaterGone => c.t.say("prove-later-gone"),
    });
    let (title, lead) = match &view.reason {
        ProveReason::Unproved => {
            (c.t.say("prove-title"), c.t.with("prove-unproved", "email", &view.email))
        }
        ProveReason::Portals(titles) => {
            (c.t.say("welcome-title"), c.t.with("prove-portals", "portals", c.t.list(titles)))
        }
        ProveReason::OtherPassword(titles) => {
            (c.t.say("prove-title"), c.t.with("prove-other-password", "portals", c.t.list(titles)))
        }
        ProveReason::Provider(name) => {
            (c.t.say("prove-title"), c.t.with("prove-provider", "provider", name))
        }
    };
    let other_password = matches!(view.reason, ProveReason::OtherPassword(_));
    let sign_in_url = other_password.then(|| match &view.state {
        Some(state) => with_query("/sign-in", "state", state),
        None => "/sign-in".to_owned(),
    });
    render(&ProvePage {
        title,
        lead,
        retype: view.error == Some(ProveError::Code(CodeError::NoMatch)),
        problem,
        wait: countdown(view.resend_in_seconds),
        sign_in_url,
        c,
        v: view,
    })
}

/// `GET /welcome` of a person for whom profiles wait. The form posts, for each portal, `portal-<id>` with
/// the local id of the record that was picked, `csrf`, `state`, and `later` from the button that joins
/// none, to `/welcome/join`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Join {
    /// Whose Bitrix ID it is.
    pub email: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// The hop's state.
    pub state: Option<String>,
    /// At least one.
    pub portals: Vec<JoinPortal>,
    /// Which password holds from now on.
    pub password: JoinPassword,
    /// Title of the portal that the visitor is on the way to, if it is one of `portals`.
    pub ahead: Option<String>,
    /// Why the form is shown again.
    pub error: Option<JoinError>,
}

/// What the person signs in with once portals are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum JoinPassword {
    /// The password of the account.
    #[default]
    Own,
    /// The same, which is the one that was typed a moment ago as that of a portal.
    JustTyped,
    /// The account has none.
    None,
}

/// Why nothing was joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinError {
    /// No box was ticked.
    NoneTicked,
    /// The anti-forgery value was stale.
    Expired,
}

/// A portal that knows the person.
#[derive(Debug, Clone, Default)]
pub(crate) struct JoinPortal {
    /// Portal id.
    pub portal: String,
    /// Title.
    pub title: String,
    /// Host, with the port where it is not the scheme's own.
    pub address: String,
    /// Its records of the person, at least one; of several, one can be picked.
    pub records: Vec<JoinRecord>,
}

/// A portal's record of the person.
#[derive(Debug, Clone, Default)]
pub(crate) struct JoinRecord {
    /// As the form posts it.
    pub local_id: String,
    /// The person's name there.
    pub name: String,
    /// What the person signed in with there.
    pub login: String,
    /// Ticked.
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage<'a> {
    c: Surround<'a>,
    v: &'a Join,
    lead: String,
    password: String,
    /// What joining nothing means for the way on.
    ahead: Option<String>,
    /// Where a join can be undone.
    hint: String,
    /// What stands at the boxes, and leads there from the summary.
    none_ticked: Option<String>,
    /// Id of the first box.
    first: String,
}

/// What portals know of the person, to tick.
pub(crate) fn join(frame: &Frame, view: &Join) -> String {
    let c = Surround::new(frame);
    let count = view.portals.len();
    let lead = c.t.fill("join-lead", &[("count", count.into()), ("email", (&*view.email).into())]);
    let password = match view.password {
        JoinPassword::Own => c.t.count("join-password", &count),
        JoinPassword::JustTyped => c.t.count("join-password-typed", &count),
        JoinPassword::None => c.t.count("join-password-none", &count),
    };
    let ahead = view.ahead.as_ref().map(|portal| c.t.with("join-ahead", "portal", portal));
    let hint = c.t.with("join-hint", "page", c.t.say("manage-portals"));
    let none_ticked =
        (view.error == Some(JoinError::NoneTicked)).then(|| c.t.count("join-none-ticked", &count));
    let first = view.portals.first().map(|portal| format!("p0-{}", portal.portal));
    let first = first.unwrap_or_default();
    render(&JoinPage { lead, password, ahead, hint, none_ticked, first, v: view, c })
}

/// Where the way ends without a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WelcomeEnd {
    /// The mail's link was opened in a browser in which nothing was begun.
    CodeElsewhere {
        /// If it is one.
        code: Option<String>,
        /// Somebody is signed in in this browser.
        signed_in: bool,
    },
    /// The Bitrix ID of the address may not sign in.
    Refused,
    /// The account at the provider of this name opens another Bitrix ID.
    LinkedElsewhere(String),
}

#[derive(Template)]
#[template(path = "welcome_end.html")]
struct WelcomeEndPage<'a> {
    c: Surround<'a>,
    title: String,
    text: String,
    code: &'a str,
    next: Next,
}

/// The button that leads on: words and path.
struct Next {
    words: String,
    url: &'static str,
}

/// The way ends here.
pub(crate) fn welcome_end(frame: &Frame, view: &WelcomeEnd) -> String {
    let c = Surround::new(frame);
    let again = Next { words: c.t.say("sign-in-again"), url: "/sign-in" };
    let (title, text, code, next) = match view {
        WelcomeEnd::CodeElsewhere { code, signed_in } => {
            let next = match signed_in {
                true => Next { words: c.t.say("portals-title"), url: "/" },
                false => Next { words: c.t.say("code-elsewhere-next"), url: "/sign-in" },
            };
            let code = code.as_deref().unwrap_or_default();
            (c.t.say("code-elsewhere"), c.t.say("code-elsewhere-text"), code, next)
        }
        WelcomeEnd::Refused => {
            (c.t.say("welcome-refused"), c.t.say("welcome-refused-text"), "", again)
        }
        WelcomeEnd::LinkedElsewhere(provider) => (
            c.t.with("linked-elsewhere", "provider", provider),
            c.t.with("linked-elsewhere-text", "provider", provider),
            "",
            again,
        ),
    };
    render(&WelcomeEndPage { c, title, text, code, next })
}

#[cfg(test)]
mod tests {
    use super::super::Lang;
    use super::super::text::Text;

    #[test]
    fn every_language_speaks_of_one_portal_in_the_singular() {
        for lang in Lang::ALL {
            let t = Text::new(lang, "Bitrix ID");
            for key in [
                "join-title",
                "join-lead",
                "join-none-ticked",
                "join-password",
                "join-password-typed",
                "join-password-none",
                "mail-joining-portals",
                "mail-joined-subject",
                "mail-joined-lead",
                "mail-joined-use",
            ] {
                assert_ne!(t.count(key, &1_u32), t.count(key, &2_u32), "{} {key}", lang.tag());
            }
            // Russian counts 21 as it does 1, and it is several portals all the same.
            let said = t.count("join-password", &21_u32);
            assert_eq!(said, t.count("join-password", &2_u32), "{}", lang.tag());
        }
    }
}
