//! Texts by key and language, from `locales/<tag>/*.ftl`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::Lang;

/// Looks texts up for one page or mail. Every message may say `{ $brand }`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    lang: Lang,
    brand: &'a str,
}

impl<'a> Text<'a> {
    /// Texts in `lang`; `brand` is the operator's name of the service.
    pub(super) fn new(lang: Lang, brand: &'a str) -> Self {
        Self { lang, brand }
    }

    /// A message without values of its own.
    pub(super) fn say(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// A message with one text in it.
    pub(super) fn with(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        self.fill(key, &[(name, value.as_ref().into())])
    }

    /// A message with a number in it, `$count`, in the language's plural form.
    ///
    /// By reference, as the templates pass their arguments.
    pub(super) fn count<N: Copy + TryInto<u32>>(&self, key: &str, count: &N) -> String {
        // Minutes, portals and sessions stay far below 2^32.
        let count: u32 = (*count).try_into().unwrap_or(u32::MAX);
        self.fill(key, &[("count", count.into())])
    }

    /// Titles as a sentence names them: "Acme, Globex and Initech".
    pub(super) fn list(&self, titles: &[impl AsRef<str>]) -> String {
        let Some((last, rest)) = titles.split_last() else {
            return String::new();
        };
        let last = last.as_ref();
        if rest.is_empty() {
            return last.to_owned();
        }
        let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
        // Spanish says "e" and not "y" before the sound of an i.
        let key = if opens_with_i(last) { "list-and-i" } else { "list-and" };
        self.fill(key, &[("rest", rest.join(", ").into()), ("last", last.into())])
    }

    /// A message with several values.
    pub(super) fn fill(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let bundle = bundle(self.lang);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            // A test knows every key in use; a visitor would be better off with the key than with
            // nothing.
            return key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len() + 1);
        args.set("brand", self.brand);
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        one_full_stop(bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }
}

/// A sentence that ends in "Acme Inc." ends there.
fn one_full_stop(said: String) -> String {
    if !said.contains("..") || said.contains("...") {
        return said;
    }
    let said = said.replace(".. ", ". ");
    match said.strip_suffix("..") {
        Some(rest) => format!("{rest}."),
        None => said,
    }
}

fn opens_with_i(word: &str) -> bool {
    let word = word.to_lowercase();
    let word = word.strip_prefix('h').unwrap_or(&word);
    // "hielo" and "iota" open with another sound.
    word.starts_with(['i', 'í']) && !word.starts_with("ie") && !word.starts_with("io")
}

type Bundle = FluentBundle<FluentResource>;

/// Parsed once, at the first page.
fn bundle(lang: Lang) -> &'static Bundle {
    static BUNDLES: LazyLock<[Bundle; 6]> = LazyLock::new(|| Lang::ALL.map(parse));
    &BUNDLES[lang as usize]
}

fn parse(lang: Lang) -> Bundle {
    // A syntax error costs the messages it touches, not the process; a test allows none.
    let resource = FluentResource::try_new(source(lang).to_owned())
        .unwrap_or_else(|(resource, _errors)| resource);
    // Decides the plural rules. The six tags parse; "und" would have but one plural form.
    let tag: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The invisible isolation marks would end up in codes and addresses that people copy.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// All messages of a language: `locales/<tag>/*.ftl`, one file per area, one after the other.
pub(super) fn source(lang: Lang) -> &'static str {
    macro_rules! areas {
        ($tag:literal: $($area:literal)+) => {
            concat!($(include_str!(concat!("../../locales/", $tag, "/", $area, ".ftl")), "\n"),+)
        };
    }
    macro_rules! locale {
        ($tag:literal) => {
            areas!($tag: "common" "joining" "recovery" "social" "profile" "addresses" "access" "provisioning")
        };
    }
    match lang {
        Lang::En => locale!("en"),
        Lang::De => locale!("de"),
        Lang::Es => locale!("es"),
        Lang::Pt => locale!("pt"),
        Lang::Fr => locale!("fr"),
        Lang::Ru => locale!("ru"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_listed_as_each_language_does() {
        let list = |lang, titles: &[&str]| Text::new(lang, "Bitrix ID").list(titles);
        assert_eq!(list(Lang::En, &[]), "");
        assert_eq!(list(Lang::En, &["Acme"]), "Acme");
        assert_eq!(list(Lang::En, &["Acme", "Globex", "Initech"]), "Acme, Globex and Initech");
        assert_eq!(list(Lang::De, &["Acme", "Initech"]), "Acme und Initech");
        assert_eq!(list(Lang::Es, &["Acme", "Initech"]), "Acme e Initech");
        assert_eq!(list(Lang::Es, &["Initech", "Acme"]), "Initech y Acme");
        assert_eq!(list(Lang::Es, &["Acme", "Hielo"]), "Acme y Hielo");
    }

    #[test]
    fn a_sentence_that_ends_in_an_abbreviation_has_one_full_stop() {
        assert_eq!(one_full_stop("Ask Acme Inc.. Or wait..".into()), "Ask Acme Inc. Or wait.");
        for kept in ["Wait...", "Acme Inc. knows", "a..b"] {
            assert_eq!(one_full_stop(kept.into()), kept);
        }
    }
}
