//! Colours as WCAG 2.2 sees them.

/// An sRGB colour: red, green, blue.
pub type Rgb = [u8; 3];

/// Least contrast of text and its ground, WCAG 2.2 1.4.3.
pub const LEGIBLE: f64 = 4.5;

/// Six hexadecimal digits in any case, without `#`.
#[must_use]
pub fn from_hex(digits: &str) -> Option<Rgb> {
    // `from_str_radix` alone would also take a sign.
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some([red, green, blue])
}

/// Contrast ratio of two colours, 1 to 21, in either order.
#[must_use]
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance, 0 to 1.
fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_agrees_with_wcag() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([255; 3], [255; 3]) - 1.0).abs() < 1e-9);
        // The lightest grey that is legible on white.
        assert!((4.54..4.55).contains(&contrast([0x76; 3], [255; 3])));
        assert!(contrast([0x77; 3], [255; 3]) < LEGIBLE);
    }

    #[test]
    fn six_digits_are_a_colour_and_nothing_else_is() {
        assert_eq!(from_hex("0A5cd8"), Some([0x0a, 0x5c, 0xd8]));
        for text in ["", "fff", "0a5cd8ff", "0a5cdg", "+a+b+c", "é0000"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
