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
    if is_plain(raw) {
        return std::str::from_utf8(raw).map_err(|_| AmbiguousPath::IllegalByte);
    }
    look_closely(raw, allow_semicolon)
}

fn look_closely(raw: &[u8], allow_semicolon: bool) -> Result<&str, AmbiguousPath> {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmbiguousPath {
    /// It does not begin with `/` (`*`, an authority, nothing).
    NotAbsolute,
    /// Longer than [`PATH_LIMIT`].
    TooLong,
    /// `\`, `#`, `?`, a control, a blank, a byte beyond ASCII, or one of `"<>^{|}` and the backquote.
    IllegalByte,
    /// `%` without two hex digits.
    BadEscape,
    /// `%2f` or `%5c`.
    EncodedSeparator,
    /// `%00` or another encoded control.
    EncodedControl,
    /// Still encoded after one decoding.
    DoubleEncoding,
    /// Not UTF-8 after decoding: replaced by some, kept by others, and overlong forms hide separators.
    NotUtf8,
    /// `.` or `..` after decoding.
    DotSegment,
    /// `//`.
    EmptySegment,
    /// `;` where the portal does not allow it.
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

impl std::fmt::Display for AmbiguousPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for AmbiguousPath {}

// RFC 3986 section 3.3: unreserved, sub-delims, `:`, `@`, and `/` and `%`. Square brackets as well:
// the URL standard has browsers send them as they are, and nobody reads them in another way.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%[]".contains(&byte)
}

// Nothing in it that anybody could read differently: letters, digits and three marks, no empty segment but
// the last, no segment that is a dot or begins with two. Most paths are like this, and need no closer look.
fn is_plain(raw: &[u8]) -> bool {
    let (mut previous, mut one_dot) = (0, false);
    let plain = raw.iter().all(|byte| {
        let plain = match *byte {
            b'/' => previous != b'/' && !one_dot,
            b'.' => !one_dot,
            byte => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~'),
        };
        one_dot = *byte == b'.' && previous == b'/';
        previous = *byte;
        plain
    });
    plain && !one_dot
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
pub(crate) mod tests;
