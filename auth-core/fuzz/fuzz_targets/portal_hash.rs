//! Password hashes that portals bring along: of any text it can be said whether it is one.
#![no_main]

use bitrix_id_auth_core::password::check_portal_hash;
use bitrix_id_auth_core::password::samples::sample_md5;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    match check_portal_hash(text) {
        Ok(()) => assert!(printable && text.len() >= 32),
        Err(reason) => assert!(!reason.is_empty()),
    }
    // What portals make is one, whatever the salt looks like.
    if printable && text.len() <= 16 {
        assert_eq!(check_portal_hash(&sample_md5("password", text)), Ok(()), "salt {text}");
    }
});
