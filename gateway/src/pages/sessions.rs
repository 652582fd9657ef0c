//! The browsers that are signed in, and the page behind "this was not me".

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::surround::{Surround, render};
use super::text::Text;
use super::when::{Moment, full};
use super::zone::Zone;
use super::{Frame, Person, device};

/// `GET /profile/sessions`. Each button posts `end` (a [`SessionRow::id`], `others` or `all`) and `csrf`
/// to `/profile/sessions`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    /// Who.
    pub person: Person,
    /// The sessions alive, this one first.
    pub rows: Vec<SessionRow>,
    /// Anti-forgery value.
    pub csrf: String,
    /// What was ended just now.
    pub ended: Option<EndedSessions>,
    /// For "3 hours ago".
    pub now: UnixSeconds,
}

/// One browser that is signed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionRow {
    /// Session id, as the button posts it.
    pub id: String,
    /// The browser's `User-Agent`, as sent; the page says it in words.
    pub user_agent: String,
    /// Client address at sign-in, or empty.
    pub address: String,
    /// RFC 8176 values: how the person signed in.
    pub amr: Vec<String>,
    /// Titles of the portals it has opened.
    pub portals: Vec<String>,
    /// Sign-in time.
    pub created_at: UnixSeconds,
    /// Last use.
    pub last_seen_at: UnixSeconds,
    /// This very browser.
    pub current: bool,
}

/// Sessions that were ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct EndedSessions {
    /// How many.
    pub count: usize,
    /// If it was one that is known: its `User-Agent`.
    pub user_agent: Option<String>,
    /// Titles of the portals that were open in them.
    pub portals: Vec<String>,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    c: Surround<'a>,
    v: &'a Sessions,
    rows: Vec<SessionLine<'a>>,
    ended: Option<String>,
    /// There is another session than this one.
    others: bool,
    section: &'static str,
}

struct SessionLine<'a> {
    id: &'a str,
    device: String,
    address: &'a str,
    method: String,
    portals: String,
    created: Moment,
    last_seen: Moment,
    current: bool,
}

/// The browsers that are signed in.
pub(crate) fn sessions(frame: &Frame, view: &Sessions) -> String {
    let c = Surround::new(frame);
    let zone = Zone::named(view.person.time_zone.as_deref());
    let moment = |at| Moment::in_zone(&c.t, at, view.now, &zone);
    let line = |row| line(&c.t, row, moment);
    let rows: Vec<_> = view.rows.iter().map(line).collect();
    let others = rows.iter().any(|row| !row.current);
    let ended = view.ended.as_ref().map(|ended| ended_words(&c.t, ended));
    render(&SessionsPage { c, v: view, rows, ended, others, section: "sessions" })
}

fn line<'a>(
    t: &Text<'_>,
    row: &'a SessionRow,
    moment: impl Fn(UnixSeconds) -> Moment,
) -> SessionLine<'a> {
    SessionLine {
        id: &row.id,
        device: device::describe(t, &row.user_agent),
        address: &row.address,
        method: method(t, &row.amr),
        portals: row.portals.join(", "),
        created: moment(row.created_at),
        last_seen: moment(row.last_seen_at),
        current: row.current,
    }
}

/// How somebody signed in; what is not known is not said.
fn method(t: &Text<'_>, amr: &[String]) -> String {
    let has = |value: &str| amr.iter().any(|held| held == value);
    if has("pwd") {
        t.say("session-by-password")
    } else if has("otp") {
        t.say("session-by-code")
    } else if amr.is_empty() {
        String::new()
    } else {
        t.say("session-by-link")
    }
}

/// "Done. Firefox on Windows was signed out. It had opened Acme and Globex."
pub(super) fn ended_words(t: &Text<'_>, ended: &EndedSessions) -> String {
    let what = match &ended.user_agent {
        Some(user_agent) if ended.count == 1 => {
            t.with("session-ended", "device", device::describe(t, user_agent))
        }
        _ => t.count("sessions-ended", &ended.count),
    };
    if ended.portals.is_empty() {
        return what;
    }
    format!("{what} {}", t.with("sessions-ended-portals", "portals", ended.portals.join(", ")))
}

/// `GET /not-me?key=…` and the answer to its form, which posts `key`, `csrf` to `/not-me`.
#[derive(Debug, Clone, Default)]
pub(crate) struct NotMe {
    /// What the page is about.
    pub about: Disowned,
    /// The link's one-time value, as it came.
    pub key: String,
    /// Anti-forgery value.
    pub csrf: String,
    /// The anti-forgery value was stale.
    pub expired: bool,
}

/// The session somebody says is not theirs.
#[derive(Debug, Clone, Default)]
pub(crate) enum Disowned {
    /// It may be ended.
    Session {
        /// `User-Agent`.
        user_agent: String,
        /// Client address.
        address: String,
        /// Sign-in time.
        at: UnixSeconds,
        /// The account's time zone.
        time_zone: Option<String>,
    },
    /// It has ended.
    Ended,
    /// The link was used before, or is too old.
    #[default]
    Gone,
}

#[derive(Template)]
#[template(path = "not_me.html")]
struct NotMePage<'a> {
    c: Surround<'a>,
    v: &'a NotMe,
    /// Time, browser, address, each as a name and a value.
    facts: Vec<(String, String)>,
    ended: bool,
}

/// "This was not me."
pub(crate) fn not_me(frame: &Frame, view: &NotMe) -> String {
    let c = Surround::new(frame);
    let facts = match &view.about {
        Disowned::Session { user_agent, address, at, time_zone } => {
            let zone = Zone::named(time_zone.as_deref());
            vec![
                (c.t.say("not-me-time"), full(&c.t, *at, &zone)),
                (c.t.say("not-me-browser"), device::describe(&c.t, user_agent)),
                (c.t.say("not-me-address"), address.clone()),
            ]
        }
        Disowned::Ended | Disowned::Gone => Vec::new(),
    };
    let ended = matches!(view.about, Disowned::Ended);
    render(&NotMePage { c, v: view, facts, ended })
}
