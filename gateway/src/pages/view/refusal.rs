//! What the pages for refusals and failures show.

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
    /// Where another Bitrix ID can be used: the sign-out page of this host.
    pub switch_url: String,
    /// The Bitrix ID host's list.
    pub portals_url: String,
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
