//! Answers as bytes: status, header fields, page or document.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
    SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue};
use pingora::Result;
use pingora::http::{RequestHeader, ResponseHeader};
use serde_json::json;

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::hub::Hub;
use crate::pages::{self, ErrorKind, Frame, LANG_COOKIE, Lang};
use crate::view;

/// A prepared answer.
pub(crate) struct Written {
    /// Everything but the length.
    pub header: ResponseHeader,
    /// Empty for a redirect.
    pub body: Bytes,
    /// The request's end is unknown or the peer misbehaved.
    pub close: bool,
}

/// Turns an answer into bytes.
///
/// # Errors
/// A value that no header can hold; there is none.
pub(crate) fn render(
    head: &RequestHeader,
    ctx: &RequestCtx,
    hub: &Hub,
    answer: Answer,
) -> Result<Written> {
    match answer {
        Answer::Redirect { status, location } => {
            let mut header = own_header(status)?;
            header.insert_header(LOCATION, location)?;
            Ok(plain(header, Bytes::new()))
        }
        Answer::SignIn { location, cookies } => {
            let mut header = own_header(302)?;
            header.insert_header(LOCATION, location)?;
            for cookie in cookies {
                header.append_header(SET_COOKIE, cookie)?;
            }
            Ok(plain(header, Bytes::new()))
        }
        Answer::Unauthorized { sign_in } => problem(
            401,
            "Sign in to go on",
            json!({ "sign_in": sign_in, "request_id": ctx.origin.request_id.as_str() }),
        ),
        Answer::BasicChallenge { sign_in } => {
            let mut written = problem(
                401,
                "Sign in to go on",
                json!({ "sign_in": sign_in, "request_id": ctx.origin.request_id.as_str() }),
            )?;
            written
                .header
                .insert_header(WWW_AUTHENTICATE, "Basic realm=\"Bitrix24\", charset=\"UTF-8\"")?;
            Ok(written)
        }
        Answer::NoAccess { email, portal } => problem(
            403,
            "This Bitrix ID has no access to this portal",
            json!({ "email": email, "portal": portal, "request_id": ctx.origin.request_id.as_str() }),
        ),
        Answer::Session(person) => {
            let identity = &person.identity;
            document(&json!({
                "signed_in": true,
                "subject": identity.subject,
                "email": identity.email,
                "name": identity.name,
                "title": identity.title,
                "portal": identity.portal,
                "roles": identity.roles,
                "expires_at": identity.expires_at,
            }))
        }
        Answer::NoSession { sign_in } => {
            document(&json!({ "signed_in": false, "sign_in": sign_in }))
        }
        Answer::Jwks => jwks(hub),
        Answer::Asset(name) => asset(head, ctx, &name),
        Answer::Error(kind) => error(head, ctx, kind),
        Answer::Malformed => {
            Ok(Written { close: true, ..error(head, ctx, ErrorKind::BadRequest)? })
        }
    }
}

fn document(content: &serde_json::Value) -> Result<Written> {
    let mut header = own_header(200)?;
    header.insert_header(CONTENT_TYPE, "application/json")?;
    Ok(plain(header, content.to_string().into()))
}

fn jwks(hub: &Hub) -> Result<Written> {
    let mut header = own_header(200)?;
    header.insert_header(CONTENT_TYPE, "application/jwk-set+json")?;
    // Shorter than the time between a key's publication and its first use.
    header.insert_header(CACHE_CONTROL, "public, max-age=120")?;
    let keys = hub.keys.load();
    Ok(plain(header, Bytes::copy_from_slice(keys.jwks())))
}

fn asset(head: &RequestHeader, ctx: &RequestCtx, name: &str) -> Result<Written> {
    let Some(asset) = pages::asset(name) else {
        return error(head, ctx, ErrorKind::NotFound);
    };
    let fresh = head
        .headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == asset.etag.as_bytes());
    let mut header = own_header(if fresh { 304 } else { 200 })?;
    header.insert_header(CACHE_CONTROL, asset.cache_control)?;
    header.insert_header(ETAG, asset.etag)?;
    header.insert_header(CONTENT_TYPE, asset.content_type)?;
    Ok(plain(header, if fresh { Bytes::new() } else { asset.body }))
}

