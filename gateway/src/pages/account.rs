//! The signed-in person's pages: portals, profile, sessions.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::{Frame, Lang, PortalRow, Portals, Profile, ProfileError, Sessions, device};

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
    render(&PortalsPage { c, v: view, rows, search, section: "portals" })
}

/// Below it, looking is quicker than typing.
const SEARCH_FROM: usize = 8;

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage<'a> {
    c: Surround<'a>,
    v: &'a Profile,
    problem: Option<String>,
    name_wrong: bool,
    options: [Lang; 6],
    section: &'static str,
}

/// Name and language.
pub(crate) fn profile(frame: &Frame, view: &Profile) -> String {
    let c = Surround::new(frame);
    let problem = view.error.map(|error| match error {
        ProfileError::NameMissing => c.t.say("name-missing"),
        ProfileError::NameTooLong => c.t.say("name-too-long"),
        ProfileError::Expired => c.t.say("form-expired"),
    });
    let name_wrong =
        matches!(view.error, Some(ProfileError::NameMissing | ProfileError::NameTooLong));
    render(&ProfilePage { c, v: view, problem, name_wrong, options: Lang::ALL, section: "profile" })
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    c: Surround<'a>,
    v: &'a Sessions,
    rows: Vec<SessionLine<'a>>,
    /// There is another session than this one.
    others: bool,
    section: &'static str,
}

struct SessionLine<'a> {
    id: &'a str,
    device: String,
    address: &'a str,
    created: Moment,
    last_seen: Moment,
    current: bool,
}

/// The browsers that are signed in.
pub(crate) fn sessions(frame: &Frame, view: &Sessions) -> String {
    let c = Surround::new(frame);
    let rows: Vec<_> = view
        .rows
        .iter()
        .map(|row| SessionLine {
            id: &row.id,
            device: device::describe(&c.t, &row.user_agent),
            address: &row.address,
            created: Moment::new(&c.t, row.created_at, view.now),
            last_seen: Moment::new(&c.t, row.last_seen_at, view.now),
            current: row.current,
        })
        .collect();
    let others = rows.iter().any(|row| !row.current);
    render(&SessionsPage { c, v: view, rows, others, section: "sessions" })
}
