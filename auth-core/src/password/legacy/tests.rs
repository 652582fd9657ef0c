use super::*;
use crate::password::samples::{sample_md5, sample_sha512};

/// Password, hash. The first is the one that comes with the description of SHA-crypt; the others are
/// computed with OpenSSL.
const VECTORS: &[(&str, &str)] = &[
    (
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
    ),
    (
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
    ),
    (
        "MyPassw0rd",
        "$6$abcdefghij012345$MIhdqTK1Ek6VEtJEjCFP62KwPHUD4ZpgGVdJX7MQ2nfy/N4fx3naGnakOb7D2HHZuck10x0ReGO6Ql.b4fAxg.",
    ),
    (
        "пароль",
        "$6$abcdefghij012345$FEAgefDrh/1UfFcjMs/70Uu1UrVlHY39s3k.QxVKsFmyaftT9UIc6VPHhVFW4yysw/iQa53Zhf9.SOHrgLtfH1",
    ),
    ("MyPassw0rd", "aB3$xY9z410d69fced580129ebb67e81f0ee93a8"),
    ("MyPassw0rd", "5bc19af86c75c8bc1af45b3ef4cd8717"),
    ("пароль", "aB3$xY9z9c258c63e74e8df8d3e76794c9e77a9b"),
    ("пароль", "aB3$xY9z1f1bdacc29e33cf54d0c18d0650eb4f9"),
];

fn matches(hash: &str, password: &str) -> bool {
    let hash = PortalHash::parse(hash, None).unwrap_or_else(|reason| panic!("{hash}: {reason}"));
    spellings(password.as_bytes()).iter().any(|spelling| hash.matches(spelling))
}

#[test]
fn every_form_matches_its_password_and_no_other() {
    for (password, hash) in VECTORS {
        assert!(matches(hash, password), "{password} {hash}");
        for wrong in ["", "mypassw0rd", "Hello world", "Пароль", "MyPassw0rd "] {
            assert!(!matches(hash, wrong), "{wrong:?} {hash}");
        }
    }
}

#[test]
fn samples_are_what_portals_make() {
    assert_eq!(sample_sha512("MyPassw0rd", "abcdefghij012345"), VECTORS[2].1);
    assert_eq!(sample_md5("MyPassw0rd", "aB3$xY9z"), VECTORS[4].1);
    assert_eq!(sample_md5("MyPassw0rd", ""), VECTORS[5].1);
}

#[test]
fn a_salt_may_look_like_a_prefix() {
    for salt in ["$6$abcde", "$6$a$bcd", "$argon2i", "$argon2id$v=19$m", "$", "{}"] {
        let hash = sample_md5("MyPassw0rd", salt);
        assert!(matches(&hash, "MyPassw0rd"), "{hash}");
        assert!(!matches(&hash, "other"), "{hash}");
    }
}

#[test]
fn a_site_may_have_hashed_windows_1251() {
    let old = "aB3$xY9z1f1bdacc29e33cf54d0c18d0650eb4f9";
    let parsed = PortalHash::parse(old, None).unwrap_or_else(|reason| panic!("{reason}"));
    assert!(!parsed.matches("пароль".as_bytes()));
    assert!(matches(old, "пароль"));
    // Plain ASCII, and what that charset lacks, has one spelling.
    assert_eq!(spellings(b"MyPassw0rd").len(), 1);
    assert_eq!(spellings("密码".as_bytes()).len(), 1);
}

#[test]
fn what_is_no_hash_is_refused() {
    let sha512 = VECTORS[2].1;
    let many = sha512.replacen("$6$", "$6$rounds=999999999$", 1);
    let few = sha512.replacen("$6$", "$6$rounds=10$", 1);
    let long_salt = sha512.replacen("$6$", "$6$0123456789", 1);
    for text in [
        "",
        "5bc19af86c75c8bc1af45b3ef4cd871",
        "5bc19af86c75c8bc1af45b3ef4cd871g",
        "+bc19af86c75c8bc1af45b3ef4cd8717",
        "aB3 xY9z410d69fced580129ebb67e81f0ee93a8",
        "ключ5bc19af86c75c8bc1af45b3ef4cd8717",
        "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8",
        "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        &sha512[..sha512.len() - 1],
        &many,
        &few,
        &long_salt,
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdA",
        "$argon2id$v=19$m=262144,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdA",
        "$argon2id$v=19$m=64,t=60,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdA",
    ] {
        assert!(check_portal_hash(text).is_err(), "{text}");
    }
}

#[test]
fn argon2_of_every_kind_is_known() {
    let tail = "m=64,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHRzYWx0c2FsdA";
    for kind in ["argon2id", "argon2i", "argon2d"] {
        assert_eq!(check_portal_hash(&format!("${kind}$v=19${tail}")), Ok(()), "{kind}");
    }
}
