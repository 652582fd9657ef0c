//! Authorities: a canonical host is its own canonical form, and the one that a browser would send.
#![no_main]

use bitrix_id_auth_core::authority::canonical_host;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok((host, port)) = canonical_host(data) else { return };
    assert_eq!(canonical_host(host.as_bytes()), Ok((host.clone(), None)));
    assert!(!host.is_empty() && !host.ends_with('.') && host.is_ascii());
    assert!(!host.bytes().any(|byte| byte.is_ascii_uppercase() || b" /@#?\\%,_".contains(&byte)));
    let upper = canonical_host(&data.to_ascii_uppercase());
    assert_eq!(upper, Ok((host.clone(), port)), "case never matters");
    if let Some(port) = port {
        let written = format!("{host}:{port}");
        assert_eq!(canonical_host(written.as_bytes()), Ok((host.clone(), Some(port))));
    }
    // A browser refuses some names (bad punycode), but reads none as another.
    if let Ok(url) = Url::parse(&format!("https://{host}/")) {
        let sent = url.host_str().unwrap_or_default();
        assert_eq!(canonical_host(sent.as_bytes()), Ok((host, None)));
    }
});
