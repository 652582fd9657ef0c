//! Keeps web pages away from the admin listener.
//!
//! It has no sign-in: whoever reaches the address may use it. A page in an operator's browser must not
//! become such a client. Two ways are open to a page, and both are closed here: a DNS name of the
//! attacker's that resolves to 127.0.0.1 (seen in `Host`), and a cross-site form or fetch (seen in
//! `Sec-Fetch-Site` and `Origin`).

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode, Uri};

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `Host` is a name that strangers could own.
    ForeignHost,
    /// A write started by another site's page.
    CrossSite,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::CrossSite => StatusCode::FORBIDDEN,
        }
    }

    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::ForeignHost => {
                "Reach this listener by IP address, as localhost, or by a name without a dot."
            }
            Self::CrossSite => "A page of another site started this request.",
        }
    }
}

/// Passes what a tool on this network sends.
pub(super) fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(HOST).iter().map(|host| host.to_str().ok());
    let host_is_ours = |host: Option<&str>| host.is_some_and(is_unownable);
    // HTTP/1.0 tools send no Host at all; browsers always do.
    if !hosts.all(host_is_ours) || !uri.authority().is_none_or(|a| is_unownable(a.as_str())) {
        return Err(Refusal::ForeignHost);
    }
    let write = !matches!(*method, Method::GET | Method::HEAD);
    if write && is_cross_site(headers) {
        return Err(Refusal::CrossSite);
    }
    Ok(())
}

/// Whether nobody can point this name at us from outside: an address, `localhost`, or a single label, which
/// only the local network's own names (a container's, say) resolve.
fn is_unownable(authority: &str) -> bool {
    let host = host_of(authority);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return true;
    }
    let host = host.to_ascii_lowercase();
    let labels = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    labels && (!host.contains('.') || host.ends_with(".localhost"))
}

/// Host of `host[:port]`.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.contains(':') => {
            host
        }
        Some((host, port)) if host.ends_with(']') && port.bytes().all(|b| b.is_ascii_digit()) => {
            host
        }
        _ => authority,
    }
}

/// Whether a browser says that another site is behind the request. Tools send neither header.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let fetch_site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    if !matches!(fetch_site, None | Some(b"same-origin" | b"none")) {
        return true;
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let own = headers.get(HOST).and_then(|host| host.to_str().ok());
    let named = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    own.is_none() || named != own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn verdict(method: &Method, fields: &[(&'static str, &str)]) -> Result<(), Refusal> {
        check(method, &Uri::from_static("/config"), &headers(fields))
    }

    #[test]
    fn addresses_localhost_and_single_labels_are_served() {
        for host in [
            "127.0.0.1:9090",
            "10.1.2.3",
            "[::1]:9090",
            "[fe80::1]",
            "localhost:9090",
            "LOCALHOST",
            "id.localhost:9090",
            "gateway-1:9090",
        ] {
            assert_eq!(verdict(&Method::GET, &[("host", host)]), Ok(()), "{host}");
        }
        assert_eq!(verdict(&Method::GET, &[]), Ok(()));
    }

    #[test]
    fn names_that_a_stranger_can_own_are_refused() {
        for host in [
            "evil.example",
            "evil.example:9090",
            "127.0.0.1.evil.example",
            "localhost.evil.example:9090",
            "evil.",
            "",
            "a@b",
            "[::1].evil.example",
            "::1.evil",
        ] {
            assert_eq!(
                verdict(&Method::GET, &[("host", host)]),
                Err(Refusal::ForeignHost),
                "{host}"
            );
        }
    }

    #[test]
    fn one_good_host_does_not_excuse_a_second_one() {
        let mut fields = headers(&[("host", "127.0.0.1:9090")]);
        fields.append(HOST, HeaderValue::from_static("evil.example"));
        let verdict = check(&Method::GET, &Uri::from_static("/"), &fields);
        assert_eq!(verdict, Err(Refusal::ForeignHost));
    }

    #[test]
    fn the_authority_of_an_absolute_target_counts_too() {
        let fields = headers(&[("host", "127.0.0.1:9090")]);
        let uri = Uri::from_static("http://evil.example/config");
        assert_eq!(check(&Method::GET, &uri, &fields), Err(Refusal::ForeignHost));
    }

    #[test]
    fn writes_of_tools_and_of_our_own_pages_pass() {
        let host = ("host", "127.0.0.1:9090");
        for extra in [
            vec![],
            vec![("sec-fetch-site", "none")],
            vec![("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:9090")],
        ] {
            let fields: Vec<_> = std::iter::once(host).chain(extra).collect();
            assert_eq!(verdict(&Method::POST, &fields), Ok(()), "{fields:?}");
        }
    }

    #[test]
    fn writes_of_other_sites_are_refused() {
        let host = ("host", "127.0.0.1:9090");
        for extra in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:8080"),
            ("origin", "https://127.0.0.1:9090"),
        ] {
            assert_eq!(
                verdict(&Method::POST, &[host, extra]),
                Err(Refusal::CrossSite),
                "{extra:?}"
            );
        }
    }

    #[test]
    fn reads_need_no_origin() {
        let fields = [("host", "127.0.0.1:9090"), ("sec-fetch-site", "cross-site")];
        assert_eq!(verdict(&Method::GET, &fields), Ok(()));
    }

    use http::HeaderValue;
}
