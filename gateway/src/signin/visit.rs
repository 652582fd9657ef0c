//! A *visit*: one request as the gateway describes it, with everything a handler may ask about it.
//!
//! The gateway alone can reach the socket, and it alone writes the internal headers. Host, portal, client
//! address and identity come from them; `Host` and `X-Forwarded-*` are not looked at. A request without
//! them did not come through the gateway and is refused before anything else happens.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::identity::{AccountId, SessionId, UnixSeconds};
use bitrix_id_config::model::Portal;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};
use uuid::Uuid;

use super::app::App;
use super::cookies::Cookies;
use super::failure::Failure;
use crate::hub::{Hub, whole_seconds};
use crate::pages::{Frame, LANG_COOKIE, Lang};
use crate::snapshot::Snapshot;

/// Authority of the request: the host, with a port if the client named one.
pub(crate) const HOST: HeaderName = HeaderName::from_static("x-bitrix-id-internal-host");
/// Portal id; absent on the Bitrix ID host.
pub(crate) const PORTAL: HeaderName = HeaderName::from_static("x-bitrix-id-internal-portal");
/// Client address.
pub(crate) const CLIENT_IP: HeaderName = HeaderName::from_static("x-bitrix-id-internal-client-ip");
/// Request id.
pub(crate) const REQUEST_ID: HeaderName =
    HeaderName::from_static("x-bitrix-id-internal-request-id");
/// `sub` of the portal host's verified token, if there is one.
pub(crate) const SUBJECT: HeaderName = HeaderName::from_static("x-bitrix-id-internal-subject");
/// `sid` of the same token.
pub(crate) const SESSION: HeaderName = HeaderName::from_static("x-bitrix-id-internal-session");
/// Why the gateway asks for a page of its own accord.
pub(crate) const PURPOSE: HeaderName = HeaderName::from_static("x-bitrix-id-internal-purpose");

/// One request.
pub(crate) struct Visit {
    /// The app's own parts.
    pub app: Arc<App>,
    /// The configuration this request sees.
    pub snapshot: Arc<Snapshot>,
    /// When it came, Unix milliseconds.
    pub now_ms: i64,
    /// Canonical host.
    pub host: String,
    /// Whose host it is; `None` on the Bitrix ID host.
    pub portal: Option<Arc<Portal>>,
    /// Who connects.
    pub client_ip: IpAddr,
    /// In logs and at the foot of error pages.
    pub request_id: String,
    /// The verified portal token's subject and session.
    pub token: Option<(AccountId, SessionId)>,
    /// The gateway asks for the page that says "no access".
    pub no_access: bool,
    /// Cookies of ours.
    pub cookies: Cookies,
    /// Language of the answer.
    pub lang: Lang,
    /// Whether the visitor chose the language in this browser.
    pub lang_chosen: bool,
    /// `User-Agent`, cut to 400 characters.
    pub user_agent: String,
    /// Whether the answer is for a person's eyes.
    pub wants_page: bool,
    /// Whether the request proves to come from a page of its own host.
    pub same_origin: bool,
    /// Path and query.
    pub target: String,
}

impl Visit {
    /// Reads a request's head.
    ///
    /// # Errors
    /// [`Failure::BadRequest`] when an internal header is missing, doubled or malformed;
    /// [`Failure::NotFound`] when the host is not, or no longer, configured.
    pub(crate) fn read(app: Arc<App>, parts: &Parts) -> Result<Self, Failure> {
        let headers = &parts.headers;
        let snapshot = app.hub.snapshot.load_full();
        let (host, _port) =
            canonical_host(required(headers, &HOST)?.as_bytes()).map_err(|_| NOT_FROM_GATEWAY)?;
        let client_ip = required(headers, &CLIENT_IP)?.parse().map_err(|_| NOT_FROM_GATEWAY)?;
        let portal = match optional(headers, &PORTAL)? {
            Some(id) => Some(snapshot.portal(id).cloned().ok_or(Failure::NotFound)?),
            None if host == snapshot.config.identity.url.host => None,
            None => return Err(Failure::NotFound),
        };
        let cookies = Cookies::read(headers);
        let chosen = cookies.one(LANG_COOKIE).and_then(Lang::from_tag);
        let own_origin = snapshot.origin_of(&host);
        Ok(Self {
            now_ms: app.hub.clock.now_ms(),
            client_ip,
            request_id: required(headers, &REQUEST_ID)?.to_owned(),
            token: token(headers)?,
            no_access: optional(headers, &PURPOSE)? == Some("no-access"),
            lang: Lang::negotiate(chosen.map(Lang::tag), text(headers, &ACCEPT_LANGUAGE)),
            lang_chosen: chosen.is_some(),
            user_agent: text(headers, &USER_AGENT).unwrap_or_default().chars().take(400).collect(),
            wants_page: wants_page(headers, parts.uri.path()),
            same_origin: is_same_origin(headers, &own_origin),
            target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            cookies,
            host,
            portal,
            snapshot,
            app,
        })
    }

