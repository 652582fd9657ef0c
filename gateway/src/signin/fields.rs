//! Form fields and query parameters: strictly read, each name at most once.

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use percent_encoding::percent_decode;

use super::failure::Failure;

/// Names and values of `application/x-www-form-urlencoded` text. `Debug` is missing on purpose: one
/// of them may be a password.
#[derive(Default)]
pub(crate) struct Pairs(Vec<(String, String)>);

/// A form that was posted.
pub(crate) struct Form(pub Pairs);

/// The query of the address.
pub(crate) struct Query(pub Pairs);

impl Pairs {
    /// Reads the text.
    ///
    /// # Errors
    /// [`Failure::BadRequest`]: a name twice (which of the two would count?), more than 32 pairs, an
    /// encoding that is not UTF-8, a NUL.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let (name, value) = (decode(name)?, decode(value)?);
            if pairs.len() == MOST_PAIRS {
                return Err(Failure::BadRequest("too many fields"));
            }
            if pairs.iter().any(|(held, _)| *held == name) {
                return Err(Failure::BadRequest("a field comes twice"));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// Names, in the order they came.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value as sent; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    /// The value; `None` when absent or empty.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(held, _)| held == name);
        pair.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let mut types = request.headers().get_all(CONTENT_TYPE).iter();
        let is_form = match (types.next(), types.next()) {
            (Some(one), None) => is_form(one.as_bytes()),
            _ => false,
        };
        if !is_form {
            return Err(Failure::BadRequest("not a form"));
        }
        let body = to_bytes(request.into_body(), BODY_LIMIT_BYTES).await;
        Ok(Self(Pairs::parse(&body.map_err(|_| Failure::TooLarge)?)?))
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(Pairs::parse(query.as_bytes())?))
    }
}

fn is_form(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

fn decode(text: &[u8]) -> Result<String, Failure> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    // Lossy decoding would let two different passwords be one.
    String::from_utf8(percent_decode(&spaced).collect())
        .ok()
        .filter(|text| !text.contains('\0'))
        .ok_or(Failure::BadRequest("a field is not text"))
}

/// Largest body the app reads, in bytes.
pub(crate) const BODY_LIMIT_BYTES: usize = 64 * 1024;
/// No form of ours has more.
const MOST_PAIRS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let pairs = Pairs::parse(b"a=1+2%2B%C3%A9&&b&c=&d=x=y").ok().unwrap();
        assert_eq!(pairs.text("a"), "1 2+é");
        assert_eq!(pairs.text("d"), "x=y");
        assert_eq!(pairs.optional("b"), None);
        assert_eq!(pairs.optional("c"), None);
        assert_eq!(pairs.text("missing"), "");
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        let many = "a"
            .repeat(33)
            .chars()
            .enumerate()
            .map(|(i, c)| format!("{c}{i}=1&"))
            .collect::<String>();
        for text in [&b"a=1&a=2"[..], b"a=1&%61=2", b"a=%ff", b"%ff=a", b"a=%00", many.as_bytes()] {
            assert!(Pairs::parse(text).is_err(), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn only_the_form_content_type_is_a_form() {
        assert!(is_form(b"application/x-www-form-urlencoded"));
        assert!(is_form(b"Application/X-WWW-Form-Urlencoded ; charset=utf-8"));
        for other in
            [&b"text/plain"[..], b"application/json", b"multipart/form-data; boundary=x", b""]
        {
            assert!(!is_form(other), "{}", other.escape_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = Pairs::parse(&bytes);
        }
    }
}
