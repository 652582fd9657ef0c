//! Return targets: a browser that follows one stays on the host, at that very path.
#![no_main]

use bitrix_id_auth_core::hop::{CALLBACK_PATH, RETURN_TARGET_LIMIT, depart, return_target};
use bitrix_id_fuzz::{HOST, NOW, SEALER};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let departure = depart(&SEALER, HOST, text, 0, NOW);
    check(&SEALER.open(&departure.state, NOW).expect("sealed just now").return_to);
    if let Some(target) = return_target(text) {
        check(&target);
    }
});

fn check(target: &str) {
    assert_eq!(return_target(target).as_deref(), Some(target), "it is its own target");
    assert!(target.starts_with('/') && !target.starts_with("//"), "{target}");
    assert!(target.len() <= RETURN_TARGET_LIMIT);
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{target}");
    for base in ["https://portal.test", "https://portal.test/a/b?c#d"] {
        let url = Url::parse(base).and_then(|base| base.join(target)).expect("it is a reference");
        assert_eq!(url.origin().ascii_serialization(), "https://portal.test", "{target}");
        assert_eq!((url.username(), url.password(), url.fragment()), ("", None, None), "{target}");
        assert_eq!(url.path(), target.split('?').next().unwrap_or_default());
        assert_ne!(url.path(), CALLBACK_PATH);
    }
}
