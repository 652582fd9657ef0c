//! Every answer the gateway gives itself, and the one place that maps causes to status, page and log.
//!
//! Answers come from memory. They carry a length, so a connection can be used again; where a body was
//! sent that nobody read, a small one is read and dropped and a large one ends the connection.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::authenticate::Verified;
use bitrix_id_auth_core::hop::{self, HOP_COOKIE_PREFIX, HopState};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPECT, IF_NONE_MATCH,
    LOCATION, RETRY_AFTER, SET_COOKIE, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use pingora_core::{Error, ErrorSource, ErrorType, Result};
use pingora_http::ResponseHeader;
use pingora_proxy::Session;
use serde_json::json;

use crate::context::RequestCtx;
use crate::hub::Hub;
use crate::pages::{self, ErrorKind, Frame, Lang};
use crate::telemetry::LogDecision;
use crate::view;

/// What we answer.
pub(crate) enum Answer {
    /// To another address, with cookies.
    Redirect {
        /// 302 or 308.
        status: u16,
        /// Absolute URL of a configured host.
        location: String,
    },
    /// To sign-in: 302 with the cookie that binds the way back to this browser.
    SignIn {
        /// On the Bitrix ID host.
        location: String,
        /// `Set-Cookie` values.
        cookies: Vec<String>,
    },
    /// 401 with a `sign_in` member.
    Unauthorized {
        /// On the Bitrix ID host.
        sign_in: String,
    },
    /// 401 to a WebDAV client, which learns from it to send a password for the portal to check.
    BasicChallenge,
    /// 403 for a program: signed in, but no profile on this portal.
    NoAccess {
        /// Who is signed in.
        email: String,
        /// Portal id.
        portal: String,
    },
    /// `/.bitrix-id/session`.
    Session {
        /// The verified token's person.
        person: Option<Arc<Verified>>,
        /// Where to sign in.
        sign_in: String,
    },
    /// The public keys.
    Jwks,
    /// Stylesheet, script or icon by name.
    Asset(String),
    /// An error page, or a problem document for a program.
    Error(ErrorKind),
    /// 400 to a message whose end cannot be trusted: the connection ends with it.
    Malformed,
}

impl Answer {
    /// The way to sign-in and back to `return_to` on `host`.
    pub(crate) fn sign_in(
        hub: &Hub,
        ctx: &RequestCtx,
        host: &str,
        return_to: String,
        headers: &HeaderMap,
    ) -> Self {
        let (location, cookie) = sign_in_url(hub, ctx, host, return_to);
        let mut cookies: Vec<String> = vec![cookie];
        let held = view::hop_cookies(headers);
        // Half-done hops are small, but not free: with many tabs given up, the oldest go.
        for name in held.iter().take(held.len().saturating_sub(MAX_HOPS)) {
            cookies.push(format!("{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"));
        }
        Self::SignIn { location, cookies }
    }
}

/// The sign-in URL that leads back to `return_to`, and the cookie that belongs to it.
pub(crate) fn sign_in_url(
    hub: &Hub,
    ctx: &RequestCtx,
    host: &str,
    return_to: String,
) -> (String, String) {
    let (attempt, nonce, nonce_hash) = hop::new_nonce();
    let path_only = || {
        let path = return_to.split('?').next().unwrap_or("/");
        hop::return_target(path)
    };
    let return_to =
        hop::return_target(&return_to).or_else(path_only).unwrap_or_else(|| "/".to_owned());
    let cookie = format!(
        "{HOP_COOKIE_PREFIX}{attempt}={nonce}; Max-Age={}; Path=/; Secure; HttpOnly; SameSite=Lax",
        hop::STATE_LIFETIME
    );
    let state = hub.hop.seal(&HopState {
        host: host.to_owned(),
        return_to,
        attempt,
        nonce_hash,
        restarts: 0,
        issued_at: ctx.now,
    });
    (format!("{}/sign-in?state={state}", ctx.snapshot.issuer), cookie)
}

/// A prepared answer.
struct Written {
    header: ResponseHeader,
    body: Bytes,
    /// The request's end is unknown or the peer misbehaved.
    close: bool,
}

/// Writes an answer. The log line gets its status.
///
/// # Errors
/// The client is gone.
pub(crate) async fn write(
    session: &mut Session,
    ctx: &mut RequestCtx,
    hub: &Hub,
    answer: Answer,
) -> Result<()> {
    let mut written = render(session.req_header(), ctx, hub, answer)?;
    if let Some(cookie) = renewed_cookie(ctx).await {
        written.header.append_header(SET_COOKIE, cookie)?;
    }
    send(session, ctx, written).await
}

