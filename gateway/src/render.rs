//! Answers as bytes: status, header fields, page or document.

use std::sync::LazyLock;

use bitrix_id_auth_core::headers::open_identity;
use bitrix_id_auth_core::identity::Identity;
use bytes::Bytes;
use http::header::{
    ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use pingora::http::RequestHeader;
use pingora::{ErrorType, OrErr, Result};
use uuid::fmt::Hyphenated;

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::document::Document;
use crate::hub::Hub;
use crate::pages::{self, ErrorKind, Frame, LANG_COOKIE, Lang};
use crate::view;

/// A prepared answer.
pub(crate) struct Written {
    /// Its status.
    pub status: StatusCode,
    /// Everything but the length.
    pub fields: HeaderMap,
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
    Ok(match answer {
        Answer::Redirect { status, location } => {
            let mut fields = SHARED_FIELDS.clone();
            fields.insert(LOCATION, value(location)?);
            written(status, fields, Bytes::new())
        }
        Answer::SignIn { location, cookies } => {
            let mut fields = SHARED_FIELDS.clone();
            fields.insert(LOCATION, value(location)?);
            for cookie in cookies {
                fields.append(SET_COOKIE, value(cookie)?);
            }
            written(302, fields, Bytes::new())
        }
        Answer::Unauthorized { sign_in } => unauthorized(ctx, &sign_in),
        Answer::BasicChallenge { sign_in } => {
            let mut written = unauthorized(ctx, &sign_in);
            let challenge = HeaderValue::from_static("Basic realm=\"Bitrix24\", charset=\"UTF-8\"");
            written.fields.insert(WWW_AUTHENTICATE, challenge);
            written
        }
        Answer::NoAccess { email, portal } => {
            let members = Document::new().text("email", &email).text("portal", &portal);
            problem(ctx, 403, "This Bitrix ID has no access to this portal", members, None)
        }
        Answer::Session(person) => document(said_of(&person.identity)),
        Answer::NoSession { sign_in } => {
            document(Document::new().text("sign_in", &sign_in).flag("signed_in", false))
        }
        Answer::Admitted(person) => {
            let mut written = document(said_of(&person.identity));
            written.fields.extend(open_identity(&person.identity));
            written
        }
        Answer::Jwks => jwks(hub),
        Answer::Asset(name) => asset(head, ctx, &name)?,
        Answer::Error(kind) => error(head, ctx, kind)?,
        Answer::Malformed => Written { close: true, ..error(head, ctx, ErrorKind::BadRequest)? },
    })
}

/// The members are in the order of their names, as they always were.
fn said_of(identity: &Identity) -> Document {
    let mut subject = [0; Hyphenated::LENGTH];
    let subject = identity.subject.0.hyphenated().encode_lower(&mut subject);
    Document::new()
        .text("email", &identity.email)
        .number("expires_at", identity.expires_at)
        .text("name", &identity.name)
        .text("portal", &identity.portal)
        .texts("roles", &identity.roles)
        .flag("signed_in", true)
        .text("subject", subject)
        .text_or_null("title", identity.title.as_deref())
}

fn document(content: Document) -> Written {
    written(200, DOCUMENT_FIELDS.clone(), content.finish())
}

fn jwks(hub: &Hub) -> Written {
    let mut fields = SHARED_FIELDS.clone();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    // Shorter than the time between a key's publication and its first use.
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=120"));
    let keys = hub.keys.load();
    written(200, fields, Bytes::copy_from_slice(keys.jwks()))
}

fn asset(head: &RequestHeader, ctx: &RequestCtx, name: &str) -> Result<Written> {
    let Some(asset) = pages::asset(name) else {
        return error(head, ctx, ErrorKind::NotFound);
    };
    let fresh = head
        .headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == asset.etag.as_bytes());
    let mut fields = SHARED_FIELDS.clone();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(asset.cache_control));
    fields.insert(ETAG, value(asset.etag)?);
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    Ok(if fresh { written(304, fields, Bytes::new()) } else { written(200, fields, asset.body) })
}

fn error(head: &RequestHeader, ctx: &RequestCtx, kind: ErrorKind) -> Result<Written> {
    let (status, title) = status_of(kind);
    let mut written = if wants_page(head) {
        let mut fields = SHARED_FIELDS.clone();
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        fields.insert(CONTENT_SECURITY_POLICY, value(pages::content_security_policy(&[]))?);
        written(status, fields, pages::error(&frame(head, ctx), kind).into())
    } else {
        problem(ctx, status, title, Document::new(), None)
    };
    if matches!(kind, ErrorKind::Unavailable) {
        written.fields.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    if matches!(kind, ErrorKind::MethodNotAllowed) {
        let methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
        written.fields.insert(ALLOW, HeaderValue::from_static(methods));
    }
    Ok(written)
}

fn wants_page(head: &RequestHeader) -> bool {
    match head.headers.get(&view::SEC_FETCH_MODE) {
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

fn unauthorized(ctx: &RequestCtx, sign_in: &str) -> Written {
    problem(ctx, 401, "Sign in to go on", Document::new(), Some(sign_in))
}

/// RFC 9457. The members are in the order of their names; `first` are those that come before `request_id`.
fn problem(
    ctx: &RequestCtx,
    status: u16,
    title: &str,
    first: Document,
    sign_in: Option<&str>,
) -> Written {
    let mut members = first.text("request_id", ctx.origin.request_id.as_str());
    if let Some(sign_in) = sign_in {
        members = members.text("sign_in", sign_in);
    }
    let members =
        members.number("status", status.into()).text("title", title).text("type", "about:blank");
    written(status, PROBLEM_FIELDS.clone(), members.finish())
}

fn written(status: u16, fields: HeaderMap, body: Bytes) -> Written {
    // Every status of ours is one.
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Written { status, fields, body, close: false }
}

fn value(text: String) -> Result<HeaderValue> {
    HeaderValue::try_from(text).or_err(ErrorType::InvalidHTTPHeader, "a field of our own")
}

/// The fields of every answer.
static SHARED_FIELDS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut fields = HeaderMap::with_capacity(ROOM);
    for (name, value) in pages::security_headers() {
        fields.insert(*name, HeaderValue::from_static(value));
    }
    fields
});
static PROBLEM_FIELDS: LazyLock<HeaderMap> = LazyLock::new(|| of_type("application/problem+json"));
static DOCUMENT_FIELDS: LazyLock<HeaderMap> = LazyLock::new(|| of_type("application/json"));

fn of_type(content_type: &'static str) -> HeaderMap {
    let mut fields = SHARED_FIELDS.clone();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    fields
}

/// Fields for which a copy need not find places anew.
const ROOM: usize = 24;

/// Status and title of an error.
pub(crate) fn status_of(kind: ErrorKind) -> (u16, &'static str) {
    match kind {
        ErrorKind::BadRequest => (400, "This request cannot be understood"),
        ErrorKind::Forbidden => (403, "This is not allowed"),
        ErrorKind::NotFound => (404, "There is nothing here"),
        ErrorKind::MethodNotAllowed => (405, "This method is not allowed"),
        ErrorKind::TooSlow => (408, "This request came too slowly"),
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
