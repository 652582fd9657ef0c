//! What the HTTP parser does not show: a strict look at the raw bytes of an HTTP/1.1 request head.
//!
//! Pingora drops a fragment from the target, collapses repeated lengths and accepts bare line feeds
//! before any hook runs. Whatever two parsers could read differently is refused (RFC 9112 sections 2.2,
//! 3, 5.1, 6.1 and 6.3), so the scanner reads along and leaves a verdict for the first hook.

use crate::plain_head::is_plain;

/// What is wrong with a request head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireFault {
    /// `#`, a control byte, or a byte above 0x7e in the request line, or not exactly two spaces.
    RequestLine,
    /// A line feed without carriage return, or a carriage return without line feed.
    LineEnd,
    /// A folded line, an empty field name, or white space in or after one.
    FieldName,
    /// A control byte in a field value.
    FieldValue,
    /// More than one `Content-Length`, or one that is not plain digits.
    ContentLength,
    /// More than one `Transfer-Encoding`, or one that is not exactly `chunked`.
    TransferEncoding,
    /// `Content-Length` beside `Transfer-Encoding`.
    BothLengths,
}

/// Reads along with the parser, from the first byte of a head to its empty line.
#[derive(Debug)]
pub(crate) struct HeadScan {
    at: At,
    spaces: u8,
    name: Small<17>,
    /// The field is one of those that frame the body, and its value is kept.
    frames: bool,
    value: Small<20>,
    lengths: u8,
    codings: u8,
    fault: Option<WireFault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first byte, where a parser skips empty lines.
    Start,
    RequestLine,
    LineStart,
    Name,
    Value,
    /// A carriage return was seen; the flag says whether the line was empty.
    CarriageReturn {
        empty: bool,
    },
    Done,
}

impl Default for HeadScan {
    fn default() -> Self {
        Self {
            at: At::Start,
            spaces: 0,
            name: Small::default(),
            frames: false,
            value: Small::default(),
            lengths: 0,
            codings: 0,
            fault: None,
        }
    }
}

impl HeadScan {
    /// Takes the next bytes as they came; stops at the end of the head.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.at == At::Start && is_plain(bytes) {
            self.at = At::Done;
            return;
        }
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            rest = match self.at {
                At::Done => return,
                // Most of a head is target and values: they are taken a line at a time.
                At::RequestLine | At::Value => {
                    let (run, after) = rest.split_at(until_line_end(rest).max(1));
                    self.step_over(run);
                    after
                }
                At::Name => {
                    let end = rest.iter().position(|byte| ends_name(*byte));
                    let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
                    self.name.extend(run);
                    let Some((&byte, after)) = after.split_first() else { return };
                    self.step(byte);
                    after
                }
                _ => {
                    self.step(byte);
                    after
                }
            };
        }
    }

    /// Whether the end of the head was seen.
    pub(crate) fn is_whole(&self) -> bool {
        self.at == At::Done
    }

    /// What was wrong, once the head is whole.
    pub(crate) fn verdict(&self) -> Option<WireFault> {
        self.fault
            .or_else(|| (self.lengths > 0 && self.codings > 0).then_some(WireFault::BothLengths))
    }

    /// Bytes of a request line or value without line ends, or a single one that may be such.
    fn step_over(&mut self, run: &[u8]) {
        match (self.at, run) {
            (_, [byte @ (b'\r' | b'\n')]) => self.step(*byte),
            (At::RequestLine, _) => self.request_line(run),
            _ => self.value(run),
        }
    }

    fn step(&mut self, byte: u8) {
        match (self.at, byte) {
            (At::Start, b'\r' | b'\n') => {}
            (At::Start, _) => {
                self.at = At::RequestLine;
                self.request_line(&[byte]);
            }
            (At::CarriageReturn { empty: true }, b'\n') => self.at = At::Done,
            (At::CarriageReturn { empty: false }, b'\n') => self.at = At::LineStart,
            (At::CarriageReturn { .. }, _) => self.fail(WireFault::LineEnd),
            (At::LineStart, b'\r') => self.at = At::CarriageReturn { empty: true },
            (_, b'\r') => self.end_line(),
            (_, b'\n') => self.fail(WireFault::LineEnd),
            (At::RequestLine, _) => self.request_line(&[byte]),
            (At::LineStart, _) => {
                self.name.clear();
                self.value.clear();
                self.at = At::Name;
                self.name(byte);
            }
            (At::Name, _) => self.name(byte),
            (At::Value, _) => self.value(&[byte]),
            (At::Done, _) => {}
        }
    }

    // The folds below have no early end, so that the compiler takes many bytes at a time.
    fn request_line(&mut self, run: &[u8]) {
        let illegal = |byte: u8| byte == b'#' || !(b' '..0x7f).contains(&byte);
        if run.iter().fold(false, |any, byte| any | illegal(*byte)) {
            self.fail(WireFault::RequestLine);
        }
        let spaces = run.iter().filter(|byte| **byte == b' ').count();
        self.spaces = self.spaces.saturating_add(u8::try_from(spaces).unwrap_or(u8::MAX));
    }

    fn name(&mut self, byte: u8) {
        match byte {
            b':' if self.name.len == 0 => self.fail(WireFault::FieldName),
            b':' => {
                self.at = At::Value;
                self.frames = self.name.is(CONTENT_LENGTH) || self.name.is(TRANSFER_ENCODING);
            }
            0..=b' ' | 0x7f.. => self.fail(WireFault::FieldName),
            _ => self.name.extend(&[byte]),
        }
    }

    fn value(&mut self, run: &[u8]) {
        let illegal = |byte: u8| (byte < b' ' && byte != b'\t') || byte == 0x7f;
        if run.iter().fold(false, |any, byte| any | illegal(*byte)) {
            self.fail(WireFault::FieldValue);
        }
        if self.frames {
            run.iter().for_each(|byte| self.value.push(if *byte == b'\t' { b' ' } else { *byte }));
        }
    }

    fn end_line(&mut self) {
        match self.at {
            At::RequestLine if self.spaces != 2 => self.fail(WireFault::RequestLine),
            At::Name => self.fail(WireFault::FieldName),
            At::Value => self.field(),
            _ => {}
        }
        self.at = At::CarriageReturn { empty: false };
    }

    fn field(&mut self) {
        if self.name.is(CONTENT_LENGTH) {
            self.lengths = self.lengths.saturating_add(1);
            if self.lengths > 1 || !is_plain_length(self.value.trimmed()) {
                self.fail(WireFault::ContentLength);
            }
        } else if self.name.is(TRANSFER_ENCODING) {
            self.codings = self.codings.saturating_add(1);
            let chunked =
                self.value.trimmed().is_some_and(|value| value.eq_ignore_ascii_case(b"chunked"));
            if self.codings > 1 || !chunked {
                self.fail(WireFault::TransferEncoding);
            }
        }
    }

    fn fail(&mut self, fault: WireFault) {
        self.fault.get_or_insert(fault);
    }
}

