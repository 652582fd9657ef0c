//! Around every request: who sent it, room for it, a deadline, a net under panics, and the page of a
//! failure. Also the language switch, which works on every page alike.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::app::App;
use super::cookies;
use super::failure::{self, Failure};
use super::fields::{BODY_LIMIT_BYTES, Pairs};
use super::photo;
use super::reply::Reply;
use super::visit::Visit;
use crate::pages::{LANG_COOKIE, Lang};

/// Serves one request.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = match Visit::read(app.clone(), &parts) {
        Ok(visit) => Arc::new(visit),
        Err(failure) => return refuse(&failure),
    };
    if let Some(reply) = switch_language(&visit, &parts.method) {
        return reply.into_response();
    }
    let (body, _room) = match read_body(&visit, &parts, body).await {
        Ok(Ok(read)) => read,
        Ok(Err(reply)) => return reply.into_response(),
        Err(failure) => return failure::render(&visit, failure.into_response()),
    };
    // Only now: a place is for work, not for waiting on the client.
    let Ok(_place) = app.places.try_acquire() else {
        return failure::render(&visit, Failure::Busy.into_response());
    };
    parts.extensions.insert(visit.clone());
    let served = next.run(Request::from_parts(parts, Body::from(body)));
    let response =
        match tokio::time::timeout(DEADLINE, AssertUnwindSafe(served).catch_unwind()).await {
            Ok(Ok(response)) => response,
            Ok(Err(_panic)) => Failure::Internal("a handler panicked".into()).into_response(),
            Err(_elapsed) => Failure::TooSlow.into_response(),
        };
    failure::render(&visit, response)
}

/// A request that is not even known to come from the gateway gets no page.
fn refuse(failure: &Failure) -> Response {
    tracing::warn!("sign-in app: request refused: {failure}");
    let status = match failure {
        Failure::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    Reply::problem(status, &failure.to_string(), None).into_response()
}

/// The body, and what has to be held along with it; or the answer that is given instead.
async fn read_body(
    visit: &Visit,
    parts: &Parts,
    body: Body,
) -> Result<Result<(Bytes, Option<OwnedSemaphorePermit>), Reply>, Failure> {
    let upload = photo::is_upload(visit, &parts.method);
    let limit = if upload { photo::UPLOAD_LIMIT_BYTES } else { BODY_LIMIT_BYTES };
    if is_larger(&parts.headers, limit) {
        return Err(Failure::TooLarge);
    }
    let readers = &visit.app.readers;
    if !upload {
        return Ok(Ok((readers.read(visit.client_ip, body).await?, None)));
    }
    let account = match photo::before_upload(visit).await? {
        Ok(account) => account,
        Err(reply) => return Ok(Err(reply)),
    };
    let (body, room) = readers.read_large(visit.client_ip, account, body).await?;
    Ok(Ok((body, Some(room))))
}

/// Refused before a byte of it is read; a body of unknown length is cut off at the limit.
fn is_larger(headers: &HeaderMap, limit: usize) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|text| text.parse::<u64>().ok()).is_some_and(|length| length > limit as u64)
}

/// `?lang=de` on any page of the Bitrix ID host: keeps the choice and leads back to the same address
/// without it, so that a link that is passed on does not pass on the language.
fn switch_language(visit: &Visit, method: &Method) -> Option<Reply> {
    if visit.portal.is_some() || method != Method::GET {
        return None;
    }
    let (path, query) = visit.target.split_once('?')?;
    let lang = Pairs::parse(query.as_bytes()).ok()?.optional("lang").and_then(Lang::from_tag)?;
    let others: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    let mark = if others.is_empty() { "" } else { "?" };
    let url = visit.identity_url(&format!("{path}{mark}{}", others.join("&")));
    let lifetime = LANG_COOKIE_SECONDS.min(visit.session_lifetime());
    Some(Reply::see_other(&url).cookie(cookies::set(LANG_COOKIE, lang.tag(), lifetime)))
}

/// A year; a preference, not a credential.
pub(crate) const LANG_COOKIE_SECONDS: i64 = 365 * 24 * 3600;
/// For reading the form, hashing and the stores together; each of these has a shorter limit of its own.
const DEADLINE: Duration = Duration::from_secs(20);
