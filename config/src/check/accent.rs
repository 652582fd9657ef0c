//! The accent colour: six hexadecimal digits, dark enough to be read on white.

use crate::colour::{self, Rgb};

/// Why a colour cannot be the accent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum AccentError {
    /// Not `#rrggbb`.
    #[error("it is not of the form #rrggbb")]
    Form,
    /// Below [`colour::LEGIBLE`].
    #[error("its contrast with white is {0:.2}:1, and text needs at least 4.5:1")]
    Contrast(f64),
}

/// The colour in lower case.
pub(super) fn accent(text: &str) -> Result<String, AccentError> {
    let colour = text.strip_prefix('#').and_then(colour::from_hex).ok_or(AccentError::Form)?;
    let contrast = colour::contrast(colour, WHITE);
    if contrast < colour::LEGIBLE {
        return Err(AccentError::Contrast(floor_to_hundredths(contrast)));
    }
    Ok(text.to_ascii_lowercase())
}

// 4.499 must not be printed as the 4.50 that it falls short of.
fn floor_to_hundredths(value: f64) -> f64 {
    (value * 100.0).floor() / 100.0
}

const WHITE: Rgb = [255; 3];

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
