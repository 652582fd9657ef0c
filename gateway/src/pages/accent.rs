//! The operator's accent colour, made legible in light and dark.

use bitrix_id_config::colour::{self, LEGIBLE, Rgb};

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accent(Rgb);

impl Accent {
    /// Six hex digits, any case, without `#`.
    pub(super) fn from_hex(hex: &str) -> Option<Self> {
        colour::from_hex(hex).map(Self)
    }

    /// Six lower-case hex digits.
    pub(super) fn hex(self) -> String {
        let Self([r, g, b]) = self;
        format!("{r:02x}{g:02x}{b:02x}")
    }

    /// Sets the custom properties that `style.css` declares, for light and dark.
    pub(super) fn stylesheet(self) -> String {
        let light = self.towards(Self::BLACK, Self::WHITE);
        let dark = self.towards(Self::WHITE, Self::DARK_CARD);
        let rule = |accent: Self| {
            format!(":root{{--accent:#{};--on-accent:#{}}}", accent.hex(), accent.ink().hex())
        };
        format!("{}@media(prefers-color-scheme:dark){{{}}}", rule(light), rule(dark))
    }

    /// The first colour on the way to `end` that is legible as text on `ground`. Configuration is
    /// checked for contrast on white, so in light this is normally the colour itself.
    fn towards(self, end: Self, ground: Self) -> Self {
        (0..=20u16)
            .map(|step| self.mixed(end, step))
            .find(|colour| colour.contrast(ground) >= LEGIBLE)
            .unwrap_or(end)
    }

    /// `step` twentieths of `end`.
    fn mixed(self, end: Self, step: u16) -> Self {
        let mut mixed = self.0;
        for (channel, end) in mixed.iter_mut().zip(end.0) {
            let sum = u16::from(*channel) * (20 - step) + u16::from(end) * step;
            // A weighted mean of two bytes is a byte.
            *channel = (sum / 20) as u8;
        }
        Self(mixed)
    }

    /// Text on a button of this colour.
    fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::INK) { Self::WHITE } else { Self::INK }
    }

    fn contrast(self, other: Self) -> f64 {
        colour::contrast(self.0, other.0)
    }

    const WHITE: Self = Self([255; 3]);
    const BLACK: Self = Self([0; 3]);
    /// `--card` and `--on-accent` of the dark colours in `style.css`.
    const DARK_CARD: Self = Self([0x17, 0x1b, 0x21]);
    const INK: Self = Self([0x0e, 0x11, 0x16]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_accent_is_legible_on_both_grounds_and_under_its_ink() {
        for hex in ["0b5bd3", "000000", "ffffff", "ffcc00", "ff0000", "00ff00", "808080", "1b1464"]
        {
            let accent = Accent::from_hex(hex).unwrap();
            let light = accent.towards(Accent::BLACK, Accent::WHITE);
            let dark = accent.towards(Accent::WHITE, Accent::DARK_CARD);
            assert!(light.contrast(Accent::WHITE) >= LEGIBLE, "{hex} light");
            assert!(dark.contrast(Accent::DARK_CARD) >= LEGIBLE, "{hex} dark");
            assert!(light.contrast(light.ink()) >= LEGIBLE, "{hex} light ink");
            assert!(dark.contrast(dark.ink()) >= LEGIBLE, "{hex} dark ink");
        }
    }

    #[test]
    fn colours_of_the_stylesheet_are_the_ones_reckoned_with() {
        let style = include_str!("../../assets/style.css");
        let dark = style.split("prefers-color-scheme: dark").nth(1).unwrap();
        assert!(dark.contains(&format!("--card: #{};", Accent::DARK_CARD.hex())));
        assert!(dark.contains(&format!("--on-accent: #{};", Accent::INK.hex())));
    }
}
