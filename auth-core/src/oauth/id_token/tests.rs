use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::*;
use crate::testing::NOW;

/// Signs what it is told to.
enum Signer {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
}

impl Signer {
    fn ed() -> Self {
        crate::jwt::install();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    fn ec() -> Self {
        crate::jwt::install();
        let (random, way) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(way, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(way, pkcs8.as_ref(), &random).unwrap())
    }

    fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Ed(pair) => json!({"kty": "OKP", "crv": "Ed25519", "kid": kid,
                "x": URL_SAFE_NO_PAD.encode(pair.public_key())}),
            Self::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
                    "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
                    "y": URL_SAFE_NO_PAD.encode(&point[33..])})
            }
        }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = signing_input(header, claims);
        let signature = match self {
            Self::Ed(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
            Self::Ec(pair) => {
                pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn keys(jwks: &[Value]) -> KeySet {
    KeySet::read(&json!({ "keys": jwks })).unwrap()
}

fn good() -> Value {
    json!({"iss": "https://login.example", "sub": "248289", "aud": "us", "nonce": "n-0S6",
        "exp": NOW + 300, "iat": NOW - 5, "email": "anna@example.com", "email_verified": true})
}

/// The good claims with some changed; null takes one away.
fn but(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn checked(token: &str, keys: &KeySet) -> Result<Claims, Reject> {
    let issuer = |claims: &Claims| claims.iss == "https://login.example";
    let expected = Expected { issuer: &issuer, client_id: "us", nonce: "n-0S6", now: NOW };
    verify(token, keys, &expected)
}

fn header(alg: &str) -> Value {
    json!({"alg": alg, "kid": "k1", "typ": "JWT"})
}

#[test]
fn a_good_token_names_its_subject_under_either_kind_of_key() {
    for (signer, alg) in [(Signer::ed(), "EdDSA"), (Signer::ec(), "ES256")] {
        let keys = keys(&[signer.jwk("k1")]);
        let claims = checked(&signer.sign(&header(alg), &good()), &keys).unwrap();
        assert_eq!(
            (claims.sub.as_str(), claims.text("email")),
            ("248289", Some("anna@example.com"))
        );
        assert!(claims.is_true("email_verified"));
        let unnamed = signer.sign(&json!({"alg": alg}), &good());
        assert!(checked(&unnamed, &keys).is_ok(), "the only key needs no name");
    }
}

#[test]
fn every_claim_that_is_wrong_or_missing_refuses() {
    let signer = Signer::ec();
    let keys = keys(&[signer.jwk("k1")]);
    for (changes, reason) in [
        (json!({"iss": "https://login.example/"}), "id_token_issuer"),
        (json!({"iss": null}), "id_token_claims"),
        (json!({"sub": null}), "id_token_claims"),
        (json!({"sub": ""}), "id_token_subject"),
        (json!({"sub": 7}), "id_token_claims"),
        (json!({"sub": "x".repeat(256)}), "id_token_subject"),
        (json!({"aud": "them"}), "id_token_audience"),
        (json!({"aud": null}), "id_token_claims"),
        (json!({"aud": []}), "id_token_audience"),
        (json!({"aud": ["us", "them"]}), "id_token_azp"),
        (json!({"aud": ["us", "them"], "azp": "them"}), "id_token_azp"),
        (json!({"aud": "us", "azp": "them"}), "id_token_azp"),
        (json!({"aud": "uss"}), "id_token_audience"),
        (json!({"exp": NOW - CLOCK_SKEW}), "id_token_expired"),
        (json!({"exp": null}), "id_token_claims"),
        (json!({"exp": "9999999999"}), "id_token_claims"),
        (json!({"iat": NOW + CLOCK_SKEW + 1}), "id_token_ahead"),
        (json!({"iat": null}), "id_token_claims"),
        (json!({"nonce": "another"}), "id_token_nonce"),
        (json!({"nonce": null}), "id_token_nonce"),
    ] {
        let token = signer.sign(&header("ES256"), &but(&changes));
        assert_eq!(checked(&token, &keys).unwrap_err(), Reject::For(reason), "{changes}");
    }
    for changes in [
        json!({"aud": ["us"]}),
        json!({"aud": ["us", "them"], "azp": "us"}),
        json!({"exp": NOW - CLOCK_SKEW + 1}),
        json!({"iat": NOW + CLOCK_SKEW}),
        json!({"exp": 1.5e10}),
    ] {
        let token = signer.sign(&header("ES256"), &but(&changes));
        assert!(checked(&token, &keys).is_ok(), "{changes}");
    }
}

#[test]
fn the_algorithm_is_the_key_s() {
    let (signer, other) = (Signer::ec(), Signer::ec());
    let jwk = signer.jwk("k1");
    let keys = keys(std::slice::from_ref(&jwk));
    let unsigned = format!("{}.", signing_input(&header("none"), &good()));
    assert_eq!(checked(&unsigned, &keys).unwrap_err(), Reject::For("id_token_malformed"));
    for secret in ["the client's secret".to_owned(), jwk.to_string(), String::new()] {
        let text = signing_input(&header("HS256"), &good());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()));
        let refused = checked(&format!("{text}.{mac}"), &keys).unwrap_err();
        assert_eq!(refused, Reject::For("id_token_algorithm"));
    }
    let wrong_key = other.sign(&header("ES256"), &good());
    assert_eq!(checked(&wrong_key, &keys).unwrap_err(), Reject::For("id_token_signature"));
    let wrong_family = signer.sign(&header("EdDSA"), &good());
    assert_eq!(checked(&wrong_family, &keys).unwrap_err(), Reject::For("id_token_algorithm"));
    let token = signer.sign(&header("ES256"), &good());
    let altered = token.replacen('.', ".e", 1);
    assert!(checked(&altered, &keys).is_err());
}

#[test]
fn headers_choose_nothing() {
    let signer = Signer::ec();
    let two = keys(&[signer.jwk("k1"), Signer::ec().jwk("k2")]);
    let with = |extra: &Value| {
        let mut header = header("ES256");
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        checked(&signer.sign(&header, &good()), &two)
    };
    assert!(with(&json!({})).is_ok());
    assert_eq!(with(&json!({"kid": "k3"})).unwrap_err(), Reject::UnknownKey);
    let unnamed = signer.sign(&json!({"alg": "ES256"}), &good());
    assert_eq!(checked(&unnamed, &two).unwrap_err(), Reject::UnknownKey, "no name among two");
    for extra in [json!({"crit": ["exp"]}), json!({"typ": "at+jwt"}), json!({"typ": "logout+jwt"})]
    {
        assert!(matches!(with(&extra).unwrap_err(), Reject::For(_)), "{extra}");
    }
    let own_key = json!({"jwk": Signer::ec().jwk("k1"), "jku": "https://evil.example/keys"});
    assert!(with(&own_key).is_ok(), "a key or an address in the header is not looked at");
}

#[test]
fn only_keys_for_signing_are_taken_from_a_set() {
    let signer = Signer::ec();
    let mut encryption = signer.jwk("k1");
    encryption["use"] = json!("enc");
    let mut other_algorithm = signer.jwk("k1");
    other_algorithm["alg"] = json!("ES384");
    let secret = json!({"kty": "oct", "kid": "k1", "k": "c2VjcmV0", "alg": "HS256"});
    for jwk in [encryption, other_algorithm, secret, json!({"kid": "k1"}), json!(7)] {
        let token = signer.sign(&header("ES256"), &good());
        let shown = jwk.to_string();
        assert_eq!(checked(&token, &keys(&[jwk])).unwrap_err(), Reject::UnknownKey, "{shown}");
    }
    assert!(KeySet::read(&json!({})).is_none());
}

#[test]
fn a_key_that_says_whose_it_is_signs_for_nobody_else() {
    let signer = Signer::ec();
    let mut jwk = signer.jwk("k1");
    let token = signer.sign(&header("ES256"), &but(&json!({"tid": "t1"})));
    jwk["issuer"] = json!("https://login.example");
    assert!(checked(&token, &keys(&[jwk.clone()])).is_ok());
    jwk["issuer"] = json!("https://{tenantid}.example");
    assert_eq!(checked(&token, &keys(&[jwk])).unwrap_err(), Reject::For("id_token_issuer"));
}

#[test]
fn only_the_boolean_true_is_true() {
    let signer = Signer::ec();
    let keys = keys(&[signer.jwk("k1")]);
    for value in [json!("true"), json!(1), json!([true]), json!(false), json!({}), json!("false")] {
        let token = signer.sign(&header("ES256"), &but(&json!({ "email_verified": value })));
        assert!(!checked(&token, &keys).unwrap().is_true("email_verified"), "{value}");
    }
    let mut claims = good();
    claims["email_verified"] = Value::Null;
    let token = signer.sign(&header("ES256"), &claims);
    assert!(!checked(&token, &keys).unwrap().is_true("email_verified"));
}

#[test]
fn strangers_bytes_are_answered() {
    let keys = keys(&[Signer::ec().jwk("k1")]);
    for text in ["", ".", "..", "a.b.c", "e30.e30.", &"x".repeat(LARGEST_TOKEN + 1)] {
        assert!(checked(text, &keys).is_err());
    }
}
