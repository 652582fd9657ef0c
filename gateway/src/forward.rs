//! A permitted request on its way to an upstream: which endpoint, and what it is told.
//!
//! Everything is set after pingora's hop-by-hop handling, so no `Connection` token of the client can remove
//! it, and after every client copy is gone: strip first, then set.

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::headers;
use bitrix_id_auth_core::scheme::cookie::{is_gateway_cookie, sets_gateway_cookie};
use bitrix_id_config::fold;
use bitrix_id_config::model::Portal;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderName, SET_COOKIE,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderValue, Version};
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorType, OrErr, Result};

use crate::context::{Passage, Purpose, RequestCtx, Stage, Target};
use crate::hub::Hub;
use crate::stopwatch::Stopwatch;
use crate::view;

/// Where the sign-in app finds the page that says "not known here".
const NO_ACCESS_PATH: &[u8] = b"/.bitrix-id/no-access";

/// Chooses the endpoint of a permitted request.
///
/// # Errors
/// 502 when every endpoint was tried, or none is known.
pub(crate) fn peer(ctx: &mut RequestCtx, sign_in_peer: &HttpPeer) -> Result<Box<HttpPeer>> {
    let passage =
        ctx.passage().ok_or_else(|| Error::explain(ErrorType::InternalError, "no permit"))?;
    passage.upstream_clock.get_or_insert_with(Stopwatch::start);
    let (pool, limits) = match &passage.target {
        Target::SignIn { .. } => return Ok(Box::new(sign_in_peer.clone())),
        Target::Portal { pool, limits, .. } => (pool, limits),
    };
    let endpoint = pool
        .pick(&passage.tried)
        .ok_or_else(|| Error::explain(ErrorType::HTTPStatus(502), "no endpoint is left"))?;
    let mut peer =
        if passage.upgrade { endpoint.upgrade_peer(limits) } else { endpoint.peer(limits) };
    if passage.event_stream {
        peer.options.read_timeout = Some(limits.stream_idle_timeout);
    }
    passage.endpoint = Some(endpoint);
    Ok(peer)
}

/// Rewrites the head that goes upstream.
///
/// # Errors
/// A value that cannot be sent; the request fails, it never goes without identity.
pub(crate) fn request(hub: &Hub, ctx: &RequestCtx, upstream: &mut RequestHeader) -> Result<()> {
    let Stage::Permitted(passage) = &ctx.stage else {
        return Error::e_explain(ErrorType::InternalError, "no permit");
    };
    strip(ctx, upstream);
    set_origin_form(upstream)?;
    set_cookies(passage, upstream)?;
    if !passage.permit.keep_authorization() {
        upstream.remove_header(&AUTHORIZATION);
    }
    match &passage.target {
        Target::SignIn { portal, person, purpose } => {
            set_internal(ctx, passage, portal.as_deref(), person.as_deref(), *purpose, upstream)
        }
        Target::Portal { portal, .. } => {
            set_forwarded(ctx, passage, upstream)?;
            if let Some(person) = passage.permit.person() {
                set_identity(hub, ctx, portal, person, upstream)?;
            }
            Ok(())
        }
    }
}

/// Removes every field that only the gateway may set, in any spelling.
fn strip(ctx: &RequestCtx, upstream: &mut RequestHeader) {
    let reserved: Vec<HeaderName> = upstream
        .headers
        .keys()
        .filter(|name| {
            let name = name.as_str().as_bytes();
            ctx.snapshot.reserved.is_reserved(name) || is_alias(name)
        })
        .cloned()
        .collect();
    for name in &reserved {
        upstream.remove_header(name);
    }
}

/// Whether a name is one of the message's own fields in a spelling that CGI-like upstreams take for the
/// same: they turn `-` and `_` into one.
fn is_alias(name: &[u8]) -> bool {
    name.contains(&b'_') && ALIASED.contains(&fold(name).as_bytes())
}

/// Upstreams get the target in origin form, byte for byte as it was decided upon.
fn set_origin_form(upstream: &mut RequestHeader) -> Result<()> {
    if upstream.raw_path().first() == Some(&b'/') {
        return Ok(());
    }
    let path = upstream
        .uri
        .path_and_query()
        .map(|path| path.as_str().as_bytes().to_vec())
        .unwrap_or_else(|| b"/".to_vec());
    upstream.set_raw_path(&path)
}

/// One Cookie field. A portal never sees the gateway's cookies; the sign-in app lives on them.
fn set_cookies(passage: &Passage, upstream: &mut RequestHeader) -> Result<()> {
    if !upstream.headers.contains_key(COOKIE) {
        return Ok(());
    }
    let to_app = matches!(passage.target, Target::SignIn { .. });
    let joined = view::joined_cookies(&upstream.headers, |name| to_app || !is_gateway_cookie(name));
    upstream.remove_header(&COOKIE);
    if !joined.is_empty() {
        let joined = HeaderValue::from_bytes(&joined).or_err(ErrorType::InternalError, "cookie")?;
        upstream.insert_header(COOKIE, joined)?;
    }
    Ok(())
}

