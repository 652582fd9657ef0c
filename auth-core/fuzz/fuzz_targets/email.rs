//! E-mail addresses: one canonical form, plain to print and to send to.
#![no_main]

use bitrix_id_auth_core::email::{MAX_EMAIL_BYTES, MAX_LOCAL_PART_BYTES, canonical};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(address) = canonical(text) else { return };
    assert_eq!(canonical(&address).as_deref(), Ok(address.as_str()), "from {text:?}");
    let (local, domain) = address.split_once('@').expect("one @");
    assert!(!domain.contains('@'));
    assert!(address.len() <= MAX_EMAIL_BYTES && (1..=MAX_LOCAL_PART_BYTES).contains(&local.len()));
    assert!(
        domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
    );
    assert!(
        !local.chars().any(|c| c.is_control() || c.is_whitespace() || "\"<>(),:;\\".contains(c))
    );
    let upper = canonical(&text.to_ascii_uppercase());
    assert_eq!(upper.as_deref(), Ok(address.as_str()), "case of ASCII letters never matters");
});
