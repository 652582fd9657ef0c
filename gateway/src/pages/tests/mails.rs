//! What mails promise.

use crate::pages::Lang;
use crate::pages::mail::{MailBody, already_registered, confirm_code, people, signed_up};

const URL: &str = "https://id.bitrix24.localhost:8443/sign-in?a=1&b=2";

fn all(lang: Lang) -> Vec<MailBody> {
    let mut all = vec![
        confirm_code(lang, "Bitrix ID", "493817", 60),
        already_registered(lang, "Bitrix ID", URL),
        signed_up(lang, "Bitrix ID", URL),
    ];
    all.extend(about_addresses(lang));
    all.extend(about_people(lang));
    all.extend(about_access(lang));
    all.extend(about_recovery(lang));
    all.extend(about_joining(lang));
    all.extend(about_links(lang));
    all
}

fn about_links(lang: Lang) -> Vec<MailBody> {
    use crate::pages::mail::social::{linked, unlinked};
    vec![linked(lang, "Bitrix ID", "Google", URL), unlinked(lang, "Bitrix ID", "Google", URL)]
}

fn about_joining(lang: Lang) -> Vec<MailBody> {
    use crate::pages::mail::{JoiningCode, joined, joining_code, unjoined, welcomed};
    let portals = ["Acme Inc.", "Globex", "Initech"].map(str::to_owned);
    let code = |portals| {
        let letter = JoiningCode { code: "493817", minutes: 60, link: URL, portals };
        joining_code(lang, "Bitrix ID", &letter)
    };
    vec![
        code(&portals),
        code(&[]),
        joined(lang, "Bitrix ID", &portals, URL),
        unjoined(lang, "Bitrix ID", "Acme Inc.", URL),
        welcomed(lang, "Bitrix ID", URL),
    ]
}

fn about_access(lang: Lang) -> Vec<MailBody> {
    use crate::pages::mail::access;
    let (brand, portal) = ("Bitrix ID", "acme.bitrix24.localhost:8443");
    vec![
        access::access_asked(lang, brand, portal, URL),
        access::access_granted(lang, brand, portal, URL),
        access::access_declined(lang, brand, portal, URL),
        access::invitation(lang, brand, portal, 7, URL),
    ]
}

fn about_people(lang: Lang) -> Vec<MailBody> {
    let about = people::NewDevice {
        at: 1_773_307_800,
        time_zone: Some("Europe/Berlin"),
        user_agent: "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0 <b>",
        address: "203.0.113.7",
        not_me_url: URL,
    };
    let leaving = people::leaving(lang, "Bitrix ID", 1_773_307_800, None, URL);
    vec![people::new_device(lang, "Bitrix ID", &about), leaving]
}

#[test]
fn a_new_device_is_named_by_what_is_known_and_not_by_what_it_says() {
    let [mail, leaving] = about_people(Lang::En).try_into().unwrap();
    for part in ["12 March 2026, 10:30 (Europe/Berlin)", "Firefox on Windows", "203.0.113.7"] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
    assert!(!mail.text.contains("<b>") && !mail.text.contains("Mozilla"));
    assert!(leaving.subject.contains("12 March 2026"), "{}", leaving.subject);
}

fn about_addresses(lang: Lang) -> Vec<MailBody> {
    use crate::pages::mail::addresses::{self, Change};
    let brand = "Bitrix ID";
    let held = ["anna@example.org".to_owned(), "a.m@example.net".to_owned()];
    let mut mails = vec![
        addresses::confirm_identity(lang, brand, "493817", 60),
        addresses::add_address(lang, brand, "493817", 60),
        addresses::merge_code(lang, brand, "493817", 60),
        addresses::held_elsewhere(lang, brand, URL),
        addresses::nothing_to_merge(lang, brand, URL),
        addresses::merged(lang, brand, &held, URL),
        addresses::merged_away(lang, brand, "anna@example.org", URL),
        addresses::unmerged(lang, brand, URL),
    ];
    for change in [Change::Added, Change::Primary, Change::Removed] {
        mails.push(addresses::changed(lang, brand, change("anna@example.org"), URL));
    }
    mails
}

fn about_recovery(lang: Lang) -> Vec<MailBody> {
    use crate::pages::mail::{
        CheckwordMail, PasswordChanged, Registered, checkword, password_changed,
    };
    let known = |portal: &str, name: &str, user_name: &str| Registered {
        portal: portal.into(),
        name: name.into(),
        user_name: user_name.into(),
    };
    let letter = CheckwordMail {
        email: "anna@example.com",
        code: "7QK4-M0ZD-3H8V-XW2N-C5TR-91BG-YEFA",
        link: URL,
        minutes: 60,
        registered: vec![
            known("Acme Inc.", "Anna Müller", "anna.m"),
            known("Globex", "", "a.mueller"),
            known("Initech", "Anna M.", ""),
            known("Umbrella", "", ""),
        ],
    };
    let changed = PasswordChanged {
        at: 1_773_307_800,
        zone: Some("Europe/Berlin".into()),
        user_agent: String::new(),
        network: "203.0.113.7".into(),
        also: vec!["Google".into(), "anna@home.example".into()],
        recover_url: URL.into(),
    };
    vec![checkword(lang, "Bitrix ID", &letter), password_changed(lang, "Bitrix ID", &changed)]
}

#[test]
fn the_checkword_stands_in_the_first_line_and_not_in_the_subject() {
    for lang in Lang::ALL {
        let mail = about_recovery(lang).remove(0);
        let code = "7QK4-M0ZD-3H8V-XW2N-C5TR-91BG-YEFA";
        assert!(mail.text.lines().next().unwrap().ends_with(code), "{}", mail.text);
        assert!(!mail.subject.contains("7QK4"), "{}", mail.subject);
        for part in ["Anna Müller", "anna.m", "a.mueller", "Umbrella", "60", URL] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
        }
    }
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
            let text = mail.text.replace("\n-- \n", "\n").replace("\n- ", "\n");
            assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), words_of(&mail.html));
        }
    }
}

#[test]
fn code_stands_in_the_subject_and_in_the_first_line() {
    for lang in Lang::ALL {
        for mail in
            [&all(lang)[..1], &about_addresses(lang)[..3], &about_joining(lang)[..2]].concat()
        {
            assert!(mail.subject.starts_with("493817"), "{}", mail.subject);
            assert!(mail.subject.contains("Bitrix ID"), "{}", mail.subject);
            assert!(mail.text.lines().next().unwrap().ends_with("493817"), "{}", mail.text);
        }
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
