//! Two Bitrix IDs of one person: naming the other, looking at what will happen, undoing it.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::surround::{Surround, render};
use super::when::Moment;
use super::{Frame, Person};

/// `GET /profile/merge`. The form posts `email`, `password`, `csrf` to `/profile/merge`, its second button
/// the same to `/profile/merge/send`; the button of a row posts `merge`, `csrf` to `/profile/merge/undo`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Merge {
    /// Who.
    pub person: Person,
    /// What was typed as the other one's address.
    pub typed: String,
    /// A code can be mailed.
    pub by_code: bool,
    /// Anti-forgery value.
    pub csrf: String,
    /// Merges so far, newest first.
    pub rows: Vec<MergeRow>,
    /// What happened just now.
    pub news: Option<MergeNews>,
    /// Why it did not.
    pub error: Option<MergeError>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// A merge so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct MergeRow {
    /// As the button posts it.
    pub id: String,
    /// Addresses that came with it.
    pub addresses: Vec<String>,
    /// When.
    pub merged_at: UnixSeconds,
    /// When it was undone.
    pub undone_at: Option<UnixSeconds>,
}

/// What happened; left by one answer for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MergeNews {
    /// They are one, which opens these portals.
    Merged(Vec<String>),
    /// They are two again.
    Undone,
    /// Nothing, and nothing can: no address is left to go back, or a later merge stands in the way.
    Impossible,
    /// Nothing: what was proved no longer holds.
    Gone,
}

/// Why the other one was not proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeError {
    /// Not an address.
    Invalid,
    /// An address of this very account.
    Own,
    /// Unknown address or wrong password: one answer.
    NoMatch,
    /// Attempts are limited.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The hashing queue is full.
    Busy,
    /// The mail could not be sent.
    MailFailed,
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage<'a> {
    c: Surround<'a>,
    v: &'a Merge,
    rows: Vec<MergeLine<'a>>,
    news: Option<String>,
    /// The news is that it did not work.
    bad: bool,
    problem: Option<String>,
    email_wrong: Option<String>,
    password_wrong: bool,
    section: &'static str,
}

struct MergeLine<'a> {
    id: &'a str,
    addresses: String,
    merged: Moment,
    undone: Option<Moment>,
}

/// Naming the other one, and the merges so far.
pub(crate) fn merge(frame: &Frame, view: &Merge) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut email_wrong) = (None, None);
    match view.error {
        None => {}
        Some(MergeError::Invalid) => email_wrong = Some(c.t.say("email-invalid")),
        Some(MergeError::Own) => email_wrong = Some(c.t.say("merge-own")),
        Some(MergeError::NoMatch) => problem = Some(c.t.say("sign-in-no-match")),
        Some(MergeError::TooMany { minutes }) => problem = Some(c.t.count("too-many", &minutes)),
        Some(MergeError::Busy) => problem = Some(c.t.say("busy")),
        Some(MergeError::MailFailed) => problem = Some(c.t.say("mail-failed")),
        Some(MergeError::Expired) => problem = Some(c.t.say("form-expired")),
    }
    let news = view.news.as_ref().map(|news| match news {
        MergeNews::Merged(portals) if portals.is_empty() => c.t.say("merge-done"),
        MergeNews::Merged(portals) => c.t.with("merge-done-portals", "portals", c.t.list(portals)),
        MergeNews::Undone => c.t.say("merge-undo-done"),
        MergeNews::Impossible => c.t.say("merge-undo-impossible"),
        MergeNews::Gone => c.t.say("merge-gone"),
    });
    let line = |row: &'_ MergeRow| Moment::new(&c.t, row.merged_at, view.now);
    let rows = view
        .rows
        .iter()
        .map(|row| MergeLine {
            id: &row.id,
            addresses: c.t.list(&row.addresses),
            merged: line(row),
            undone: row.undone_at.map(|at| Moment::new(&c.t, at, view.now)),
        })
        .collect();
    let bad = matches!(view.news, Some(MergeNews::Impossible | MergeNews::Gone));
    let password_wrong = view.error == Some(MergeError::NoMatch);
    let section = "emails";
    render(&MergePage {
        v: view,
        rows,
        news,
        bad,
        problem,
        email_wrong,
        password_wrong,
        section,
        c,
    })
}

/// `GET /profile/merge/review`. The form posts `seen`, `stays-<portal>` (`own` or `other`) and `csrf` to
/// `/profile/merge/review`.
#[derive(Debug, Clone, Default)]
pub(crate) struct MergeReview {
    /// Who.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// Stands for all that is shown.
    pub seen: String,
    /// The other one's primary address.
    pub other: String,
    /// The other one's addresses.
    pub addresses: Vec<String>,
    /// The other one has a password, which ends.
    pub password_ends: bool,
    /// The other one's accounts at providers.
    pub links: Vec<String>,
    /// Titles of portals that come along.
    pub portals: Vec<String>,
    /// Portals that know both.
    pub both: Vec<MergeChoice>,
    /// It is shown again because something has changed.
    pub changed: bool,
}

/// A portal that knows both.
#[derive(Debug, Clone, Default)]
pub(crate) struct MergeChoice {
    /// Portal id.
    pub portal: String,
    /// Its title.
    pub title: String,
    /// Whom it knows by this account.
    pub own: String,
    /// Whom it knows by the other one.
    pub other: String,
}

#[derive(Template)]
#[template(path = "merge_review.html")]
struct ReviewPage<'a> {
    c: Surround<'a>,
    v: &'a MergeReview,
    lead: String,
    section: &'static str,
}

/// What will happen.
pub(crate) fn merge_review(frame: &Frame, view: &MergeReview) -> String {
    let c = Surround::new(frame);
    let lead = c.t.fill(
        "merge-review-lead",
        &[("other", view.other.as_str().into()), ("own", view.person.email.as_str().into())],
    );
    render(&ReviewPage { lead, v: view, section: "emails", c })
}
