//! Portal tokens: only the very text that was signed is accepted, and says what was signed.
//!
//! An input is a token as it stands, an alteration of a good token, and (a JSON header, line feed, a
//! payload) a token of a correct signature and whatever content.
#![no_main]

use std::sync::LazyLock;

use bitrix_id_auth_core::hop::verify_ticket;
use bitrix_id_auth_core::identity::Identity;
use bitrix_id_auth_core::token::{RejectToken, sign_token, verify_token};
use bitrix_id_fuzz::{HOST, ISSUER, NOW, RING, altered, identity, signed};
use libfuzzer_sys::fuzz_target;

static GOOD: LazyLock<String> = LazyLock::new(|| {
    let text = sign_token(&RING, ISSUER, HOST, &identity()).expect("it fits");
    assert_eq!(verify(&text), Ok(identity()));
    text
});

fuzz_target!(|data: &[u8]| {
    if let Some(signed) = signed(data) {
        check_content(&signed);
        return;
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(identity) = verify(text)
    {
        // Ed25519 has one signature per message and our JSON one spelling, so there is one such text.
        assert_eq!(sign_token(&RING, ISSUER, HOST, &identity).as_deref().ok(), Some(text));
        check_content(text);
    }
    if let Some(text) = altered(&GOOD, data) {
        assert!(verify(&text).is_err(), "an altered token is accepted: {text}");
    }
});

fn check_content(text: &str) {
    assert!(verify_ticket(&RING, ISSUER, HOST, text, NOW).is_err() || verify(text).is_err());
    let Ok(identity) = verify(text) else { return };
    assert_eq!(verify(text).as_ref(), Ok(&identity));
    assert!(identity.issued_at <= NOW + 30 && NOW < identity.expires_at);
    let late = verify_token(&RING, ISSUER, HOST, text, identity.expires_at);
    assert_eq!(late, Err(RejectToken::Expired));
    for (issuer, host) in [("https://other.test", HOST), (ISSUER, "other.test")] {
        assert!(verify_token(&RING, issuer, host, text, NOW).is_err());
    }
    // Fails where more was presented than is ever issued.
    if let Ok(again) = sign_token(&RING, ISSUER, HOST, &identity) {
        assert_eq!(verify(&again), Ok(identity));
    }
}

fn verify(text: &str) -> Result<Identity, RejectToken> {
    verify_token(&RING, ISSUER, HOST, text, NOW)
}
