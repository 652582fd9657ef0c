//! What the pages for refusals and failures show.

use bitrix_id_auth_core::identity::UnixSeconds;

use super::PortalRow;

/// 403 on a portal host: signed in, but not known there.
#[derive(Debug, Clone, Default)]
pub(crate) struct NoAccess {
    /// Title of the portal.
    pub portal_title: String,
    /// Who is signed in.
    pub email: String,
    /// The portals this person has.
    pub portals: Vec<PortalRow>,
    /// Where the request for access stands.
    pub ask: AskState,
    /// Path and query of this page, to come back to.
    pub return_to: String,
    /// The Bitrix ID host's list.
    pub portals_url: String,
    /// The Bitrix ID came into being on the way here.
    pub new: bool,
    /// Of the person; dates are shown in it.
    pub time_zone: Option<String>,
    /// What brings the person in without anybody's answer.
    pub way_in: Option<WayIn>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// A way into a portal that is the person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WayIn {
    /// The portal has a profile for one of the person's addresses, which can be joined at this address.
    Join(String),
    /// The person's address is not proved yet, which can be done at this address.
    Prove(String),
}

/// A person's request to be let into a portal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AskState {
    /// The person cannot ask.
    #[default]
    Hidden,
    /// The person can ask: the form posts `return_to` to `/.bitrix-id/access`.
    Offered,
    /// The same; the request before was declined.
    Declined {
        /// When.
        declined_at: UnixSeconds,
    },
    /// The person has asked.
    Asked {
        /// When.
        asked_at: UnixSeconds,
        /// Somebody on the portal can answer.
        owners: bool,
    },
    /// The person asks too often; the next request is taken after this many minutes.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
}

/// 400 on a portal host: the browser did not bring back the cookie of the hop, several times over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CookiesBlocked {}

/// What an error page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ErrorKind {
    /// 400.
    BadRequest,
    /// 404.
    NotFound,
    /// 421: server name and host disagree.
    Misdirected,
    /// 403: denied by a route, or a form from elsewhere.
    Forbidden,
    /// 405.
    MethodNotAllowed,
    /// 408: the body of a request came too slowly.
    TooSlow,
    /// 413.
    TooLarge,
    /// 414.
    UriTooLong,
    /// 431.
    HeadersTooLarge,
    /// 502: the portal does not answer. The page tries again by itself.
    UpstreamDown,
    /// 504: the portal took too long.
    UpstreamSlow,
    /// 503: a store is down, or a queue is full.
    Unavailable,
    /// 500.
    Internal,
}
