//! Hides what looks like a secret in text that is printed.
//!
//! Secrets belong in files of their own, so a line that holds one is a mistake, and mistakes are what
//! gets printed: on a terminal, and on a failed reload in the log. Only the secret's characters are
//! replaced, one for one, so that the carets under a line still stand where they should.

use std::borrow::Cow;
use std::ops::Range;

/// `text` with `*` for every character of a password in a URL, and of whatever is assigned to a key
/// that speaks of a password or a secret.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let hidden: Vec<Range<usize>> = url_passwords(text).chain(assigned_secret(text)).collect();
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let is_hidden = |at: usize| hidden.iter().any(|range| range.contains(&at));
    text.char_indices().map(|(at, c)| if is_hidden(at) { '*' } else { c }).collect()
}

/// What stands between the first colon and the last `@` of each `scheme://user:password@host`.
fn url_passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, separator)| {
        let start = at + separator.len();
        let url = &text[start..];
        let url = &url[..url.find(['"', '\'']).unwrap_or(url.len())];
        let end = url.rfind('@')?;
        let colon = url[..end].find(':')?;
        Some(start + colon + 1..start + end)
    })
}

/// Everything after the `=` of the first key like `password` or `client_secret`, but not of the keys
/// that name a file.
fn assigned_secret(text: &str) -> Option<Range<usize>> {
    text.match_indices('=').find_map(|(at, _)| {
        let before = text[..at].trim_end().trim_end_matches(['"', '\'']);
        let key = before.rsplit(|c: char| !c.is_alphanumeric() && !"_-".contains(c)).next()?;
        let key = key.to_ascii_lowercase();
        let secret = ["password", "passwd", "secret"].iter().any(|word| key.contains(word));
        let start = at + 1 + text[at + 1..].chars().take_while(|c| *c == ' ').count();
        (secret && !key.ends_with("file")).then_some(start..text.len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn passwords_and_secrets_are_hidden_and_nothing_else() {
        for (text, expected) in [
            (
                "smtp = \"smtp://me:hunter2@mail.example:587\"",
                "smtp = \"smtp://me:*******@mail.example:587\"",
            ),
            (
                "a = [\"http://u:p@a\", \"http://u:q@b\"]",
                "a = [\"http://u:*@a\", \"http://u:*@b\"]",
            ),
            ("x = \"redis://:p@ss/w:rd@10.0.0.1\"", "x = \"redis://:*********@10.0.0.1\""),
            ("client_secret = \"abc\"", "client_secret = *****"),
            ("{ id = \"x\", \"smtp-password\"='ö' }", "{ id = \"x\", \"smtp-password\"=*****"),
            ("SECRET=", "SECRET="),
            ("smtp = \"smtp://me@mail.example\"", "smtp = \"smtp://me@mail.example\""),
            ("url = \"https://a.example:8443\"", "url = \"https://a.example:8443\""),
            ("client_secret_file = \"secrets/google\"", "client_secret_file = \"secrets/google\""),
            ("[passwords]", "[passwords]"),
            ("from = \"a@b.example\"", "from = \"a@b.example\""),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    proptest! {
        #[test]
        fn the_number_of_characters_stays(text in "\\PC{0,40}|(secret|://|[ =:@\"'ä]){0,20}") {
            prop_assert_eq!(mask(&text).chars().count(), text.chars().count());
        }
    }
}
