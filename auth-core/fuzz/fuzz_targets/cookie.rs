//! `Cookie` fields, one a line: what is found is there, alone, and however the fields are split.
#![no_main]

use bitrix_id_auth_core::hop::TOKEN_COOKIE;
use bitrix_id_auth_core::scheme::cookie::{Found, find, pairs, sets_gateway_cookie};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let fields = || data.split(|byte| *byte == b'\n');
    for name in [TOKEN_COOKIE, "a"] {
        let found = find(fields(), name);
        assert_eq!(found, find(fields(), name));
        let crumbs = data.split(|byte| matches!(byte, b'\n' | b';'));
        assert_eq!(found, find(crumbs, name), "splitting a field into crumbs changes nothing");
        let twice = find(fields().chain(fields()), name);
        assert_eq!(twice == Found::Absent, found == Found::Absent);
        assert!(!matches!(twice, Found::One(_)), "two occurrences are never one");
        let occurrences = windows(data, name.as_bytes());
        match found {
            Found::Absent => {}
            Found::One(value) => {
                assert!(occurrences >= 1 && windows(data, value) >= 1);
                assert!(!value.iter().any(|byte| b";\n".contains(byte)));
                let written = [name.as_bytes(), b"=", value].concat();
                assert_eq!(find([&written[..]], name), found, "a value survives being written");
            }
            Found::Several => assert!(occurrences >= 2),
        }
    }
    for field in fields() {
        for pair in pairs(field) {
            assert!(!pair.name.is_empty() || pair.value.is_some());
            assert!(!pair.name.iter().any(|byte| b";=".contains(byte)));
        }
        // Whatever an upstream could set and a browser send back as ours counts as ours.
        let cookie = field.split(|byte| *byte == b';').next().unwrap_or_default();
        if find([cookie], TOKEN_COOKIE) != Found::Absent {
            assert!(sets_gateway_cookie(field));
        }
    }
});

fn windows(data: &[u8], part: &[u8]) -> usize {
    match part.len() {
        0 => 1,
        length => data.windows(length).filter(|window| *window == part).count(),
    }
}