    /// What the process shares.
    pub(crate) fn hub(&self) -> &Hub {
        &self.app.hub
    }

    /// When the request came, Unix seconds.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.now_ms.div_euclid(1000)
    }

    /// `https://host[:port]` of the Bitrix ID host.
    pub(crate) fn identity_origin(&self) -> &str {
        &self.snapshot.issuer
    }

    /// An address on the Bitrix ID host; `path` begins with `/`.
    pub(crate) fn identity_url(&self, path: &str) -> String {
        format!("{}{path}", self.snapshot.issuer)
    }

    /// An address on the host of this request; `path` begins with `/`.
    pub(crate) fn own_url(&self, path: &str) -> String {
        format!("{}{path}", self.snapshot.origin_of(&self.host))
    }

    /// Lifetime of a session in seconds: no cookie of ours that means anything outlives it.
    pub(crate) fn session_lifetime(&self) -> i64 {
        whole_seconds(self.snapshot.config.identity.session_lifetime)
    }

    /// From when on a revocation can be forgotten: every token made before it is dead by then. The
    /// allowance covers clocks that differ and a lifetime that a reload has just made shorter.
    pub(crate) fn revocation_until(&self) -> UnixSeconds {
        self.now() + 2 * whole_seconds(self.snapshot.config.identity.token_lifetime) + 300
    }

    /// What surrounds a page of this request.
    pub(crate) fn frame(&self) -> Frame {
        let identity = &self.snapshot.config.identity;
        Frame {
            lang: self.lang,
            brand: identity.name.clone(),
            accent: identity.accent.clone(),
            request_id: self.request_id.clone(),
            path: if self.portal.is_none() { self.target.clone() } else { String::new() },
            portal: self.portal.as_ref().map(|portal| portal.title.clone()),
        }
    }

    /// As [`Visit::frame`], for a page that answers a POST: the language links lead to `path`, which
    /// answers GET.
    pub(crate) fn frame_at(&self, path: &str) -> Frame {
        Frame { path: path.to_owned(), ..self.frame() }
    }

    /// Refuses what another site may have sent.
    ///
    /// # Errors
    /// [`Failure::CrossSite`].
    pub(crate) fn require_same_origin(&self) -> Result<(), Failure> {
        if self.same_origin { Ok(()) } else { Err(Failure::CrossSite) }
    }
}

/// A visit of the Bitrix ID host; on a portal host the path does not exist.
pub(crate) struct AtIdentity(pub Arc<Visit>);

/// A visit of a portal host; on the Bitrix ID host the path does not exist.
pub(crate) struct AtPortal(pub Arc<Visit>, pub Arc<Portal>);

impl<S: Sync> FromRequestParts<S> for AtIdentity {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let visit = visit_of(parts)?;
        if visit.portal.is_some() { Err(Failure::NotFound) } else { Ok(Self(visit)) }
    }
}

impl<S: Sync> FromRequestParts<S> for AtPortal {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let visit = visit_of(parts)?;
        let portal = visit.portal.clone().ok_or(Failure::NotFound)?;
        // HEAD would reach the GET handlers and do what they do, without anybody to see the answer.
        if parts.method == Method::HEAD { Err(Failure::Method) } else { Ok(Self(visit, portal)) }
    }
}

fn visit_of(parts: &Parts) -> Result<Arc<Visit>, Failure> {
    let visit = parts.extensions.get::<Arc<Visit>>().cloned();
    visit.ok_or_else(|| Failure::Internal("a handler was reached around the guard".into()))
}

