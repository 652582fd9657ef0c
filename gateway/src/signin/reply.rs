//! The one way out: every answer of the app gets its headers here.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER,
    SET_COOKIE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::visit::Visit;
use crate::pages;

/// An answer being put together.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    form_targets: Vec<String>,
}

impl Reply {
    /// 200 with an HTML document.
    pub(crate) fn page(html: String) -> Self {
        Self::new(StatusCode::OK, "text/html; charset=utf-8", html.into())
    }

    /// 200 with a JSON value.
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(StatusCode::OK, "application/json", value.to_string().into())
    }

    /// 200 with bytes of this type.
    pub(crate) fn bytes(content_type: &'static str, body: Bytes) -> Self {
        Self::new(StatusCode::OK, content_type, body)
    }

    /// A problem as RFC 9457 describes it. `sign_in` is where a person can sign in.
    pub(crate) fn problem(status: StatusCode, detail: &str, sign_in: Option<&str>) -> Self {
        let mut problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(url) = sign_in {
            problem["sign_in"] = url.into();
        }
        Self::new(status, "application/problem+json", problem.to_string().into())
    }

    /// 303: the answer to every POST that did something, and onward from one page to another.
    /// A POST is never repeated at the new address (RFC 9110 15.4.4).
    pub(crate) fn see_other(url: &str) -> Self {
        Self::redirect(StatusCode::SEE_OTHER, url)
    }

    /// 302: this address leads elsewhere.
    pub(crate) fn found(url: &str) -> Self {
        Self::redirect(StatusCode::FOUND, url)
    }

    fn redirect(status: StatusCode, url: &str) -> Self {
        let mut reply = Self::new(status, "text/plain; charset=utf-8", Bytes::new());
        match HeaderValue::from_str(url) {
            Ok(value) => {
                reply.headers.insert(LOCATION, value);
            }
            // Every URL here is built from configuration and from checked, sealed values, so this is ours.
            Err(_) => reply.status = StatusCode::INTERNAL_SERVER_ERROR,
        }
        reply
    }

    fn new(status: StatusCode, content_type: &'static str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { status, headers, body, form_targets: Vec::new() }
    }

    /// Replaces the status.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Replaces a header, also one of the defaults.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// The same with a value that is made up here.
    #[must_use]
    pub(crate) fn header_value(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// `Retry-After` in seconds.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        self
    }

    /// One more `Set-Cookie`.
    #[must_use]
    pub(crate) fn cookie(mut self, cookie: HeaderValue) -> Self {
        self.headers.append(SET_COOKIE, cookie);
        self
    }

    /// Several more.
    #[must_use]
    pub(crate) fn cookies(mut self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        for cookie in cookies {
            self.headers.append(SET_COOKIE, cookie);
        }
        self
    }

    /// For a page whose form may end on a portal: anywhere under the common scheme, since browsers hold
    /// the portal's own redirects against this page too.
    #[must_use]
    pub(crate) fn leads_to_portals(self, visit: &Visit) -> Self {
        let https = visit.snapshot.config.identity.url.https;
        self.form_targets([if https { "https:" } else { "http:" }.to_owned()])
    }

    /// Origins a form of this page may lead to, besides its own host.
    #[must_use]
    pub(crate) fn form_targets(mut self, origins: impl IntoIterator<Item = String>) -> Self {
        self.form_targets.extend(origins);
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        for &(name, value) in pages::security_headers() {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        let targets: Vec<&str> = self.form_targets.iter().map(String::as_str).collect();
        if let Ok(policy) = HeaderValue::from_str(&pages::content_security_policy(&targets)) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        // `extend` would append to what is there; what the handler said replaces the default.
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_no_store_and_has_its_length() {
        for reply in [
            Reply::page("<!doctype html>".into()),
            Reply::see_other("https://id.example/"),
            Reply::json(&json!([])),
            Reply::problem(StatusCode::UNAUTHORIZED, "x", Some("https://id.example/")),
        ] {
            let response = reply.into_response();
            assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
            assert!(response.headers().contains_key(CONTENT_LENGTH));
            assert!(response.headers().contains_key(CONTENT_SECURITY_POLICY));
        }
    }

    #[test]
    fn a_handlers_header_replaces_the_default_and_cookies_add_up() {
        let response = Reply::see_other("/")
            .header(http::header::REFERRER_POLICY, "no-referrer")
            .cookie(HeaderValue::from_static("a=1"))
            .cookie(HeaderValue::from_static("b=2"))
            .into_response();
        let values: Vec<_> =
            response.headers().get_all(http::header::REFERRER_POLICY).iter().collect();
        assert_eq!(values, ["no-referrer"]);
        assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
    }

    #[test]
    fn an_address_that_is_no_field_value_creates_no_header() {
        let response = Reply::see_other("https://id.example/\r\nSet-Cookie: a=b").into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key(LOCATION));
    }
}
