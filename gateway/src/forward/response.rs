//! What comes back from an upstream, before the client sees it.

use bitrix_id_auth_core::scheme::cookie::sets_gateway_cookie;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, HeaderName, SET_COOKIE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderValue, StatusCode};
use pingora::Result;
use pingora::http::ResponseHeader;

use crate::context::{RequestCtx, Stage, Target};
use crate::respond;

/// What an upstream's head may say, with a renewed token if there is one. The log line gets its status.
///
/// # Errors
/// A cookie that cannot be written.
pub(crate) async fn answer_head(ctx: &mut RequestCtx, head: &mut ResponseHeader) -> Result<()> {
    ctx.log.status = head.status.as_u16();
    if head.status.is_informational() && head.status != StatusCode::SWITCHING_PROTOCOLS {
        return response(ctx, None, head);
    }
    ctx.log.upstream = ctx.passage().map(|passage| passage.upstream_clock.elapsed());
    let renewed = respond::renewed_cookie(ctx).await;
    response(ctx, renewed, head)
}

/// Takes out of an upstream's answer what is not its to say, and adds a renewed token.
fn response(
    ctx: &RequestCtx,
    renewed: Option<HeaderValue>,
    response: &mut ResponseHeader,
) -> Result<()> {
    let Stage::Permitted(passage) = &ctx.stage else {
        return Ok(());
    };
    if matches!(passage.target, Target::Portal { .. })
        && response.headers.keys().any(|name| NOT_TO_SAY.contains(&name.as_str()))
    {
        // Another way to the portal than through us is no way.
        response.remove_header("alt-svc");
        end_at_this_hop(response);
        keep_other_sites_data(response);
        keep_own_cookies_own(response)?;
    }
    // A cache that keeps the answer must not keep the cookie; the next answer renews as well.
    if let Some(cookie) = renewed
        && !is_shared(response)
    {
        response.append_header(SET_COOKIE, cookie)?;
    }
    Ok(())
}

/// `Clear-Site-Data: "cookies"` reaches the whole registrable domain: the Bitrix ID session and every other
/// portal under it. An upstream may clear what is its own.
fn keep_other_sites_data(response: &mut ResponseHeader) {
    let values = response.headers.get_all("clear-site-data").iter();
    let reaches_far = values.filter_map(|value| value.to_str().ok()).any(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("cookies") || value.contains('*')
    });
    if reaches_far {
        response.remove_header("clear-site-data");
    }
}

/// Whether a shared cache may keep the answer. RFC 9111 section 5.2.2.
fn is_shared(response: &ResponseHeader) -> bool {
    let directives = response.headers.get_all(CACHE_CONTROL).iter();
    directives.filter_map(|value| value.to_str().ok()).any(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("public") || value.contains("s-maxage")
    })
}

/// Removes what an upstream meant for this connection alone. RFC 9110 section 7.6.1.
fn end_at_this_hop(response: &mut ResponseHeader) {
    let nominations = response.headers.get_all(CONNECTION).iter();
    let nominated: Vec<HeaderName> = nominations
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        // Framing is no upstream's to nominate away.
        .filter(|name| ![UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name))
        .collect();
    for name in &nominated {
        response.remove_header(name);
    }
    response.remove_header("keep-alive");
    response.remove_header("proxy-connection");
}

/// Drops each `Set-Cookie` that names one of the gateway's cookies.
fn keep_own_cookies_own(response: &mut ResponseHeader) -> Result<()> {
    let is_own = |value: &HeaderValue| sets_gateway_cookie(value.as_bytes());
    if !response.headers.get_all(SET_COOKIE).iter().any(is_own) {
        return Ok(());
    }
    let all = response.headers.get_all(SET_COOKIE).iter();
    let kept: Vec<HeaderValue> = all.filter(|value| !is_own(value)).cloned().collect();
    response.remove_header(&SET_COOKIE);
    for value in kept {
        response.append_header(SET_COOKIE, value)?;
    }
    Ok(())
}

/// Fields of an answer that are looked at; most answers have none of them.
const NOT_TO_SAY: [&str; 6] =
    ["alt-svc", "clear-site-data", "connection", "keep-alive", "proxy-connection", "set-cookie"];

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(fields: &[(&'static str, &'static str)]) -> ResponseHeader {
        let mut header = ResponseHeader::build(200, None).unwrap();
        for (name, value) in fields {
            header.append_header(*name, *value).unwrap();
        }
        header
    }

    #[test]
    fn an_upstream_clears_what_is_its_own_and_no_more() {
        for (value, stays) in [
            ("\"cache\", \"storage\"", true),
            ("\"cookies\"", false),
            ("\"cache\", \"Cookies\"", false),
            ("\"*\"", false),
        ] {
            let mut header = answer(&[("clear-site-data", value)]);
            keep_other_sites_data(&mut header);
            assert_eq!(header.headers.contains_key("clear-site-data"), stays, "{value}");
        }
    }

    #[test]
    fn a_renewed_token_rides_on_no_answer_that_a_shared_cache_keeps() {
        assert!(is_shared(&answer(&[("cache-control", "max-age=60, Public")])));
        assert!(is_shared(&answer(&[("cache-control", "s-maxage=60")])));
        assert!(!is_shared(&answer(&[("cache-control", "private, max-age=60")])));
        assert!(!is_shared(&answer(&[])));
    }

    #[test]
    fn what_an_upstream_nominates_ends_here_and_framing_does_not() {
        let mut header = answer(&[
            ("connection", "x-hop, content-length, close"),
            ("x-hop", "1"),
            ("x-end", "2"),
            ("content-length", "3"),
            ("keep-alive", "timeout=5"),
        ]);
        end_at_this_hop(&mut header);
        let has = |name: &str| header.headers.contains_key(name);
        assert!(!has("x-hop") && !has("keep-alive"));
        assert!(has("x-end") && has("content-length"));
    }

    #[test]
    fn an_upstream_sets_its_own_cookies_and_none_of_ours() {
        let mut header =
            answer(&[("set-cookie", "__Host-bitrix-id=x; Path=/"), ("set-cookie", "a=b")]);
        keep_own_cookies_own(&mut header).unwrap();
        let left: Vec<_> = header.headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(left, ["a=b"]);
    }
}
