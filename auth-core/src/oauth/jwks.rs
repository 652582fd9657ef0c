//! A provider's public keys (RFC 7517), as far as they can sign an `id_token` for us.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Keys that verify signatures.
#[derive(Default)]
pub(super) struct KeySet(Vec<Key>);

/// A key. The algorithm is its own; a token's header is only held against it.
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
    /// Some providers serve many issuers from one set and say which key is whose.
    pub(super) issuer: Option<String>,
}

impl KeySet {
    /// Reads a JWK set. Keys that we cannot use are passed over: sets hold keys of all kinds.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        Some(Self(keys.iter().take(MOST_KEYS).filter_map(Key::read).collect()))
    }

    /// The key that a header names. Without a name, the only one there is.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        let mut named = self.0.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
        match (named.next(), named.next()) {
            (Some(key), None) => Some(key),
            _ => None,
        }
    }
}

impl Key {
    fn read(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let (algorithm, decoding) = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                (Algorithm::RS256, DecodingKey::from_rsa_components(text("n")?, text("e")?))
            }
            ("EC", Some("P-256")) => {
                (Algorithm::ES256, DecodingKey::from_ec_components(text("x")?, text("y")?))
            }
            ("OKP", Some("Ed25519")) => {
                (Algorithm::EdDSA, DecodingKey::from_ed_components(text("x")?))
            }
            _ => return None,
        };
        let names = match algorithm {
            Algorithm::RS256 => &["RS256"][..],
            Algorithm::ES256 => &["ES256"],
            // RFC 9864 gives EdDSA over Ed25519 a name of its own.
            _ => &["EdDSA", "Ed25519"],
        };
        if text("alg").is_some_and(|alg| !names.contains(&alg)) {
            return None;
        }
        Some(Self {
            id: text("kid").map(str::to_owned),
            algorithm,
            decoding: decoding.ok()?,
            issuer: text("issuer").map(str::to_owned),
        })
    }
}

/// Sets have a handful.
const MOST_KEYS: usize = 100;