/// A byte that no name goes on over: its colon, or one that is no part of a name.
fn ends_name(byte: u8) -> bool {
    byte <= b' ' || byte == b':' || byte >= 0x7f
}

/// How many bytes come before the next carriage return or line feed.
fn until_line_end(bytes: &[u8]) -> usize {
    memchr::memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len())
}

const CONTENT_LENGTH: &[u8] = b"content-length";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";

/// `1*DIGIT` without a leading zero, small enough for a `u64`.
pub(crate) fn is_plain_length(value: Option<&[u8]>) -> bool {
    let Some(value) = value else { return false };
    let leading_zero = value.len() > 1 && value[0] == b'0';
    (1..=18).contains(&value.len()) && !leading_zero && value.iter().all(u8::is_ascii_digit)
}

/// The first `N` bytes of a name or value; longer ones are known to be none of interest.
#[derive(Debug)]
struct Small<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Small<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> Small<N> {
    fn clear(&mut self) {
        self.len = 0;
    }

    fn push(&mut self, byte: u8) {
        // Leading blanks of a value do not count against its room.
        if self.len == 0 && byte == b' ' {
            return;
        }
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
        }
        self.len = self.len.saturating_add(1);
    }

    fn extend(&mut self, run: &[u8]) {
        let room = self.bytes.get_mut(self.len..).unwrap_or_default();
        for (slot, byte) in room.iter_mut().zip(run) {
            *slot = byte.to_ascii_lowercase();
        }
        self.len = self.len.saturating_add(run.len());
    }

    fn is(&self, expected: &[u8]) -> bool {
        self.bytes.get(..self.len) == Some(expected)
    }

    /// Without trailing blanks; `None` when it was longer than there is room.
    fn trimmed(&self) -> Option<&[u8]> {
        self.bytes.get(..self.len).map(<[u8]>::trim_ascii_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(head: &[u8]) -> Option<WireFault> {
        let mut whole = HeadScan::default();
        whole.feed(head);
        let mut bytewise = HeadScan::default();
        head.iter().for_each(|byte| bytewise.feed(&[*byte]));
        assert_eq!(whole.verdict(), bytewise.verdict(), "cut points change nothing");
        whole.verdict()
    }

    #[test]
    fn ordinary_heads_pass() {
        for head in [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"\r\nGET /a?b=c HTTP/1.1\r\nHost:a\r\nX-Empty:\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  12 \r\n\r\n\x00\n#body",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
            b"GET / HTTP/1.1\r\nX-Utf8: \xc3\xa9\r\nContent-Length-Hint: x\r\n\r\n",
        ] {
            assert_eq!(verdict(head), None, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn whatever_two_parsers_could_read_differently_is_a_fault() {
        for (head, fault) in [
            (&b"GET /a#b HTTP/1.1\r\n\r\n"[..], WireFault::RequestLine),
            (b"GET /a b HTTP/1.1\r\n\r\n", WireFault::RequestLine),
            (b"GET /a\x01 HTTP/1.1\r\n\r\n", WireFault::RequestLine),
            (b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n", WireFault::RequestLine),
            (b"GET\t/ HTTP/1.1\r\n\r\n", WireFault::RequestLine),
            (b"GET / HTTP/1.1\nHost: a\r\n\r\n", WireFault::LineEnd),
            (b"GET / HTTP/1.1\r\nHost: a\n\r\n", WireFault::LineEnd),
            (b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", WireFault::LineEnd),
            (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", WireFault::FieldName),
            (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", WireFault::FieldName),
            (b"GET / HTTP/1.1\r\n: a\r\n\r\n", WireFault::FieldName),
            (b"GET / HTTP/1.1\r\nnocolon\r\n\r\n", WireFault::FieldName),
            (b"GET / HTTP/1.1\r\nA: b\x00\r\n\r\n", WireFault::FieldValue),
            (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nContent-Length: 05\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", WireFault::ContentLength),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", WireFault::TransferEncoding),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", WireFault::TransferEncoding),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", WireFault::BothLengths),
        ] {
            assert_eq!(verdict(head), Some(fault), "{}", head.escape_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            verdict(&bytes);
        }
    }
}
