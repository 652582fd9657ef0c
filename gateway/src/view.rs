//! Questions about a request head that several stages ask.

use std::net::IpAddr;

use bitrix_id_auth_core::hop::HOP_COOKIE_PREFIX;
use bitrix_id_auth_core::scheme::cookie::{self, Found, Pair};
use http::header::{ACCEPT, COOKIE, HeaderName, ORIGIN, REFERER, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Version};
use ipnet::IpNet;
use pingora::http::RequestHeader;

/// The one authority of a request: `:authority` on HTTP/2, `Host` on HTTP/1. `None`: absent, repeated, or
/// two that differ.
pub(crate) fn authority(head: &RequestHeader) -> Option<&[u8]> {
    let mut hosts = head.headers.get_all(http::header::HOST).iter();
    let host = hosts.next().map(http::HeaderValue::as_bytes);
    if hosts.next().is_some() {
        return None;
    }
    if head.version != Version::HTTP_2 {
        return host.filter(|host| !host.is_empty());
    }
    let authority = head.uri.authority()?.as_str().as_bytes();
    match host {
        Some(host) if host != authority => None,
        _ => Some(authority),
    }
}

/// Path and query as the client wrote them, of an origin-form or absolute-form target. `None`: another form,
/// or not UTF-8.
pub(crate) fn target(head: &RequestHeader) -> Option<(&str, Option<&str>)> {
    let raw = head.raw_path();
    // Origin form, and of absolute form the part after scheme and authority, which pingora has held against
    // `Host`. Asterisk form is neither, and there is nothing else that RFC 9112 section 3.2 knows.
    let known = raw.first() == Some(&b'/') || is_absolute_form(raw);
    if !known || !head.raw_path_is_utf8() {
        return None;
    }
    let whole = head.uri.path_and_query()?.as_str();
    Some(match memchr::memchr(b'?', whole.as_bytes()) {
        Some(at) => (&whole[..at], Some(&whole[at + 1..])),
        None => (whole, None),
    })
}

fn is_absolute_form(target: &[u8]) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

/// Whether a person is waiting for a page, so that a redirect helps. Fetch Metadata decides where it is
/// sent; without it, a GET or HEAD that asks for HTML.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    if let Some(mode) = headers.get(&SEC_FETCH_MODE) {
        return mode == "navigate";
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let scripted = headers.contains_key(&X_REQUESTED_WITH) || headers.contains_key(UPGRADE);
    reads && !scripted && accepts(headers, "text/html")
}

/// Whether `Accept` names a media type in full.
pub(crate) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter(|value| value.len() >= media_type.len())
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| item.split(';').next())
        .any(|item| item.trim().eq_ignore_ascii_case(media_type))
}

/// Whether the request asks to become a WebSocket. Authentication never asks this.
pub(crate) fn is_websocket(head: &RequestHeader) -> bool {
    head.version == Version::HTTP_11
        && head
            .headers
            .get(UPGRADE)
            .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

/// The `Origin` of a handshake, judged against the portal's own: browsers always send one and never another
/// page's; other programs send none and carry no ambient cookies.
pub(crate) fn foreign_origin(headers: &HeaderMap, own: impl Fn(&str) -> bool) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => false,
        (Some(origin), None) => !origin.to_str().is_ok_and(own),
        (Some(_), Some(_)) => true,
    }
}

/// Path and query of a `Referer` on this very origin.
pub(crate) fn referer_path<'a>(headers: &'a HeaderMap, origin: &str) -> Option<&'a str> {
    let referer = headers.get(REFERER)?.to_str().ok()?;
    referer.strip_prefix(origin).filter(|rest| rest.starts_with('/'))
}

/// All Cookie fields (HTTP/2 sends crumbs) as one at the end of `joined`, keeping the pairs that `keep`
/// accepts by name. RFC 9113 section 8.2.3.
pub(crate) fn join_cookies(
    headers: &HeaderMap,
    keep: impl Fn(&[u8]) -> bool,
    joined: &mut Vec<u8>,
) {
    let start = joined.len();
    for pair in cookie_pairs(headers).filter(|pair| keep(pair.name)) {
        if joined.len() > start {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(pair.name);
        if let Some(value) = pair.value {
            joined.push(b'=');
            joined.extend_from_slice(value);
        }
    }
}

/// The value of a cookie that is there once.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    match cookie::find(fields, name) {
        Found::One(value) => std::str::from_utf8(value).ok(),
        Found::Absent | Found::Several => None,
    }
}

