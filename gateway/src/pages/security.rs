//! The signed-in person's page about sign-in and security: a new password.

use askama::Template;

use super::surround::{Surround, render};
use super::text::Text;
use super::{Frame, Person};

/// `GET /profile/security`. The form posts `current`, `password`, `again`, `csrf` to
/// `/profile/security`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Security {
    /// Who.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// Shortest password accepted, in characters; shown as a hint.
    pub min_length: usize,
    /// How many portals the password opens.
    pub portals: usize,
    /// Whether there is a password to replace; else a first one is set by recovery.
    pub has_password: bool,
    /// Whether there is recovery: it takes mail.
    pub recovery: bool,
    /// The password was just replaced.
    pub changed: bool,
    /// Why it was not.
    pub error: Option<SecurityError>,
}

/// Why a password was not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityError {
    /// The current password is another one, or was not typed.
    CurrentNoMatch,
    /// Below [`Security::min_length`].
    NewTooShort,
    /// Above 1024 bytes.
    NewTooLong,
    /// On the list of passwords tried first.
    NewCommon,
    /// Says the e-mail address again.
    NewIsEmail,
    /// Made of what a guesser tries early.
    NewGuessable,
    /// The second time something else was typed.
    NewDiffers,
    /// Is the current one.
    NewIsCurrent,
    /// Attempts are limited; the next one is taken after this many minutes.
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
#[template(path = "security.html")]
struct SecurityPage<'a> {
    c: Surround<'a>,
    v: &'a Security,
    /// What no field is to blame for.
    problem: Option<String>,
    current_wrong: Option<String>,
    new_wrong: Option<String>,
    again_wrong: Option<String>,
    section: &'static str,
}

/// A new password, for who knows the current one.
pub(crate) fn security(frame: &Frame, view: &Security) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut current_wrong, mut new_wrong, mut again_wrong) = (None, None, None, None);
    if let Some(error) = view.error {
        let place = match error {
            SecurityError::CurrentNoMatch => &mut current_wrong,
            SecurityError::TooMany { .. } | SecurityError::Busy | SecurityError::Expired => {
                &mut problem
            }
            SecurityError::NewDiffers => &mut again_wrong,
            SecurityError::NewTooShort
            | SecurityError::NewTooLong
            | SecurityError::NewCommon
            | SecurityError::NewIsEmail
            | SecurityError::NewGuessable
            | SecurityError::NewIsCurrent => &mut new_wrong,
        };
        *place = Some(words(&c.t, error, view.min_length));
    }
    let section = "security";
    render(&SecurityPage { c, v: view, problem, current_wrong, new_wrong, again_wrong, section })
}

fn words(t: &Text<'_>, error: SecurityError, min_length: usize) -> String {
    match error {
        SecurityError::CurrentNoMatch => t.say("current-no-match"),
        SecurityError::NewTooShort => t.count("password-too-short", &min_length),
        SecurityError::NewTooLong => t.say("password-too-long"),
        SecurityError::NewCommon => t.say("password-common"),
        SecurityError::NewIsEmail => t.say("password-is-email"),
        SecurityError::NewGuessable => t.say("password-guessable"),
        SecurityError::NewDiffers => t.say("passwords-differ"),
        SecurityError::NewIsCurrent => t.say("password-is-current"),
        SecurityError::TooMany { minutes } => t.count("too-many", &minutes),
        SecurityError::Busy => t.say("busy"),
        SecurityError::Expired => t.say("form-expired"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    fn page(lang: Lang, error: Option<SecurityError>) -> String {
        let frame = Frame { lang, path: "/profile/security".into(), ..Frame::default() };
        let person =
            Person { name: "Anna".into(), email: "anna@example.com".into(), ..Person::default() };
        let view = Security {
            person,
            min_length: 8,
            portals: 3,
            has_password: true,
            ..Security::default()
        };
        security(&frame, &Security { error, ..view })
    }

    #[test]
    fn helps_password_managers_and_has_one_focus() {
        for lang in Lang::ALL {
            let errors = [
                None,
                Some(SecurityError::CurrentNoMatch),
                Some(SecurityError::NewCommon),
                Some(SecurityError::Busy),
            ];
            for error in errors {
                let html = page(lang, error);
                for (purpose, times) in
                    [("username", 1), ("current-password", 1), ("new-password", 2)]
                {
                    let attribute = format!("autocomplete=\"{purpose}\"");
                    assert_eq!(html.matches(&attribute).count(), times, "{purpose}");
                }
                assert!(html.matches(" autofocus").count() <= 1, "{error:?}");
            }
        }
    }

    #[test]
    fn an_error_stands_at_its_field() {
        let html = page(Lang::En, Some(SecurityError::CurrentNoMatch));
        let field = html.split("id=\"current\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(field.contains("aria-invalid") && field.contains("autofocus"), "{field}");
        let html = page(Lang::En, Some(SecurityError::NewTooShort));
        let field = html.split("id=\"password\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(field.contains("aria-invalid"), "{field}");
    }
}
