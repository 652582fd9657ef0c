//! Route paths: prefixes that mean one thing to every reader.
//!
//! The router compares decoded segments, and refuses request paths that could be read in two ways.
//! A prefix that no request path can match, or that matches more than it seems to, is refused here.

/// A path's segments, decoded, joined by `/`: equal exactly where two prefixes claim the same paths.
pub(super) fn key(path: &str) -> Result<String, PathError> {
    let rest = path.strip_prefix('/').ok_or(PathError::NoSlash)?;
    if path.len() > LONGEST {
        return Err(PathError::TooLong);
    }
    let foreign = path.chars().find(|c| !is_path_character(*c));
    if let Some(character) = foreign {
        return Err(PathError::Character(character));
    }
    if path.contains('*') {
        return Err(PathError::Wildcard);
    }
    if path.contains(';') {
        return Err(PathError::Semicolon);
    }
    let decoded = decode(rest)?;
    let segments = decoded.strip_suffix('/').unwrap_or(&decoded);
    let is_root = rest.is_empty();
    if !is_root && segments.split('/').any(str::is_empty) {
        return Err(PathError::EmptySegment);
    }
    if segments.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(PathError::Dots);
    }
    if segments.split('/').next() == Some(".bitrix-id") {
        return Err(PathError::Ours);
    }
    Ok(segments.to_owned())
}

/// Why a text is not a route's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PathError {
    /// It does not begin with `/`.
    #[error("it does not begin with /")]
    NoSlash,
    /// More than [`LONGEST`] bytes.
    #[error("it is longer than 1024 characters")]
    TooLong,
    /// Not a character of a path (RFC 3986 section 3.3).
    #[error("{0:?} does not belong in a path; percent-encode it if it is meant")]
    Character(char),
    /// `*`.
    #[error("a path is a prefix already, and * is not a wildcard")]
    Wildcard,
    /// `;`: with `allow_semicolon` the router tries a path with its parameters and without them.
    #[error("path parameters (;) are no part of a route")]
    Semicolon,
    /// `%` without two hexadecimal digits.
    #[error("% is not followed by two hexadecimal digits")]
    Percent,
    /// `%2f` and the like.
    #[error("a percent-encoded /, \\, %, ; or control character has two meanings")]
    Ambiguous,
    /// Not UTF-8 after decoding.
    #[error("it is not UTF-8 when decoded")]
    NotUtf8,
    /// `//`.
    #[error("it has an empty segment")]
    EmptySegment,
    /// `.` or `..`.
    #[error("it has a dot segment")]
    Dots,
    /// `/.bitrix-id/`.
    #[error("/.bitrix-id/ belongs to the gateway on every portal")]
    Ours,
}

fn is_path_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(c)
}

fn decode(text: &str) -> Result<String, PathError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut pieces = text.split('%');
    decoded.extend_from_slice(pieces.next().unwrap_or("").as_bytes());
    for piece in pieces {
        let digits = piece.get(..2).ok_or(PathError::Percent)?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|_| plain);
        let byte = byte.ok_or(PathError::Percent)?;
        if byte.is_ascii_control() || b"/\\%;".contains(&byte) {
            return Err(PathError::Ambiguous);
        }
        decoded.push(byte);
        decoded.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(decoded).map_err(|_| PathError::NotUtf8)
}

const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_of_the_same_paths_are_equal() {
        for (a, b) in [
            ("/pub", "/pub/"),
            ("/pub", "/%70ub"),
            ("/", "/"),
            ("/a/b", "/a/b/"),
            ("/%C3%BC", "/%c3%bc/"),
        ] {
            assert_eq!(key(a).unwrap(), key(b).unwrap());
        }
        for (a, b) in [("/pub", "/public"), ("/pub", "/Pub"), ("/", "/a"), ("/a/b", "/a")] {
            assert_ne!(key(a).unwrap(), key(b).unwrap());
        }
    }

    #[test]
    fn ambiguous_prefixes_are_refused() {
        let long = format!("/{}", "a".repeat(1024));
        for (path, expected) in [
            ("", PathError::NoSlash),
            ("pub", PathError::NoSlash),
            ("//", PathError::EmptySegment),
            ("//a", PathError::EmptySegment),
            ("/a//b", PathError::EmptySegment),
            ("/a//", PathError::EmptySegment),
            ("/./a", PathError::Dots),
            ("/a/..", PathError::Dots),
            ("/a/../b", PathError::Dots),
            ("/%2e%2E/a", PathError::Dots),
            ("/a?b", PathError::Character('?')),
            ("/a#b", PathError::Character('#')),
            ("/a\\b", PathError::Character('\\')),
            ("/a b", PathError::Character(' ')),
            ("/ü", PathError::Character('ü')),
            ("/a/*", PathError::Wildcard),
            ("/a;b", PathError::Semicolon),
            ("/%", PathError::Percent),
            ("/%4", PathError::Percent),
            ("/%+4", PathError::Percent),
            ("/%zz", PathError::Percent),
            ("/%2f", PathError::Ambiguous),
            ("/%5C", PathError::Ambiguous),
            ("/%25", PathError::Ambiguous),
            ("/%00", PathError::Ambiguous),
            ("/%0a", PathError::Ambiguous),
            ("/%3b", PathError::Ambiguous),
            ("/%ff", PathError::NotUtf8),
            ("/.bitrix-id", PathError::Ours),
            ("/.bitrix-id/x", PathError::Ours),
            ("/%2ebitrix-id/", PathError::Ours),
            (&long, PathError::TooLong),
        ] {
            assert_eq!(key(path), Err(expected), "{path}");
        }
        assert_eq!(key("/.bitrix-identity").as_deref(), Ok(".bitrix-identity"));
    }

    proptest! {
        #[test]
        fn no_path_is_a_crash_and_an_end_slash_never_matters(path in "/\\PC{0,20}|(/[a-z.;%0-9]{0,4}){0,5}") {
            if let Ok(read) = key(&path) && !path.ends_with('/') {
                prop_assert_eq!(key(&format!("{path}/")), Ok(read));
            }
        }
    }
}
