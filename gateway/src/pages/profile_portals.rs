//! The signed-in person's page about portals: what opens each, what waits to be joined, and what was.

use std::cmp::Reverse;

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::leaving::runs_alone;
use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::{Frame, JoinPortal, OwnedPortal, Person};

/// `GET /profile/portals`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProfilePortals {
    /// Who.
    pub person: Person,
    /// For the sign-out button.
    pub csrf: String,
    /// The portals the Bitrix ID opens, in the order to show.
    pub opened: Vec<OpenedPortal>,
    /// Those whose people they look after.
    pub owned: Vec<OwnedPortal>,
    /// What can be joined.
    pub waiting: Vec<JoinPortal>,
    /// The page that joins, and comes back here.
    pub join_url: String,
    /// Joins and undos, newest first.
    pub journal: Vec<JournalEntry>,
    /// What was done just now.
    pub done: Option<PortalsDone>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// What was done just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PortalsDone {
    /// Profiles were joined.
    Joined,
    /// The join on the portal of this title was undone.
    Unjoined(String),
}

/// A portal that the Bitrix ID opens.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenedPortal {
    /// Portal id.
    pub portal: String,
    /// Title.
    pub title: String,
    /// Host, with the port where it is not the scheme's own.
    pub address: String,
    /// Where its start page is.
    pub url: String,
    /// What the portal is told the person is called.
    pub name: String,
    /// The record that opens it; `None` where the portal's people are not imported.
    pub record: Option<OpenedRecord>,
    /// Since when.
    pub joined_at: UnixSeconds,
    /// How it came to be opened.
    pub how: JoinedHow,
}

/// The portal's record of the person.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenedRecord {
    /// What the person signed in with there.
    pub login: String,
    /// The person's name there.
    pub name: String,
}

/// How a portal came to be opened by the Bitrix ID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum JoinedHow {
    /// The people who run it added the Bitrix ID.
    #[default]
    Added,
    /// The person accepted an invitation.
    Invited,
    /// The person made the portal.
    Created,
    /// It has the person's proved address.
    Address,
    /// Its old password was typed.
    PortalPassword,
    /// An operator joined it.
    Operator,
}

/// A join, and its undo if there was one.
#[derive(Debug, Clone, Default)]
pub(crate) struct JournalEntry {
    /// Title of the portal, or its id where it is no longer configured.
    pub portal: String,
    /// When it was joined.
    pub at: UnixSeconds,
    /// Why that was allowed.
    pub how: JoinedHow,
    /// When it was undone, and whether an operator did it.
    pub undone: Option<(UnixSeconds, UndoneBy)>,
}

/// Who undid a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UndoneBy {
    /// The person.
    Person,
    /// An operator, or the gateway for one.
    Operator,
}

#[derive(Template)]
#[template(path = "profile_portals.html")]
struct ProfilePortalsPage<'a> {
    c: Surround<'a>,
    v: &'a ProfilePortals,
    done: Option<String>,
    opened: Vec<OpenedLine<'a>>,
    journal: Vec<JournalLine>,
    section: &'static str,
}

struct OpenedLine<'a> {
    row: &'a OpenedPortal,
    /// What the portal is told, in words.
    told: String,
    /// What its record says, in words.
    record: Option<String>,
    how: String,
    since: Moment,
}

struct JournalLine {
    words: String,
    at: Moment,
}

/// The portals of a Bitrix ID and how they came to it.
pub(crate) fn profile_portals(frame: &Frame, view: &ProfilePortals) -> String {
    let c = Surround::new(frame);
    let done = view.done.as_ref().map(|done| match done {
        PortalsDone::Joined => joined_words(&c.t, view.opened.iter().map(|row| row.title.as_str())),
        PortalsDone::Unjoined(portal) => c.t.with("unjoined", "portal", portal),
    });
    let opened = view
        .opened
        .iter()
        .map(|row| OpenedLine {
            told: told_words(&c.t, &view.person, &row.name),
            record: row.record.as_ref().map(|record| record_words(&c.t, record)),
            how: how_words(&c.t, row.how),
            since: Moment::new(&c.t, row.joined_at, view.now),
            row,
        })
        .collect();
    let journal = journal(&c.t, view);
    render(&ProfilePortalsPage { c, v: view, done, opened, journal, section: "portals" })
}

/// "Done. One sign-in now opens Acme, Globex and Initech."
pub(super) fn joined_words<'a>(t: &Text<'_>, titles: impl Iterator<Item = &'a str>) -> String {
    let titles: Vec<&str> = titles.collect();
    if titles.len() > MOST_NAMED {
        return t.count("joined-many", &titles.len());
    }
    t.with("joined", "portals", t.list(&titles))
}

/// Name and address as tokens for the portal say them now.
fn told_words(t: &Text<'_>, person: &Person, name: &str) -> String {
    // Nobody has proved it, so no portal is told.
    let email = if person.unproved { "" } else { &person.email };
    t.with("portal-is-told", "who", both(name, email))
}

fn record_words(t: &Text<'_>, record: &OpenedRecord) -> String {
    t.with("portal-record", "who", both(&record.name, &record.login))
}

