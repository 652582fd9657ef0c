//! One request as a line of the access log.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::route::{PortalEntry, Rule};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::fmt::Hyphenated;

use crate::request_id::RequestId;

/// What became of a request, for the log and the `decision` label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogDecision {
    /// Forwarded with an identity.
    Permit,
    /// Forwarded without one.
    Anonymous,
    /// Sent to sign-in: 302 or 401.
    SignIn,
    /// Refused: 403.
    Refuse,
    /// Answered by the gateway itself or its sign-in app.
    Answered,
    /// Not answered as asked: a broken request, an unknown host, an outage.
    Error,
}

impl LogDecision {
    /// In order of their discriminants.
    pub(super) const ALL: [Self; 6] =
        [Self::Permit, Self::Anonymous, Self::SignIn, Self::Refuse, Self::Answered, Self::Error];

    /// As in the log and in labels.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Anonymous => "anonymous",
            Self::SignIn => "sign_in",
            Self::Refuse => "refuse",
            Self::Answered => "answered",
            Self::Error => "error",
        }
    }
}

/// One request, as logged. Nothing of it that is written may hold a cookie, token, code, password or query
/// string. What is text elsewhere is shared here; the writing thread makes the line.
#[derive(Debug, Default, Clone)]
pub(crate) struct AccessRecord {
    /// Start of the request, Unix milliseconds.
    pub time_ms: i64,
    /// As sent to the upstream in `X-Request-Id`.
    pub request_id: RequestId,
    /// `None` on the Bitrix ID host and on unknown hosts.
    pub portal: Option<Arc<PortalEntry>>,
    /// The rule that decided.
    pub rule: Option<Rule>,
    /// `None`: nobody has looked at the head yet.
    pub method: Option<Method>,
    /// Without query.
    pub path: LoggedPath,
    /// Status sent; 0 when the client left before one was.
    pub status: u16,
    /// What became of it; where nobody says, an error.
    pub decision: Option<LogDecision>,
    /// Why it was refused or failed.
    pub reason: Option<&'static str>,
    /// Who, if signed in.
    pub subject: Option<AccountId>,
    /// From header to end of answer.
    pub duration: Duration,
    /// From the choice of a peer to the upstream's header, if there was one.
    pub upstream: Option<Duration>,
    /// Address of the peer, or of whom a trusted proxy named, as text.
    pub client: Option<HeaderValue>,
}

impl AccessRecord {
    /// What became of the request.
    pub(crate) fn decision(&self) -> LogDecision {
        self.decision.unwrap_or(LogDecision::Error)
    }
}

/// A request's path. Holds the whole target, and shows no more than the path.
#[derive(Debug, Default, Clone)]
pub(crate) struct LoggedPath(Option<PathAndQuery>);

impl LoggedPath {
    /// The path of a target.
    pub(crate) fn of(target: PathAndQuery) -> Self {
        Self(Some(target))
    }

    fn as_str(&self) -> &str {
        let path = self.0.as_ref().map_or("", PathAndQuery::path);
        // It may yet turn out to be refused for its length.
        path.char_indices().nth(LONGEST_PATH).map_or(path, |(end, _)| &path[..end])
    }
}

/// Makes lines, in the shape and order of the log's documentation. Absent values are `null`.
#[derive(Default)]
pub(super) struct LineWriter {
    buffer: Vec<u8>,
    /// The second that `time` is the text of; requests come in order, more or less.
    second: Option<i64>,
    time: String,
}

impl LineWriter {
    /// One line for each record.
    pub(super) fn lines(&mut self, records: &[AccessRecord]) -> &[u8] {
        self.buffer.clear();
        for record in records {
            self.append(record);
        }
        &self.buffer
    }

    fn append(&mut self, record: &AccessRecord) {
        self.remember_second(record.time_ms.div_euclid(1000));
        let out = &mut self.buffer;
        out.extend_from_slice(b"{\"time\":\"");
        out.extend_from_slice(self.time.as_bytes());
        fraction(out, record.time_ms.rem_euclid(1000).unsigned_abs());
        out.extend_from_slice(b"Z\"");
        plain(out, ",\"request_id\":", record.request_id.as_str());
        let portal = record.portal.as_ref();
        member(out, ",\"portal\":", portal.map(|entry| entry.portal.id.as_str()));
        member(out, ",\"route\":", record.rule.map(|rule| label(portal, rule)));
        plain(out, ",\"method\":", method(record.method.as_ref()));
        member(out, ",\"path\":", Some(record.path.as_str()));
        number(out, ",\"status\":", record.status.into());
        plain(out, ",\"decision\":", record.decision().as_str());
        match record.reason {
            Some(reason) => plain(out, ",\"reason\":", reason),
            None => null(out, ",\"reason\":"),
        }
        match record.subject {
            Some(AccountId(id)) => {
                let mut text = [0; Hyphenated::LENGTH];
                plain(out, ",\"subject\":", id.hyphenated().encode_lower(&mut text));
            }
            None => null(out, ",\"subject\":"),
        }
        milliseconds(out, ",\"duration_ms\":", Some(record.duration));
        milliseconds(out, ",\"upstream_ms\":", record.upstream);
        match &record.client {
            Some(client) => plain(out, ",\"client_ip\":", client.to_str().unwrap_or_default()),
            None => null(out, ",\"client_ip\":"),
        }
        out.extend_from_slice(b"}\n");
    }

    fn remember_second(&mut self, second: i64) {
        if self.second != Some(second) {
            let at = OffsetDateTime::from_unix_timestamp(second).ok();
            self.time = at.and_then(|at| at.format(SECOND).ok()).unwrap_or_default();
            self.second = Some(second);
        }
    }
}

