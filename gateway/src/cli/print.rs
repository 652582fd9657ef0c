//! Writing results: text that cannot command a terminal, times that people and scripts can read.

use std::io::{self, Write};

use bitrix_id_auth_core::identity::UnixSeconds;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One JSON value, indented, and a line end.
pub(super) fn json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{value:#}")
}

/// Makes text from outside (names, user agents, addresses) harmless for a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// `2026-01-31T08:15:30Z`.
pub(super) fn time(at: UnixSeconds) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| at.to_string())
}

/// As [`time`], or `-`.
pub(super) fn time_or_dash(at: Option<UnixSeconds>) -> String {
    at.map_or_else(|| "-".to_owned(), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(
            plain("An\x1b[2Jna\r\nöl\u{9b}1m"),
            "An\u{fffd}[2Jna\u{fffd}\u{fffd}öl\u{fffd}1m"
        );
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(1_769_847_330), "2026-01-31T08:15:30Z");
        assert_eq!(time_or_dash(None), "-");
    }
}
