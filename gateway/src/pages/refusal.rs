//! Pages for what did not happen: no access, no cookies, errors.

use askama::Template;

use super::account::{PortalLine, portal_lines};
use super::surround::{Surround, render};
use super::text::Text;
use super::when::{Moment, day};
use super::zone::Zone;
use super::{AskState, CookiesBlocked, ErrorKind, Frame, NoAccess, WayIn};

#[derive(Template)]
#[template(path = "no_access.html")]
struct NoAccessPage<'a> {
    c: Surround<'a>,
    v: &'a NoAccess,
    way_in: Option<Way<'a>>,
    /// What it takes to be known there, where that is news.
    knows: Option<String>,
    asked: Option<Asked>,
    /// Who will see the request, where one can be made.
    offered: Option<String>,
    /// When the request before was declined.
    declined: Option<String>,
    problem: Option<String>,
    rows: Vec<PortalLine<'a>>,
}

/// The person's own way in: what is to be done, and the button that leads there.
struct Way<'a> {
    url: &'a str,
    words: String,
    button: String,
}

/// A request that was made.
struct Asked {
    at: Moment,
    /// What becomes of it.
    words: String,
}

/// 403: signed in, but not known on this portal.
pub(crate) fn no_access(frame: &Frame, view: &NoAccess) -> String {
    let c = Surround::new(frame);
    let way_in = view.way_in.as_ref().map(|way| way_words(&c.t, way, view));
    let (mut asked, mut offered, mut declined, mut problem) = (None, None, None, None);
    match view.ask {
        // Who can go in needs nobody's answer.
        AskState::Hidden
        | AskState::Offered
        | AskState::Declined { .. }
        | AskState::Asked { .. }
            if way_in.is_some() => {}
        AskState::Hidden => {}
        AskState::Offered | AskState::Declined { .. } => {
            let (portal, email) = (view.portal_title.as_str(), view.email.as_str());
            let values = [("portal", portal.into()), ("email", email.into())];
            offered = Some(c.t.fill("ask-hint", &values));
            if let AskState::Declined { declined_at } = view.ask {
                let date = day(&c.t, declined_at, &Zone::named(view.time_zone.as_deref()));
                declined = Some(c.t.with("access-declined", "date", date));
            }
        }
        AskState::Asked { asked_at, owners } => {
            let portal = view.portal_title.as_str();
            let words = if owners {
                c.t.with("access-asked-owners", "portal", portal)
            } else {
                c.t.with("access-asked-nobody", "portal", portal)
            };
            asked = Some(Asked { at: Moment::new(&c.t, asked_at, view.now), words });
        }
        AskState::TooMany { minutes } => problem = Some(c.t.count("too-many", &minutes)),
    }
    // A way out, not the whole list: that is one press away.
    let rows = portal_lines(&c.t, view.portals.iter().take(MOST_PORTALS), None);
    let knows = way_in.is_none() && asked.is_none();
    let knows = knows.then(|| c.t.with("no-access-knows", "portal", &view.portal_title));
    render(&NoAccessPage { c, v: view, way_in, knows, asked, offered, declined, problem, rows })
}

fn way_words<'a>(t: &Text<'_>, way: &'a WayIn, view: &NoAccess) -> Way<'a> {
    match way {
        WayIn::Join(url) => Way {
            url,
            words: t.with("no-access-found", "portal", &view.portal_title),
            button: t.say("join"),
        },
        WayIn::Prove(url) => Way {
            url,
            words: t.with("prove-unproved", "email", &view.email),
            button: t.say("prove-title"),
        },
    }
}

const MOST_PORTALS: usize = 5;

#[derive(Template)]
#[template(path = "cookies_blocked.html")]
struct CookiesBlockedPage<'a> {
    c: Surround<'a>,
}

/// 400: the browser does not keep our cookies.
pub(crate) fn cookies_blocked(frame: &Frame, _view: &CookiesBlocked) -> String {
    render(&CookiesBlockedPage { c: Surround::new(frame) })
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    c: Surround<'a>,
    title: String,
    text: String,
    /// The page loads itself again.
    retries: bool,
    /// "Try again" may help.
    again: bool,
    /// Label of the link to `/`, where that leads somewhere.
    home: Option<String>,
}

/// Any other refusal or failure.
pub(crate) fn error(frame: &Frame, kind: ErrorKind) -> String {
    let c = Surround::new(frame);
    let (title, text) = keys(kind);
    // A name from the configuration or "This portal", at the start of a sentence.
    let portal = frame.portal.clone().unwrap_or_else(|| c.t.say("this-portal"));
    let (title, text) = (c.t.with(title, "portal", &portal), c.t.with(text, "portal", &portal));
    let home = match (&frame.portal, frame.path.is_empty()) {
        (Some(portal), _) => Some(c.t.with("to-start-of", "portal", portal)),
        (None, false) => Some(c.t.say("portals-title")),
        // Neither a portal nor the Bitrix ID host: this host has no start page.
        (None, true) => None,
    };
    render(&ErrorPage {
        title,
        text,
        retries: kind == ErrorKind::UpstreamDown,
        again: may_pass(kind),
        home: if may_pass(kind) { None } else { home },
        c,
    })
}

/// What happened, and what to do.
fn keys(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::BadRequest => ("bad-request", "bad-request-text"),
        ErrorKind::NotFound => ("not-found", "not-found-text"),
        ErrorKind::Misdirected => ("misdirected", "misdirected-text"),
        ErrorKind::Forbidden => ("forbidden", "forbidden-text"),
        ErrorKind::MethodNotAllowed => ("method", "method-text"),
        ErrorKind::TooSlow => ("too-slow", "too-slow-text"),
        ErrorKind::TooLarge => ("too-large", "too-large-text"),
        ErrorKind::UriTooLong => ("uri-too-long", "uri-too-long-text"),
        ErrorKind::HeadersTooLarge => ("headers-too-large", "headers-too-large-text"),
        ErrorKind::UpstreamDown => ("upstream-down", "upstream-down-text"),
        ErrorKind::UpstreamSlow => ("upstream-slow", "upstream-slow-text"),
        ErrorKind::Unavailable => ("unavailable", "unavailable-text"),
        ErrorKind::Internal => ("internal", "internal-text"),
    }
}

/// Whether the same request may succeed a moment later.
fn may_pass(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Misdirected
        | ErrorKind::UpstreamDown
        | ErrorKind::UpstreamSlow
        | ErrorKind::Unavailable
        | ErrorKind::Internal => true,
        ErrorKind::BadRequest
        | ErrorKind::NotFound
        | ErrorKind::Forbidden
        | ErrorKind::MethodNotAllowed
        | ErrorKind::TooSlow
        | ErrorKind::TooLarge
        | ErrorKind::UriTooLong
        | ErrorKind::HeadersTooLarge => false,
    }
}
