//! The six files hold the same messages, with the same values, and none too many.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_bundle::FluentResource;

use crate::pages::Lang;
use crate::pages::text::{Text, source};

/// Messages of a file, each with the `$names` it uses.
fn messages(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::<String, BTreeSet<String>>::new();
    let mut current = String::new();
    for line in source(lang).lines().filter(|line| !line.starts_with('#')) {
        let value = match line.split_once(" = ") {
            Some((key, value)) if !line.starts_with(' ') => {
                current = key.to_owned();
                assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{key} twice");
                value
            }
            _ => line,
        };
        let names = value
            .split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_lowercase).collect::<String>());
        messages.entry(current.clone()).or_default().extend(names.filter(|name| name != "brand"));
    }
    messages.remove("");
    messages
}

#[test]
fn every_file_parses_without_errors() {
    for lang in Lang::ALL {
        let parsed = FluentResource::try_new(source(lang).to_owned());
        assert!(parsed.is_ok(), "{}: {:?}", lang.tag(), parsed.err().map(|(_, errors)| errors));
    }
}

#[test]
fn every_language_has_the_same_messages_with_the_same_values() {
    let english = messages(Lang::En);
    assert!(english.len() > 100);
    for lang in Lang::ALL {
        let other = messages(lang);
        let keys = |m: &BTreeMap<String, _>| m.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&english), keys(&other), "{}", lang.tag());
        for (key, names) in &english {
            // A plural may do without saying the number.
            let without_count = |names: &BTreeSet<String>| {
                names.iter().filter(|name| *name != "count").cloned().collect::<Vec<_>>()
            };
            assert_eq!(without_count(names), without_count(&other[key]), "{key} in {}", lang.tag());
            if other[key].contains("count") {
                assert!(
                    names.contains("count"),
                    "{key} in {} counts, English does not",
                    lang.tag()
                );
            }
        }
    }
}

#[test]
fn every_message_formats_without_errors() {
    for lang in Lang::ALL {
        let text = Text::new(lang, "Bitrix ID");
        for (key, names) in messages(lang) {
            for count in [0_u32, 1, 2, 5, 11, 12, 21, 22, 1000] {
                let values: Vec<_> = names
                    .iter()
                    .map(|name| match name.as_str() {
                        "count" | "day" => (name.as_str(), count.into()),
                        _ => (name.as_str(), "value".into()),
                    })
                    .collect();
                let said = text.fill(&key, &values);
                assert!(!said.trim().is_empty(), "{key} in {}", lang.tag());
                assert!(!said.contains(['{', '}', '$']), "{key} in {}: {said}", lang.tag());
                assert!(said != key || key.len() < 8, "{key} in {} has no value", lang.tag());
            }
        }
    }
}

#[test]
fn every_message_is_used_and_every_message_used_exists() {
    let mut sources = String::new();
    for folder in ["templates", "src/pages"] {
        read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut sources);
    }
    let known = messages(Lang::En);
    for key in known.keys() {
        assert!(sources.contains(&format!("\"{key}\"")), "{key} is used nowhere");
    }
    for call in [".say(\"", ".with(\"", ".count(\"", ".fill(\""] {
        for rest in sources.split(call).skip(1) {
            let key = rest.split('"').next().unwrap();
            assert!(known.contains_key(key), "{key} is missing");
        }
    }
}

/// Every file below `folder` but tests.
fn read_all(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            text.push_str(&fs::read_to_string(path).unwrap());
        } else if !path.ends_with("tests") {
            read_all(&path, text);
        }
    }
}

#[test]
fn nobody_is_asked_to_log_in() {
    for (lang, word) in
        [(Lang::En, "log in"), (Lang::En, "login"), (Lang::De, "einlogg"), (Lang::Pt, "login")]
    {
        assert!(!source(lang).to_lowercase().contains(word), "{word}");
    }
}