fn set_forwarded(ctx: &RequestCtx, passage: &Passage, upstream: &mut RequestHeader) -> Result<()> {
    let scheme = if ctx.origin.https { "https" } else { "http" };
    upstream.insert_header(HOST, passage.authority.as_str())?;
    upstream.insert_header("x-forwarded-for", ctx.origin.client_ip.to_string())?;
    upstream.insert_header("x-forwarded-proto", scheme)?;
    upstream.insert_header("x-forwarded-host", passage.authority.as_str())?;
    upstream.insert_header("x-request-id", ctx.origin.request_id.as_str())?;
    let grpc = upstream
        .headers
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    if grpc && upstream.version == Version::HTTP_2 {
        // Connection-level, so it was removed; gRPC servers ask for it.
        upstream.insert_header("te", "trailers")?;
    }
    Ok(())
}

/// The identity as this portal wants it. Made once per token and configuration, and again before the
/// assertion in it gets old.
fn set_identity(
    hub: &Hub,
    ctx: &RequestCtx,
    portal: &Arc<Portal>,
    person: &Verified,
    upstream: &mut RequestHeader,
) -> Result<()> {
    let prepared = person
        .prepared
        .load_full()
        .filter(|prepared| prepared.is_fresh(ctx.snapshot.generation, ctx.now));
    let prepared = match prepared {
        Some(prepared) => prepared,
        None => {
            let made = headers::prepare(
                &hub.keys.load(),
                &ctx.snapshot.issuer,
                &portal.headers,
                &person.identity,
                ctx.snapshot.generation,
                ctx.now,
            );
            let made = Arc::new(made.or_err(ErrorType::InternalError, "signing an assertion")?);
            person.prepared.store(Some(made.clone()));
            made
        }
    };
    for (name, value) in &prepared.lines {
        upstream.insert_header(name.clone(), value.clone())?;
    }
    Ok(())
}

/// What the sign-in app is told; it believes nothing else.
fn set_internal(
    ctx: &RequestCtx,
    passage: &Passage,
    portal: Option<&str>,
    person: Option<&Verified>,
    purpose: Purpose,
    upstream: &mut RequestHeader,
) -> Result<()> {
    let client_ip = ctx.origin.client_ip.to_string();
    upstream.insert_header(HOST, passage.authority.as_str())?;
    upstream.insert_header("x-bitrix-id-internal-host", passage.authority.as_str())?;
    upstream.insert_header("x-bitrix-id-internal-client-ip", client_ip)?;
    upstream.insert_header("x-bitrix-id-internal-request-id", ctx.origin.request_id.as_str())?;
    if let Some(portal) = portal {
        upstream.insert_header("x-bitrix-id-internal-portal", portal)?;
    }
    if let Some(person) = person {
        let identity = &person.identity;
        upstream.insert_header("x-bitrix-id-internal-subject", identity.subject.to_string())?;
        upstream.insert_header("x-bitrix-id-internal-session", identity.session.to_string())?;
    }
    if purpose == Purpose::NoAccess {
        upstream.insert_header("x-bitrix-id-internal-purpose", "no-access")?;
        // So that the page can lead back to where it stands.
        let target = HeaderValue::from_bytes(upstream.raw_path());
        if let Ok(target) = target {
            upstream.insert_header("x-bitrix-id-internal-target", target)?;
        }
        upstream.set_raw_path(NO_ACCESS_PATH)?;
    }
    Ok(())
}

/// Takes out of an upstream's answer what is not its to say, and adds a renewed token.
///
/// # Errors
/// A cookie that cannot be written.
pub(crate) fn response(
    ctx: &RequestCtx,
    renewed: Option<HeaderValue>,
    response: &mut ResponseHeader,
) -> Result<()> {
    let Stage::Permitted(passage) = &ctx.stage else {
        return Ok(());
    };
    if matches!(passage.target, Target::Portal { .. }) {
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

/// Folded names of the fields that frame a message, route it, or carry credentials.
const ALIASED: [&[u8]; 9] = [
    b"authorization",
    b"connection",
    b"content_length",
    b"content_type",
    b"cookie",
    b"expect",
    b"host",
    b"transfer_encoding",
    b"upgrade",
];

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
    fn framing_names_are_known_in_the_spelling_of_cgi() {
        assert!(is_alias(b"content_length"));
        assert!(is_alias(b"transfer_encoding"));
        assert!(!is_alias(b"content-length"), "the field itself stays");
        assert!(!is_alias(b"x_own_field"));
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