fn both(name: &str, address: &str) -> String {
    if name.is_empty() || address.is_empty() {
        return format!("{name}{address}");
    }
    format!("{name} · {address}")
}

fn how_words(t: &Text<'_>, how: JoinedHow) -> String {
    match how {
        JoinedHow::Added => t.say("how-added"),
        JoinedHow::Invited => t.say("how-invited"),
        JoinedHow::Created => t.say("how-created"),
        JoinedHow::Address => t.say("how-address"),
        JoinedHow::PortalPassword => t.say("how-password"),
        JoinedHow::Operator => t.say("how-operator"),
    }
}

/// Newest first by the moment that a line shows: an undo stands where it was done, not beside its join.
fn journal(t: &Text<'_>, view: &ProfilePortals) -> Vec<JournalLine> {
    let entries = view.journal.iter();
    let mut lines: Vec<_> = entries.flat_map(|entry| journal_lines(t, entry, view.now)).collect();
    lines.sort_by_key(|(at, _)| Reverse(*at));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The undo above the join, as it came later.
fn journal_lines(
    t: &Text<'_>,
    entry: &JournalEntry,
    now: UnixSeconds,
) -> Vec<(UnixSeconds, JournalLine)> {
    let mut lines = Vec::with_capacity(2);
    if let Some((at, by)) = entry.undone {
        let words = match by {
            UndoneBy::Person => t.with("journal-undone", "portal", &entry.portal),
            UndoneBy::Operator => t.with("journal-undone-operator", "portal", &entry.portal),
        };
        lines.push((at, JournalLine { words, at: Moment::new(t, at, now) }));
    }
    let words = match entry.how {
        // A journal is of joins alone.
        JoinedHow::Address | JoinedHow::Added | JoinedHow::Invited | JoinedHow::Created => {
            t.with("journal-address", "portal", &entry.portal)
        }
        JoinedHow::PortalPassword => t.with("journal-password", "portal", &entry.portal),
        JoinedHow::Operator => t.with("journal-operator", "portal", &entry.portal),
    };
    lines.push((entry.at, JournalLine { words, at: Moment::new(t, entry.at, now) }));
    lines
}

/// `GET /profile/portals/undo?portal=…`. The form posts `portal` and `csrf` to the same path.
#[derive(Debug, Clone, Default)]
pub(crate) struct UndoJoin {
    /// Who.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// Portal id.
    pub portal: String,
    /// Title.
    pub title: String,
    /// The person's name there, or the login.
    pub name: String,
    /// Whether the person can join it anew.
    pub again: JoinAgain,
    /// Nobody but the person runs the portal.
    pub alone: bool,
    /// The anti-forgery value was stale.
    pub expired: bool,
}

/// Whether what is undone can be joined anew by the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum JoinAgain {
    /// The record's address is one of theirs.
    #[default]
    Yes,
    /// Not before this address is one of theirs.
    With(String),
    /// The record has no address.
    No,
}

#[derive(Template)]
#[template(path = "undo_join.html")]
struct UndoJoinPage<'a> {
    c: Surround<'a>,
    v: &'a UndoJoin,
    text: String,
    again: String,
    alone: Option<String>,
    section: &'static str,
}

/// "Undo the join with Acme?"
pub(crate) fn undo_join(frame: &Frame, view: &UndoJoin) -> String {
    let c = Surround::new(frame);
    let values = [("portal", view.title.as_str().into()), ("name", view.name.as_str().into())];
    let text = c.t.fill("undo-text", &values);
    let again = match &view.again {
        JoinAgain::Yes => c.t.say("undo-again"),
        JoinAgain::With(email) => c.t.with("undo-again-with", "email", email),
        JoinAgain::No => c.t.say("undo-not-again"),
    };
    let alone = view.alone.then(|| runs_alone(&c.t, std::slice::from_ref(&view.title))).flatten();
    render(&UndoJoinPage { c, v: view, text, again, alone, section: "portals" })
}

/// More titles than this are a number.
pub(super) const MOST_NAMED: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    #[test]
    fn history_is_in_the_order_of_the_moments_it_shows() {
        let joined = |portal: &str, at, undone_at: Option<UnixSeconds>| JournalEntry {
            portal: portal.into(),
            at,
            how: JoinedHow::Address,
            undone: undone_at.map(|at| (at, UndoneBy::Person)),
        };
        // By the join, newest first, as the store gives them.
        let journal =
            vec![joined("C", 300, None), joined("B", 200, None), joined("A", 100, Some(250))];
        let view = ProfilePortals { journal, now: 400, ..ProfilePortals::default() };
        let html = profile_portals(&Frame { lang: Lang::En, ..Frame::default() }, &view);
        let history = html.split("<h2>History</h2>").nth(1).unwrap();
        let at = |words: &str| history.find(words).unwrap_or_else(|| panic!("{words}"));
        let places = [
            at("You joined C"),
            at("You undid the join with A"),
            at("You joined B"),
            at("You joined A"),
        ];
        assert!(places.is_sorted(), "{places:?} in {history}");
    }
}
