//! The body of a request to a portal: how long it may be, and whether it comes fast enough to be worth its place.
//!
//! Between two reads a client may be silent for a minute; one byte a minute would hold a connection and an
//! upstream for good. What counts is the time that the client was waited for: an upstream that takes a body
//! slowly is not its fault.

use std::time::Duration;

use bitrix_id_config::model::Limits;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use pingora::http::RequestHeader;
use pingora::proxy::Session;
use pingora::{Error, ErrorType, Result};

use crate::context::{RequestCtx, Stage, Target};
use crate::guarded_io::GuardedIo;
use crate::stopwatch::Stopwatch;

/// A body may follow, which is no upgraded stream: refuses what says that it is too long, and starts the clock.
///
/// # Errors
/// 413.
pub(crate) fn begin(session: &mut Session, limits: &Limits) -> Result<()> {
    if session.as_downstream_mut().is_body_empty() {
        return Ok(());
    }
    let length = session.req_header().headers.get(CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    if let (Some(limit), Some(length)) = (limits.body_limit, length)
        && length > limit
    {
        return Error::e_explain(ErrorType::HTTPStatus(413), "body over the limit");
    }
    // Over HTTP/2 a connection has many bodies, and only the pieces of one can be timed.
    let held = is_held(session.req_header());
    if let Some(io) = GuardedIo::of(session.as_downstream().stream()) {
        io.body_begins(held);
        if held {
            // It is the upstream that may take its time now, and it has a bound of its own.
            let patience = limits.read_timeout.saturating_add(SILENCE);
            session.as_downstream_mut().set_read_timeout(Some(patience));
        }
    }
    Ok(())
}

/// RFC 9110 section 10.1.1: the client waits for "100 Continue" before it sends the body.
fn is_held(head: &RequestHeader) -> bool {
    let expect = head.headers.get(EXPECT);
    expect.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// An upstream's head goes to the client. "100 Continue" asks for a body that was held back: the client has
/// the word from here on.
pub(crate) fn answered(session: &mut Session, status: StatusCode) {
    if status == StatusCode::CONTINUE
        && GuardedIo::of(session.as_downstream().stream()).is_some_and(GuardedIo::body_asked_for)
    {
        session.as_downstream_mut().set_read_timeout(Some(SILENCE));
    }
}

/// Takes the next piece; `end` says that it is the last one.
///
/// # Errors
/// 413 and 408.
pub(crate) fn take(
    session: &mut Session,
    ctx: &mut RequestCtx,
    piece: &[u8],
    end: bool,
) -> Result<()> {
    let Stage::Permitted(passage) = &ctx.stage else { return Ok(()) };
    let Target::Portal { limits, .. } = &passage.target else { return Ok(()) };
    if session.was_upgraded() {
        return Ok(());
    }
    if ctx.body.is_new() && is_held(session.req_header()) {
        // Asked for or not, it has begun: from here on it is the client that may keep others waiting.
        session.as_downstream_mut().set_read_timeout(Some(SILENCE));
    }
    let bytes = ctx.body.count(piece);
    if limits.body_limit.is_some_and(|limit| bytes > limit) {
        return Error::e_explain(ErrorType::HTTPStatus(413), "body over the limit");
    }
    let io = GuardedIo::of(session.as_downstream().stream());
    let waited = io.and_then(GuardedIo::waited_for_body);
    if !end && ctx.body.is_too_slow(least_rate(session, limits), waited) {
        return Error::e_explain(ErrorType::HTTPStatus(408), "body under the least rate");
    }
    Ok(())
}

/// Bytes a second. The streams of gRPC may be quiet by nature.
fn least_rate(session: &Session, limits: &Limits) -> u64 {
    let content_type = session.req_header().headers.get(CONTENT_TYPE);
    let grpc = content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    if grpc { 0 } else { limits.min_body_rate }
}

/// What has come of a body so far.
#[derive(Debug, Default)]
pub(crate) struct BodyPace {
    bytes: u64,
    first: Option<Stopwatch>,
}

impl BodyPace {
    /// Nothing of it has come yet.
    fn is_new(&self) -> bool {
        self.bytes == 0
    }

    /// Counts another piece and gives the bytes so far.
    pub(crate) fn count(&mut self, piece: &[u8]) -> u64 {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        self.bytes
    }

    /// Whether fewer than `rate` bytes a second have come. `waited`: for the client, as its connection has
    /// it; `None` on HTTP/2, where all time since the first piece counts.
    pub(crate) fn is_too_slow(&mut self, rate: u64, waited: Option<Duration>) -> bool {
        let waited =
            waited.unwrap_or_else(|| self.first.get_or_insert_with(Stopwatch::start).elapsed());
        let counted = waited.saturating_sub(PATIENCE).as_millis();
        u128::from(self.bytes) * 1000 < u128::from(rate) * counted
    }
}

/// Between two reads of a body.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);
/// Nobody is hurried before.
const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    fn is_too_slow(bytes: usize, rate: u64, seconds: u64) -> bool {
        let mut pace = BodyPace::default();
        assert_eq!(pace.count(&vec![0; bytes]), bytes as u64);
        pace.is_too_slow(rate, Some(Duration::from_secs(seconds)))
    }

    #[test]
    fn nobody_is_hurried_at_first() {
        assert!(!is_too_slow(1, 500, 20));
        assert!(is_too_slow(1, 500, 21));
    }

    #[test]
    fn what_counts_is_the_average() {
        assert!(!is_too_slow(5_000, 500, 30));
        assert!(is_too_slow(4_999, 500, 30));
        assert!(!is_too_slow(1 << 20, 500, 2_000));
    }

    #[test]
    fn no_rate_is_never_missed() {
        assert!(!is_too_slow(0, 0, 1_000_000));
    }

    #[test]
    fn without_a_clock_of_the_connection_time_begins_with_the_first_piece() {
        let mut pace = BodyPace::default();
        assert!(!pace.is_too_slow(1 << 20, None));
        assert!(pace.first.is_some());
    }
}
