//! The person's data as a file, and leaving for good.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::surround::{Surround, render};
use super::text::Text;
use super::when::day;
use super::zone::Zone;
use super::{Frame, Person};

/// `GET /profile/data`.
#[derive(Debug, Clone, Default)]
pub(crate) struct YourData {
    /// Who.
    pub person: Person,
    /// For the sign-out button.
    pub csrf: String,
}

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage<'a> {
    c: Surround<'a>,
    v: &'a YourData,
    section: &'static str,
}

/// What the file holds, and the way to it.
pub(crate) fn your_data(frame: &Frame, view: &YourData) -> String {
    render(&DataPage { c: Surround::new(frame), v: view, section: "profile" })
}

/// `GET /profile/delete`. The form posts `csrf` to `/profile/delete`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delete {
    /// Who.
    pub person: Person,
    /// Titles of the portals it concerns.
    pub portals: Vec<String>,
    /// Titles of those that are left without anybody who runs them.
    pub alone: Vec<String>,
    /// When it will happen.
    pub delete_at: UnixSeconds,
    /// How the person can change their mind until then.
    pub way_back: WayBack,
    /// Anti-forgery value.
    pub csrf: String,
    /// The anti-forgery value was stale.
    pub expired: bool,
}

/// How somebody keeps an account that is leaving.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum WayBack {
    /// By the link of a mail, or by signing in.
    #[default]
    MailOrSignIn,
    /// By the link of a mail alone.
    Mail,
    /// By signing in alone.
    SignIn,
    /// Not at all: it is not deleted then.
    Nowhere,
}

impl WayBack {
    /// A mail reaches the person.
    pub(crate) fn by_mail(self) -> bool {
        matches!(self, Self::MailOrSignIn | Self::Mail)
    }
}

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage<'a> {
    c: Surround<'a>,
    v: &'a Delete,
    count: usize,
    date: String,
    alone: Option<String>,
    /// How to keep it; `None`: it cannot be deleted here.
    way_back: Option<String>,
    section: &'static str,
}

/// What deleting means, before it is done.
pub(crate) fn delete(frame: &Frame, view: &Delete) -> String {
    let c = Surround::new(frame);
    let date = day(&c.t, view.delete_at, &Zone::named(view.person.time_zone.as_deref()));
    let count = view.portals.len();
    let way_back = match view.way_back {
        WayBack::MailOrSignIn => Some(c.t.say("delete-keep")),
        WayBack::Mail => Some(c.t.say("delete-keep-mail")),
        WayBack::SignIn => Some(c.t.say("delete-keep-sign-in")),
        WayBack::Nowhere => None,
    };
    let alone = runs_alone(&c.t, &view.alone);
    render(&DeletePage { c, v: view, count, date, alone, way_back, section: "profile" })
}

/// "Nobody but you runs Acme."
pub(super) fn runs_alone(t: &Text<'_>, titles: &[String]) -> Option<String> {
    (!titles.is_empty()).then(|| t.with("runs-alone", "portals", t.list(titles)))
}

/// `GET /profile/keep`. The form posts `choice` (`keep` or `go`), `key`, `csrf` to `/profile/keep`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keep {
    /// Where things stand.
    pub state: Keeping,
    /// The mailed link's one-time value, if that is how the person came.
    pub key: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// The anti-forgery value was stale.
    pub expired: bool,
}

/// Whether an account is still leaving.
#[derive(Debug, Clone, Default)]
pub(crate) enum Keeping {
    /// It will be deleted.
    Leaving {
        /// When.
        delete_at: UnixSeconds,
        /// The account's time zone.
        time_zone: Option<String>,
    },
    /// It stays.
    Kept {
        /// And is signed in to in this browser.
        signed_in: bool,
        /// Where one goes on, or signs in.
        onward: String,
    },
    /// There is nothing to keep: the link is too old, or it stays already.
    #[default]
    Nothing,
}

#[derive(Template)]
#[template(path = "keep.html")]
struct KeepPage<'a> {
    c: Surround<'a>,
    v: &'a Keep,
    /// While it is leaving.
    date: Option<String>,
    kept: Option<Kept<'a>>,
}

struct Kept<'a> {
    signed_in: bool,
    onward: &'a str,
}

/// Keeping an account that is leaving, or letting it go.
pub(crate) fn keep(frame: &Frame, view: &Keep) -> String {
    let c = Surround::new(frame);
    let date = match &view.state {
        Keeping::Leaving { delete_at, time_zone } => {
            Some(day(&c.t, *delete_at, &Zone::named(time_zone.as_deref())))
        }
        Keeping::Kept { .. } | Keeping::Nothing => None,
    };
    let kept = match &view.state {
        Keeping::Kept { signed_in, onward } => Some(Kept { signed_in: *signed_in, onward }),
        Keeping::Leaving { .. } | Keeping::Nothing => None,
    };
    render(&KeepPage { c, v: view, date, kept })
}