fn label(portal: Option<&Arc<PortalEntry>>, rule: Rule) -> &str {
    match (portal, rule) {
        (Some(entry), rule) => entry.label(rule),
        (None, Rule::BuiltIn(name)) => name,
        (None, Rule::Own(_)) => "",
    }
}

fn method(method: Option<&Method>) -> &str {
    let name = method.map_or("", Method::as_str);
    // A method is a token, hence ASCII.
    &name[..name.len().min(LONGEST_METHOD)]
}

// `key` is the whole of what comes before a value: comma, quoted name, colon.

/// Text that may hold anything.
fn member(out: &mut Vec<u8>, key: &str, value: Option<&str>) {
    let Some(value) = value else { return null(out, key) };
    let needs_escape = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if !value.bytes().fold(false, |any, byte| any | needs_escape(byte)) {
        return plain(out, key, value);
    }
    out.extend_from_slice(key.as_bytes());
    // Text always serialises.
    let _ = serde_json::to_writer(out, value);
}

/// Text with nothing to escape.
fn plain(out: &mut Vec<u8>, key: &str, value: &str) {
    out.extend_from_slice(key.as_bytes());
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

fn null(out: &mut Vec<u8>, key: &str) {
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"null");
}

fn number(out: &mut Vec<u8>, key: &str, value: u64) {
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// In steps of a microsecond.
fn milliseconds(out: &mut Vec<u8>, key: &str, value: Option<Duration>) {
    let Some(value) = value else { return null(out, key) };
    let micros = u64::try_from(value.as_micros()).unwrap_or(u64::MAX);
    number(out, key, micros / 1000);
    fraction(out, micros % 1000);
}

/// A point and three digits; `thousandths` is below 1,000.
fn fraction(out: &mut Vec<u8>, thousandths: u64) {
    out.push(b'.');
    for unit in [100, 10, 1] {
        let digit = u8::try_from(thousandths / unit % 10).unwrap_or(0);
        out.push(b'0' + digit);
    }
}

const SECOND: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
/// In characters.
const LONGEST_PATH: usize = 2048;
/// In characters; the registered ones have at most 17.
const LONGEST_METHOD: usize = 32;

#[cfg(test)]
mod tests {
    use bitrix_id_auth_core::identity::AccountId;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn record() -> AccessRecord {
        AccessRecord {
            time_ms: 1_769_847_330_042,
            request_id: RequestId::named(&http::HeaderValue::from_static("req-1")).expect("plain"),
            rule: Some(Rule::BuiltIn("default")),
            method: Some(Method::GET),
            path: LoggedPath::of(PathAndQuery::from_static("/crm/?token=secret")),
            status: 200,
            decision: Some(LogDecision::Permit),
            duration: Duration::from_nanos(1_234_567),
            upstream: Some(Duration::from_micros(500)),
            client: Some(HeaderValue::from_static("2001:db8::1")),
            ..AccessRecord::default()
        }
    }

    fn line(record: &AccessRecord) -> String {
        let mut lines = LineWriter::default();
        String::from_utf8(lines.lines(std::slice::from_ref(record)).to_vec()).expect("text")
    }

    #[test]
    fn a_line_has_exactly_the_documented_fields_in_order() {
        assert_eq!(
            line(&record()),
            "{\"time\":\"2026-01-31T08:15:30.042Z\",\"request_id\":\"req-1\",\"portal\":null,\
             \"route\":\"default\",\"method\":\"GET\",\"path\":\"/crm/\",\"status\":200,\
             \"decision\":\"permit\",\"reason\":null,\"subject\":null,\"duration_ms\":1.234,\
             \"upstream_ms\":0.500,\"client_ip\":\"2001:db8::1\"}\n"
        );
    }

    #[test]
    fn every_value_is_read_back_as_it_was() {
        let subject = AccountId(Uuid::from_u128(7));
        let full = AccessRecord { subject: Some(subject), reason: Some("expired"), ..record() };
        let read: Value = serde_json::from_str(&line(&full)).expect("JSON");
        assert_eq!(read["subject"], subject.to_string());
        assert_eq!(read["reason"], "expired");
        assert_eq!(read["duration_ms"], 1.234);
        let empty: Value = serde_json::from_str(&line(&AccessRecord::default())).expect("JSON");
        assert_eq!(empty["decision"], "error");
        assert!(empty["upstream_ms"].is_null() && empty["client_ip"].is_null());
    }

    #[test]
    fn milliseconds_are_always_three_digits_and_seconds_change() {
        let mut lines = LineWriter::default();
        let at = |time_ms| AccessRecord { time_ms, ..record() };
        let text = lines.lines(&[at(0), at(-1), at(999), at(1000)]).to_vec();
        let times: Vec<String> = String::from_utf8(text)
            .expect("text")
            .lines()
            .map(|line| line[9..33].to_owned())
            .collect();
        let expected = [
            "1970-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "1970-01-01T00:00:00.999Z",
            "1970-01-01T00:00:01.000Z",
        ];
        assert_eq!(times, expected);
    }

    #[test]
    fn what_would_break_a_line_is_escaped() {
        let mut out = Vec::new();
        member(&mut out, ",\"route\":", Some("/a\"b\\c\n"));
        assert_eq!(String::from_utf8(out).expect("text"), ",\"route\":\"/a\\\"b\\\\c\\n\"");
    }

    #[test]
    fn a_long_path_is_cut() {
        let target = PathAndQuery::try_from(format!("/{}?q", "x".repeat(5000))).expect("a path");
        let cut = AccessRecord { path: LoggedPath::of(target), ..record() };
        let read: Value = serde_json::from_str(&line(&cut)).expect("JSON");
        assert_eq!(read["path"].as_str().map(str::len), Some(LONGEST_PATH));
    }
}
