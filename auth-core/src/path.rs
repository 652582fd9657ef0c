//! The request's path in its one canonical form.
//!
//! A path is never rewritten: either it can be read in one way only, and is then forwarded byte for
//! byte as it was decided on, or it is refused. What upstreams are known to read differently: raw and
//! encoded separators, encodings of encodings, dot segments, empty segments, path parameters, bytes
//! that no request target has.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Longest path, in bytes.
pub const PATH_LIMIT: usize = 8192;

/// Checks that a path (without query) has one reading and gives it back unchanged.
///
/// `allow_semicolon`: path parameters are this upstream's custom. Then `..;x` counts as a dot segment and
/// `;x` as an empty one, as upstreams that cut parameters off read them.
///
/// # Errors
/// [`AmbiguousPath`]; answer 400.
pub fn canonical_path(raw: &[u8], allow_semicolon: bool) -> Result<&str, AmbiguousPath> {
    if raw.len() > PATH_LIMIT {
        return Err(AmbiguousPath::TooLong);
    }
    if raw.first() != Some(&b'/') {
        return Err(AmbiguousPath::NotAbsolute);
    }
    if raw.iter().any(|byte| !is_path_byte(*byte)) {
        return Err(AmbiguousPath::IllegalByte);
    }
    // All bytes are ASCII by now.
    let path = std::str::from_utf8(raw).map_err(|_| AmbiguousPath::IllegalByte)?;
    check_escapes(raw)?;
    if !allow_semicolon && has_semicolon(path) {
        return Err(AmbiguousPath::Semicolon);
    }
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        check_segment(segment, segments.peek().is_none())?;
    }
    Ok(path)
}

/// Segments of a canonical path, decoded, the empty one after a closing slash left out. Borrows where
/// nothing is encoded.
pub fn segments(canonical_path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let pieces = canonical_path.split('/').filter(|segment| !segment.is_empty());
    pieces.map(|segment| percent_decode_str(segment).decode_utf8_lossy())
}

/// A decoded segment without its parameters.
#[must_use]
pub fn without_parameters(segment: &str) -> &str {
    segment.split_once(';').map_or(segment, |(name, _)| name)
}

/// Whether the path holds a `;`, plain or encoded.
#[must_use]
pub fn has_semicolon(path: &str) -> bool {
    path.contains(';') || path.contains("%3b") || path.contains("%3B")
}

/// Why a path is refused. The text is a log reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmbiguousPath {
    /// It does not begin with `/` (`*`, an authority, nothing).
    #[error("path_not_absolute")]
    NotAbsolute,
    /// Longer than [`PATH_LIMIT`].
    #[error("path_too_long")]
    TooLong,
    /// `\`, `#`, `?`, a control, a blank, a byte beyond ASCII, or one of `"<>^{|}` and the backquote.
    #[error("path_illegal_byte")]
    IllegalByte,
    /// `%` without two hex digits.
    #[error("path_bad_escape")]
    BadEscape,
    /// `%2f` or `%5c`.
    #[error("path_encoded_separator")]
    EncodedSeparator,
    /// `%00` or another encoded control.
    #[error("path_encoded_control")]
    EncodedControl,
    /// Still encoded after one decoding.
    #[error("path_double_encoding")]
    DoubleEncoding,
    /// Not UTF-8 after decoding: replaced by some, kept by others, and overlong forms hide separators.
    #[error("path_not_utf8")]
    NotUtf8,
    /// `.` or `..` after decoding.
    #[error("path_dot_segment")]
    DotSegment,
    /// `//`.
    #[error("path_empty_segment")]
    EmptySegment,
    /// `;` where the portal does not allow it.
    #[error("path_semicolon")]
    Semicolon,
}

impl AmbiguousPath {
    /// Stable name for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAbsolute => "path_not_absolute",
            Self::TooLong => "path_too_long",
            Self::IllegalByte => "path_illegal_byte",
            Self::BadEscape => "path_bad_escape",
            Self::EncodedSeparator => "path_encoded_separator",
            Self::EncodedControl => "path_encoded_control",
            Self::DoubleEncoding => "path_double_encoding",
            Self::NotUtf8 => "path_not_utf8",
            Self::DotSegment => "path_dot_segment",
            Self::EmptySegment => "path_empty_segment",
            Self::Semicolon => "path_semicolon",
        }
    }
}

