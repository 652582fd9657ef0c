//! Mails about who is let into a portal.
//!
//! They name the portal as the operator does, or, if somebody else has created it, by its address alone: its
//! title, like the names of the people, is what somebody typed who may be a stranger to the reader. The pages
//! the links lead to say more.

use super::{Letter, MailBody};
use crate::pages::Lang;
use crate::pages::text::Text;

/// To an owner: somebody asks to be let in. `portal` is what it is called, `url` the owners' page.
pub(crate) fn access_asked(lang: Lang, brand: &str, portal: &str, url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-asked-subject", "portal", portal),
        lead: t.with("mail-asked-lead", "portal", portal),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-asked-use"),
        link: Some(url),
        other: t.with("mail-asked-other", "portal", portal),
        lang,
        brand,
    }
    .write()
}

/// To whoever asked: an owner said yes. `url` is the portal.
pub(crate) fn access_granted(lang: Lang, brand: &str, portal: &str, url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-granted-subject", "portal", portal),
        lead: t.with("mail-granted-lead", "portal", portal),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-granted-use"),
        link: Some(url),
        other: t.say("mail-access-other"),
        lang,
        brand,
    }
    .write()
}

/// To whoever asked: an owner said no. `url` is the list of portals.
pub(crate) fn access_declined(lang: Lang, brand: &str, portal: &str, url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-declined-subject", "portal", portal),
        lead: t.with("mail-declined-lead", "portal", portal),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-declined-use"),
        link: Some(url),
        other: t.say("mail-access-other"),
        lang,
        brand,
    }
    .write()
}

/// An invitation. `url` holds its secret.
pub(crate) fn invitation(lang: Lang, brand: &str, portal: &str, days: u32, url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-invitation-subject", "portal", portal),
        lead: t.with("mail-invitation-lead", "portal", portal),
        large: false,
        facts: Vec::new(),
        action: t.count("mail-invitation-use", &days),
        link: Some(url),
        other: t.say("mail-invitation-other"),
        lang,
        brand,
    }
    .write()
}
