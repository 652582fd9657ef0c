//! Our part towards one provider: who we are there, and how its answers are read.

use std::sync::Arc;

use bitrix_id_config::Secret;
use http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::error::ProviderError;
use super::fetch::{Fetch, FetchError, FetchRequest, FetchResponse};

/// A client of one provider.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
    pub(super) fetch: Arc<dyn Fetch>,
}

impl Client {
    /// Sends a request as ours.
    pub(super) async fn send(
        &self,
        mut request: FetchRequest,
    ) -> Result<FetchResponse, FetchError> {
        let headers = request.headers_mut();
        // GitHub and Mail.ru refuse a request without it.
        headers.insert(USER_AGENT, HeaderValue::from_static(OUR_NAME));
        // A compressed answer could be small on the wire and large here.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        self.fetch.fetch(request).await
    }

    /// GET a JSON document; `authorization` is the whole field.
    pub(super) async fn get(
        &self,
        url: &str,
        authorization: Option<String>,
        headers: &[(HeaderName, &'static str)],
    ) -> Result<Value, ProviderError> {
        let mut request = new_request(Method::GET, url, Vec::new())?;
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some(text) = authorization {
            let mut value = HeaderValue::from_str(&text)
                .map_err(|_| ProviderError::Refused("access_token_malformed"))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        read_json(&self.send(request).await?)
    }

    /// POST a form, get a JSON document.
    pub(super) async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
    ) -> Result<Value, ProviderError> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = new_request(Method::POST, url, body.into_bytes())?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(http::header::CONTENT_TYPE, form);
        read_json(&self.send(request).await?)
    }

    /// The secret that this provider cannot do without.
    pub(super) fn secret(&self) -> Result<&str, ProviderError> {
        let missing = || ProviderError::Misconfigured("there is no client secret".into());
        self.secret.as_ref().map(Secret::expose).ok_or_else(missing)
    }
}

fn new_request(method: Method, url: &str, body: Vec<u8>) -> Result<FetchRequest, ProviderError> {
    let mut request = FetchRequest::new(body);
    *request.method_mut() = method;
    *request.uri_mut() =
        url.parse().map_err(|_| ProviderError::Misconfigured("an address is malformed".into()))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

fn read_json(answer: &FetchResponse) -> Result<Value, ProviderError> {
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_server_error() => {
            return Err(ProviderError::Unreachable(format!("it answered {}", status.as_u16())));
        }
        _ => return Err(ProviderError::Refused("answer_status")),
    }
    serde_json::from_slice(answer.body()).map_err(|_| ProviderError::Refused("answer_malformed"))
}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Unreachable(text) => Self::Unreachable(text),
            FetchError::Answer => Self::Refused("answer_too_large"),
            FetchError::Address => Self::Refused("address_not_allowed"),
        }
    }
}

/// An absolute `https` address.
pub(super) fn https(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.host().is_some())
}

/// What we call ourselves.
const OUR_NAME: &str = concat!("bitrix-id/", env!("CARGO_PKG_VERSION"));