// RFC 3986 section 3.3: unreserved, sub-delims, `:`, `@`, and `/` and `%`. Square brackets as well:
// the URL standard has browsers send them as they are, and nobody reads them in another way.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%[]".contains(&byte)
}

fn check_escapes(raw: &[u8]) -> Result<(), AmbiguousPath> {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let digits = rest.get(at + 1..at + 3).ok_or(AmbiguousPath::BadEscape)?;
        match hex_pair(digits).ok_or(AmbiguousPath::BadEscape)? {
            b'/' | b'\\' => return Err(AmbiguousPath::EncodedSeparator),
            0..=0x1f | 0x7f => return Err(AmbiguousPath::EncodedControl),
            _ => rest = &rest[at + 3..],
        }
    }
    Ok(())
}

fn hex_pair(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(value(*high)? << 4 | value(*low)?)
}

fn check_segment(segment: &str, is_last: bool) -> Result<(), AmbiguousPath> {
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| AmbiguousPath::NotUtf8)?;
    // An encoded percent sign that begins an escape once decoded, however its digits were spelt.
    if decoded.as_bytes().windows(3).any(|w| w[0] == b'%' && hex_pair(&w[1..]).is_some()) {
        return Err(AmbiguousPath::DoubleEncoding);
    }
    match without_parameters(&decoded) {
        "." | ".." => Err(AmbiguousPath::DotSegment),
        "" if !(is_last && decoded.is_empty()) => Err(AmbiguousPath::EmptySegment),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_path_comes_back_as_it_was() {
        for path in [
            "/",
            "/pub",
            "/pub/",
            "/a/b.c/d~e",
            "/100%25",
            "/100%25/x",
            "/%D0%BF%D1%83%D1%82%D1%8C",
            "/a%20b",
            "/%41",
            "/a+b",
            "/(a)!*'",
            "/a=b&c,d",
            "/$@:",
            "/...",
            "/a..b",
            "/.hidden",
            "/x[1]",
            "/%25zz",
            "/%2525",
            "/a%3Fb%23c",
        ] {
            // `%2525` decodes to `%25`, which is one more escape.
            let expected =
                if path == "/%2525" { Err(AmbiguousPath::DoubleEncoding) } else { Ok(path) };
            assert_eq!(canonical_path(path.as_bytes(), false), expected, "{path}");
            assert_eq!(canonical_path(path.as_bytes(), true), expected, "{path}");
        }
    }

    #[test]
    fn whatever_an_upstream_could_read_differently_is_refused() {
        use AmbiguousPath::*;
        let long = format!("/{}", "a".repeat(PATH_LIMIT));
        for (path, reason) in [
            ("", NotAbsolute),
            ("*", NotAbsolute),
            ("a", NotAbsolute),
            ("acme.example:443", NotAbsolute),
            ("%2f", NotAbsolute),
            (&long, TooLong),
            ("/a\\b", IllegalByte),
            ("/a#b", IllegalByte),
            ("/a?b", IllegalByte),
            ("/a b", IllegalByte),
            ("/a\tb", IllegalByte),
            ("/a\r\nb", IllegalByte),
            ("/a\0b", IllegalByte),
            ("/a\u{7f}b", IllegalByte),
            ("/\u{fc}", IllegalByte),
            ("/a<b", IllegalByte),
            ("/a>b", IllegalByte),
            ("/a\"b", IllegalByte),
            ("/a{b", IllegalByte),
            ("/a}b", IllegalByte),
            ("/a|b", IllegalByte),
            ("/a^b", IllegalByte),
            ("/a`b", IllegalByte),
            ("/%", BadEscape),
            ("/%4", BadEscape),
            ("/%zz", BadEscape),
            ("/%+4", BadEscape),
            ("/a%2fb", EncodedSeparator),
            ("/a%2Fb", EncodedSeparator),
            ("/a%5cb", EncodedSeparator),
            ("/a%5Cb", EncodedSeparator),
            ("/a%00b", EncodedControl),
            ("/a%0d%0ab", EncodedControl),
            ("/a%7fb", EncodedControl),
            ("/a%252fb", DoubleEncoding),
            ("/a%25%32%66b", DoubleEncoding),
            ("/a%25%32fb", DoubleEncoding),
            ("/%252e%252e/a", DoubleEncoding),
            ("/%c0%af", NotUtf8),
            ("/%c0%ae%c0%ae/a", NotUtf8),
            ("/%ff", NotUtf8),
            ("/.", DotSegment),
            ("/..", DotSegment),
            ("/./a", DotSegment),
            ("/a/../b", DotSegment),
            ("/a/%2e%2e/b", DotSegment),
            ("/a/.%2E/b", DotSegment),
            ("/a/%2e", DotSegment),
            ("//", EmptySegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a//", EmptySegment),
        ] {
            assert_eq!(canonical_path(path.as_bytes(), false), Err(reason), "{path:?}");
            assert_eq!(canonical_path(path.as_bytes(), true), Err(reason), "{path:?}");
        }
        assert_eq!(canonical_path(b"/\xff", false), Err(IllegalByte));
    }

    #[test]
    fn path_parameters_pass_where_the_portal_opts_in_and_hide_no_dot_segment() {
        use AmbiguousPath::*;
        for path in ["/a;x=1", "/a;x/b", "/a%3Bx", "/a%3bx"] {
            assert_eq!(canonical_path(path.as_bytes(), false), Err(Semicolon), "{path}");
            assert_eq!(canonical_path(path.as_bytes(), true), Ok(path));
        }
        for path in ["/a/..;/b", "/..;x", "/.;x/b", "/a/%2e.;x/b", "/a/..%3bx/b"] {
            assert_eq!(canonical_path(path.as_bytes(), true), Err(DotSegment), "{path}");
        }
        for path in ["/;x", "/;/a", "/a/;x/b", "/;"] {
            assert_eq!(canonical_path(path.as_bytes(), true), Err(EmptySegment), "{path}");
        }
    }

    #[test]
    fn segments_are_decoded_and_a_closing_slash_adds_none() {
        let all = |path| segments(path).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(all("/"), Vec::<String>::new());
        assert_eq!(all("/%70ub/a%20b/"), ["pub", "a b"]);
        assert_eq!(all("/%D0%BF"), ["п"]);
        assert!(segments("/a/b").all(|segment| matches!(segment, Cow::Borrowed(_))));
    }

    /// Paths rich in what matters here.
    pub(crate) fn tricky_path() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "/", "/", "/", "a", "b", "pub", ".", "..", "%2e", "%2F", "%5c", "%25", "2f", "%00",
            ";", "%3b", "%41", "%c3%bc", "%c0", "\\", "?", "#", "%", " ", "admin", "=", "[", "\t",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_passes_is_its_own_canonical_form(
            path in prop_oneof![tricky_path(), "\\PC{0,30}"],
            allow_semicolon: bool,
        ) {
            let Ok(canonical) = canonical_path(path.as_bytes(), allow_semicolon) else { return Ok(()) };
            prop_assert_eq!(canonical, &path);
            prop_assert_eq!(canonical_path(canonical.as_bytes(), allow_semicolon), Ok(canonical));
            // Opting in never makes a good path bad.
            prop_assert_eq!(canonical_path(canonical.as_bytes(), true), Ok(canonical));
        }

        #[test]
        fn one_decoding_leaves_nothing_to_decode_or_resolve(path in tricky_path()) {
            let Ok(canonical) = canonical_path(path.as_bytes(), true) else { return Ok(()) };
            for segment in segments(canonical) {
                prop_assert!(!segment.contains(['/', '\\', '\0']));
                prop_assert!(!matches!(without_parameters(&segment), "" | "." | ".."));
                prop_assert_eq!(percent_decode_str(&segment).decode_utf8_lossy(), &*segment);
            }
        }

        #[test]
        fn a_browser_s_parser_leaves_a_canonical_path_alone(path in tricky_path()) {
            let Ok(canonical) = canonical_path(path.as_bytes(), true) else { return Ok(()) };
            let url = url::Url::parse("https://acme.example/x/").unwrap().join(canonical).unwrap();
            prop_assert_eq!(url.path(), canonical);
        }

        #[test]
        fn any_bytes_are_answered_without_a_panic(bytes: Vec<u8>, allow_semicolon: bool) {
            let _ = canonical_path(&bytes, allow_semicolon);
        }
    }
}
