//! Request heads: the verdict depends on no cut, and what passes is one message to another parser.
#![no_main]

use httparse::{EMPTY_HEADER, Request, Status};
use libfuzzer_sys::fuzz_target;

#[path = "../../../gateway/src/wire.rs"]
mod wire;

use wire::{HeadScan, WireFault};

fuzz_target!(|data: &[u8]| {
    let verdict = scan([data]);
    assert_eq!(verdict, scan(data.chunks(1)), "cut points change nothing");
    let sum: usize = data.iter().map(|byte| usize::from(*byte)).sum();
    let (one, two) = data.split_at(sum % (data.len() + 1));
    assert_eq!(verdict, scan([one, two]));
    assert_eq!(verdict, scan(data.chunks(1 + sum % 16)));

    let mut fields = [EMPTY_HEADER; 256];
    let mut request = Request::new(&mut fields);
    let Ok(Status::Complete(length)) = request.parse(data) else { return };
    let head = &data[..length];
    if scan([head]).is_some() {
        return;
    }
    // Whatever follows the head is no part of it, to either.
    assert_eq!(scan([head, b"\0\n: #"]), None, "{}", head.escape_ascii());
    let values = |name: &'static str| {
        let named = |field: &&httparse::Header<'_>| field.name.eq_ignore_ascii_case(name);
        request.headers.iter().filter(named).map(|field| field.value.trim_ascii())
    };
    let (lengths, codings) =
        (values("content-length").count(), values("transfer-encoding").count());
    assert!(lengths + codings <= 1, "{}", head.escape_ascii());
    assert!(values("content-length").all(|value| plain_number(value).is_some()));
    assert!(values("transfer-encoding").all(|value| value.eq_ignore_ascii_case(b"chunked")));
});

fn scan<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Option<WireFault> {
    let mut scan = HeadScan::default();
    pieces.into_iter().for_each(|piece| scan.feed(piece));
    scan.verdict()
}

fn plain_number(value: &[u8]) -> Option<u64> {
    let number: u64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == value).then_some(number)
}
