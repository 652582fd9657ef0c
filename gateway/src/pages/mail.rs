//! Mails: text and HTML say the same, without pictures or anything that tells of being read.

use askama::Template;

use super::Lang;
use super::surround::render;
use super::text::Text;

/// A mail to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailBody {
    /// One line without control characters.
    pub subject: String,
    /// `text/plain; charset=utf-8`, lines end in `\n`.
    pub text: String,
    /// `text/html; charset=utf-8`.
    pub html: String,
}

/// The code that confirms a new sign-up. `minutes`: how long it holds.
pub(crate) fn confirm_code(lang: Lang, brand: &str, code: &str, minutes: u32) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-code-subject", "code", code),
        lead: t.with("mail-code-lead", "code", code),
        large: true,
        action: t.count("mail-code-use", &minutes),
        link: None,
        other: t.say("mail-code-other"),
        lang,
        brand,
    }
    .write()
}

/// Sent instead of a code when the address already has a Bitrix ID. `sign_in_url` is absolute.
pub(crate) fn already_registered(lang: Lang, brand: &str, sign_in_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-known-subject"),
        lead: t.say("mail-known-lead"),
        large: false,
        action: t.say("mail-known-use"),
        link: Some(sign_in_url),
        other: t.say("mail-known-other"),
        lang,
        brand,
    }
    .write()
}

/// Sent when a sign-up was confirmed: a Bitrix ID now belongs to this address. `home_url` is absolute.
pub(crate) fn signed_up(lang: Lang, brand: &str, home_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-new-subject"),
        lead: t.say("mail-new-lead"),
        large: false,
        action: t.say("mail-new-use"),
        link: Some(home_url),
        other: t.say("mail-new-other"),
        lang,
        brand,
    }
    .write()
}

/// The shape of every mail: what it is about, what to do, what if it was not you.
///
/// Nothing that a stranger typed goes in: whoever signs up with another person's address must not get
/// to write to that person.
#[derive(Template)]
#[template(path = "mail.html")]
struct Letter<'a> {
    lang: Lang,
    brand: &'a str,
    subject: String,
    /// The first line, which mail programs show beside the subject.
    lead: String,
    /// The lead holds a code to be read at a glance.
    large: bool,
    action: String,
    link: Option<&'a str>,
    other: String,
}

impl Letter<'_> {
    fn write(&self) -> MailBody {
        let link = self.link.map(|link| format!("\n{link}")).unwrap_or_default();
        let text = format!(
            "{}\n\n{}{link}\n\n{}\n\n-- \n{}\n",
            self.lead, self.action, self.other, self.brand
        );
        MailBody { subject: one_line(&self.subject), text, html: render(self) }
    }
}

/// The name in a subject is the operator's; a line break in it must not begin another header.
fn one_line(subject: &str) -> String {
    subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
