//! What mails promise.

use crate::pages::Lang;
use crate::pages::mail::{MailBody, already_registered, confirm_code, signed_up};

const URL: &str = "https://id.bitrix24.localhost:8443/sign-in?a=1&b=2";

fn all(lang: Lang) -> [MailBody; 3] {
    [
        confirm_code(lang, "Bitrix ID", "493817", 60),
        already_registered(lang, "Bitrix ID", URL),
        signed_up(lang, "Bitrix ID", URL),
    ]
}

/// HTML without its tags and head, entities resolved, words separated by single spaces.
fn words_of(html: &str) -> String {
    let body = html.split("<body").nth(1).unwrap().split_once('>').unwrap().1;
    let mut words = String::new();
    for part in body.split('<') {
        words.push(' ');
        words.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    let words = words.replace("&#39;", "'").replace("&#38;", "&").replace("&amp;", "&");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn text_and_html_say_the_same() {
    for lang in Lang::ALL {
        for mail in all(lang) {
            let text = mail.text.replace("\n-- \n", "\n");
            assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), words_of(&mail.html));
        }
    }
}

#[test]
fn code_stands_in_the_subject_and_in_the_first_line() {
    for lang in Lang::ALL {
        let [mail, ..] = all(lang);
        assert!(mail.subject.starts_with("493817"), "{}", mail.subject);
        assert!(mail.subject.contains("Bitrix ID"), "{}", mail.subject);
        assert!(mail.text.lines().next().unwrap().ends_with("493817"), "{}", mail.text);
    }
}

#[test]
fn mails_load_nothing_and_link_only_where_they_say() {
    for lang in Lang::ALL {
        for mail in all(lang) {
            for tag in ["<img", "<link", "<script", "<style", "background", "url("] {
                assert!(!mail.html.contains(tag), "{tag} in {}", mail.html);
            }
            for link in mail.html.split("href=\"").skip(1) {
                let link = link.split('"').next().unwrap();
                assert_eq!(link.replace("&#38;", "&"), URL);
            }
        }
    }
}

#[test]
fn names_cannot_break_the_subject_or_the_markup() {
    let mail = confirm_code(Lang::En, "Evil\r\nBcc: x <b>", "1", 1);
    assert_eq!(mail.subject, "1 is your Evil  Bcc: x <b> code");
    assert!(!mail.html.contains("<b>"));
}
