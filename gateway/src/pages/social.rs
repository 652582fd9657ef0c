//! Signing in with an account at a provider, and the accounts that are linked.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::zone::Zone;
use super::{Frame, Person};

/// A provider's button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SocialButton {
    /// Id of the provider.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its mark.
    pub icon: ProviderIcon,
    /// `/social/{id}/start?state=…`; empty where the button posts a form.
    pub url: String,
}

/// A provider's mark: a simple drawing in the colour of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderIcon {
    /// A round G.
    Google,
    /// Four panes.
    Microsoft,
    /// A branch.
    Github,
    /// An f.
    Facebook,
    /// An apple.
    Apple,
    /// V and K.
    Vk,
    /// A Я.
    Yandex,
    /// An at sign.
    Mailru,
    /// A key.
    Other,
}

impl ProviderIcon {
    /// What stands in an `svg` element of 24 by 24, drawn with lines.
    pub(super) fn drawing(self) -> &'static str {
        match self {
            Self::Google => r#"<path d="M12.5 12H20a8 8 0 1 1-2.3-5.7"/>"#,
            Self::Microsoft => r#"<path d="M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"/>"#,
            Self::Github => {
                r#"<path d="M7 8v8M7 14c0-4 10-1 10-6"/><circle cx="7" cy="6" r="2"/><circle cx="7" cy="18" r="2"/><circle cx="17" cy="6" r="2"/>"#
            }
            Self::Facebook => r#"<path d="M16 4h-1.5A3.5 3.5 0 0 0 11 7.5V21M7.5 12H15"/>"#,
            Self::Apple => {
                r#"<path d="M12 8c-4-2-7.5 0-7.5 4.5 0 4 2.5 8 4.5 8 1.5 0 2-.8 3-.8s1.5.8 3 .8c2 0 4.5-4 4.5-8C19.5 8 16 6 12 8zM12 6c0-2 1-3.5 3-4"/>"#
            }
            Self::Vk => r#"<path d="M3 7l4 10 4-10M14 7v10M20.5 7L14 12l6.5 5"/>"#,
            Self::Yandex => r#"<path d="M16 21V4h-3.5a4.5 4.5 0 0 0 0 9H16M12 13l-4.5 8"/>"#,
            Self::Mailru => {
                r#"<circle cx="12" cy="12" r="3.5"/><path d="M15.5 8.5v5a2.25 2.25 0 0 0 4.5 0V12a8 8 0 1 0-3.5 6.6"/>"#
            }
            Self::Other => {
                r#"<circle cx="8" cy="14" r="4"/><path d="M11 11l8-7M16 6.6l2.5 2.800"/>"#
            }
        }
    }
}

impl SocialButton {
    /// The mark, for the templates.
    pub(super) fn drawing(&self) -> &'static str {
        self.icon.drawing()
    }
}

/// What happened at a provider; left by one answer for the next page. Each names the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SocialNews {
    /// The person pressed "cancel" there.
    Cancelled(String),
    /// A link was made.
    Linked(String),
    /// It had been made before.
    Already(String),
    /// A link was taken away.
    Unlinked(String),
    /// It is another account's, and stays so.
    Elsewhere(String),
    /// The person has shown again who they are; nothing changed yet.
    Confirmed,
}

/// A line for a page of sign-in or sign-up.
pub(super) fn news_at_sign_in(t: &Text<'_>, news: Option<&SocialNews>) -> Option<String> {
    match news? {
        SocialNews::Cancelled(provider) => Some(t.with("social-cancelled", "provider", provider)),
        SocialNews::Linked(_)
        | SocialNews::Already(_)
        | SocialNews::Unlinked(_)
        | SocialNews::Elsewhere(_)
        | SocialNews::Confirmed => None,
    }
}

/// A provider signed nobody in.
#[derive(Debug, Clone)]
pub(crate) struct SocialFailed {
    /// Its name.
    pub provider: String,
    /// Why.
    pub problem: SocialProblem,
    /// Path at which to try again.
    pub again: String,
    /// Path of the other ways to sign in.
    pub other: String,
}

