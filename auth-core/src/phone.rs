//! Phone numbers: written in many ways, kept in one (E.164).

/// Why a text is not taken for a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPhone {
    /// Something else than digits and what people put between them.
    #[error("the number holds something else than digits")]
    Form,
    /// No `+` or `00` in front, so nobody can tell which country it belongs to.
    #[error("the number has no country code")]
    NoCountry,
    /// Fewer than seven digits, or more than fifteen.
    #[error("the number is too short or too long")]
    Length,
}

/// The number as it is kept: `+` and 7 to 15 digits; `None` for a text that is blank.
///
/// # Errors
/// [`BadPhone`].
///
/// Source: ITU-T E.164 section 6 (15 digits at most, no country code begins with 0).
pub fn check(typed: &str) -> Result<Option<String>, BadPhone> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.len() > LONGEST_TYPED {
        return Err(BadPhone::Length);
    }
    let (country, rest) = match (typed.strip_prefix('+'), typed.strip_prefix("00")) {
        (Some(rest), _) | (None, Some(rest)) => (true, rest),
        (None, None) => (false, typed),
    };
    // +49 (0)30 …: the zero is for callers inside the country.
    let rest = rest.replacen("(0)", "", 1);
    let digits: String = rest.chars().filter(|c| !SEPARATORS.contains(c)).collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadPhone::Form);
    }
    if !country || digits.starts_with('0') {
        return Err(BadPhone::NoCountry);
    }
    if (7..=15).contains(&digits.len()) {
        Ok(Some(format!("+{digits}")))
    } else {
        Err(BadPhone::Length)
    }
}

const SEPARATORS: [char; 7] = [' ', '\u{a0}', '-', '.', '/', '(', ')'];
/// In bytes; no number with any usual separators is longer.
const LONGEST_TYPED: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_in_one_way_however_it_is_written() {
        for typed in
            ["+493012345678", " 00493012345678 ", "+49 (0)30 123-456.78", "+49/30/12345678"]
        {
            assert_eq!(check(typed), Ok(Some("+493012345678".to_owned())), "{typed}");
        }
        for blank in ["", " \t"] {
            assert_eq!(check(blank), Ok(None));
        }
    }

    #[test]
    fn what_is_no_international_number_is_refused() {
        for (typed, why) in [
            ("030 12345678", BadPhone::NoCountry),
            ("+0 30 12345678", BadPhone::NoCountry),
            ("+49 30", BadPhone::Length),
            ("+4930123456789012", BadPhone::Length),
            ("+49 30 12345678 ext 5", BadPhone::Form),
            ("+", BadPhone::Form),
            ("++493012345678", BadPhone::Form),
            ("+٤٩٣٠١٢٣٤٥٦٧٨", BadPhone::Form),
            ("+49 30 1234\r\n5678", BadPhone::Form),
        ] {
            assert_eq!(check(typed), Err(why), "{typed}");
        }
        assert_eq!(check(&"+4 ".repeat(40)), Err(BadPhone::Length));
    }
}
