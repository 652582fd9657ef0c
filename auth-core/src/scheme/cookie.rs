//! Cookie fields, read byte for byte.
//!
//! A request may carry several `Cookie` fields (HTTP/2 splits them into crumbs, RFC 9113 section
//! 8.2.3), and whoever controls a neighbouring host may have planted cookies of any name. So a name
//! with two values has none, names are compared exactly, and a value is taken as it stands: ours are
//! base64url and never quoted.

use crate::hop::TOKEN_COOKIE;

/// One piece of a `Cookie` field between semicolons, blanks taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// What stands before the first `=`, perhaps empty.
    pub name: &'a [u8],
    /// `None`: no `=`, so by RFC 6265bis a value without a name, and no cookie of ours.
    pub value: Option<&'a [u8]>,
}

/// The pieces of one `Cookie` field, in order, without empty ones.
// RFC 6265 section 4.2.1 has "; " between pairs; clients are seen to send less and more.
pub fn pairs(field: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    let mut rest = Some(field);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let (piece, after) = split_once(bytes, b';');
        rest = after;
        Some(trim(piece))
    })
    .filter(|text| !text.is_empty())
    .map(|text| match split_once(text, b'=') {
        (name, Some(value)) => Pair { name: trim(name), value: Some(trim(value)) },
        (name, None) => Pair { name, value: None },
    })
}

fn split_once(bytes: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(separator, bytes) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    }
}

/// The values of one cookie name over all of a request's `Cookie` fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// The name does not occur.
    Absent,
    /// Its only value, unverified, perhaps empty.
    One(&'a [u8]),
    /// It occurs more than once, even if with equal values.
    Several,
}

/// Looks for the cookie `name`.
#[must_use]
pub fn find<'a>(fields: impl IntoIterator<Item = &'a [u8]>, name: &str) -> Found<'a> {
    let mut values = fields.into_iter().flat_map(pairs).filter_map(|pair| match pair.value {
        Some(value) if pair.name == name.as_bytes() => Some(value),
        _ => None,
    });
    match (values.next(), values.next()) {
        (None, _) => Found::Absent,
        (Some(value), None) => Found::One(value),
        (Some(_), Some(_)) => Found::Several,
    }
}

/// Whether a cookie of this name is the gateway's: [`TOKEN_COOKIE`], or that and `-` and more. In any
/// case, so that neither a request nor an upstream's `Set-Cookie` smuggles a look-alike.
#[must_use]
pub fn is_gateway_cookie(name: &[u8]) -> bool {
    let Some((start, rest)) = name.split_at_checked(TOKEN_COOKIE.len()) else { return false };
    start.eq_ignore_ascii_case(TOKEN_COOKIE.as_bytes()) && (rest.is_empty() || rest[0] == b'-')
}

/// Whether a `Set-Cookie` field of an upstream would set a cookie of the gateway's. A cookie without a
/// name counts by its value: some browsers send it back as if the value's first word were its name.
#[must_use]
pub fn sets_gateway_cookie(set_cookie: &[u8]) -> bool {
    let Some(pair) = pairs(set_cookie).next() else { return false };
    let value = pair.value.unwrap_or_default();
    let first_word = value.split(|byte| *byte == b'=').next().unwrap_or_default();
    is_gateway_cookie(pair.name) || (pair.name.is_empty() && is_gateway_cookie(trim(first_word)))
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests;
