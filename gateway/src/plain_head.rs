//! A quick look at a request head, for the many that need no slow one.

use memchr::memchr_iter;

/// Whether the bytes are one whole HTTP/1.1 request head in which [`HeadScan`](crate::wire::HeadScan) finds
/// nothing wrong, and which announces no body. `false` says nothing.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let Some(head) = bytes.strip_suffix(b"\r\n\r\n") else { return false };
    let mut start = 0;
    for line_feed in memchr_iter(b'\n', head) {
        let Some((line, b"\r")) = head[start..line_feed].split_last_chunk::<1>() else {
            return false;
        };
        if !is_line(line, start == 0) {
            return false;
        }
        start = line_feed + 1;
    }
    is_line(&head[start..], start == 0)
}

fn is_line(line: &[u8], first: bool) -> bool {
    if first { is_request_line(line) } else { is_field(line) }
}

fn is_request_line(line: &[u8]) -> bool {
    let spaces = line.iter().fold(0_usize, |spaces, byte| spaces + usize::from(*byte == b' '));
    spaces == 2 && !line.iter().any(|byte| *byte == b'#' || *byte < b' ' || *byte >= 0x7f)
}

/// A field with a proper name that does not frame a body, and no control in its value, tab included.
fn is_field(line: &[u8]) -> bool {
    let end = line.iter().position(|byte| *byte <= b' ' || *byte == b':' || *byte >= 0x7f);
    let Some((name, [b':', value @ ..])) = end.and_then(|end| line.split_at_checked(end)) else {
        return false;
    };
    // On bytes and without an early end, so that the compiler takes many at a time.
    let control = |byte: u8| u8::from(byte < b' ') | u8::from(byte == 0x7f);
    value.iter().fold(0, |any, byte| any | control(*byte)) == 0
        && match name.len() {
            0 => false,
            14 => !name.eq_ignore_ascii_case(b"content-length"),
            17 => !name.eq_ignore_ascii_case(b"transfer-encoding"),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::HeadScan;

    #[test]
    fn what_browsers_send_is_plain() {
        for head in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"GET /a?b=c HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nX-Utf8: \xc3\xa9\r\nX-Empty:\r\n\r\n",
        ] {
            assert!(is_plain(head), "{}", head.escape_ascii());
        }
    }

    #[test]
    fn whatever_needs_a_closer_look_is_not() {
        for head in [
            &b""[..],
            b"\r\n\r\n",
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nContent-length: 5\r\n\r\n",
            b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET / HTTP/1.1\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            b"GET / HTTP/1.1\r\n folded: a\r\n\r\n",
            b"GET /#a HTTP/1.1\r\n\r\n",
            b"GET /a b HTTP/1.1\r\n\r\n",
        ] {
            assert!(!is_plain(head), "{}", head.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn a_plain_head_is_whole_and_faultless(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24),
        ) {
            let head = pieces.concat();
            if is_plain(&head) {
                let mut scan = HeadScan::default();
                // Byte for byte, which takes no short cut.
                head.iter().for_each(|byte| scan.feed(&[*byte]));
                prop_assert!(scan.is_whole());
                prop_assert_eq!(scan.verdict(), None);
            }
        }
    }

    const PIECES: &[&[u8]] = &[
        b"GET / HTTP/1.1\r\n",
        b"GET /",
        b" ",
        b" HTTP/1.1",
        b"\r\n",
        b"\r\n\r\n",
        b"\r",
        b"\n",
        b"Host: a",
        b"a:",
        b":",
        b"b",
        b"\t",
        b"\x00",
        b"\x7f",
        b"\xc3",
        b"#",
        b"Content-Length: 1",
        b"Transfer-Encoding:",
        b"X-Y: z\r\n",
    ];
}
