//! Every answer the gateway gives itself, and the one place that maps causes to status, page and log.
//!
//! Answers come from memory. They carry a length, so a connection can be used again; where a body was
//! sent that nobody read, a small one is read and dropped and a large one ends the connection.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, EXPECT, SET_COOKIE, TRANSFER_ENCODING};
use pingora::http::ResponseHeader;
use pingora::proxy::Session;
use pingora::{Error, ErrorSource, ErrorType, Result};

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::guarded_io::GuardedIo;
use crate::hub::Hub;
use crate::pages::ErrorKind;
use crate::render::{Written, render, status_of};
use crate::telemetry::LogDecision;

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
    ctx.log.decision.get_or_insert(answer.usual_decision());
    if let Some(person) = answer.person()
        && let Some(io) = GuardedIo::of(session.as_downstream().stream())
    {
        io.remember(person);
    }
    let mut written = render(session.req_header(), ctx, hub, answer)?;
    if let Some(cookie) = renewed_cookie(ctx).await {
        written.fields.append(SET_COOKIE, cookie);
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
    let Written { status, mut fields, body, close } = written;
    ctx.log.status = status.as_u16();
    let bodiless = session.req_header().method == http::Method::HEAD || body.is_empty();
    // A 304 has the length of the 200 it stands for, or none.
    if status != http::StatusCode::NOT_MODIFIED {
        fields.insert(CONTENT_LENGTH, body.len().into());
    }
    if close || !drain(session).await {
        session.set_keepalive(None);
    }
    session.write_response_header(Box::new(head(status, fields)), bodiless).await?;
    if !bodiless {
        session.write_response_body(Some(body), true).await?;
    }
    Ok(())
}

/// Made of its parts: set one by one on pingora's own type, each field would be parsed.
fn head(status: http::StatusCode, fields: http::HeaderMap) -> ResponseHeader {
    let mut parts = http::Response::new(()).into_parts().0;
    parts.status = status;
    parts.headers = fields;
    ResponseHeader::from(parts)
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

/// Maps what pingora reports to an answer, a log reason, and whether the portal is to blame.
/// `None`: the client is gone.
pub(crate) fn explain(error: &Error) -> Option<(ErrorKind, &'static str, bool)> {
    use ErrorType::{
        ConnectError, ConnectNoRoute, ConnectRefused, ConnectTimedout, ConnectionClosed, H2Error,
        HTTPStatus, ReadError, ReadTimedout, WriteError, WriteTimedout,
    };
    match error.etype() {
        HTTPStatus(400) => return Some((ErrorKind::BadRequest, "malformed", false)),
        HTTPStatus(408) => return Some((ErrorKind::TooSlow, "body_too_slow", false)),
        HTTPStatus(413) => return Some((ErrorKind::TooLarge, "body_too_large", false)),
        HTTPStatus(502) => return Some((ErrorKind::UpstreamDown, "no_upstream", true)),
        _ => {}
    }
    match error.esource() {
        ErrorSource::Upstream => Some(match error.etype() {
            ReadTimedout | WriteTimedout => (ErrorKind::UpstreamSlow, "upstream_timeout", true),
            ConnectTimedout => (ErrorKind::UpstreamSlow, "upstream_connect_timeout", true),
            ConnectRefused | ConnectNoRoute | ConnectError => {
                (ErrorKind::UpstreamDown, "upstream_unreachable", true)
            }
            ReadError | WriteError | ConnectionClosed => {
                (ErrorKind::UpstreamDown, "upstream_broke_off", true)
            }
            _ => (ErrorKind::UpstreamDown, "upstream_failed", true),
        }),
        ErrorSource::Downstream => match error.etype() {
            WriteError | ReadError | ConnectionClosed | ReadTimedout | WriteTimedout | H2Error => {
                None
            }
            _ => Some((ErrorKind::BadRequest, "malformed", false)),
        },
        ErrorSource::Internal | ErrorSource::Unset => {
            Some((ErrorKind::Internal, "internal_error", false))
        }
    }
}

/// What comes before the answer, "100 Continue" above all, does not stand in its way.
fn is_final(status: StatusCode) -> bool {
    !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS
}

/// Answers a request that failed on its way. Returns the status sent, 0 when nothing could be.
pub(crate) async fn fail(
    session: &mut Session,
    ctx: &mut RequestCtx,
    hub: &Hub,
    error: &Error,
) -> u16 {
    let Some((mut kind, reason, upstream)) = explain(error) else {
        ctx.log.reason = Some("client_gone");
        ctx.log.status =
            session.response_written().map_or(CLIENT_GONE, |header| header.status.as_u16());
        return 0;
    };
    ctx.log.decision = Some(LogDecision::Error);
    ctx.log.reason = Some(reason);
    if upstream {
        let own_app = ctx.passage().is_some_and(|passage| passage.is_to_sign_in_app());
        if own_app {
            tracing::error!(%error, "the sign-in app does not answer");
            kind = ErrorKind::Unavailable;
        } else if !ctx.counted_failure {
            ctx.log.metrics.upstream_failure();
        }
    }
    if let Some(begun) = session.response_written().filter(|head| is_final(head.status)) {
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

/// What logs commonly say of a request whose client went away before the answer.
const CLIENT_GONE: u16 = 499;
const DRAIN_LIMIT: usize = 64 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// A renewal that takes longer than this is left to the next request.
const RENEWAL_WAIT: Duration = Duration::from_millis(250);
