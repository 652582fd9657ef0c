//! A permitted request on its way to an upstream: which endpoint, and what it is told.
//!
//! Everything is set after pingora's hop-by-hop handling, so no `Connection` token of the client can remove
//! it, and after every client copy is gone: strip first, then set.

mod direct;
mod plain;
mod response;

use std::sync::Arc;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::headers::{self, Prepared};
use bitrix_id_auth_core::scheme::cookie::is_gateway_cookie;
use bitrix_id_config::fold;
use bitrix_id_config::model::Portal;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, HeaderName, TE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri, Version};
use pingora::http::RequestHeader;
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorType, OrErr, Result};

use crate::context::{Passage, Purpose, RequestCtx, Stage, Target};
use crate::hub::Hub;
use crate::upstreams::Endpoint;
use crate::view;

pub(crate) use direct::is_direct;
pub(crate) use response::answer_head;

/// Where the sign-in app finds the page that says "not known here".
const NO_ACCESS_PATH: &str = "/.bitrix-id/no-access";

/// Chooses the endpoint of a permitted request.
///
/// # Errors
/// 502 when every endpoint was tried, or none is known.
pub(crate) fn peer(
    ctx: &mut RequestCtx,
    sign_in_peer: &HttpPeer,
    has_body: bool,
) -> Result<Box<HttpPeer>> {
    if permitted(ctx)?.is_to_sign_in_app() {
        return Ok(Box::new(sign_in_peer.clone()));
    }
    let endpoint = choose(ctx)?;
    let passage = permitted(ctx)?;
    let Target::Portal { limits, .. } = &passage.target else {
        return Error::e_explain(ErrorType::InternalError, "no portal");
    };
    let mut peer = if passage.upgrade {
        endpoint.upgrade_peer(limits)
    } else {
        endpoint.peer(limits, has_body)
    };
    peer.options.read_timeout = passage.read_timeout();
    Ok(peer)
}

/// Takes the next endpoint of the portal's that has not been tried for this request.
fn choose(ctx: &mut RequestCtx) -> Result<Arc<Endpoint>> {
    let passage = permitted(ctx)?;
    let Target::Portal { pool, .. } = &passage.target else {
        return Error::e_explain(ErrorType::InternalError, "no portal");
    };
    let endpoint = pool
        .pick(&passage.tried)
        .ok_or_else(|| Error::explain(ErrorType::HTTPStatus(502), "no endpoint is left"))?;
    passage.endpoint = Some(endpoint.clone());
    Ok(endpoint)
}

fn permitted(ctx: &mut RequestCtx) -> Result<&mut Passage> {
    ctx.passage().ok_or_else(|| Error::explain(ErrorType::InternalError, "no permit"))
}

/// The chosen endpoint cannot be reached. Nothing has been sent yet: the error says whether to try another.
pub(crate) fn unreachable(ctx: &mut RequestCtx, mut error: Box<Error>) -> Box<Error> {
    let metrics = ctx.log.metrics.clone();
    let Some(passage) = ctx.passage() else { return error };
    let Some(endpoint) = passage.endpoint.take() else { return error };
    let address = endpoint.address;
    tracing::warn!(%address, %error, "an upstream cannot be reached");
    metrics.upstream_failure();
    endpoint.set_up(false);
    passage.tried.push(address);
    if let Target::Portal { pool, .. } = &passage.target {
        let another = pool.pick(&passage.tried).is_some();
        error.set_retry(another && passage.tried.len() < MAX_TRIES);
    }
    ctx.counted_failure = true;
    error
}