/// Names of the half-done hops that the browser still holds, oldest first as browsers send them.
pub(crate) fn hop_cookies(headers: &HeaderMap) -> Vec<String> {
    cookie_pairs(headers)
        .filter_map(|pair| std::str::from_utf8(pair.name).ok())
        .filter(|name| name.starts_with(HOP_COOKIE_PREFIX) && is_token(name))
        .map(str::to_owned)
        .collect()
}

fn cookie_pairs(headers: &HeaderMap) -> impl Iterator<Item = Pair<'_>> {
    headers.get_all(COOKIE).iter().flat_map(|field| cookie::pairs(field.as_bytes()))
}

fn is_token(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// What a trusted proxy says of the client: the last address of `X-Forwarded-For` that is no trusted
/// proxy itself. `None`: the field is absent or holds something else than addresses.
pub(crate) fn forwarded_client(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut last = None;
    let values: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().ok())
        .collect::<Option<_>>()?;
    for item in values.iter().flat_map(|value| value.split(',')).rev() {
        let address: IpAddr = item.trim().parse().ok()?;
        last = Some(address);
        if !is_trusted(trusted, address) {
            break;
        }
    }
    last
}

/// Fetch Metadata: whether a person waits for a page.
pub(crate) const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const X_REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// Whether an address belongs to a trusted proxy; an IPv4 address in IPv6 clothes is the IPv4 address.
pub(crate) fn is_trusted(trusted: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use bitrix_id_auth_core::scheme::cookie::is_gateway_cookie;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, http::HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn fetch_metadata_decides_before_accept_does() {
        let html = ("accept", "text/html,*/*;q=0.8");
        for (method, fields, navigation) in [
            (Method::GET, headers(&[html]), true),
            (Method::HEAD, headers(&[html]), true),
            (Method::POST, headers(&[html]), false),
            (Method::GET, headers(&[("accept", "*/*")]), false),
            (Method::GET, headers(&[html, ("sec-fetch-mode", "cors")]), false),
            (Method::POST, headers(&[("sec-fetch-mode", "navigate")]), true),
            (Method::GET, headers(&[html, ("x-requested-with", "XMLHttpRequest")]), false),
            (Method::GET, headers(&[html, ("upgrade", "websocket")]), false),
        ] {
            assert_eq!(is_navigation(&method, &fields), navigation, "{method} {fields:?}");
        }
    }

    #[test]
    fn crumbs_are_joined_and_the_gateways_own_cookies_dropped() {
        let fields = headers(&[
            ("cookie", "a=1; __Host-bitrix-id=token"),
            ("cookie", "__host-Bitrix-Id-session=x;b=2;; __Host-bitrix-id-hop-abc=n"),
        ]);
        let mut joined = b"cookie: ".to_vec();
        join_cookies(&fields, |name| !is_gateway_cookie(name), &mut joined);
        assert_eq!(joined, b"cookie: a=1; b=2");
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxy() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let client = |value| forwarded_client(&headers(&[("x-forwarded-for", value)]), &trusted);
        assert_eq!(client("6.6.6.6, 1.2.3.4, 10.0.0.9"), "1.2.3.4".parse().ok());
        assert_eq!(client("10.0.0.7"), "10.0.0.7".parse().ok());
        assert_eq!(client("unknown, 10.0.0.9"), None);
        assert_eq!(forwarded_client(&headers(&[]), &trusted), None);
    }

    #[test]
    fn a_foreign_origin_is_told_from_none() {
        let own = |origin: &str| origin == "https://acme.test";
        assert!(!foreign_origin(&headers(&[]), own));
        assert!(!foreign_origin(&headers(&[("origin", "https://acme.test")]), own));
        assert!(foreign_origin(&headers(&[("origin", "https://evil.test")]), own));
        assert!(foreign_origin(&headers(&[("origin", "null")]), own));
        let two = [("origin", "https://acme.test"), ("origin", "https://acme.test")];
        assert!(foreign_origin(&headers(&two), own));
    }
}