/// Why a provider signed nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SocialProblem {
    /// Its answer does not hold, or was no.
    Refused,
    /// The attempt is unknown, too old, done, or another browser's.
    Stale,
    /// It does not answer; answered with 503.
    Unreachable,
    /// Attempts are limited.
    TooMany,
    /// The account may not sign in, or not be linked.
    NotAllowed,
}

#[derive(Template)]
#[template(path = "social_failed.html")]
struct FailedPage<'a> {
    c: Surround<'a>,
    v: &'a SocialFailed,
    title: String,
    words: String,
    again: bool,
}

/// A provider signed nobody in.
pub(crate) fn social_failed(frame: &Frame, view: &SocialFailed) -> String {
    let c = Surround::new(frame);
    let provider = view.provider.as_str();
    let title = match view.problem {
        SocialProblem::Unreachable => c.t.with("social-unreachable-title", "provider", provider),
        _ => c.t.with("social-failed-title", "provider", provider),
    };
    let words = match view.problem {
        SocialProblem::Refused => c.t.with("social-refused", "provider", provider),
        SocialProblem::Stale => c.t.say("social-stale"),
        SocialProblem::Unreachable => c.t.with("social-unreachable", "provider", provider),
        SocialProblem::TooMany => c.t.say("social-too-many"),
        SocialProblem::NotAllowed => c.t.say("social-not-allowed"),
    };
    let again = !matches!(view.problem, SocialProblem::TooMany | SocialProblem::NotAllowed);
    render(&FailedPage { c, v: view, title, words, again })
}

/// `GET /social/next`. The form posts `do`, `email` or `password`, `csrf` to `/social/next`.
#[derive(Debug, Clone)]
pub(crate) struct SocialNext {
    /// The provider's name.
    pub provider: String,
    /// What is asked.
    pub ask: SocialAsk,
    /// Codes can be sent.
    pub by_mail: bool,
    /// Anti-forgery value.
    pub csrf: String,
    /// Why it is asked again.
    pub error: Option<SocialNextError>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SocialAsk {
    /// An address: the provider told none.
    Address {
        /// What was typed before.
        typed: String,
    },
    /// A proof that the account with this address is the person's.
    Confirm {
        /// The address.
        email: String,
        /// It has a password.
        password: bool,
    },
    /// Whether to go on as the account that the provider's account opens.
    BelongsTo {
        /// Its address.
        owner: String,
        /// The address that the provider told.
        told: Option<String>,
    },
}

/// Why it is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SocialNextError {
    /// Not an address.
    EmailInvalid,
    /// Not the password.
    NoMatch,
    /// Attempts are limited.
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
#[template(path = "social_next.html")]
struct NextPage<'a> {
    c: Surround<'a>,
    v: &'a SocialNext,
    title: String,
    lead: String,
    told: Option<String>,
    /// What no field is to blame for.
    problem: Option<String>,
    wrong: Option<String>,
}

/// A word from the person before a provider's word counts.
pub(crate) fn social_next(frame: &Frame, view: &SocialNext) -> String {
    let c = Surround::new(frame);
    let provider = view.provider.as_str();
    let (lead, told) = match &view.ask {
        SocialAsk::Address { .. } => (c.t.with("social-address-lead", "provider", provider), None),
        SocialAsk::Confirm { email, .. } => {
            let values = [("provider", provider.into()), ("email", email.as_str().into())];
            (c.t.fill("social-confirm-lead", &values), None)
        }
        SocialAsk::BelongsTo { owner, told } => {
            let told = told.as_deref().filter(|told| told != owner).map(|told| {
                let values = [("provider", provider.into()), ("email", told.into())];
                c.t.fill("social-belongs-told", &values)
            });
            (c.t.with("social-belongs-lead", "owner", owner), told)
        }
    };
    let title = match view.ask {
        SocialAsk::Address { .. } => c.t.say("social-address-title"),
        SocialAsk::Confirm { .. } => c.t.say("social-confirm-title"),
        SocialAsk::BelongsTo { .. } => c.t.with("social-belongs-title", "provider", provider),
    };
    let (mut problem, mut wrong) = (None, None);
    match view.error {
        None => {}
        Some(SocialNextError::EmailInvalid) => wrong = Some(c.t.say("email-invalid")),
        Some(SocialNextError::NoMatch) => wrong = Some(c.t.say("social-no-match")),
        Some(SocialNextError::TooMany { minutes }) => {
            problem = Some(c.t.count("too-many", &minutes));
        }
        Some(SocialNextError::Busy) => problem = Some(c.t.say("busy")),
        Some(SocialNextError::Expired) => problem = Some(c.t.say("form-expired")),
    }
    render(&NextPage { c, v: view, title, lead, told, problem, wrong })
}

