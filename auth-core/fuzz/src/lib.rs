//! What the targets share: one moment, one issuer, one host, one key.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::hop::HopSealer;
use bitrix_id_auth_core::identity::{AccountId, Identity, SessionId, UnixSeconds};
use bitrix_id_auth_core::keys::KeyRing;
use bitrix_id_auth_core::store::KeyRecord;
use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

pub const NOW: UnixSeconds = 1_800_000_000;
pub const ISSUER: &str = "https://id.test";
pub const HOST: &str = "portal.test";

/// Holds the example key of RFC 8037 appendix A, which is no secret.
pub static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let record = KeyRecord {
        id: KEY_ID.to_owned(),
        pkcs8: pkcs8(),
        created_at: NOW - 1000,
        active_from: NOW - 1000,
        expires_at: None,
    };
    KeyRing::new(&[record], NOW).expect("the example key is readable")
});

/// Seals hop states with a secret that is none.
pub static SEALER: LazyLock<HopSealer> = LazyLock::new(|| HopSealer::new([7; 32]));

/// Somebody with every attribute.
pub fn identity() -> Identity {
    Identity {
        subject: AccountId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        session: SessionId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002)),
        email: "anna@example.com".to_owned(),
        name: "Anna Müller".to_owned(),
        title: Some("Head of Sales".to_owned()),
        portal: "acme".to_owned(),
        portal_user: Some("17".to_owned()),
        roles: vec!["admin".to_owned(), "sales".to_owned()],
        member: true,
        generation: 3,
        issued_at: NOW,
        expires_at: NOW + 600,
        auth_time: NOW - 50,
        amr: vec!["pwd".to_owned()],
    }
}

/// A JWS over whatever header and payload, with a good signature: what follows once it is verified must
/// hold against a key holder's mistakes as well. `None`: `data` is not `header`, line feed, `payload`.
pub fn signed(data: &[u8]) -> Option<String> {
    static KEY: LazyLock<Ed25519KeyPair> = LazyLock::new(|| {
        Ed25519KeyPair::from_pkcs8(&pkcs8()).expect("the example key is readable")
    });
    let at = data.iter().position(|byte| *byte == b'\n')?;
    let (header, payload) = (&data[..at], &data[at + 1..]);
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(message.as_bytes()));
    Some(format!("{message}.{signature}"))
}

/// `text` with the bytes at a place chosen by `data` replaced by the rest of `data`; `None` where this
/// changes nothing or leaves no text.
pub fn altered(text: &str, data: &[u8]) -> Option<String> {
    let [high, low, cut, insert @ ..] = data else { return None };
    let start = usize::from(u16::from_be_bytes([*high, *low])) % (text.len() + 1);
    let end = (start + usize::from(*cut)).min(text.len());
    let bytes = [&text.as_bytes()[..start], insert, &text.as_bytes()[end..]].concat();
    String::from_utf8(bytes).ok().filter(|altered| altered != text)
}

// PKCS#8 v2 (RFC 5958) around the two halves of the key.
fn pkcs8() -> Vec<u8> {
    let half = |text| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    [PREFIX, &half(PRIVATE_HALF), b"\x81\x21\x00", &half(PUBLIC_HALF)].concat()
}

const PREFIX: &[u8] = b"\x30\x51\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const PRIVATE_HALF: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC_HALF: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const KEY_ID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
