//! What can go wrong in a handler, and the one place that turns it into status, page and log line.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bitrix_id_auth_core::issuer::IssueTokenError;
use bitrix_id_auth_core::jwt::SignError;
use bitrix_id_auth_core::password::PasswordError;
use bitrix_id_auth_core::store::StoreError;
use http::StatusCode;

use super::reply::Reply;
use super::visit::Visit;
use crate::pages::{self, ErrorKind};

/// Why a handler gave no answer of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The store's: 503.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token that was not signed: 503 if none can be, else 500.
    #[error("no token was signed: {0}")]
    Sign(#[from] SignError),
    /// Too much to do at once: 503.
    #[error("too many requests at once")]
    Busy,
    /// The deadline of the request passed: 503.
    #[error("the request took too long")]
    TooSlow,
    /// The client's: 400.
    #[error("{0}")]
    BadRequest(&'static str),
    /// A form that another site sent, or that cannot prove the contrary: 403.
    #[error("the form did not come from a page of this host")]
    CrossSite,
    /// 404.
    #[error("there is no such page")]
    NotFound,
    /// 405.
    #[error("the page does not take this method")]
    Method,
    /// 413.
    #[error("the request body is too large")]
    TooLarge,
    /// Ours: 500.
    #[error("{0}")]
    Internal(String),
}

/// What a handler gives.
pub(crate) type Answer = Result<Reply, Failure>;

/// Carries a failure from the handler to [`render`], which knows language and request id.
#[derive(Clone)]
pub(crate) struct Failed(Arc<Failure>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Failed(Arc::new(self)));
        response
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<IssueTokenError> for Failure {
    fn from(error: IssueTokenError) -> Self {
        match error {
            IssueTokenError::Store(error) => Self::Store(error),
            IssueTokenError::Sign(error) => Self::Sign(error),
        }
    }
}

/// Replaces a failed response by its page, or leaves the response as it is.
pub(crate) fn render(visit: &Visit, mut response: Response) -> Response {
    match response.extensions_mut().remove::<Failed>() {
        Some(Failed(failure)) => answer(visit, &failure).into_response(),
        None => response,
    }
}

/// Status, page and log line of a failure.
fn answer(visit: &Visit, failure: &Failure) -> Reply {
    let (status, kind) = match failure {
        Failure::Store(_)
        | Failure::Sign(SignError::NoSigningKey)
        | Failure::Busy
        | Failure::TooSlow => (StatusCode::SERVICE_UNAVAILABLE, ErrorKind::Unavailable),
        Failure::BadRequest(_) => (StatusCode::BAD_REQUEST, ErrorKind::BadRequest),
        Failure::CrossSite => (StatusCode::FORBIDDEN, ErrorKind::Forbidden),
        Failure::NotFound => (StatusCode::NOT_FOUND, ErrorKind::NotFound),
        Failure::Method => (StatusCode::METHOD_NOT_ALLOWED, ErrorKind::MethodNotAllowed),
        Failure::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge),
        Failure::Sign(_) | Failure::Internal(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal)
        }
    };
    let request_id = visit.request_id.as_str();
    if status.is_server_error() {
        tracing::error!(request_id, status = status.as_u16(), "sign-in app: {failure}");
    } else {
        tracing::debug!(request_id, status = status.as_u16(), "sign-in app: {failure}");
    }
    let reply = if visit.wants_page {
        Reply::page(pages::error(&visit.frame(), kind)).status(status)
    } else {
        Reply::problem(status, &failure.to_string_for_client(), None)
    };
    match status {
        StatusCode::SERVICE_UNAVAILABLE => reply.retry_after(RETRY_AFTER_SECONDS),
        _ => reply,
    }
}

impl Failure {
    /// Words for a client; the store's own words stay in the log.
    fn to_string_for_client(&self) -> String {
        match self {
            Self::Store(_) => "a store is unavailable".into(),
            Self::Sign(_) | Self::Internal(_) => "an internal error".into(),
            Self::Busy
            | Self::TooSlow
            | Self::BadRequest(_)
            | Self::CrossSite
            | Self::NotFound
            | Self::Method
            | Self::TooLarge => self.to_string(),
        }
    }
}

/// Long enough for a store to come back or a queue to empty, short enough for a person to wait.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 3;
