//! Cookies: exact byte names in, `__Host-` cookies out.
//!
//! A name that comes more than once counts as absent: no host can set another's `__Host-` cookie, so
//! two of a name mean a broken or hostile client, and there is no telling which one is ours.

use bitrix_id_auth_core::scheme::cookie::{Pair, pairs};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Every cookie of ours begins so; others are not even looked at.
const OURS: &str = "__Host-bitrix-id";

/// The request's cookies that carry a name of ours.
#[derive(Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Reads every `Cookie` field. What is not UTF-8 is not ours.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut found = Vec::new();
        for field in headers.get_all(COOKIE) {
            for Pair { name, value } in pairs(field.as_bytes()) {
                let text = (std::str::from_utf8(name), value.map(std::str::from_utf8));
                let (Ok(name), Some(Ok(value))) = text else {
                    continue;
                };
                if name.starts_with(OURS) {
                    found.push((name.to_owned(), value.to_owned()));
                }
            }
        }
        Self(found)
    }

    /// The value of a name that came exactly once.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(held, _)| held == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Names that begin with `prefix`, each once, in the order they came.
    pub(crate) fn names_with(&self, prefix: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &self.0 {
            if name.starts_with(prefix) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

/// A `Set-Cookie` value. `max_age` is in seconds; `name` and `value` are of our own making (letters,
/// digits, `-`, `_`, `.`).
#[expect(
    clippy::expect_used,
    reason = "names and values are base64url, JWTs, language tags: all legal in a field"
)]
pub(crate) fn set(name: &str, value: &str, max_age: i64) -> HeaderValue {
    // RFC 6265bis 4.1.3.2: the prefix asks for Secure, Path=/ and no Domain.
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).expect("own cookies are legal field values")
}

/// A `Set-Cookie` value that makes the browser forget the cookie. `name` is printable ASCII.
pub(crate) fn delete(name: &str) -> HeaderValue {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&[u8]]) -> Cookies {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(COOKIE, HeaderValue::from_bytes(field).unwrap());
        }
        Cookies::read(&headers)
    }

    #[test]
    fn names_are_compared_byte_for_byte() {
        let cookies = read(&[b"__host-bitrix-id-lang=a; __Host-bitrix-id-lang2=b; other=c"]);
        assert_eq!(cookies.one("__Host-bitrix-id-lang"), None);
        assert_eq!(cookies.one("__Host-bitrix-id-lang2"), Some("b"));
        assert_eq!(cookies.one("other"), None);
    }

    #[test]
    fn a_name_that_comes_twice_counts_as_absent() {
        let one_field = read(&[b"__Host-bitrix-id-session=a; __Host-bitrix-id-session=a"]);
        let two_fields = read(&[b"__Host-bitrix-id-session=a", b"__Host-bitrix-id-session=b"]);
        assert_eq!(one_field.one("__Host-bitrix-id-session"), None);
        assert_eq!(two_fields.one("__Host-bitrix-id-session"), None);
    }

    #[test]
    fn malformed_pairs_are_passed_over() {
        let cookies =
            read(&[b";; =;__Host-bitrix-id-x\xff=1; __Host-bitrix-id ;\t__Host-bitrix-id-a==b=;"]);
        assert_eq!(cookies.one("__Host-bitrix-id-a"), Some("=b="));
        assert_eq!(cookies.names_with(OURS), ["__Host-bitrix-id-a"]);
    }

    #[test]
    fn every_attribute_of_the_prefix_is_set() {
        assert_eq!(
            set("__Host-bitrix-id", "v", 600),
            "__Host-bitrix-id=v; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            delete("__Host-bitrix-id"),
            "__Host-bitrix-id=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
        );
    }
}
