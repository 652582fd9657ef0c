//! Mails about addresses and about one person's several Bitrix IDs.

use super::{Lang, Letter, MailBody, Text};

/// The code that confirms who is signed in. `minutes`: how long it holds.
pub(crate) fn confirm_identity(lang: Lang, brand: &str, code: &str, minutes: u32) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-code-subject", "code", code),
        lead: t.with("mail-code-lead", "code", code),
        large: true,
        facts: Vec::new(),
        action: t.count("mail-again-use", &minutes),
        link: None,
        other: t.say("mail-again-other"),
        lang,
        brand,
    }
    .write()
}

/// The code that proves a new address. `minutes`: how long it holds.
pub(crate) fn add_address(lang: Lang, brand: &str, code: &str, minutes: u32) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-code-subject", "code", code),
        lead: t.with("mail-code-lead", "code", code),
        large: true,
        facts: Vec::new(),
        action: t.count("mail-add-use", &minutes),
        link: None,
        other: t.say("mail-add-other"),
        lang,
        brand,
    }
    .write()
}

/// Sent instead of a code to an address that belongs to another account. `merge_url` is absolute.
pub(crate) fn held_elsewhere(lang: Lang, brand: &str, merge_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-held-subject"),
        lead: t.say("mail-held-lead"),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-held-use"),
        link: Some(merge_url),
        other: t.say("mail-held-other"),
        lang,
        brand,
    }
    .write()
}

/// What happened to an account's addresses; each names one that was proved, never one that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// The account has another one.
    Added(&'a str),
    /// Another one is the primary one.
    Primary(&'a str),
    /// It gave one up.
    Removed(&'a str),
}

/// Tells an address of the account what happened. `recovery_url` is absolute: where to get a new password.
pub(crate) fn changed(lang: Lang, brand: &str, change: Change<'_>, recovery_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    let (subject, lead, address) = match change {
        Change::Added(address) => (t.say("mail-added-subject"), t.say("mail-added-lead"), address),
        Change::Primary(address) => {
            (t.say("mail-primary-subject"), t.say("mail-primary-lead"), address)
        }
        Change::Removed(address) => {
            (t.say("mail-removed-subject"), t.say("mail-removed-lead"), address)
        }
    };
    Letter {
        subject,
        lead,
        large: false,
        facts: vec![address.to_owned()],
        action: t.say("mail-changed-use"),
        link: Some(recovery_url),
        other: t.say("mail-changed-other"),
        lang,
        brand,
    }
    .write()
}

/// The code that proves an address of the Bitrix ID that is to be merged into another. `minutes`: how long
/// it holds.
pub(crate) fn merge_code(lang: Lang, brand: &str, code: &str, minutes: u32) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.with("mail-code-subject", "code", code),
        lead: t.with("mail-code-lead", "code", code),
        large: true,
        facts: Vec::new(),
        action: t.count("mail-merge-use", &minutes),
        link: None,
        other: t.say("mail-merge-other"),
        lang,
        brand,
    }
    .write()
}

/// Sent instead of such a code to an address that has no Bitrix ID. `emails_url` is absolute: where the
/// person who asked can add it.
pub(crate) fn nothing_to_merge(lang: Lang, brand: &str, emails_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-unmergeable-subject"),
        lead: t.say("mail-unmergeable-lead"),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-unmergeable-use"),
        link: Some(emails_url),
        other: t.say("mail-held-other"),
        lang,
        brand,
    }
    .write()
}

/// Tells the account that stays what it got. `merge_url` is absolute: where it can be undone.
pub(crate) fn merged(lang: Lang, brand: &str, addresses: &[String], merge_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-merged-subject"),
        lead: t.say("mail-merged-lead"),
        large: false,
        facts: addresses.to_vec(),
        action: t.say("mail-merged-use"),
        link: Some(merge_url),
        other: t.say("mail-merged-other"),
        lang,
        brand,
    }
    .write()
}

/// Tells the account that is gone where its things are. `recovery_url` is absolute: with its address one
/// gets into the other account.
pub(crate) fn merged_away(lang: Lang, brand: &str, into: &str, recovery_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-away-subject"),
        lead: t.say("mail-away-lead"),
        large: false,
        facts: vec![into.to_owned()],
        action: t.say("mail-away-use"),
        link: Some(recovery_url),
        other: t.say("mail-away-other"),
        lang,
        brand,
    }
    .write()
}

/// Tells both that they are two again. `sign_in_url` is absolute.
pub(crate) fn unmerged(lang: Lang, brand: &str, sign_in_url: &str) -> MailBody {
    let t = Text::new(lang, brand);
    Letter {
        subject: t.say("mail-unmerged-subject"),
        lead: t.say("mail-unmerged-lead"),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-unmerged-use"),
        link: Some(sign_in_url),
        other: t.say("mail-unmerged-other"),
        lang,
        brand,
    }
    .write()
}
