//! The names that people give to portals they create: the first label of the host, and the id.
//!
//! Two names that a hurried reader takes for one are one ([`skeleton`]); some belong to the operator or to
//! habit ([`BadPortalName::Reserved`]). A name is suggested from the title, whatever alphabet that is in.

use bitrix_id_config::model::RESERVED_PORTAL_IDS;

/// Shortest name, in characters.
pub const MIN_CHARS: usize = 3;
/// Longest name, in characters.
pub const MAX_CHARS: usize = 40;

/// Why a name is not taken, whoever else has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPortalName {
    /// Below [`MIN_CHARS`].
    TooShort,
    /// Above [`MAX_CHARS`].
    TooLong,
    /// Something other than `a-z`, `0-9` and inner hyphens, or the mark of an encoded name (`xn--`).
    Characters,
    /// Kept for the operator.
    Reserved,
}

/// The name as it is kept: lower case, without white space around it.
///
/// # Errors
/// [`BadPortalName`].
pub fn check(typed: &str) -> Result<String, BadPortalName> {
    let name = typed.trim().to_ascii_lowercase();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    // Hyphens in third and fourth place mark encodings, of which xn-- is one (RFC 5891, 4.2.3.1).
    let encoded = name.as_bytes().get(2..4) == Some(b"--");
    if !name.bytes().all(legal) || name.starts_with('-') || name.ends_with('-') || encoded {
        return Err(BadPortalName::Characters);
    }
    if name.len() < MIN_CHARS {
        return Err(BadPortalName::TooShort);
    }
    if name.len() > MAX_CHARS {
        return Err(BadPortalName::TooLong);
    }
    if is_reserved(&name) {
        return Err(BadPortalName::Reserved);
    }
    Ok(name)
}

fn is_reserved(name: &str) -> bool {
    let key = skeleton(name);
    let numbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    RESERVED_PORTAL_IDS.contains(&name)
        || RESERVED.iter().any(|word| *word == name || *word == numbered || skeleton(word) == key)
}

/// What remains of a name for a hurried reader: look-alike characters as one, hyphens left out.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let plain: String = name.chars().filter(|c| *c != '-').collect();
    // Pairs first: what they look like may be part of nothing longer.
    let pairs = plain.replace("rn", "m").replace("vv", "w").replace("cl", "d");
    pairs
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' => 'l',
            '5' => 's',
            other => other,
        })
        .collect()
}