/// Rewrites the head that goes upstream. It is taken apart and set on the plain map: names are known and
/// lower-case, values made before, so each costs an insertion and no parsing.
///
/// # Errors
/// A value that cannot be sent; the request fails, it never goes without identity.
pub(crate) fn request(hub: &Hub, ctx: &RequestCtx, upstream: &mut RequestHeader) -> Result<()> {
    let Stage::Permitted(passage) = &ctx.stage else {
        return Error::e_explain(ErrorType::InternalError, "no permit");
    };
    let mut parts = Parts::from(std::mem::replace(upstream, blank()));
    strip(ctx, &mut parts.headers);
    set_cookies(passage, &mut parts.headers)?;
    if !passage.permit.keep_authorization() {
        parts.headers.remove(AUTHORIZATION);
    }
    match &passage.target {
        Target::SignIn { portal, person, purpose } => {
            let person = person.as_deref();
            set_internal(ctx, passage, portal.as_deref(), person, *purpose, &mut parts)?;
        }
        Target::Portal { portal, .. } => {
            match identity_of(hub, ctx, passage, portal)? {
                Some(identity) => set_identity(identity.lines(), &mut parts.headers),
                None => set_host(&passage.authority, &mut parts.headers),
            }
            set_forwarded(ctx, &mut parts);
        }
    }
    // Back together it has the target in origin form: path and query as they were decided upon.
    *upstream = RequestHeader::from(parts);
    Ok(())
}

/// Forgets how the client spelt the names of its fields: upstreams get them in lower case, as HTTP/2 has
/// them, and pingora copies the head for each try, which is then half as much.
pub(crate) fn forget_spelling(head: &mut RequestHeader) {
    // An absolute form is more than its parts keep.
    if head.raw_path().first() == Some(&b'/') {
        *head = RequestHeader::from(Parts::from(std::mem::replace(head, blank())));
    }
}

/// A head without anything, to stand in for a moment.
fn blank() -> RequestHeader {
    RequestHeader::from(http::Request::new(()).into_parts().0)
}

/// Removes every field that only the gateway may set, in any spelling.
fn strip(ctx: &RequestCtx, headers: &mut HeaderMap) {
    // Empty, and without an allocation, for nearly every request.
    let names = headers.keys().filter(|name| is_ours(ctx, name.as_str().as_bytes()));
    let ours: Vec<HeaderName> = names.cloned().collect();
    for name in &ours {
        headers.remove(name);
    }
}

/// Whether only the gateway may set a field of this name, in any spelling.
fn is_ours(ctx: &RequestCtx, name: &[u8]) -> bool {
    ctx.snapshot.reserved.is_reserved(name) || is_alias(name)
}

/// Whether a name is one of the message's own fields in a spelling that CGI-like upstreams take for the
/// same: they turn `-` and `_` into one.
fn is_alias(name: &[u8]) -> bool {
    name.contains(&b'_') && ALIASED.contains(&fold(name).as_bytes())
}

/// One Cookie field. A portal never sees the gateway's cookies; the sign-in app lives on them.
fn set_cookies(passage: &Passage, headers: &mut HeaderMap) -> Result<()> {
    if !headers.contains_key(COOKIE) {
        return Ok(());
    }
    let to_app = matches!(passage.target, Target::SignIn { .. });
    let mut joined = Vec::new();
    view::join_cookies(headers, |name| to_app || !is_gateway_cookie(name), &mut joined);
    if joined.is_empty() {
        headers.remove(COOKIE);
    } else {
        let joined = HeaderValue::from_bytes(&joined).or_err(ErrorType::InternalError, "cookie")?;
        headers.insert(COOKIE, joined);
    }
    Ok(())
}

fn set_host(authority: &HeaderValue, headers: &mut HeaderMap) {
    headers.insert(HOST, authority.clone());
    headers.insert(X_FORWARDED_HOST, authority.clone());
}

