//! What `templates/base.html` needs, and the one place where a template becomes text.

use askama::Template;

use super::text::Text;
use super::{Frame, Lang, asset};

/// The frame and its texts, as the templates see them (under the name `c`).
pub(super) struct Surround<'a> {
    pub(super) frame: &'a Frame,
    pub(super) t: Text<'a>,
}

/// One link of the language switch.
pub(super) struct LanguageLink {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) url: String,
    pub(super) current: bool,
}

impl<'a> Surround<'a> {
    pub(super) fn new(frame: &'a Frame) -> Self {
        Self { frame, t: Text::new(frame.lang, &frame.brand) }
    }

    pub(super) fn lang(&self) -> &'static str {
        self.frame.lang.tag()
    }

    pub(super) fn style(&self) -> String {
        asset::style_path()
    }

    pub(super) fn script(&self) -> String {
        asset::script_path()
    }

    pub(super) fn icon(&self) -> String {
        asset::icon_path()
    }

    pub(super) fn accent(&self) -> Option<String> {
        asset::accent_path(self.frame.accent.as_deref()?)
    }

    /// The language switch; empty where it is hidden.
    pub(super) fn languages(&self) -> Vec<LanguageLink> {
        if !stays_here(&self.frame.path) {
            return Vec::new();
        }
        let link = |lang: Lang| LanguageLink {
            tag: lang.tag(),
            name: lang.name(),
            url: in_language(&self.frame.path, lang),
            current: lang == self.frame.lang,
        };
        Lang::ALL.map(link).into()
    }
}

/// Writes a page out.
pub(super) fn render(page: &impl Template) -> String {
    // Writing to a String does not fail, and no filter of ours refuses a value.
    page.render().unwrap_or_else(|error| error.to_string())
}

/// Adds `key=value` to a path; `value` is escaped as needed.
pub(super) fn with_query(path: &str, key: &str, value: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    format!("{path}{mark}{key}={value}")
}

/// Whether a link to this path stays on this host: browsers read `//host` and `/\host` as another one.
fn stays_here(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'))
}

/// The same page in another language: an earlier choice in the query is dropped.
fn in_language(path: &str, lang: Lang) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut address = path.to_owned();
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    for (i, pair) in kept.chain([&*format!("lang={}", lang.tag())]).enumerate() {
        address.push(if i == 0 { '?' } else { '&' });
        address.push_str(pair);
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(path: &str) -> Vec<String> {
        let frame = Frame { path: path.to_owned(), ..Frame::default() };
        Surround::new(&frame).languages().into_iter().map(|link| link.url).collect()
    }

    #[test]
    fn language_links_keep_the_query_and_replace_an_earlier_choice() {
        assert_eq!(links("/")[1], "/?lang=de");
        assert_eq!(links("/sign-in?state=a.b-c")[5], "/sign-in?state=a.b-c&lang=ru");
        assert_eq!(links("/sign-in?lang=de&state=x&lang=fr")[0], "/sign-in?state=x&lang=en");
    }

    #[test]
    fn language_links_never_lead_to_another_host() {
        for path in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x"]
        {
            assert!(links(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn query_values_are_escaped() {
        assert_eq!(with_query("/sign-up", "state", "a b&c=d"), "/sign-up?state=a+b%26c%3Dd");
        assert_eq!(with_query("/p?q=1", "state", "x"), "/p?q=1&state=x");
    }
}
