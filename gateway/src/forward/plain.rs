//! The head of a plain request as its bytes: a GET without a body to an upstream that speaks HTTP/1.1.
//!
//! It tells what [`super::request`] tells, by the same rules and in the same order: strip, then set. What a
//! token and a configuration fix is one copy of bytes that were made before.

use bitrix_id_auth_core::headers::{Prepared, write_line};
use bitrix_id_auth_core::scheme::cookie::is_gateway_cookie;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Method};
use pingora::http::RequestHeader;
use pingora::{OkOrErr, Result};

use super::{X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REQUEST_ID};
use crate::context::{Passage, RequestCtx};
use crate::view;

/// Whether a request can go as plain bytes: nothing follows its head, and nothing in it is meant for one
/// connection alone.
pub(crate) fn is_plain(head: &RequestHeader) -> bool {
    let headers = &head.headers;
    head.method == Method::GET
        && ![CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, UPGRADE]
            .iter()
            .any(|name| headers.contains_key(name))
        && headers.get_all(CONNECTION).iter().all(|value| {
            let value = value.as_bytes();
            value.eq_ignore_ascii_case(b"keep-alive") || value.eq_ignore_ascii_case(b"close")
        })
}

/// The bytes for the upstream. `identity`: what is said of who asks, its place included; `None` for nobody.
///
/// # Errors
/// A target without a path, which no routed request has.
pub(crate) fn head(
    ctx: &RequestCtx,
    passage: &Passage,
    client: &RequestHeader,
    identity: Option<&Prepared>,
) -> Result<Vec<u8>> {
    let target = client.uri.path_and_query();
    let target = target.or_err(pingora::ErrorType::InternalError, "a target without a path")?;
    let mut out = Vec::with_capacity(ctx.fields_bytes + target.as_str().len() + ROOM);
    out.extend_from_slice(b"GET ");
    out.extend_from_slice(target.as_str().as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    match identity {
        Some(identity) => out.extend_from_slice(&identity.block),
        None => {
            let authority = passage.authority.as_bytes();
            write_line(&mut out, HOST.as_str().as_bytes(), authority);
            write_line(&mut out, X_FORWARDED_HOST.as_str().as_bytes(), authority);
        }
    }
    write_clients(ctx, passage, &client.headers, &mut out);
    let scheme: &[u8] = if ctx.origin.https { b"https" } else { b"http" };
    let request_id = ctx.origin.request_id.value();
    for (name, value) in [
        (X_FORWARDED_FOR, ctx.origin.client.as_bytes()),
        (X_FORWARDED_PROTO, scheme),
        (X_REQUEST_ID, request_id.as_bytes()),
    ] {
        write_line(&mut out, name.as_str().as_bytes(), value);
    }
    out.extend_from_slice(b"\r\n");
    Ok(out)
}

/// The client's own fields, but for those that are not its to send on.
fn write_clients(ctx: &RequestCtx, passage: &Passage, headers: &HeaderMap, out: &mut Vec<u8>) {
    let keep_authorization = passage.permit.keep_authorization();
    for (name, value) in headers {
        let stays = match name.as_str() {
            "authorization" => keep_authorization,
            name => !ends_here(name) && !super::is_ours(ctx, name.as_bytes()),
        };
        if stays {
            write_line(out, name.as_str().as_bytes(), value.as_bytes());
        }
    }
    write_cookies(headers, out);
}

/// One field with all cookies but the gateway's own; none if there are no others.
fn write_cookies(headers: &HeaderMap, out: &mut Vec<u8>) {
    let before = out.len();
    out.extend_from_slice(b"cookie: ");
    let start = out.len();
    view::join_cookies(headers, |name| !is_gateway_cookie(name), out);
    if out.len() == start {
        out.truncate(before);
    } else {
        out.extend_from_slice(b"\r\n");
    }
}

/// Fields of the client's connection (RFC 9110 section 7.6.1), and those that are set anew.
fn ends_here(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "cookie"
            | "host"
            | "http2-settings"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "x-request-id"
    )
}

/// For the prepared lines and the three that tell of the request.
const ROOM: usize = 2048;
