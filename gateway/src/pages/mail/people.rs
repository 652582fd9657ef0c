//! Mails about a person's own account: a new device, and leaving.

use bitrix_id_auth_core::identity::UnixSeconds;

use super::{Letter, MailBody};
use crate::pages::text::Text;
use crate::pages::when::{day, full};
use crate::pages::zone::Zone;
use crate::pages::{Lang, device};

/// A sign-in on a device that has not been used with the account before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewDevice<'a> {
    /// When, Unix seconds.
    pub at: UnixSeconds,
    /// The account's time zone.
    pub time_zone: Option<&'a str>,
    /// `User-Agent`; only the names of known browsers and systems are taken from it.
    pub user_agent: &'a str,
    /// Client address.
    pub address: &'a str,
    /// Absolute address of the page that ends the session.
    pub not_me_url: &'a str,
}

/// Tells the owner of an account of it.
pub(crate) fn new_device(lang: Lang, brand: &str, about: &NewDevice<'_>) -> MailBody {
    let t = Text::new(lang, brand);
    let zone = Zone::named(about.time_zone);
    let browser = device::describe(&t, about.user_agent);
    Letter {
        subject: t.say("mail-device-subject"),
        lead: t.say("mail-device-lead"),
        large: false,
        facts: vec![
            t.with("mail-device-time", "time", full(&t, about.at, &zone)),
            t.with("mail-device-browser", "browser", browser),
            t.with("mail-device-address", "address", about.address),
        ],
        action: t.say("mail-device-use"),
        link: Some(about.not_me_url),
        other: t.say("mail-device-other"),
        lang,
        brand,
    }
    .write()
}

/// An account is leaving. `keep_url` is absolute.
pub(crate) fn leaving(
    lang: Lang,
    brand: &str,
    delete_at: UnixSeconds,
    time_zone: Option<&str>,
    keep_url: &str,
) -> MailBody {
    let t = Text::new(lang, brand);
    let date = day(&t, delete_at, &Zone::named(time_zone));
    Letter {
        subject: t.with("mail-leaving-subject", "date", &date),
        lead: t.with("mail-leaving-lead", "date", &date),
        large: false,
        facts: Vec::new(),
        action: t.say("mail-leaving-use"),
        link: Some(keep_url),
        other: t.say("mail-leaving-other"),
        lang,
        brand,
    }
    .write()
}
