//! What a request's header says: the gateway's internal fields, and where the request comes from.
//!
//! The gateway alone can reach the socket, and it alone writes the internal fields. Host, portal, client
//! address and identity come from them; `Host` and `X-Forwarded-*` are not looked at. A request without
//! them did not come through the gateway and is refused before anything else happens.

use bitrix_id_auth_core::identity::{AccountId, SessionId};
use http::header::{ACCEPT, ORIGIN};
use http::{HeaderMap, HeaderName};
use uuid::Uuid;

use super::failure::Failure;

/// The authority that the client asked for; only its host is looked at.
pub(super) const HOST: HeaderName = HeaderName::from_static("x-bitrix-id-internal-host");
/// Portal id; absent on the Bitrix ID host.
pub(super) const PORTAL: HeaderName = HeaderName::from_static("x-bitrix-id-internal-portal");
/// Client address.
pub(super) const CLIENT_IP: HeaderName = HeaderName::from_static("x-bitrix-id-internal-client-ip");
/// Request id.
pub(super) const REQUEST_ID: HeaderName =
    HeaderName::from_static("x-bitrix-id-internal-request-id");
/// `sub` of the portal host's verified token, if there is one.
const SUBJECT: HeaderName = HeaderName::from_static("x-bitrix-id-internal-subject");
/// `sid` of the same token.
const SESSION: HeaderName = HeaderName::from_static("x-bitrix-id-internal-session");
/// Why the gateway asks for a page of its own accord.
pub(super) const PURPOSE: HeaderName = HeaderName::from_static("x-bitrix-id-internal-purpose");

/// Whether `Origin` and `Sec-Fetch-Site` together prove that the request comes from `own_origin`.
///
/// Pages cannot write either. `Sec-Fetch-Site` decides where it is sent; a page under `no-referrer` then
/// sends `Origin: null` with it, which is no contradiction. Browsers without it must send our `Origin`.
pub(super) fn is_same_origin(headers: &HeaderMap, own_origin: &str) -> bool {
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
pub(super) fn wants_page(headers: &HeaderMap, path: &str) -> bool {
    if path == "/.bitrix-id/portals" {
        return false;
    }
    match text(headers, &SEC_FETCH_MODE) {
        Some(mode) => mode == "navigate",
        None => text(headers, &ACCEPT)
            .is_none_or(|accept| accept.contains("text/html") || !accept.contains("json")),
    }
}

/// Subject and session of the portal host's verified token.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<(AccountId, SessionId)>, Failure> {
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

/// A field that comes exactly once.
pub(super) fn required<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Failure> {
    optional(headers, name)?.filter(|value| !value.is_empty()).ok_or(NOT_FROM_GATEWAY)
}

/// A field that comes at most once and is visible ASCII.
pub(super) fn optional<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| NOT_FROM_GATEWAY),
        (Some(_), Some(_)) => Err(NOT_FROM_GATEWAY),
    }
}

/// A field that decides nothing of importance: the first one, if it is visible ASCII.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What is wrong with a request that did not come through the gateway.
pub(super) const NOT_FROM_GATEWAY: Failure =
    Failure::BadRequest("the internal headers are not in order");
/// Path and query that the client asked for, where the gateway asks for a page of its own accord.
pub(super) const TARGET: HeaderName = HeaderName::from_static("x-bitrix-id-internal-target");
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
