//! Cookie fields, read byte for byte.
//!
//! A request may carry several `Cookie` fields (HTTP/2 splits them into crumbs, RFC 9113 section
//! 8.2.3), and whoever controls a neighbouring host may have planted cookies of any name. So a name
//! with two values has none, names are compared exactly, and a value is taken as it stands: ours are
//! base64url and never quoted.

use std::borrow::Cow;

use crate::hop::TOKEN_COOKIE;

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

/// A `Cookie` field without the gateway's cookies: what an upstream may see. `None`: nothing is left.
/// A field without any comes back as it was.
#[must_use]
pub fn without_gateway_cookies(field: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !pairs(field).any(|pair| is_gateway_cookie(pair.name)) {
        return Some(Cow::Borrowed(field));
    }
    let mut rest = Vec::with_capacity(field.len());
    for pair in pairs(field).filter(|pair| !is_gateway_cookie(pair.name)) {
        if !rest.is_empty() {
            rest.extend_from_slice(b"; ");
        }
        rest.extend_from_slice(pair.text);
    }
    (!rest.is_empty()).then_some(Cow::Owned(rest))
}

/// Whether a cookie of this name is the gateway's: [`TOKEN_COOKIE`], or that and `-` and more. In any
/// case, so that neither a request nor an upstream's `Set-Cookie` smuggles a look-alike.
#[must_use]
pub fn is_gateway_cookie(name: &[u8]) -> bool {
    let Some((start, rest)) = name.split_at_checked(TOKEN_COOKIE.len()) else { return false };
    start.eq_ignore_ascii_case(TOKEN_COOKIE.as_bytes()) && (rest.is_empty() || rest[0] == b'-')
}

/// One piece between semicolons.
struct Pair<'a> {
    /// The whole piece without surrounding blanks.
    text: &'a [u8],
    name: &'a [u8],
    /// `None`: no `=`, so by RFC 6265bis a value without a name, and no cookie of ours.
    value: Option<&'a [u8]>,
}

