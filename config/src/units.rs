//! Durations and sizes with their units, as written in a file.
//!
//! A number without a unit is refused: whether `60` means seconds or minutes must not depend on who
//! reads it.

use std::time::Duration;

/// Reads `10m`, `24h`, `500ms`: a whole number and one of `ms`, `s`, `m`, `h`, `d`.
pub(crate) fn duration(text: &str) -> Result<Duration, UnitError> {
    quantity(text, DURATION_UNITS).map(Duration::from_millis)
}

/// Reads `64KiB`, `10MiB`: a whole number and one of `B`, `KiB`, `MiB`, `GiB`, `TiB`. In bytes.
pub(crate) fn size(text: &str) -> Result<u64, UnitError> {
    quantity(text, SIZE_UNITS)
}

/// The shortest text that [`duration`] reads as this duration; below a millisecond is cut off.
pub(crate) fn format_duration(duration: Duration) -> String {
    if duration.is_zero() {
        return "0s".to_owned();
    }
    format_quantity(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), DURATION_UNITS)
}

/// The shortest text that [`size`] reads as this many bytes.
pub(crate) fn format_size(bytes: u64) -> String {
    format_quantity(bytes, SIZE_UNITS)
}

/// Why a text is neither a duration nor a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnitError {
    /// It does not begin with a digit.
    #[error("it does not begin with a number")]
    NoNumber,
    /// It ends after the number.
    #[error("it has no unit")]
    NoUnit,
    /// The number is followed by something else.
    #[error("\"{0}\" is not a unit")]
    UnknownUnit(String),
    /// The number has a fraction or an exponent.
    #[error("only whole numbers are read")]
    Fraction,
    /// It does not fit 64 bits.
    #[error("it is too large")]
    TooLarge,
}

type Units = &'static [(&'static str, u64)];

fn quantity(text: &str, units: Units) -> Result<u64, UnitError> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(UnitError::NoNumber);
    }
    let unit = unit.trim_start_matches(' ');
    if unit.is_empty() {
        return Err(UnitError::NoUnit);
    }
    if unit.starts_with(['.', ',']) {
        return Err(UnitError::Fraction);
    }
    let known = units.iter().find(|(name, _)| *name == unit);
    let (_, factor) = known.ok_or_else(|| UnitError::UnknownUnit(unit.to_owned()))?;
    let number: u64 = number.parse().map_err(|_| UnitError::TooLarge)?;
    number.checked_mul(*factor).ok_or(UnitError::TooLarge)
}

fn format_quantity(value: u64, units: Units) -> String {
    let fitting =
        units.iter().rev().find(|(_, factor)| value != 0 && value.is_multiple_of(*factor));
    let (name, factor) = fitting.unwrap_or(&units[0]);
    format!("{}{name}", value / factor)
}

/// Smallest first.
const DURATION_UNITS: Units =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZE_UNITS: Units =
    &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_carry_units() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("10m", 600),
            ("24h", 86_400),
            ("30d", 2_592_000),
            ("5 m", 300),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn sizes_carry_units() {
        for (text, bytes) in
            [("0B", 0), ("64KiB", 65_536), ("19MiB", 19_922_944), ("2 GiB", 2 << 30)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (text, expected) in [
            ("", UnitError::NoNumber),
            ("m", UnitError::NoNumber),
            ("-5m", UnitError::NoNumber),
            ("+5m", UnitError::NoNumber),
            ("٣m", UnitError::NoNumber),
            ("10", UnitError::NoUnit),
            ("10 ", UnitError::NoUnit),
            ("1.5h", UnitError::Fraction),
            ("1h30m", UnitError::UnknownUnit("h30m".into())),
            ("10M", UnitError::UnknownUnit("M".into())),
            ("10min", UnitError::UnknownUnit("min".into())),
            ("18446744073709551616s", UnitError::TooLarge),
            ("18446744073709551615s", UnitError::TooLarge),
        ] {
            assert_eq!(duration(text), Err(expected), "{text}");
        }
        assert_eq!(size("64KB"), Err(UnitError::UnknownUnit("KB".into())));
        assert_eq!(size("64k"), Err(UnitError::UnknownUnit("k".into())));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same_duration(ms in 0u64..=u64::MAX) {
            let value = Duration::from_millis(ms);
            prop_assert_eq!(duration(&format_duration(value)), Ok(value));
        }

        #[test]
        fn what_is_printed_reads_back_as_the_same_size(bytes in 0u64..=u64::MAX) {
            prop_assert_eq!(size(&format_size(bytes)), Ok(bytes));
        }

        #[test]
        fn units_multiply(number in 0u64..1_000_000, unit in 0usize..5) {
            let (name, factor) = DURATION_UNITS[unit];
            prop_assert_eq!(duration(&format!("{number}{name}")), Ok(Duration::from_millis(number * factor)));
        }

        #[test]
        fn no_text_is_a_crash(text in "\\PC{0,30}") {
            let _ = duration(&text);
            let _ = size(&text);
        }
    }
}
