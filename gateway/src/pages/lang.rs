//! The six languages, and which one a visitor gets.

/// A language the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
    /// French.
    Fr,
    /// Russian.
    Ru,
}

impl Lang {
    /// In the order of the language switch.
    pub(crate) const ALL: [Self; 6] = [Self::En, Self::De, Self::Es, Self::Pt, Self::Fr, Self::Ru];

    /// The language tag, as in `lang="de"`, `?lang=de` and the cookie.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::Fr => "fr",
            Self::Ru => "ru",
        }
    }

    /// The language's own name, for the switch.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::Es => "Español",
            Self::Pt => "Português",
            Self::Fr => "Français",
            Self::Ru => "Русский",
        }
    }

    /// Reads a tag by its primary subtag: `pt-BR` is Portuguese. `None`: not one of the six.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// The visitor's own choice (`cookie`: the value of [`super::LANG_COOKIE`], or `?lang=`), else the
    /// best of `Accept-Language`, else English.
    pub(crate) fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        cookie
            .and_then(Self::from_tag)
            .or_else(|| accept_language.and_then(best_of))
            .unwrap_or_default()
    }
}

/// The language with the highest weight in an `Accept-Language` value; the first one of equals.
/// RFC 9110 12.5.4 and 12.4.2: weight 1 unless given, 0 means "not this".
fn best_of(accept_language: &str) -> Option<Lang> {
    let mut best: Option<(Lang, u16)> = None;
    // A browser sends a handful of ranges; what follows the 32nd is not a browser's.
    for range in accept_language.split(',').take(32) {
        let mut parts = range.split(';');
        let Some(lang) = parts.next().and_then(Lang::from_tag) else {
            continue;
        };
        let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1000, thousandths);
        if weight > 0 && best.is_none_or(|(_, highest)| weight > highest) {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

/// A weight in thousandths; what does not parse counts as 0.
fn thousandths(weight: &str) -> u16 {
    match weight.trim().parse::<f32>() {
        // Clamped to 0..=1 before the conversion, so it fits.
        Ok(value) if value.is_finite() => (value.clamp(0.0, 1.0) * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn own_choice_wins_over_the_browser() {
        assert_eq!(Lang::negotiate(Some("fr"), Some("de")), Lang::Fr);
        assert_eq!(Lang::negotiate(Some("xx"), Some("de")), Lang::De);
    }

    #[test]
    fn highest_weight_of_accept_language_wins() {
        let cases = [
            ("de", Lang::De),
            ("de-AT,de;q=0.9,en;q=0.8", Lang::De),
            ("en;q=0.8, ru;q=0.9", Lang::Ru),
            ("ja, pt-BR;q=0.7, en;q=0.3", Lang::Pt),
            ("de;q=0, es;q=0.1", Lang::Es),
            ("ES-419", Lang::Es),
            ("fr; q=0.5, en; q=0.4", Lang::Fr),
            ("ja, zh", Lang::En),
            ("*", Lang::En),
            ("", Lang::En),
            ("de;q=abc, ru;q=0.2", Lang::Ru),
            ("de;q=NaN, ru;q=0.2", Lang::Ru),
        ];
        for (accept, expected) in cases {
            assert_eq!(Lang::negotiate(None, Some(accept)), expected, "{accept}");
        }
        assert_eq!(Lang::negotiate(None, None), Lang::En);
    }
}