/// Whether `Origin` and `Sec-Fetch-Site` together prove that the request comes from `own_origin`.
///
/// Pages cannot write either. `Sec-Fetch-Site` decides where it is sent; a page under `no-referrer` then
/// sends `Origin: null` with it, which is no contradiction. Browsers without it must send our `Origin`.
fn is_same_origin(headers: &HeaderMap, own_origin: &str) -> bool {
    let (Ok(site), Ok(origin)) = (optional(headers, &SEC_FETCH_SITE), optional(headers, &ORIGIN))
    else {
        return false;
    };
    match (site, origin) {
        (Some("same-origin" | "none"), None | Some("null")) => true,
        (Some("same-origin" | "none") | None, Some(origin)) => origin == own_origin,
        (Some(_), _) | (None, None) => false,
    }
}

/// Fetch Metadata first; without it, whether HTML is accepted. The switcher's list is always data.
fn wants_page(headers: &HeaderMap, path: &str) -> bool {
    if path == "/.bitrix-id/portals" {
        return false;
    }
    match text(headers, &SEC_FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => text(headers, &ACCEPT)
            .is_none_or(|accept| accept.contains("text/html") || !accept.contains("json")),
    }
}

fn token(headers: &HeaderMap) -> Result<Option<(AccountId, SessionId)>, Failure> {
    match (optional(headers, &SUBJECT)?, optional(headers, &SESSION)?) {
        (None, None) => Ok(None),
        (Some(subject), Some(session)) => {
            Ok(Some((AccountId(uuid(subject)?), SessionId(uuid(session)?))))
        }
        _ => Err(NOT_FROM_GATEWAY),
    }
}

fn uuid(text: &str) -> Result<Uuid, Failure> {
    Uuid::try_parse(text).map_err(|_| NOT_FROM_GATEWAY)
}

fn required<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Failure> {
    optional(headers, name)?.filter(|value| !value.is_empty()).ok_or(NOT_FROM_GATEWAY)
}

/// A field that comes at most once and is visible ASCII.
fn optional<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| NOT_FROM_GATEWAY),
        (Some(_), Some(_)) => Err(NOT_FROM_GATEWAY),
    }
}

/// A field that decides nothing of importance: the first one, if it is visible ASCII.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

const NOT_FROM_GATEWAY: Failure = Failure::BadRequest("the internal headers are not in order");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_a_page_of_the_same_origin_may_post() {
        let own = "https://id.example:8443";
        let (site, origin) = ("sec-fetch-site", "origin");
        for (fields, expected) in [
            (&[(site, "same-origin")][..], true),
            (&[(site, "none")], true),
            (&[(site, "same-origin"), (origin, own)], true),
            (&[(site, "same-origin"), (origin, "null")], true),
            (&[(origin, own)], true),
            (&[], false),
            (&[(origin, "null")], false),
            (&[(origin, "https://id.example")], false),
            (&[(origin, "https://id.example:8443.evil.example")], false),
            (&[(origin, "https://evil.example")], false),
            (&[(site, "same-site"), (origin, own)], false),
            (&[(site, "cross-site"), (origin, own)], false),
            (&[(site, "same-origin"), (origin, "https://evil.example")], false),
            (&[(site, "Same-Origin")], false),
            (&[(origin, own), (origin, own)], false),
            (&[(site, "same-origin"), (site, "same-origin")], false),
        ] {
            assert_eq!(is_same_origin(&headers(fields), own), expected, "{fields:?}");
        }
    }

    #[test]
    fn data_requests_get_data() {
        let page = |fields: &[(&'static str, &str)]| wants_page(&headers(fields), "/profile");
        assert!(page(&[("sec-fetch-mode", "navigate")]));
        assert!(!page(&[("sec-fetch-mode", "cors"), ("accept", "text/html")]));
        assert!(page(&[("accept", "text/html,*/*")]));
        assert!(page(&[("accept", "*/*")]));
        assert!(page(&[]));
        assert!(!page(&[("accept", "application/json")]));
        assert!(!wants_page(&headers(&[("sec-fetch-mode", "navigate")]), "/.bitrix-id/portals"));
    }
}
