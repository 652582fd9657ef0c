//! Mails: text and HTML say the same, without pictures or anything that tells of being read.

pub(crate) mod access;
pub(crate) mod addresses;
mod joining;
pub(crate) mod people;
pub(crate) mod social;

mod recovery;

use askama::Template;

use super::Lang;
use super::surround::render;
use super::text::Text;

pub(crate) use recovery::{
    CheckwordMail, PasswordChanged, Registered, checkword, password_changed,
};

pub(crate) use joining::{JoiningCode, joined, joining_code, unjoined, welcomed};

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
        facts: Vec::new(),
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
        facts: Vec::new(),
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
        facts: Vec::new(),
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
pub(super) struct Letter<'a> {
    pub(super) lang: Lang,
    pub(super) brand: &'a str,
    pub(super) subject: String,
    /// The first line, which mail programs show beside the subject.
    pub(super) lead: String,
    /// The lead holds a code to be read at a glance.
    pub(super) large: bool,
    /// What it concerns, one line each: portals, a device, a moment. Often empty.
    pub(super) facts: Vec<String>,
    pub(super) action: String,
    pub(super) link: Option<&'a str>,
    pub(super) other: String,
}

impl Letter<'_> {
    pub(super) fn write(&self) -> MailBody {
        let link = self.link.map(|link| format!("\n{link}")).unwrap_or_default();
        let mut facts: String = self.facts.iter().map(|fact| format!("- {fact}\n")).collect();
        if !facts.is_empty() {
            facts.push('\n');
        }
        let text = format!(
            "{}\n\n{facts}{}{link}\n\n{}\n\n-- \n{}\n",
            self.lead, self.action, self.other, self.brand
        );
        MailBody { subject: one_line(&self.subject), text, html: render(self) }
    }
}

/// The name in a subject is the operator's; a line break in it must not begin another header.
fn one_line(subject: &str) -> String {
    subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
