//! The accent colour: six hexadecimal digits, dark enough to be read on white.

/// Why a colour cannot be the accent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum AccentError {
    /// Not `#rrggbb`.
    #[error("it is not of the form #rrggbb")]
    Form,
    /// Below [`LEAST_CONTRAST`].
    #[error("its contrast with white is {0:.2}:1, and text needs at least 4.5:1")]
    Contrast(f64),
}

/// The colour in lower case.
pub(super) fn accent(text: &str) -> Result<String, AccentError> {
    let contrast = contrast_with_white(text).ok_or(AccentError::Form)?;
    if contrast < LEAST_CONTRAST {
        return Err(AccentError::Contrast(floor_to_hundredths(contrast)));
    }
    Ok(text.to_ascii_lowercase())
}

/// Contrast ratio of `#rrggbb` and white, as WCAG 2.2 defines it: 1 to 21.
fn contrast_with_white(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| {
        let byte = &digits[at..at + 2];
        let plain = byte.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(byte, 16).ok().filter(|_| plain).map(linear)
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    Some(1.05 / (luminance + 0.05))
}

/// An sRGB channel as light. Source: WCAG 2.2, "relative luminance".
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

// 4.499 must not be printed as the 4.50 that it falls short of.
fn floor_to_hundredths(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}

const LEAST_CONTRAST: f64 = 4.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_colours_are_accepted_in_lower_case() {
        for (text, expected) in
            [("#0A5CD8", "#0a5cd8"), ("#000000", "#000000"), ("#767676", "#767676")]
        {
            assert_eq!(accent(text).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn colours_too_light_to_read_are_refused_with_their_contrast() {
        assert_eq!(accent("#ffffff"), Err(AccentError::Contrast(1.0)));
        // The lightest grey that passes is #767676.
        assert_eq!(accent("#777777"), Err(AccentError::Contrast(4.47)));
        assert_eq!(accent("#00aeef"), Err(AccentError::Contrast(2.52)));
    }

    #[test]
    fn other_notations_are_refused() {
        for text in ["", "#", "#fff", "0a5cd8", "#0a5cd8ff", "#0a5cdg", "red", "#+a+b+c", "#é0000"]
        {
            assert_eq!(accent(text), Err(AccentError::Form), "{text}");
        }
    }
}