// RFC 6265 section 4.2.1 has "; " between pairs; clients are seen to send less and more.
fn pairs(field: &[u8]) -> impl Iterator<Item = Pair<'_>> {
    field.split(|byte| *byte == b';').map(trim).filter(|text| !text.is_empty()).map(|text| {
        match text.iter().position(|byte| *byte == b'=') {
            Some(at) => Pair { text, name: trim(&text[..at]), value: Some(trim(&text[at + 1..])) },
            None => Pair { text, name: text, value: None },
        }
    })
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token<'a>(fields: &[&'a str]) -> Found<'a> {
        find(fields.iter().map(|field| field.as_bytes()), TOKEN_COOKIE)
    }

    fn rest(field: &str) -> Option<String> {
        let rest = without_gateway_cookies(field.as_bytes())?;
        Some(String::from_utf8(rest.into_owned()).unwrap())
    }

    #[test]
    fn the_one_value_is_found_however_the_field_is_spaced_and_split() {
        for fields in [
            &["__Host-bitrix-id=x.y.z"][..],
            &["a=b; __Host-bitrix-id=x.y.z"],
            &["a=b;__Host-bitrix-id=x.y.z;c=d"],
            &["a=b ;\t __Host-bitrix-id=x.y.z \t; c=d"],
            &[";; ;__Host-bitrix-id=x.y.z;; "],
            &["a=b", "__Host-bitrix-id=x.y.z"],
            &["a=b; c=d", "e=f", "g=h; __Host-bitrix-id=x.y.z", ""],
            &["__Host-bitrix-id; __Host-bitrix-id=x.y.z"],
            &["__Host-bitrix-id-session=s; __Host-bitrix-id=x.y.z; __Host-bitrix-id-hop-a=n"],
            &["x__Host-bitrix-id=1; __host-bitrix-id=2; __Host-bitrix-id=x.y.z"],
            &["__Host-bitrix-id =x.y.z"],
            &["__Host-bitrix-id= x.y.z"],
        ] {
            assert_eq!(token(fields), Found::One(b"x.y.z"), "{fields:?}");
        }
    }

    #[test]
    fn another_name_is_not_it() {
        for fields in [
            &[][..],
            &[""],
            &["a=b"],
            &["__Host-bitrix-id"],
            &["__host-bitrix-id=x"],
            &["__HOST-BITRIX-ID=x"],
            &["__Host-bitrix-id-session=x"],
            &["__Host-bitrix_id=x"],
            &["__Host-bitrix-id2=x"],
            &["x__Host-bitrix-id=x"],
            &["\"__Host-bitrix-id\"=x"],
            &["a=__Host-bitrix-id=x"],
            &["=__Host-bitrix-id=x"],
            &["__Host-bitrix-id\u{a0}=x"],
            &["$Version=1; a=b, __Host-bitrix-id=x"],
        ] {
            assert_eq!(token(fields), Found::Absent, "{fields:?}");
        }
    }

    #[test]
    fn two_values_are_none_even_if_they_agree() {
        for fields in [
            &["__Host-bitrix-id=x; __Host-bitrix-id=x"][..],
            &["__Host-bitrix-id=x", "__Host-bitrix-id=y"],
            &["__Host-bitrix-id=; __Host-bitrix-id=x"],
            &["__Host-bitrix-id=x;a=b", "c=d;\t__Host-bitrix-id =y", "__Host-bitrix-id=z"],
        ] {
            assert_eq!(token(fields), Found::Several, "{fields:?}");
        }
    }

    #[test]
    fn a_value_is_taken_as_it_stands() {
        for (field, value) in [
            ("__Host-bitrix-id=", ""),
            ("__Host-bitrix-id=\"x\"", "\"x\""),
            ("__Host-bitrix-id=a=b==", "a=b=="),
            ("__Host-bitrix-id=a b", "a b"),
            ("__Host-bitrix-id=%00", "%00"),
            ("__Host-bitrix-id=\"x; a=b\"", "\"x"),
        ] {
            assert_eq!(token(&[field]), Found::One(value.as_bytes()), "{field}");
        }
        let long = format!("__Host-bitrix-id={}", "a".repeat(100_000));
        assert!(matches!(token(&[&long]), Found::One(value) if value.len() == 100_000));
    }

    #[test]
    fn an_upstream_sees_the_other_cookies_as_they_were_sent() {
        for field in ["a=b", "a=b; c=\"d\"", " a=b;c ;", "", "bitrix-id=x", "x__Host-bitrix-id=y"] {
            assert_eq!(rest(field).as_deref(), Some(field));
        }
        for (field, expected) in [
            ("__Host-bitrix-id=x; a=b", Some("a=b")),
            ("a=b; __Host-bitrix-id=x; c=d", Some("a=b; c=d")),
            ("a=b;__Host-bitrix-id-session=s;c", Some("a=b; c")),
            ("__Host-bitrix-id=x", None),
            ("__Host-bitrix-id=x; __Host-bitrix-id=y", None),
            ("__Host-bitrix-id; ", None),
            ("__Host-bitrix-id-hop-AAAAAAAAAAA=n; __Host-bitrix-id-browser=b", None),
            ("__HOST-bitrix-id=x; __host-Bitrix-Id-Device=y; a=b", Some("a=b")),
            ("__Host-bitrix-id =x; a=b", Some("a=b")),
            ("a=\"x; __Host-bitrix-id=y\"", Some("a=\"x")),
        ] {
            assert_eq!(rest(field).as_deref(), expected, "{field}");
        }
    }

    #[test]
    fn only_names_of_ours_are_the_gateway_s() {
        for name in
            ["__Host-bitrix-id", "__HOST-BITRIX-ID", "__Host-bitrix-id-", "__host-bitrix-id-x"]
        {
            assert!(is_gateway_cookie(name.as_bytes()), "{name}");
        }
        for name in [
            "",
            "__Host-bitrix-i",
            "__Host-bitrix-idx",
            "__Host-bitrix-id_x",
            "bitrix-id",
            "BITRIX_SM_LOGIN",
        ] {
            assert!(!is_gateway_cookie(name.as_bytes()), "{name}");
        }
    }

    fn field() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "__Host-bitrix-id",
            "__Host-bitrix-id=",
            "=",
            ";",
            "; ",
            " ",
            "\t",
            "a",
            "\"",
            ",",
            "-hop-",
            "\u{ff}",
        ]);
        let pieces = prop::collection::vec(piece, 0..12).prop_map(|all| all.concat().into_bytes());
        prop_oneof![pieces, any::<Vec<u8>>()]
    }

    proptest! {
        #[test]
        fn what_goes_upstream_holds_no_cookie_of_ours(field in field()) {
            let Some(rest) = without_gateway_cookies(&field) else { return Ok(()) };
            prop_assert_eq!(find([&*rest], TOKEN_COOKIE), Found::Absent);
            prop_assert_eq!(without_gateway_cookies(&rest), Some(rest.clone()));
        }

        #[test]
        fn splitting_a_field_into_crumbs_changes_nothing(field in field()) {
            let crumbs: Vec<&[u8]> = field.split(|byte| *byte == b';').collect();
            prop_assert_eq!(find(crumbs, TOKEN_COOKIE), find([&field[..]], TOKEN_COOKIE));
        }
    }
}