/// The cookie of a token that was renewed while we worked, if it is ready or nearly so.
pub(crate) async fn renewed_cookie(ctx: &mut RequestCtx) -> Option<http::HeaderValue> {
    let renewal = ctx.renewal.take()?;
    let renewed = tokio::time::timeout(RENEWAL_WAIT, renewal).await.ok()?.ok()??;
    Some(renewed.set_cookie.clone())
}

async fn send(session: &mut Session, ctx: &mut RequestCtx, written: Written) -> Result<()> {
    let Written { mut header, body, close } = written;
    ctx.log.status = header.status.as_u16();
    let bodiless = session.req_header().method == http::Method::HEAD || body.is_empty();
    // A 304 has the length of the 200 it stands for, or none.
    if header.status != http::StatusCode::NOT_MODIFIED {
        header.insert_header(CONTENT_LENGTH, body.len())?;
    }
    if close || !drain(session).await {
        session.set_keepalive(None);
    }
    session.write_response_header(Box::new(header), bodiless).await?;
    if !bodiless {
        session.write_response_body(Some(body), true).await?;
    }
    Ok(())
}

/// Reads and drops what is left of a small body. False: it is large, slow, or the client waits for a
/// `100 Continue`, and the connection must end with the answer.
async fn drain(session: &mut Session) -> bool {
    if session.as_downstream_mut().is_body_done() {
        return true;
    }
    let headers = &session.req_header().headers;
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    let bodiless = length.is_none() && !headers.contains_key(TRANSFER_ENCODING);
    let http2 = session.as_downstream().is_http2();
    if bodiless && !http2 {
        return true;
    }
    if headers.contains_key(EXPECT) || length.is_some_and(|length| length > DRAIN_LIMIT) {
        return false;
    }
    let read = async {
        let mut seen = 0;
        while let Some(chunk) = session.as_downstream_mut().read_request_body().await? {
            seen += chunk.len();
            if seen > DRAIN_LIMIT {
                return Ok::<bool, Box<Error>>(false);
            }
        }
        Ok(true)
    };
    matches!(tokio::time::timeout(DRAIN_TIME, read).await, Ok(Ok(true)))
}

fn render(
    head: &pingora_http::RequestHeader,
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
            json!({ "sign_in": sign_in, "request_id": ctx.origin.request_id }),
        ),
        Answer::BasicChallenge => {
            let mut written =
                problem(401, "Sign in to go on", json!({ "request_id": ctx.origin.request_id }))?;
            written
                .header
                .insert_header(WWW_AUTHENTICATE, "Basic realm=\"Bitrix24\", charset=\"UTF-8\"")?;
            Ok(written)
        }
        Answer::NoAccess { email, portal } => problem(
            403,
            "This Bitrix ID has no access to this portal",
            json!({ "email": email, "portal": portal, "request_id": ctx.origin.request_id }),
        ),
        Answer::Session { person, sign_in } => session_document(person.as_deref(), &sign_in),
        Answer::Jwks => jwks(hub),
        Answer::Asset(name) => asset(head, ctx, &name),
        Answer::Error(kind) => error(head, ctx, kind),
        Answer::Malformed => {
            Ok(Written { close: true, ..error(head, ctx, ErrorKind::BadRequest)? })
        }
    }
}

fn session_document(person: Option<&Verified>, sign_in: &str) -> Result<Written> {
    let document = match person.map(|person| &person.identity) {
        Some(identity) => json!({
            "signed_in": true,
            "subject": identity.subject,
            "email": identity.email,
            "name": identity.name,
            "portal": identity.portal,
            "roles": identity.roles,
            "expires_at": identity.expires_at,
        }),
        None => json!({ "signed_in": false, "sign_in": sign_in }),
    };
    let mut header = own_header(200)?;
    header.insert_header(CONTENT_TYPE, "application/json")?;
    Ok(plain(header, document.to_string().into()))
}

fn jwks(hub: &Hub) -> Result<Written> {
    let mut header = own_header(200)?;
    header.insert_header(CONTENT_TYPE, "application/jwk-set+json")?;
    // Shorter than the time between a key's publication and its first use.
    header.insert_header(CACHE_CONTROL, "public, max-age=120")?;
    let keys = hub.keys.load();
    Ok(plain(header, Bytes::copy_from_slice(keys.jwks())))
}