fn set_forwarded(ctx: &RequestCtx, parts: &mut Parts) {
    let scheme = HeaderValue::from_static(if ctx.origin.https { "https" } else { "http" });
    let headers = &mut parts.headers;
    headers.insert(X_FORWARDED_FOR, ctx.origin.client.clone());
    headers.insert(X_FORWARDED_PROTO, scheme);
    headers.insert(X_REQUEST_ID, ctx.origin.request_id.value().clone());
    let grpc = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    if grpc && parts.version == Version::HTTP_2 {
        // Connection-level, so it was removed; gRPC servers ask for it.
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
}

/// The identity as this portal wants it. Made once per token and configuration, and again before the
/// assertion in it gets old. `None`: nobody is known.
fn identity_of(
    hub: &Hub,
    ctx: &RequestCtx,
    passage: &Passage,
    portal: &Portal,
) -> Result<Option<Arc<Prepared>>> {
    let Some(person) = passage.permit.person() else { return Ok(None) };
    let prepared = person.prepared.load();
    if let Some(prepared) = prepared.as_ref()
        && prepared.is_fresh(ctx.snapshot.generation, ctx.now)
    {
        return Ok(Some(prepared.clone()));
    }
    let made = headers::prepare(
        &hub.keys.load(),
        &ctx.snapshot.issuer,
        &portal.headers,
        &person.identity,
        // A token is good for one host, so what tells the host is prepared with it.
        [HOST, X_FORWARDED_HOST].map(|name| (name, passage.authority.clone())),
        ctx.snapshot.generation,
        ctx.now,
    );
    let made = Arc::new(made.or_err(ErrorType::InternalError, "signing an assertion")?);
    person.prepared.store(Some(made.clone()));
    Ok(Some(made))
}

/// Sets the identity over whatever is there of its names.
fn set_identity(lines: impl Iterator<Item = (HeaderName, HeaderValue)>, headers: &mut HeaderMap) {
    headers.reserve(IDENTITY + FORWARDED);
    for (name, value) in lines {
        headers.insert(name, value);
    }
}

/// What the sign-in app is told; it believes nothing else.
fn set_internal(
    ctx: &RequestCtx,
    passage: &Passage,
    portal: Option<&str>,
    person: Option<&Verified>,
    purpose: Purpose,
    parts: &mut Parts,
) -> Result<()> {
    let headers = &mut parts.headers;
    let mut tell = |name: &'static str, text: &str| {
        let value = HeaderValue::from_str(text).or_err(ErrorType::InternalError, name)?;
        headers.insert(HeaderName::from_static(name), value);
        Ok::<(), Box<Error>>(())
    };
    if let Some(portal) = portal {
        tell("x-bitrix-id-internal-portal", portal)?;
    }
    if let Some(person) = person {
        tell("x-bitrix-id-internal-subject", &person.identity.subject.to_string())?;
        tell("x-bitrix-id-internal-session", &person.identity.session.to_string())?;
    }
    if purpose == Purpose::NoAccess {
        tell("x-bitrix-id-internal-purpose", "no-access")?;
        // So that the page can lead back to where it stands.
        if let Some(target) = parts.uri.path_and_query() {
            tell("x-bitrix-id-internal-target", target.as_str())?;
        }
        parts.uri = Uri::from_static(NO_ACCESS_PATH);
    }
    headers.insert(HOST, passage.authority.clone());
    let internal = HeaderName::from_static;
    headers.insert(internal("x-bitrix-id-internal-host"), passage.authority.clone());
    headers.insert(internal("x-bitrix-id-internal-client-ip"), ctx.origin.client.clone());
    let request_id = ctx.origin.request_id.value().clone();
    headers.insert(internal("x-bitrix-id-internal-request-id"), request_id);
    Ok(())
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Endpoints tried for one request.
const MAX_TRIES: usize = 3;
/// Fields of the usual preset, and of the place.
const IDENTITY: usize = 11;
/// Fields that [`set_forwarded`] adds.
const FORWARDED: usize = 4;

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

    #[test]
    fn the_identity_is_set_over_whatever_the_client_sent_of_its_names() {
        let (ours, theirs) = (HeaderValue::from_static("ours"), HeaderValue::from_static("theirs"));
        let name = HeaderName::from_static;
        let lines = [(name("x-a"), ours.clone()), (name("x-b"), ours.clone())].into_iter();
        let mut headers = HeaderMap::new();
        for field in ["x-a", "x-a", "x-c"] {
            headers.append(name(field), theirs.clone());
        }
        set_identity(lines, &mut headers);
        for field in ["x-a", "x-b"] {
            let values: Vec<&HeaderValue> = headers.get_all(field).iter().collect();
            assert_eq!(values, [&ours], "{field}");
        }
        assert_eq!(headers["x-c"], theirs);
    }

    #[test]
    fn framing_names_are_known_in_the_spelling_of_cgi() {
        assert!(is_alias(b"content_length"));
        assert!(is_alias(b"transfer_encoding"));
        assert!(!is_alias(b"content-length"), "the field itself stays");
        assert!(!is_alias(b"x_own_field"));
    }
}