fn error(head: &RequestHeader, ctx: &RequestCtx, kind: ErrorKind) -> Result<Written> {
    let (status, title) = status_of(kind);
    let mut written = if wants_page(head) {
        let mut header = own_header(status)?;
        header.insert_header(CONTENT_TYPE, "text/html; charset=utf-8")?;
        header.insert_header("content-security-policy", pages::content_security_policy(&[]))?;
        plain(header, pages::error(&frame(head, ctx), kind).into())
    } else {
        problem(status, title, json!({ "request_id": ctx.origin.request_id.as_str() }))?
    };
    if matches!(kind, ErrorKind::Unavailable) {
        written.header.insert_header(RETRY_AFTER, "5")?;
    }
    if matches!(kind, ErrorKind::MethodNotAllowed) {
        written.header.insert_header("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")?;
    }
    Ok(written)
}

fn wants_page(head: &RequestHeader) -> bool {
    match head.headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => view::accepts(&head.headers, "text/html"),
    }
}

fn frame(head: &RequestHeader, ctx: &RequestCtx) -> Frame {
    let languages = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let chosen = view::cookie(&head.headers, LANG_COOKIE);
    let identity = &ctx.snapshot.config.identity;
    Frame {
        lang: Lang::negotiate(chosen, languages),
        brand: identity.name.clone(),
        accent: identity.accent.clone(),
        request_id: ctx.origin.request_id.to_string(),
        path: String::new(),
        portal: ctx.log.portal.as_ref().map(|entry| entry.portal.title.clone()),
    }
}

/// RFC 9457.
fn problem(status: u16, title: &str, mut members: serde_json::Value) -> Result<Written> {
    members["type"] = "about:blank".into();
    members["title"] = title.into();
    members["status"] = status.into();
    let mut header = own_header(status)?;
    header.insert_header(CONTENT_TYPE, "application/problem+json")?;
    Ok(plain(header, members.to_string().into()))
}

fn plain(header: ResponseHeader, body: Bytes) -> Written {
    Written { header, body, close: false }
}

/// A header with everything that all our answers share.
fn own_header(status: u16) -> Result<ResponseHeader> {
    let mut parts = http::Response::new(()).into_parts().0;
    parts.headers = SHARED_FIELDS.clone();
    let mut header = ResponseHeader::from(parts);
    header.set_status(status)?;
    Ok(header)
}

/// The fields of every answer, with room for those of each.
static SHARED_FIELDS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut fields = HeaderMap::with_capacity(24);
    for (name, value) in pages::security_headers() {
        fields.insert(*name, HeaderValue::from_static(value));
    }
    fields
});

/// Status and title of an error.
pub(crate) fn status_of(kind: ErrorKind) -> (u16, &'static str) {
    match kind {
        ErrorKind::BadRequest => (400, "This request cannot be understood"),
        ErrorKind::Forbidden => (403, "This is not allowed"),
        ErrorKind::NotFound => (404, "There is nothing here"),
        ErrorKind::MethodNotAllowed => (405, "This method is not allowed"),
        ErrorKind::TooLarge => (413, "This request is too large"),
        ErrorKind::UriTooLong => (414, "This address is too long"),
        ErrorKind::Misdirected => (421, "This connection was opened for another host"),
        ErrorKind::HeadersTooLarge => (431, "This request's header fields are too large"),
        ErrorKind::Internal => (500, "Something went wrong on our side"),
        ErrorKind::UpstreamDown => (502, "The portal does not answer"),
        ErrorKind::Unavailable => (503, "This works again in a moment"),
        ErrorKind::UpstreamSlow => (504, "The portal takes too long to answer"),
    }
}