/// A name made from a title: transliterated, hyphens for everything between words, cut at a word if it is
/// too long. Empty when nothing of the title can stand in a name.
#[must_use]
pub fn suggest(title: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for character in title.chars().take(MOST_TITLE_CHARS).flat_map(char::to_lowercase) {
        match latin(character) {
            Some(letters) => word.push_str(letters),
            None if character.is_ascii_alphanumeric() => word.push(character),
            None if is_silent(character) => {}
            None => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    let mut name = String::new();
    for word in words {
        let dash = usize::from(!name.is_empty());
        if name.len() + dash + word.len() > MAX_CHARS {
            if name.is_empty() {
                name.push_str(&word[..MAX_CHARS]);
            }
            break;
        }
        if dash == 1 {
            name.push('-');
        }
        name.push_str(&word);
    }
    name
}

/// Written and not heard: apostrophes, hard and soft signs, marks that combine with a letter.
fn is_silent(character: char) -> bool {
    matches!(character, '\'' | '’' | 'ʼ' | '"' | 'ъ' | 'ь' | '\u{300}'..='\u{36f}')
}

/// Latin letters of a lower-case character that is none itself.
fn latin(character: char) -> Option<&'static str> {
    let found = LETTERS.iter().find(|(letters, _)| letters.contains(character));
    found.map(|(_, latin)| *latin)
}

/// Russian and its neighbours as in passports, and Latin letters with marks as their speakers write them
/// without.
const LETTERS: &[(&str, &str)] = &[
    ("àáâãåāăąа", "a"),
    ("äæ", "ae"),
    ("б", "b"),
    ("çćĉċč", "c"),
    ("ч", "ch"),
    ("ďđðд", "d"),
    ("èéêëēĕėęěеэё", "e"),
    ("є", "ye"),
    ("ф", "f"),
    ("ĝğġģгґ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįıиі", "i"),
    ("ї", "yi"),
    ("ĵ", "j"),
    ("ķк", "k"),
    ("х", "kh"),
    ("ĺļľŀłл", "l"),
    ("м", "m"),
    ("ñńņňн", "n"),
    ("òóôõōŏőо", "o"),
    ("öøœ", "oe"),
    ("п", "p"),
    ("ŕŗřр", "r"),
    ("śŝşšșс", "s"),
    ("ш", "sh"),
    ("щ", "shch"),
    ("ß", "ss"),
    ("ţťŧțт", "t"),
    ("þ", "th"),
    ("ц", "ts"),
    ("ùúûũūŭůűųуў", "u"),
    ("ü", "ue"),
    ("в", "v"),
    ("ŵ", "w"),
    ("ýÿŷйы", "y"),
    ("я", "ya"),
    ("ю", "yu"),
    ("źżžз", "z"),
    ("ж", "zh"),
];

/// Names that software or people expect to be the operator's.
const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "acme-challenge",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "bitrix",
    "bitrix24",
    "bitrix-id",
    "blog",
    "cdn",
    "cloud",
    "cpanel",
    "dashboard",
    "dev",
    "dns",
    "docs",
    "download",
    "email",
    "files",
    "forum",
    "ftp",
    "gateway",
    "git",
    "help",
    "home",
    "host",
    "hostmaster",
    "identity",
    "imap",
    "info",
    "internal",
    "invite",
    "join",
    "lists",
    "local",
    "localhost",
    "login",
    "mail",
    "media",
    "mobile",
    "new",
    "news",
    "noc",
    "no-reply",
    "noreply",
    "oauth",
    "office",
    "openid",
    "passport",
    "password",
    "pay",
    "payment",
    "payments",
    "pop",
    "pop3",
    "portal",
    "portals",
    "postmaster",
    "private",
    "profile",
    "proxy",
    "public",
    "register",
    "root",
    "secure",
    "security",
    "server",
    "shop",
    "sign-in",
    "sign-up",
    "smtp",
    "sso",
    "staff",
    "staging",
    "static",
    "stats",
    "status",
    "store",
    "support",
    "system",
    "test",
    "upload",
    "user",
    "users",
    "vpn",
    "web",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

/// A title has fewer; more is not looked at.
const MOST_TITLE_CHARS: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_a_short_plain_label() {
        assert_eq!(check(" Nova-24 "), Ok("nova-24".into()));
        assert_eq!(check("a-1"), Ok("a-1".into()));
        assert_eq!(check(&"a".repeat(40)), Ok("a".repeat(40)));
        for (typed, bad) in [
            ("", BadPortalName::TooShort),
            ("ab", BadPortalName::TooShort),
            (&"a".repeat(41), BadPortalName::TooLong),
            ("-abc", BadPortalName::Characters),
            ("abc-", BadPortalName::Characters),
            ("a.b", BadPortalName::Characters),
            ("a_b", BadPortalName::Characters),
            ("über", BadPortalName::Characters),
            ("аcme", BadPortalName::Characters),
            ("xn--acme-1na", BadPortalName::Characters),
            ("ab--cd", BadPortalName::Characters),
            ("a b c", BadPortalName::Characters),
            ("acme\0", BadPortalName::Characters),
        ] {
            assert_eq!(check(typed), Err(bad), "{typed}");
        }
    }

    #[test]
    fn what_people_expect_to_be_the_operators_is_reserved() {
        for typed in [
            "www",
            "WWW",
            "www2",
            "mail",
            "admin",
            "adm1n",
            "ad-min",
            "api",
            "vvvvvv",
            "none",
            "bitrix-id",
            "1ogin",
            "security",
            "static",
        ] {
            assert_eq!(check(typed), Err(BadPortalName::Reserved), "{typed}");
        }
        for typed in ["mailers", "nova", "wwwide", "adminton"] {
            assert!(check(typed).is_ok(), "{typed}");
        }
    }

    #[test]
    fn look_alikes_have_one_skeleton() {
        for (one, other) in [
            ("google", "g00gle"),
            ("paypal", "paypa1"),
            ("paypal", "paypai"),
            ("acme-inc", "acmeinc"),
            ("modern", "rnodern"),
            ("wave", "vvave"),
            ("delta", "clelta"),
            ("sales", "5ales"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        assert_ne!(skeleton("acme"), skeleton("acne"));
        assert_ne!(skeleton("nova"), skeleton("novo"));
    }

    #[test]
    fn a_name_is_suggested_in_any_alphabet() {
        for (title, name) in [
            ("Acme Inc.", "acme-inc"),
            ("Ромашка", "romashka"),
            ("ООО «Щука и Ёж»", "ooo-shchuka-i-ezh"),
            ("Müller & Söhne", "mueller-soehne"),
            ("L’Étoile d'or", "letoile-dor"),
            ("Cafe\u{301} 24", "cafe-24"),
            ("Straße", "strasse"),
            ("  -- ", ""),
            ("東京", ""),
            ("Подъезд", "podezd"),
        ] {
            assert_eq!(suggest(title), name, "{title}");
        }
        assert_eq!(
            suggest("one two three four five six seven eight nine ten"),
            "one-two-three-four-five-six-seven-eight"
        );
        assert_eq!(suggest(&"a".repeat(50)), "a".repeat(40));
    }

    proptest! {
        #[test]
        fn a_suggestion_is_empty_or_fit_but_for_its_length_and_its_meaning(title in "\\PC{0,60}") {
            let name = suggest(&title);
            prop_assert!(name.len() <= MAX_CHARS);
            if !name.is_empty() {
                prop_assert!(!matches!(check(&name), Err(BadPortalName::TooLong)), "{}", name);
                if name.len() >= 4 && &name[2..4] != "--" {
                    prop_assert!(!matches!(check(&name), Err(BadPortalName::Characters)), "{}", name);
                }
            }
        }

        #[test]
        fn a_skeleton_is_the_same_for_every_hyphenation(name in "[a-z0-9]{3,20}", at in 1_usize..19) {
            let at = at.min(name.len() - 1);
            let hyphenated = format!("{}-{}", &name[..at], &name[at..]);
            prop_assert_eq!(skeleton(&name), skeleton(&hyphenated));
        }
    }
}
