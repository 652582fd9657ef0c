use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{HOST, ISSUER, NOW, identity, key, ring};

fn verify(ring: &KeyRing, token: &str) -> Result<Identity, RejectToken> {
    verify_token(ring, ISSUER, HOST, token, NOW)
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// A correctly signed token with whatever header and claims.
fn forge(ring: &KeyRing, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let key = ring.signing_key(NOW).unwrap().encoding_key();
    let algorithm = jsonwebtoken::Algorithm::EdDSA;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn header(ring: &KeyRing) -> Value {
    json!({"typ": TOKEN_TYPE, "alg": "EdDSA", "kid": ring.signing_key(NOW).unwrap().id()})
}

fn good_claims(ring: &KeyRing) -> Value {
    claims_of(&sign_token(ring, ISSUER, HOST, &identity()).unwrap())
}

#[test]
fn a_token_says_what_was_signed() {
    let ring = ring();
    for identity in [
        identity(),
        Identity {
            title: None,
            portal_user: None,
            roles: vec![],
            member: false,
            amr: vec![],
            ..identity()
        },
    ] {
        let token = sign_token(&ring, ISSUER, HOST, &identity).unwrap();
        assert_eq!(verify(&ring, &token), Ok(identity));
    }
}

#[test]
fn a_token_carries_the_claims_of_the_contract() {
    let claims = good_claims(&ring());
    assert_eq!(
        claims,
        json!({
            "iss": "https://id.example", "aud": "acme.example",
            "sub": "01900000-0000-7000-8000-000000000001",
            "sid": "01900000-0000-7000-8000-000000000002",
            "iat": NOW, "exp": NOW + 600, "auth_time": NOW - 50, "amr": ["pwd"],
            "email": "anna@example.com", "name": "Anna Müller", "title": "Head of Sales", "portal": "acme",
            "portal_user": "17", "roles": ["admin", "sales"], "member": true, "gen": 3,
        })
    );
}

#[test]
fn a_token_of_another_host_or_issuer_is_refused() {
    let ring = ring();
    for host in ["globex.example", "acme.example.", "acme.exampl", "ACME.example", ""] {
        let token = sign_token(&ring, ISSUER, host, &identity()).unwrap();
        assert_eq!(verify(&ring, &token), Err(RejectToken::WrongAudience), "{host}");
    }
    for issuer in ["https://id.example/", "http://id.example", ""] {
        let token = sign_token(&ring, issuer, HOST, &identity()).unwrap();
        assert_eq!(verify(&ring, &token), Err(RejectToken::WrongIssuer), "{issuer}");
    }
}

#[test]
fn a_token_is_dead_on_its_expiry_second_and_not_from_the_future() {
    let ring = ring();
    let token = sign_token(&ring, ISSUER, HOST, &identity()).unwrap();
    let at = |now| verify_token(&ring, ISSUER, HOST, &token, now).map(|_| ());
    assert_eq!(at(NOW + 599), Ok(()));
    assert_eq!(at(NOW + 600), Err(RejectToken::Expired));
    assert_eq!(at(NOW - 30), Ok(()));
    assert_eq!(at(NOW - 31), Err(RejectToken::NotYetValid));
}

#[test]
fn every_claim_is_required_and_of_its_type() {
    let ring = ring();
    let good = good_claims(&ring);
    assert!(verify(&ring, &forge(&ring, &header(&ring), &good)).is_ok());
    let optional = ["portal_user", "title"];
    for name in good.as_object().unwrap().keys().filter(|name| !optional.contains(&name.as_str())) {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        let token = forge(&ring, &header(&ring), &claims);
        assert_eq!(verify(&ring, &token), Err(RejectToken::Malformed), "without {name}");
        for other in [json!(null), json!({}), json!([["x"]]), json!(-1.5), json!([HOST])] {
            claims[name] = other;
            let token = forge(&ring, &header(&ring), &claims);
            assert!(verify(&ring, &token).is_err() || name == "amr" || name == "roles");
        }
    }
    for (name, value) in [
        ("aud", json!([HOST, "globex.example"])),
        ("aud", json!([HOST])),
        ("iss", json!([ISSUER])),
        ("exp", json!("1900000000")),
        ("exp", json!(1e99)),
        ("sub", json!("anna")),
        ("gen", json!(-1)),
        ("member", json!("true")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        let token = forge(&ring, &header(&ring), &claims);
        assert_eq!(verify(&ring, &token), Err(RejectToken::Malformed), "{name}");
    }
}

#[test]
fn the_header_chooses_nothing() {
    let ring = ring();
    let claims = good_claims(&ring);
    let kid = header(&ring)["kid"].clone();
    for (changes, reason) in [
        (json!({"typ": "JWT"}), RejectToken::WrongType),
        (json!({"typ": "Bitrix-Id+JWT"}), RejectToken::WrongType),
        (json!({"typ": "application/bitrix-id+jwt"}), RejectToken::WrongType),
        (json!({"typ": null}), RejectToken::WrongType),
        (json!({"kid": null}), RejectToken::UnknownKey),
        (json!({"kid": "another"}), RejectToken::UnknownKey),
        (json!({"kid": [kid]}), RejectToken::Malformed),
        (json!({"alg": "none"}), RejectToken::Malformed),
        (json!({"alg": "None"}), RejectToken::Malformed),
        (json!({"alg": null}), RejectToken::Malformed),
        (json!({"alg": "HS256"}), RejectToken::BadSignature),
        (json!({"alg": "RS256"}), RejectToken::BadSignature),
        (json!({"alg": "ES256"}), RejectToken::BadSignature),
        (json!({"crit": ["exp"]}), RejectToken::Malformed),
        (json!({"crit": []}), RejectToken::Malformed),
        (json!({"zip": "DEF"}), RejectToken::Malformed),
        (json!({"enc": "A128GCM"}), RejectToken::Malformed),
    ] {
        let mut header = header(&ring);
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let token = forge(&ring, &header, &claims);
        assert_eq!(verify(&ring, &token), Err(reason), "{changes}");
    }
}

#[test]
fn hmac_with_our_public_key_as_the_secret_is_refused() {
    let ring = ring();
    let set: Value = serde_json::from_slice(ring.jwks()).unwrap();
    let x = set["keys"][0]["x"].as_str().unwrap();
    let raw = URL_SAFE_NO_PAD.decode(x).unwrap();
    let jwk = set["keys"][0].to_string();
    let mut header = header(&ring);
    header["alg"] = json!("HS256");
    let token = forge(&ring, &header, &good_claims(&ring));
    let message = token.rsplit_once('.').unwrap().0;
    for secret in [&raw[..], x.as_bytes(), jwk.as_bytes(), b""] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let mac = ring::hmac::sign(&key, message.as_bytes());
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(verify(&ring, &token), Err(RejectToken::BadSignature));
    }
}

#[test]
fn a_key_brought_along_or_of_another_ring_is_refused() {
    let (ring, other) = (ring(), ring_of_a_stranger());
    let token = sign_token(&other, ISSUER, HOST, &identity()).unwrap();
    assert_eq!(verify(&ring, &token), Err(RejectToken::UnknownKey));
    let set: Value = serde_json::from_slice(other.jwks()).unwrap();
    let mut header = header(&ring);
    header["jwk"] = set["keys"][0].clone();
    header["jku"] = json!("https://stranger.example/jwks.json");
    let token = forge(&other, &header, &good_claims(&ring));
    assert_eq!(verify(&ring, &token), Err(RejectToken::BadSignature));
}

fn ring_of_a_stranger() -> KeyRing {
    KeyRing::new(&[key(NOW - 2000)], NOW).unwrap()
}

#[test]
fn what_is_no_token_is_refused() {
    let ring = ring();
    let good = sign_token(&ring, ISSUER, HOST, &identity()).unwrap();
    let [header, payload, signature] = [0, 1, 2].map(|n| good.split('.').nth(n).unwrap());
    let padded = format!("{good}=");
    let long = "a".repeat(jwt::TOKEN_LIMIT + 1);
    for (token, reason) in [
        ("", RejectToken::Malformed),
        (".", RejectToken::Malformed),
        ("..", RejectToken::Malformed),
        ("...", RejectToken::Malformed),
        ("a.b.c", RejectToken::Malformed),
        ("\u{0}", RejectToken::Malformed),
        ("e30.e30.e30", RejectToken::Malformed),
        (header, RejectToken::Malformed),
        (&format!("{header}.{payload}"), RejectToken::Malformed),
        (&format!("{header}.{payload}."), RejectToken::BadSignature),
        (&format!("{header}..{signature}"), RejectToken::BadSignature),
        (&format!("{good}.{signature}"), RejectToken::Malformed),
        (&padded, RejectToken::Malformed),
        (&format!("\"{good}\""), RejectToken::Malformed),
        (&long, RejectToken::TooLong),
    ] {
        assert_eq!(verify(&ring, token), Err(reason), "{token}");
    }
}

#[test]
fn a_token_that_no_browser_would_keep_is_not_made() {
    let ring = ring();
    let roles: Vec<_> = (0..200).map(|n| format!("a-rather-long-role-{n}")).collect();
    let many = Identity { roles, ..identity() };
    let error = sign_token(&ring, ISSUER, HOST, &many).unwrap_err();
    assert!(matches!(error, SignError::TooLong { limit: ISSUE_LIMIT, .. }), "{error}");
}

#[test]
fn a_name_and_a_title_of_full_length_fit() {
    let longest = "𝐀".repeat(crate::name::MAX_NAME_CHARS);
    let email = format!("{}@{}.example", "a".repeat(64), "b".repeat(180));
    let person = Identity { name: longest.clone(), title: Some(longest), email, ..identity() };
    let ring = ring();
    let token = sign_token(&ring, ISSUER, HOST, &person).unwrap();
    assert_eq!(verify(&ring, &token), Ok(person));
}

#[test]
fn a_reason_has_one_name_for_logs_and_messages() {
    assert_eq!(RejectToken::BadSignature.as_str(), RejectToken::BadSignature.to_string());
    assert_eq!(RejectToken::WrongPortal.as_str(), RejectToken::WrongPortal.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_token_altered_by_one_byte_is_refused(at: prop::sample::Index, byte in 0_u8..128) {
        let ring = ring();
        let good = sign_token(&ring, ISSUER, HOST, &identity()).unwrap();
        let mut altered = good.into_bytes();
        let at = at.index(altered.len());
        prop_assume!(altered[at] != byte);
        altered[at] = byte;
        let altered = String::from_utf8(altered).unwrap();
        prop_assert!(verify(&ring, &altered).is_err());
    }

    #[test]
    fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}|[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(verify(&ring(), &text).is_err());
    }
}
