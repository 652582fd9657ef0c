//! The signed-in person's portals.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::profile_portals::{MOST_NAMED, joined_words};
use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::{Frame, PortalRow, Portals};

/// A portal as `templates/portal_rows.html` lists it.
pub(super) struct PortalLine<'a> {
    pub(super) title: &'a str,
    pub(super) address: &'a str,
    pub(super) url: &'a str,
    pub(super) last_used: Option<Moment>,
    pub(super) current: bool,
}

/// Portals ready to list; without `now`, their last use is left out.
pub(super) fn portal_lines<'a>(
    t: &Text<'_>,
    portals: impl IntoIterator<Item = &'a PortalRow>,
    now: Option<UnixSeconds>,
) -> Vec<PortalLine<'a>> {
    let line = |row: &'a PortalRow| PortalLine {
        title: &row.title,
        address: &row.address,
        url: &row.url,
        last_used: now.and_then(|now| Some(Moment::new(t, row.last_used?, now))),
        current: row.current,
    };
    portals.into_iter().map(line).collect()
}

#[derive(Template)]
#[template(path = "portals.html")]
struct PortalsPage<'a> {
    c: Surround<'a>,
    v: &'a Portals,
    rows: Vec<PortalLine<'a>>,
    search: bool,
    /// What was done just now.
    done: Option<String>,
    /// Where the person can be, besides.
    waiting: Option<String>,
    provable: Option<String>,
    section: &'static str,
}

/// The signed-in person's portals.
pub(crate) fn portals(frame: &Frame, view: &Portals) -> String {
    let c = Surround::new(frame);
    let search = view.portals.len() >= SEARCH_FROM;
    let wanted = view.query.trim().to_lowercase();
    let matches = |row: &&PortalRow| {
        !search
            || row.title.to_lowercase().contains(&wanted)
            || row.address.to_lowercase().contains(&wanted)
    };
    let rows = portal_lines(&c.t, view.portals.iter().filter(matches), Some(view.now));
    let titles = view.portals.iter().map(|row| row.title.as_str());
    let joined = view.joined.then(|| joined_words(&c.t, titles));
    let done = joined.or_else(|| view.soon.then(|| c.t.say("portal-soon")));
    let waiting = (!view.waiting.is_empty()).then(|| waiting_words(&c.t, &view.waiting));
    let provable = view.provable.as_ref().map(|email| c.t.with("home-provable", "email", email));
    render(&PortalsPage { c, v: view, rows, search, done, waiting, provable, section: "portals" })
}

fn waiting_words(t: &Text<'_>, titles: &[String]) -> String {
    if titles.len() > MOST_NAMED {
        return t.count("home-waiting-many", &titles.len());
    }
    t.with("emails-waiting", "portals", t.list(titles))
}

/// Below it, looking is quicker than typing.
const SEARCH_FROM: usize = 8;
