//! Mails of a recovery: the checkword, and the notice that a password was changed.

use bitrix_id_auth_core::identity::UnixSeconds;

use super::{Letter, MailBody};
use crate::pages::text::Text;
use crate::pages::when::full;
use crate::pages::zone::Zone;
use crate::pages::{Lang, device};

/// What the mail with the checkword says.
#[derive(Debug)]
pub(crate) struct CheckwordMail<'a> {
    /// The address that is being recovered, which is where the mail goes.
    pub email: &'a str,
    /// As people read it.
    pub code: &'a str,
    /// Absolute address that holds it.
    pub link: &'a str,
    /// How long it holds.
    pub minutes: u32,
    /// Where the address is registered.
    pub registered: Vec<Registered>,
}

/// A person as a portal has them registered. Name and user name are empty where the portal has said nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registered {
    /// The portal's title.
    pub portal: String,
    /// What the person is called there.
    pub name: String,
    /// What the person used to sign in with there.
    pub user_name: String,
}

/// The checkword, as code and as link. The subject does without it: 28 characters would leave no room there
/// for what it is about. The first line, which mail programs show beside the subject, has it.
pub(crate) fn checkword(lang: Lang, brand: &str, about: &CheckwordMail<'_>) -> MailBody {
    let t = Text::new(lang, brand);
    let mut facts = vec![t.with("mail-checkword-email", "email", about.email)];
    facts.extend(about.registered.iter().take(MOST_PORTALS).map(|known| registered(&t, known)));
    Letter {
        subject: t.say("mail-checkword-subject"),
        lead: t.with("mail-checkword-lead", "code", about.code),
        large: true,
        facts,
        action: t.count("mail-checkword-use", &about.minutes),
        link: Some(about.link),
        other: t.say("mail-checkword-other"),
        lang,
        brand,
    }
    .write()
}

fn registered(t: &Text<'_>, known: &Registered) -> String {
    let (name, user) = (short(&known.name), short(&known.user_name));
    let (portal, name, user) = (short(&known.portal), name.as_str(), user.as_str());
    match (name.is_empty(), user.is_empty()) {
        (true, true) => portal,
        (false, true) => t.fill(
            "mail-checkword-portal-name",
            &[("portal", portal.into()), ("name", name.into())],
        ),
        (true, false) => t.fill(
            "mail-checkword-portal-user",
            &[("portal", portal.into()), ("user", user.into())],
        ),
        (false, false) => t.fill(
            "mail-checkword-portal-both",
            &[("portal", portal.into()), ("name", name.into()), ("user", user.into())],
        ),
    }
}

/// One line of reasonable length.
fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(LONGEST).collect()
}

/// When a password was changed, and from where.
#[derive(Debug, Clone)]
pub(crate) struct PasswordChanged {
    /// Unix seconds.
    pub at: UnixSeconds,
    /// IANA name of the person's time zone.
    pub zone: Option<String>,
    /// `User-Agent`; only the names of known browsers and systems are taken from it.
    pub user_agent: String,
    /// Client address.
    pub network: String,
    /// What opens the account besides: titles of providers and addresses.
    pub also: Vec<String>,
    /// Absolute address of the page where recovery begins.
    pub recover_url: String,
}

/// Tells the owner of an account that its password is another one now.
pub(crate) fn password_changed(lang: Lang, brand: &str, about: &PasswordChanged) -> MailBody {
    let t = Text::new(lang, brand);
    let zone = Zone::named(about.zone.as_deref());
    let browser = device::describe(&t, &about.user_agent);
    let mut facts = vec![
        t.with("mail-device-time", "time", full(&t, about.at, &zone)),
        t.with("mail-device-browser", "browser", browser),
        t.with("mail-device-address", "address", &about.network),
    ];
    if !about.also.is_empty() {
        facts.push(t.with("mail-password-also", "list", t.list(&about.also)));
    }
    Letter {
        subject: t.say("mail-password-subject"),
        lead: t.say("mail-password-lead"),
        large: false,
        facts,
        action: t.say("mail-password-use"),
        link: Some(&about.recover_url),
        other: t.say("mail-password-other"),
        lang,
        brand,
    }
    .write()
}

/// A list, not a directory.
const MOST_PORTALS: usize = 30;
/// In characters.
const LONGEST: usize = 100;