/// `GET /profile/social`. A row's button posts `link`, `csrf` to `/profile/social`; a provider's posts
/// `csrf` to `/social/{id}/start`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SocialLinks {
    /// Who.
    pub person: Person,
    /// What is linked, in the order it was.
    pub rows: Vec<LinkRow>,
    /// What can be.
    pub offered: Vec<SocialButton>,
    /// Anti-forgery value.
    pub csrf: String,
    /// What happened just now.
    pub news: Option<SocialNews>,
    /// Why it did not.
    pub error: Option<SocialLinksError>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// An account at a provider that opens this one.
#[derive(Debug, Clone)]
pub(crate) struct LinkRow {
    /// Names it in the form.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// `None`: it is not configured any more.
    pub icon: Option<ProviderIcon>,
    /// Name there.
    pub name: Option<String>,
    /// Address there.
    pub email: Option<String>,
    /// Unix seconds.
    pub linked_at: UnixSeconds,
    /// Last sign-in with it.
    pub last_used_at: Option<UnixSeconds>,
}

/// Why nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SocialLinksError {
    /// Nothing else is left to sign in with.
    LastWayIn,
    /// The row that was pressed is not there (any more).
    Gone,
    /// The anti-forgery value is stale.
    Expired,
}

/// A row ready to list.
struct Line<'a> {
    row: &'a LinkRow,
    drawing: Option<&'static str>,
    /// Name and address there.
    who: String,
    linked: Moment,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "social_links.html")]
struct LinksPage<'a> {
    c: Surround<'a>,
    v: &'a SocialLinks,
    lines: Vec<Line<'a>>,
    news: Option<String>,
    /// The news is that two accounts could be one.
    merge: bool,
    problem: Option<String>,
    section: &'static str,
}

/// The accounts at providers that open this one.
pub(crate) fn social_links(frame: &Frame, view: &SocialLinks) -> String {
    let c = Surround::new(frame);
    let zone = Zone::named(view.person.time_zone.as_deref());
    let line = |row| {
        let row: &LinkRow = row;
        let who = [&row.name, &row.email].into_iter().flatten().map(String::as_str);
        let who: Vec<&str> = who.collect();
        Line {
            row,
            drawing: row.icon.map(ProviderIcon::drawing),
            who: who.join(" · "),
            linked: Moment::in_zone(&c.t, row.linked_at, view.now, &zone),
            used: row.last_used_at.map(|at| Moment::in_zone(&c.t, at, view.now, &zone)),
        }
    };
    let lines = view.rows.iter().map(line).collect();
    let news = view.news.as_ref().map(|news| news_words(&c.t, news));
    let problem = view.error.map(|error| match error {
        SocialLinksError::LastWayIn => c.t.say("social-last-way"),
        SocialLinksError::Gone => c.t.say("social-gone"),
        SocialLinksError::Expired => c.t.say("form-expired"),
    });
    let merge = matches!(view.news, Some(SocialNews::Elsewhere(_)));
    render(&LinksPage { c, v: view, lines, news, merge, problem, section: "social" })
}

fn news_words(t: &Text<'_>, news: &SocialNews) -> String {
    match news {
        SocialNews::Cancelled(provider) => t.with("social-not-finished", "provider", provider),
        SocialNews::Linked(provider) => t.with("social-linked", "provider", provider),
        SocialNews::Already(provider) => t.with("social-already", "provider", provider),
        SocialNews::Unlinked(provider) => t.with("social-unlinked", "provider", provider),
        SocialNews::Elsewhere(provider) => t.with("social-elsewhere", "provider", provider),
        SocialNews::Confirmed => t.say("social-confirmed"),
    }
}
