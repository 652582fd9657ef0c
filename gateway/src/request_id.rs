//! What a request is called in logs, headers and pages.

use std::fmt;

use http::HeaderValue;
use uuid::Builder;

/// A request's name, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// A new one: a UUIDv7 of this moment, Unix milliseconds, as 32 hexadecimal digits. It names and does
    /// not protect, so its random bits need not come from the system.
    pub(crate) fn new(now_ms: i64) -> Self {
        let mut random = [0; 10];
        fastrand::fill(&mut random);
        let now_ms = u64::try_from(now_ms).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid();
        let mut text = [0; 32];
        let text = id.simple().encode_lower(&mut text);
        // Hexadecimal digits make a header value.
        Self(HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("")))
    }

    /// The name that a trusted proxy gave it; `None` if it is not 1 to 64 letters, digits, `-`, `_` or `.`.
    pub(crate) fn named(value: &HeaderValue) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let fits = (1..=64).contains(&value.len()) && value.as_bytes().iter().all(plain);
        fits.then(|| Self(value.clone()))
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header value.
    pub(crate) fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self(HeaderValue::from_static(""))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_a_name_of_its_own_that_sorts_by_time() {
        let late = 1_769_847_330_042;
        let ids: Vec<RequestId> = [1, 1, late].map(RequestId::new).into();
        assert_ne!(ids[0].as_str(), ids[1].as_str());
        assert!(ids[1].as_str() < ids[2].as_str());
        assert!(ids[2].as_str().starts_with(&format!("{late:012x}")), "{}", ids[2]);
        assert!(ids.iter().all(|id| id.as_str().len() == 32));
    }

    #[test]
    fn a_proxys_name_is_taken_if_it_is_plain() {
        let named = |text| RequestId::named(&HeaderValue::from_static(text));
        assert_eq!(named("a-B_1.2").expect("plain").as_str(), "a-B_1.2");
        for text in ["", "a b", "a,b", "a/b"] {
            assert!(named(text).is_none(), "{text}");
        }
        let long = HeaderValue::from_str(&"x".repeat(65)).expect("a header value");
        assert!(RequestId::named(&long).is_none());
    }
}
