//! Tokens made by hand: genuine ones to look into, and forged ones of every kind.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

/// Header and claims of a compact JWS, with its signature unchecked.
#[derive(Debug, Clone)]
pub struct Jwt {
    /// Header.
    pub header: Value,
    /// Claims.
    pub claims: Value,
}

impl Jwt {
    /// Reads a token. Panics when it is not one.
    pub fn read(token: &str) -> Self {
        let mut parts = token.split('.').map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        });
        let (header, claims) = (parts.next(), parts.next());
        Self { header: header.expect("a header"), claims: claims.expect("claims") }
    }

    /// With another header member.
    #[must_use]
    pub fn header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    /// With another claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    /// Without a claim.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().expect("claims are an object").remove(name);
        self
    }

    /// Moves every time in it by so many seconds.
    #[must_use]
    pub fn shifted(mut self, seconds: i64) -> Self {
        for name in ["iat", "exp", "nbf", "auth_time"] {
            if let Some(at) = self.claims.get(name).and_then(Value::as_i64) {
                self.claims[name] = json!(at + seconds);
            }
        }
        self
    }

    /// Signed as a genuine one is.
    pub fn sign(&self, key: &SigningKey) -> String {
        let signature = key.pair.sign(self.signing_input().as_bytes());
        format!("{}.{}", self.signing_input(), URL_SAFE_NO_PAD.encode(signature))
    }

    /// With `alg` HS256 and this secret.
    pub fn sign_hs256(&self, secret: &[u8]) -> String {
        let forged = self.clone().header("alg", json!("HS256"));
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            forged.signing_input().as_bytes(),
        );
        format!("{}.{}", forged.signing_input(), URL_SAFE_NO_PAD.encode(tag))
    }

    /// With `alg` as given and no signature.
    pub fn unsigned(&self, algorithm: &str) -> String {
        format!("{}.", self.clone().header("alg", json!(algorithm)).signing_input())
    }

    /// Header and claims as they are signed.
    pub fn signing_input(&self) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }
}

/// An Ed25519 key: the gateway's own, taken from its database, or a stranger's.
pub struct SigningKey {
    /// `kid`.
    pub id: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// From PKCS#8.
    pub fn new(id: &str, pkcs8: &[u8]) -> Self {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect("an Ed25519 key");
        Self { id: id.to_owned(), pair }
    }

    /// A key nobody knows.
    pub fn stranger() -> Self {
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        Self::new("stranger", pkcs8.as_ref())
    }
}

/// Checks a token against a published key set, as an upstream would. Panics when it does not hold.
pub fn verify(token: &str, jwks: &Value) -> Jwt {
    let jwt = Jwt::read(token);
    assert_eq!(jwt.header["alg"], "EdDSA");
    let keys = jwks["keys"].as_array().expect("a key set");
    let key = keys.iter().find(|key| key["kid"] == jwt.header["kid"]).expect("a published key");
    assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
    let (input, signature) = token.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    UnparsedPublicKey::new(&ED25519, public_key(key))
        .verify(input.as_bytes(), &signature)
        .expect("the signature holds");
    jwt
}

/// The 32 bytes of a published key.
pub fn public_key(key: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("a public key")).expect("base64url")
}

/// The key as PEM, as a confused verifier might take it for a secret.
pub fn public_key_pem(key: &Value) -> String {
    // RFC 8410 section 4: the SubjectPublicKeyInfo prefix of an Ed25519 key.
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend_from_slice(&public_key(key));
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

/// Encodes as base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding.
pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
