//! Mails of the first sign-in: the code that proves an address, what was joined, what was undone.

use super::{Lang, Letter, MailBody, Text};

/// What the mail with the code says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JoiningCode<'a> {
    /// Six digits.
    pub code: &'a str,
    /// How long it holds.
    pub minutes: u32,
    /// Absolute; opening it uses nothing up.
    pub link: &'a str,
    /// Titles of the portals that can be joined then.
    pub portals: &'a [String],
}

/// The code that proves an address at the first sign-in.
pub(crate) fn joining_code(lang: Lang, brand: &str, letter: &JoiningCode<'_>) -> MailBody {
    let t = Text::new(lang, brand);
    let action = t.count("mail-joining-use", &letter.minutes);
    // In one line with the portals, a reader sees at a glance what the code is good for.
    let portals = match letter.portals {
        [] => None,
        portals => {
            let values = [("count", portals.len().into()), ("portals", t.list(portals).into())];
            Some(t.fill("mail-joining-portals", &values))
        }
    };
    Letter {
        subject: t.with("mail-code-subject", "code", letter.code),
        lead: t.with("mail-code-lead", "code", letter.code),
        large: true,
        facts: portals.into_iter().collect(),
        action,
        link: Some(letter.link),
        other: t.say("mail-joining-other"),
        lang,
        brand,
    }
    .write()
}

/// A Bitrix ID has come of a sign-in with the password of a portal, which is now its own. `home_url` is
/// absolute.
pub(crate) fn welcomed(lang: Lang, brand: &str, home_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-new-subject"),
        lead: t.say("mail-new-lead"),
        large: false,
        facts: vec![t.say("mail-new-password")],
        action: t.say("mail-new-use"),
        link: Some(home_url),
        other: t.say("mail-new-other"),
        lang,
        brand,
    }
    .write()
}

/// Profiles of these portals were joined. `link` is absolute.
pub(crate) fn joined(lang: Lang, brand: &str, portals: &[String], link: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.count("mail-joined-subject", &portals.len()),
        lead: t.count("mail-joined-lead", &portals.len()),
        large: false,
        facts: portals.to_vec(),
        action: t.count("mail-joined-use", &portals.len()),
        link: Some(link),
        other: t.say("mail-joined-other"),
        lang,
        brand,
    }
    .write()
}

/// The join on a portal was undone. `link` is absolute.
pub(crate) fn unjoined(lang: Lang, brand: &str, portal: &str, link: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-unjoined-subject", "portal", portal),
        lead: t.with("mail-unjoined-lead", "portal", portal),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-unjoined-use"),
        link: Some(link),
        other: t.say("mail-unjoined-other"),
        lang,
        brand,
    }
    .write()
}
