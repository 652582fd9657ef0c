//! Mails about accounts at providers. The provider's name is the operator's or ours.

use super::{Lang, Letter, MailBody, Text};

/// A provider's account opens the Bitrix ID from now on. `page_url` is absolute.
pub(crate) fn linked(lang: Lang, brand: &str, provider: &str, page_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-linked-subject", "provider", provider),
        lead: t.with("mail-linked-lead", "provider", provider),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-links-use"),
        link: Some(page_url),
        other: t.say("mail-linked-other"),
        lang,
        brand,
    }
    .write()
}

/// It no longer does.
pub(crate) fn unlinked(lang: Lang, brand: &str, provider: &str, page_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-unlinked-subject", "provider", provider),
        lead: t.with("mail-unlinked-lead", "provider", provider),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-links-use"),
        link: Some(page_url),
        other: t.say("mail-unlinked-other"),
        lang,
        brand,
    }
    .write()
}