fn asset(head: &pingora_http::RequestHeader, ctx: &RequestCtx, name: &str) -> Result<Written> {
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

fn error(head: &pingora_http::RequestHeader, ctx: &RequestCtx, kind: ErrorKind) -> Result<Written> {
    let (status, title) = status_of(kind);
    let mut written = if wants_page(head) {
        let mut header = own_header(status)?;
        header.insert_header(CONTENT_TYPE, "text/html; charset=utf-8")?;
        header.insert_header("content-security-policy", pages::content_security_policy(&[]))?;
        plain(header, pages::error(&frame(head, ctx), kind).into())
    } else {
        problem(status, title, json!({ "request_id": ctx.origin.request_id }))?
    };
    if matches!(kind, ErrorKind::Unavailable) {
        written.header.insert_header(RETRY_AFTER, "5")?;
    }
    if matches!(kind, ErrorKind::MethodNotAllowed) {
        written.header.insert_header("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")?;
    }
    Ok(written)
}

fn wants_page(head: &pingora_http::RequestHeader) -> bool {
    match head.headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => view::accepts(&head.headers, "text/html"),
    }
}

fn frame(head: &pingora_http::RequestHeader, ctx: &RequestCtx) -> Frame {
    let languages = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let identity = &ctx.snapshot.config.identity;
    Frame {
        lang: Lang::negotiate(None, languages),
        brand: identity.name.clone(),
        accent: identity.accent.clone(),
        request_id: ctx.origin.request_id.clone(),
        path: String::new(),
        portal: None,
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
    let mut header = ResponseHeader::build(status, Some(16))?;
    for (name, value) in pages::security_headers() {
        header.insert_header(*name, *value)?;
    }
    Ok(header)
}

fn status_of(kind: ErrorKind) -> (u16, &'static str) {
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

/// Maps what pingora reports to an answer, a log reason, and whether the portal is to blame.
/// `None`: the client is gone.
pub(crate) fn explain(error: &Error) -> Option<(ErrorKind, &'static str, bool)> {
    use ErrorType::{
        ConnectTimedout, ConnectionClosed, HTTPStatus, ReadError, ReadTimedout, WriteError,
        WriteTimedout,
    };
    match error.etype() {
        HTTPStatus(400) => return Some((ErrorKind::BadRequest, "malformed", false)),
        HTTPStatus(413) => return Some((ErrorKind::TooLarge, "body_too_large", false)),
        HTTPStatus(502) => return Some((ErrorKind::UpstreamDown, "no_upstream", true)),
        _ => {}
    }
    match error.esource() {
        ErrorSource::Upstream => Some(match error.etype() {
            ReadTimedout | WriteTimedout => (ErrorKind::UpstreamSlow, "upstream_timeout", true),
            ConnectTimedout => (ErrorKind::UpstreamSlow, "upstream_connect_timeout", true),
            ReadError | WriteError | ConnectionClosed => {
                (ErrorKind::UpstreamDown, "upstream_broke_off", true)
            }
            _ => (ErrorKind::UpstreamDown, "upstream_failed", true),
        }),
        ErrorSource::Downstream => match error.etype() {
            WriteError | ReadError | ConnectionClosed | ReadTimedout | WriteTimedout => None,
            _ => Some((ErrorKind::BadRequest, "malformed", false)),
        },
        ErrorSource::Internal | ErrorSource::Unset => {
            Some((ErrorKind::Internal, "internal_error", false))
        }
    }
}

/// Answers a request that failed on its way. Returns the status sent, 0 when nothing could be.
pub(crate) async fn fail(
    session: &mut Session,
    ctx: &mut RequestCtx,
    hub: &Hub,
    error: &Error,
) -> u16 {
    ctx.log.decision = LogDecision::Error;
    let Some((kind, reason, upstream)) = explain(error) else {
        ctx.log.reason = Some("client_gone");
        ctx.log.status = session.response_written().map_or(499, |header| header.status.as_u16());
        return 0;
    };
    ctx.log.reason = Some(reason);
    if upstream {
        ctx.log.metrics.upstream_failure();
    }
    if let Some(begun) = session.response_written() {
        // Too late for a page: the client sees the answer break off.
        ctx.log.status = begun.status.as_u16();
        return 0;
    }
    session.set_keepalive(None);
    let status = status_of(kind).0;
    if write(session, ctx, hub, Answer::Error(kind)).await.is_err() {
        return 0;
    }
    status
}

/// Hops a browser may have half done on one host.
const MAX_HOPS: usize = 16;
const DRAIN_LIMIT: usize = 64 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// A renewal that takes longer than this is left to the next request.
const RENEWAL_WAIT: Duration = Duration::from_millis(250);
